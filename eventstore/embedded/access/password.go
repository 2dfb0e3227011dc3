package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what one hash takes. The numbers for new ones are OWASP's: about 30 ms
// of one core and 19 MiB.
type cost struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

func newCost() cost { return cost{memory: 19 << 10, time: 2, threads: 1} }

// No hash of the log may cost more than this to try, whoever wrote it.
func maxCost() cost { return cost{memory: 128 << 10, time: 8, threads: 8} }

const (
	saltSize    = 16
	keySize     = 32
	maxPassword = 1 << 10 // bytes
)

// Hash makes a password fit to be stored: argon2id, as a PHC string.
func Hash(password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	return hashed{cost: newCost(), salt: randomBytes(saltSize)}.with(password).String(), nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// hashed is a stored password.
type hashed struct {
	cost
	salt, key []byte
}

func encoding() *base64.Encoding { return base64.RawStdEncoding.Strict() }

// with computes the key anew from a password.
func (h hashed) with(password string) hashed {
	size := len(h.key)
	if size == 0 {
		size = keySize
	}
	h.key = argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(size))
	return h
}

// String writes $argon2id$v=19$m=…,t=…,p=…$salt$key.
func (h hashed) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.threads,
		encoding().EncodeToString(h.salt), encoding().EncodeToString(h.key))
}

// IsHash tells whether a stored password is of our kind. The real server has another one.
func IsHash(text string) bool {
	_, err := parseHash(text)
	return err == nil
}

func parseHash(text string) (hashed, error) {
	var h hashed
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errors.New("no argon2id hash")
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); n != 3 || err != nil {
		return h, fmt.Errorf("the cost of an argon2id hash: %q", parts[3])
	}
	most := maxCost()
	if h.time < 1 || h.threads < 1 || h.memory < 8*uint32(h.threads) ||
		h.memory > most.memory || h.time > most.time || h.threads > most.threads {
		return h, fmt.Errorf("the cost of an argon2id hash is out of bounds: %q", parts[3])
	}
	var err error
	if h.salt, err = encoding().DecodeString(parts[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return h, errors.New("the salt of an argon2id hash")
	}
	if h.key, err = encoding().DecodeString(parts[5]); err != nil || len(h.key) < 16 || len(h.key) > 64 {
		return h, errors.New("the key of an argon2id hash")
	}
	if h.String() != text {
		return h, errors.New("an argon2id hash of unusual spelling")
	}
	return h, nil
}

func (h hashed) matches(password string) bool {
	return subtle.ConstantTimeCompare(h.with(password).key, h.key) == 1
}
