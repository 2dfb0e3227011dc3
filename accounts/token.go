package accounts

import (
	"context"
	"fmt"
	"strings"
	"time"

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
func (a *Accounts) IssueToken(ctx context.Context, t Token) (plain string, _ Token, err error) {
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
	return plain, t, insertToken(ctx, a.db.Write, t, plain)
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

func insertToken(ctx context.Context, db execer, t Token, plain string) error {
	_, err := changed(ctx, db, "add a token", `
		INSERT INTO tokens (id, person, hash, label, scope, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.ID, t.Person, hashOf(plain).String(), t.Label, t.Scope, t.CreatedAt, orNull(t.ExpiresAt))
	return err
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
func (a *Accounts) RevokeToken(ctx context.Context, id string) error {
	return a.revokeToken(ctx, id, `
		UPDATE tokens SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2`, a.now(), id)
}

// RevokeTokenOf ends a person's own token. Another's is NotFound, too.
func (a *Accounts) RevokeTokenOf(ctx context.Context, user domain.UserID, id string) error {
	return a.revokeToken(ctx, id, `
		UPDATE tokens SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2 AND person = $3`, a.now(), id, user)
}

func (a *Accounts) revokeToken(ctx context.Context, id, statement string, args ...any) error {
	rows := int64(0)
	if isID(id, tokenID) {
		var err error
		if rows, err = changed(ctx, a.db.Write, "revoke a token", statement, args...); err != nil {
			return err
		}
	}
	a.tokens.forget()
	if rows == 0 {
		return domain.Errorf(domain.NotFound, "token-not-found", "there is no such token")
	}
	return nil
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
