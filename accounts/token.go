package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// Token is what we know of an API token. The token itself we do not know: only
// its hash is kept.
type Token struct {
	ID         string // "tok_<ulid>"
	Person     domain.UserID
	Label      string // what it is for, in its owner's words
	Scope      Scope
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	LastUsedAt time.Time // zero: not yet; up to 10 minutes behind
}

// IssueToken makes a token of the Person, Label, Scope and ExpiresAt given, to be
// shown this once. Whoever has no account, or a disabled one, gets none.
func (a *Accounts) IssueToken(ctx context.Context, by domain.By, t Token) (plain string, _ Token, err error) {
	person, err := a.ByID(ctx, t.Person)
	if err != nil {
		return "", Token{}, err
	}
	if person.Disabled {
		return "", Token{}, domain.Errorf(domain.Refused, "person-disabled", "%s is disabled", person.Name)
	}
	if t, err = newToken(t, a.now()); err != nil {
		return "", Token{}, err
	}
	plain = newSecret(tokenPrefix)
	return plain, t, a.inTx(ctx, "add a token", func(tx *sqlx.Tx) error { return insertToken(ctx, tx, by, t, plain) })
}

func newToken(t Token, at time.Time) (Token, error) {
	t = Token{newID(tokenID), t.Person, strings.TrimSpace(t.Label), t.Scope, at, t.ExpiresAt, time.Time{}}
	var problems domain.Problems
	checkLine("label", t.Label, MaxLabel, &problems)
	if !t.Scope.valid() {
		problems.Add("scope", "unknown-scope", "read, write or admin")
	}
	if !t.ExpiresAt.IsZero() {
		t.ExpiresAt = stored(t.ExpiresAt)
		if !t.ExpiresAt.After(at) {
			problems.Add("expiresAt", "in-the-past", "a time that is still to come")
		}
	}
	return t, problems.Err()
}

func insertToken(ctx context.Context, db execer, by domain.By, t Token, plain string) error {
	_, err := changed(ctx, db, "add a token", `
		INSERT INTO tokens (id, person, hash, label, scope, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.ID, t.Person, hashOf(plain).String(), t.Label, t.Scope, t.CreatedAt, orNull(t.ExpiresAt))
	if err != nil {
		return err
	}
	about := About{Token: t.ID, Label: t.Label, Scope: t.Scope, ExpiresAt: orNull(t.ExpiresAt)}
	return record(ctx, db, t.CreatedAt, Deed{Kind: TokenMade, Person: t.Person, By: by, About: about})
}

// maxTokens is the most tokens that Tokens lists.
const maxTokens = 1000

// Tokens lists a person's tokens that have not been revoked, the newest first,
// expired ones among them.
func (a *Accounts) Tokens(ctx context.Context, user domain.UserID) ([]Token, error) {
	var rows []struct {
		ID         string        `db:"id"`
		Person     domain.UserID `db:"person"`
		Label      string        `db:"label"`
		Scope      Scope         `db:"scope"`
		CreatedAt  time.Time     `db:"created_at"`
		ExpiresAt  *time.Time    `db:"expires_at"`
		LastUsedAt *time.Time    `db:"last_used_at"`
	}
	err := a.db.Read.SelectContext(ctx, &rows, `
		SELECT id, person, label, scope, created_at, expires_at, last_used_at FROM tokens
		WHERE person = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT $2`, user, maxTokens)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	tokens := make([]Token, len(rows))
	for i, r := range rows {
		tokens[i] = Token{r.ID, r.Person, r.Label, r.Scope, r.CreatedAt.UTC(), orZero(r.ExpiresAt), orZero(r.LastUsedAt)}
	}
	return tokens, nil
}

// RevokeToken ends a token: at once on this node, within a second on others.
// NotFound when there is no such token; one that is revoked already stays as it is.
func (a *Accounts) RevokeToken(ctx context.Context, by domain.By, id string) error {
	return a.revokeToken(ctx, by, id, "")
}

// RevokeOwnToken ends a token of whoever does it. Another's is NotFound, too.
func (a *Accounts) RevokeOwnToken(ctx context.Context, by domain.By, id string) error {
	return a.revokeToken(ctx, by, id, by.Person)
}

// revokeToken ends a token of the owner; "": of whomever.
func (a *Accounts) revokeToken(ctx context.Context, by domain.By, id string, owner domain.UserID) error {
	if !isID(id, tokenID) {
		return noToken()
	}
	err := a.inTx(ctx, "revoke a token", func(tx *sqlx.Tx) error {
		var t struct {
			Person domain.UserID `db:"person"`
			Label  string        `db:"label"`
			Scope  Scope         `db:"scope"`
		}
		err := tx.GetContext(ctx, &t, `
			SELECT person, label, scope FROM tokens WHERE id = $1 AND ($2 = '' OR person = $2)`, id, owner)
		if errors.Is(err, sql.ErrNoRows) {
			return noToken()
		}
		if err != nil {
			return fmt.Errorf("find a token: %w", err)
		}
		rows, err := changed(ctx, tx, "revoke a token", `UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL`, a.now(), id)
		if err != nil || rows == 0 {
			return err
		}
		return a.Record(ctx, tx, Deed{Kind: TokenRevoked, Person: t.Person, By: by, About: About{Token: id, Label: t.Label, Scope: t.Scope}})
	})
	a.tokens.forget()
	return err
}

func noToken() error {
	return domain.Errorf(domain.NotFound, "token-not-found", "there is no such token")
}

// orNull and orZero turn the zero time into NULL and back.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
