package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/oklog/ulid/v2"
)

// A secret is the prefix, by which people and scanners for leaked secrets know
// it, and 256 random bits. We keep its hash alone.
const (
	tokenPrefix      = "sui_"
	sessionPrefix    = "suis_"
	invitationPrefix = "suii_"
	secretBytes      = 32
)

// What ids begin with.
const (
	tokenID      = "tok_"
	sessionID    = "ses_"
	invitationID = "inv_"
)

// secretHash is the SHA-256 of a whole secret. With 256 random bits in, a slow
// hash would add nothing but cost. Looking a secret up by it takes a time that
// tells nothing about the secrets that exist.
type secretHash [sha256.Size]byte

func (h secretHash) String() string { return hex.EncodeToString(h[:]) }

func hashOf(secret string) secretHash { return sha256.Sum256([]byte(secret)) }

func newSecret(prefix string) string {
	var secret [secretBytes]byte
	_, _ = rand.Read(secret[:]) // never fails
	return prefix + base64.RawURLEncoding.EncodeToString(secret[:])
}

// wellFormed spares the database what cannot be a secret.
func wellFormed(secret, prefix string) bool {
	return len(secret) == len(prefix)+base64.RawURLEncoding.EncodedLen(secretBytes) && strings.HasPrefix(secret, prefix)
}

func newID(prefix string) string { return prefix + ulid.Make().String() }

// isID spares the database what cannot be an id: Postgres takes no zero bytes.
func isID(text, prefix string) bool {
	rest, ok := strings.CutPrefix(text, prefix)
	_, err := ulid.ParseStrict(rest)
	return ok && err == nil
}
