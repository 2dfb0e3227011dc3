package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"suivi/domain"
)

// usedEvery is how exactly a token's last use is kept: each note is a durable
// write, so not every request makes one.
const usedEvery = 10 * time.Minute

// credential is a token that is neither unknown nor revoked, and whose it is.
type credential struct {
	token   string // its id
	scope   Scope
	expires time.Time
	used    time.Time
	person  Person
}

// Credential is a token that somebody has shown: its id, and what it is good for.
type Credential struct {
	Token string
	Scope Scope
}

// Authenticate tells whose token it is, its id and what it is good for; Unauthenticated
// when it is unknown, revoked or expired or its person disabled, without saying
// which. By a token of ScopeWrite its person is no administrator. That one of
// ScopeRead changes nothing, and that ScopeAdmin alone changes what one signs in
// with, is for whoever asks to see to.
//
// It is cheap enough for every request: an answer of the database is believed
// for a second, so a revocation or a change of the person takes that long at most.
// An expiry is obeyed at once.
func (a *Accounts) Authenticate(ctx context.Context, token string) (Person, Credential, error) {
	if !wellFormed(token, tokenPrefix) {
		return Person{}, Credential{}, badToken()
	}
	hash, asked := hashOf(token), a.clock()
	found, fresh := a.tokens.get(hash, asked)
	if !fresh {
		var err error
		if found, err = a.credential(ctx, hash); err != nil {
			return Person{}, Credential{}, err
		}
		a.tokens.put(hash, found, asked)
	}
	if !found.expires.IsZero() && !asked.Before(found.expires) {
		return Person{}, Credential{}, badToken()
	}
	if !fresh && asked.Sub(found.used) >= usedEvery {
		a.noteUse(ctx, found.token, asked)
	}
	return found.person, Credential{found.token, found.scope}, nil
}

func badToken() error {
	return domain.Errorf(domain.Unauthenticated, "bad-token", "this token is unknown, revoked or expired")
}

func (a *Accounts) credential(ctx context.Context, hash secretHash) (credential, error) {
	var row struct {
		Token      string     `db:"token"`
		Scope      Scope      `db:"scope"`
		ExpiresAt  *time.Time `db:"expires_at"`
		LastUsedAt *time.Time `db:"last_used_at"`
		Person
	}
	err := a.db.Read.GetContext(ctx, &row, `
		SELECT t.id AS token, t.scope, t.expires_at, t.last_used_at, `+personColumns+`
		FROM tokens t JOIN people p ON p.id = t.person
		WHERE t.hash = $1 AND t.revoked_at IS NULL AND p.disabled_at IS NULL`, hash.String())
	if errors.Is(err, sql.ErrNoRows) {
		return credential{}, badToken()
	}
	if err != nil {
		return credential{}, fmt.Errorf("find a token: %w", err)
	}
	row.CreatedAt = row.CreatedAt.UTC()
	row.Admin = row.Admin && row.Scope != ScopeWrite
	return credential{row.Token, row.Scope, orZero(row.ExpiresAt), orZero(row.LastUsedAt), row.Person}, nil
}

// noteUse writes down when the token was used, unless another request just did.
// Whether it can be written decides nothing: a full disk must not lock readers
// out, and the next request whose answer is not remembered tries again.
func (a *Accounts) noteUse(ctx context.Context, token string, at time.Time) {
	ctx, cancel := context.WithTimeout(ctx, freshFor)
	defer cancel()
	_, _ = a.db.Write.ExecContext(ctx, `
		UPDATE tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)`,
		stored(at), token, stored(at.Add(-usedEvery)))
}
