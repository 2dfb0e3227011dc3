// Package passwords keeps passwords fit to be stored: argon2id, as PHC strings. What a
// good password is, and whose it is, belongs to the callers.
package passwords

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

// No stored hash may cost more than this to try, whoever wrote it.
func maxCost() cost { return cost{memory: 128 << 10, time: 8, threads: 8} }

const (
	saltSize = 16
	keySize  = 32
)

// Hash is a stored password.
type Hash struct {
	cost
	salt, key []byte
}

// New makes a password fit to be stored. It takes a core and 19 MiB for a while:
// callers bound how many do so at once.
func New(password string) Hash {
	return Hash{cost: newCost(), salt: randomBytes(saltSize)}.with(password)
}

// Decoy takes as long as a new one to try and fits no password: for people who do not exist.
func Decoy() Hash {
	return Hash{cost: newCost(), salt: randomBytes(saltSize), key: randomBytes(keySize)}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func encoding() *base64.Encoding { return base64.RawStdEncoding.Strict() }

// with computes the key anew from a password.
func (h Hash) with(password string) Hash {
	size := len(h.key)
	if size == 0 {
		size = keySize
	}
	h.key = argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(size))
	return h
}

// Matches tells whether it is the hash of the password. It costs as much as New did.
func (h Hash) Matches(password string) bool {
	return subtle.ConstantTimeCompare(h.with(password).key, h.key) == 1
}

// Outdated tells that New would make a stronger one by now.
func (h Hash) Outdated() bool {
	want := newCost()
	return h.memory < want.memory || h.time < want.time || len(h.key) < keySize || len(h.salt) < saltSize
}

// String writes $argon2id$v=19$m=…,t=…,p=…$salt$key.
func (h Hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.threads,
		encoding().EncodeToString(h.salt), encoding().EncodeToString(h.key))
}

// Parse reads what String wrote, and nothing that would cost much more to try.
func Parse(text string) (Hash, error) {
	var h Hash
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
