package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"suivi/domain"
)

// Token is what we know of an API token. The token itself we do not know: only
// its hash is kept.
type Token struct {
	ID         string // "tok_<ulid>"
	Person     domain.UserID
	Label      string // what it is for, in its owner's words
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	LastUsedAt time.Time // zero: not yet; up to 10 minutes behind
}

// A token is the prefix, by which people and scanners for leaked secrets know
// it, and 256 random bits.
const (
	tokenPrefix = "sui_"
	tokenBytes  = 32
)

// tokenHash is the SHA-256 of a whole token. With 256 random bits in, a slow
// hash would add nothing but cost.
type tokenHash [sha256.Size]byte

func (h tokenHash) String() string { return hex.EncodeToString(h[:]) }

// IssueToken makes a token for a person, to be shown this once. A zero expires
// means that it does not expire.
func (a *Accounts) IssueToken(ctx context.Context, user domain.UserID, label string, expires time.Time) (plain string, t Token, err error) {
	if _, err := a.ByID(ctx, user); err != nil {
		return "", Token{}, err
	}
	plain, t, err = newToken(user, label, expires)
	if err != nil {
		return "", Token{}, err
	}
	return plain, t, insertToken(ctx, a.db.Write, t, plain)
}

func newToken(user domain.UserID, label string, expires time.Time) (plain string, t Token, err error) {
	t = Token{ID: "tok_" + ulid.Make().String(), Person: user, Label: strings.TrimSpace(label), CreatedAt: now()}
	var problems domain.Problems
	checkLine("label", t.Label, MaxLabel, &problems)
	if !expires.IsZero() {
		t.ExpiresAt = expires.UTC().Truncate(time.Microsecond)
		if !t.ExpiresAt.After(t.CreatedAt) {
			problems.Add("expires", "in-the-past", "a time that is still to come")
		}
	}
	var secret [tokenBytes]byte
	_, _ = rand.Read(secret[:]) // never fails
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(secret[:]), t, problems.Err()
}

func insertToken(ctx context.Context, db execer, t Token, plain string) error {
	_, err := db.ExecContext(ctx, `
		INSERT INTO tokens (id, person, hash, label, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		t.ID, t.Person, hashOf(plain).String(), t.Label, t.CreatedAt, orNull(t.ExpiresAt))
	if err != nil {
		return fmt.Errorf("add a token: %w", err)
	}
	return nil
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
		CreatedAt  time.Time     `db:"created_at"`
		ExpiresAt  *time.Time    `db:"expires_at"`
		LastUsedAt *time.Time    `db:"last_used_at"`
	}
	err := a.db.Read.SelectContext(ctx, &rows, `
		SELECT id, person, label, created_at, expires_at, last_used_at FROM tokens
		WHERE person = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT $2`, user, maxTokens)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	tokens := make([]Token, len(rows))
	for i, r := range rows {
		tokens[i] = Token{r.ID, r.Person, r.Label, r.CreatedAt.UTC(), orZero(r.ExpiresAt), orZero(r.LastUsedAt)}
	}
	return tokens, nil
}

// RevokeToken ends a token: at once on this node, within a second on others.
// NotFound when there is no such token; one that is revoked already stays as it is.
func (a *Accounts) RevokeToken(ctx context.Context, id string) error {
	result, err := a.db.Write.ExecContext(ctx, `
		UPDATE tokens SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2`, now(), id)
	if err != nil {
		return fmt.Errorf("revoke a token: %w", err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("revoke a token: %w", err)
	}
	if rows == 0 {
		return domain.Errorf(domain.NotFound, "token-not-found", "there is no token %s", id)
	}
	a.tokens.forget()
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
