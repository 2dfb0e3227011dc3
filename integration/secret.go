package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Secret is what Suivi signs in with at a site. It shows itself to nobody who prints,
// logs or encodes it; Reveal alone gives it away.
type Secret struct{ value string }

// NewSecret is a secret of the value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal is the secret itself, to be sent to the site that it is for.
func (s Secret) Reveal() string { return s.value }

const hush = "(secret)"

func (Secret) String() string { return hush }

// GoString is for %#v.
func (Secret) GoString() string { return hush }

// LogValue is for logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(hush) }

// MarshalText is for JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(hush), nil }

// Redact is the text without the secret, as an error's that has an address in it.
func (s Secret) Redact(text string) string {
	if s.value == "" {
		return text
	}
	return strings.ReplaceAll(text, s.value, hush)
}

// KeptSecret is what is told of a secret: everything but itself.
type KeptSecret struct {
	Name  string        `db:"name" json:"name"`
	Site  string        `db:"site" json:"site"` // the base URL that it may be sent to
	SetAt time.Time     `db:"set_at" json:"setAt"`
	SetBy domain.UserID `db:"set_by" json:"setBy"`
}

// maxSecret is how long a secret is at most, in bytes.
const maxSecret = 4096

// SetSecret keeps a secret under the name, for one site, in place of an earlier one. The
// site is part of it: who configures a tracker chooses where its twins are, and must not
// be able to have a secret sent to a place of theirs.
func (r *Reactors) SetSecret(ctx context.Context, name, site string, value Secret, by domain.By) (KeptSecret, error) {
	site = strings.TrimRight(site, "/")
	var problems domain.Problems
	if !tracker.ValidToolName(name) {
		problems.Add("name", "bad-secret-name", "a small letter, then 1 to 39 small letters, digits or hyphens")
	}
	if !tracker.ValidSite(site) {
		problems.Add("site", "bad-url", "the base URL that it may be sent to, as in https://redmine.example.org")
	}
	if text := value.Reveal(); text == "" || len(text) > maxSecret || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		problems.Add("value", "bad-secret", "1 to %d bytes on one line", maxSecret)
	}
	if err := problems.Err(); err != nil {
		return KeptSecret{}, err
	}
	kept := KeptSecret{Name: name, Site: site, SetAt: r.now(), SetBy: by.Person}
	err := r.recorded(ctx, SecretDeed{Name: name, Site: site, By: by}, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO secrets (name, site, value, set_at, set_by) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (name) DO UPDATE SET site = excluded.site, value = excluded.value, set_at = excluded.set_at, set_by = excluded.set_by`,
			name, site, value.Reveal(), kept.SetAt, kept.SetBy)
		return err
	})
	if err != nil {
		return KeptSecret{}, fmt.Errorf("keep the secret %s: %w", name, err)
	}
	return kept, nil
}

// SecretDeed is what was done with a secret, and by whom; never the secret itself.
type SecretDeed struct {
	Name string
	Site string // "": it was removed
	By   domain.By
}

// recorded does something with a secret and has it recorded, both or none.
func (r *Reactors) recorded(ctx context.Context, d SecretDeed, do func(tx *sqlx.Tx) error) error {
	tx, err := r.cfg.DB.Write.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	err = do(tx)
	if err == nil && r.cfg.Record != nil {
		err = r.cfg.Record(ctx, tx, d)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Secrets lists what is kept, by name, at most a thousand.
func (r *Reactors) Secrets(ctx context.Context) ([]KeptSecret, error) {
	kept := []KeptSecret{}
	if err := r.cfg.DB.Read.SelectContext(ctx, &kept, `SELECT name, site, set_at, set_by FROM secrets ORDER BY name LIMIT 1000`); err != nil {
		return nil, fmt.Errorf("list the secrets: %w", err)
	}
	for i := range kept {
		kept[i].SetAt = kept[i].SetAt.UTC()
	}
	return kept, nil
}

// RemoveSecret forgets a secret.
func (r *Reactors) RemoveSecret(ctx context.Context, name string, by domain.By) error {
	err := r.recorded(ctx, SecretDeed{Name: name, By: by}, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM secrets WHERE name = $1`, name)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, domain.Errorf(domain.NotFound, "secret-not-found", "there is no secret %s", name))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget the secret %s: %w", name, err)
	}
	return nil
}

// SecretFor is the secret of the name for the site, and when it was set. A secret for
// another site is not given out.
func (r *Reactors) SecretFor(ctx context.Context, name, site string) (Secret, time.Time, error) {
	var row struct {
		Site  string    `db:"site"`
		Value string    `db:"value"`
		SetAt time.Time `db:"set_at"`
	}
	err := r.cfg.DB.Read.GetContext(ctx, &row, `SELECT site, value, set_at FROM secrets WHERE name = $1`, name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Secret{}, time.Time{}, domain.Errorf(domain.Refused, "secret-not-found", "no secret is kept under the name %s; an administrator sets it with suivi secret set", name)
	case err != nil:
		return Secret{}, time.Time{}, fmt.Errorf("read the secret %s: %w", name, err)
	case row.Site != site:
		return Secret{}, time.Time{}, domain.Errorf(domain.Refused, "secret-for-another-site", "the secret %s is for another site than %s", name, site)
	}
	return NewSecret(row.Value), row.SetAt.UTC(), nil
}
