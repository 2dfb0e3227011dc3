package accounts

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"suivi/domain"
)

// usedEvery is how exactly a token's last use is kept: each note is a durable
// write, so not every request makes one.
const usedEvery = 10 * time.Minute

// credential is a token that is neither unknown nor revoked, and whose it is.
type credential struct {
	token   string // its id
	expires time.Time
	used    time.Time
	person  Person
}

// Authenticate tells whose token it is; Unauthenticated when it is unknown,
// revoked or expired, without saying which.
//
// It is cheap enough for every request: an answer of the database is believed
// for a second, so a revocation or a change of the person takes that long at most.
// An expiry is obeyed at once. Tokens are looked up by their SHA-256: how long
// that takes tells nothing about the tokens that exist.
func (a *Accounts) Authenticate(ctx context.Context, token string) (Person, error) {
	if !wellFormed(token) {
		return Person{}, badToken()
	}
	hash, asked := hashOf(token), time.Now()
	found, fresh := a.tokens.get(hash, asked)
	if !fresh {
		var err error
		if found, err = a.credential(ctx, hash); err != nil {
			return Person{}, err
		}
		a.tokens.put(hash, found, asked)
	}
	if !found.expires.IsZero() && !asked.Before(found.expires) {
		return Person{}, badToken()
	}
	if !fresh && asked.Sub(found.used) >= usedEvery {
		a.noteUse(ctx, found.token, asked)
	}
	return found.person, nil
}

func wellFormed(token string) bool {
	return len(token) == len(tokenPrefix)+base64.RawURLEncoding.EncodedLen(tokenBytes) &&
		strings.HasPrefix(token, tokenPrefix)
}

func badToken() error {
	return domain.Errorf(domain.Unauthenticated, "bad-token", "this token is unknown, revoked or expired")
}

func hashOf(token string) tokenHash { return sha256.Sum256([]byte(token)) }

func (a *Accounts) credential(ctx context.Context, hash tokenHash) (credential, error) {
	var row struct {
		Token      string     `db:"token"`
		ExpiresAt  *time.Time `db:"expires_at"`
		LastUsedAt *time.Time `db:"last_used_at"`
		Person
	}
	err := a.db.Read.GetContext(ctx, &row, `
		SELECT t.id AS token, t.expires_at, t.last_used_at, p.id, p.name, p.email, p.admin, p.created_at
		FROM tokens t JOIN people p ON p.id = t.person
		WHERE t.hash = $1 AND t.revoked_at IS NULL`, hash.String())
	if errors.Is(err, sql.ErrNoRows) {
		return credential{}, badToken()
	}
	if err != nil {
		return credential{}, fmt.Errorf("find a token: %w", err)
	}
	row.CreatedAt = row.CreatedAt.UTC()
	return credential{row.Token, orZero(row.ExpiresAt), orZero(row.LastUsedAt), row.Person}, nil
}

// noteUse writes down when the token was used, unless another request just did.
// Whether it can be written decides nothing: a full disk must not lock readers
// out, and the next request whose answer is not remembered tries again.
func (a *Accounts) noteUse(ctx context.Context, token string, at time.Time) {
	ctx, cancel := context.WithTimeout(ctx, freshFor)
	defer cancel()
	_, _ = a.db.Write.ExecContext(ctx, `
		UPDATE tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)`,
		at.UTC().Truncate(time.Microsecond), token, at.Add(-usedEvery).UTC().Truncate(time.Microsecond))
}
