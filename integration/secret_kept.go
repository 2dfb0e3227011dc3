package integration

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/tracker"
)

// KeptSecret is what is told of a secret: everything but itself.
type KeptSecret struct {
	Name     string              `json:"name"`
	Site     string              `json:"site"`     // the base URL that it may be sent to
	Trackers []domain.TrackerKey `json:"trackers"` // that may use it, sorted; none: any
	SetAt    time.Time           `json:"setAt"`
	SetBy    domain.UserID       `json:"setBy"`
}

// For tells whether the tracker may use it.
func (s KeptSecret) For(key domain.TrackerKey) bool {
	return len(s.Trackers) == 0 || slices.Contains(s.Trackers, key)
}

// secretRow is a secret as the database has it.
type secretRow struct {
	Name     string        `db:"name"`
	Site     string        `db:"site"`
	Trackers []byte        `db:"trackers"`
	SetAt    time.Time     `db:"set_at"`
	SetBy    domain.UserID `db:"set_by"`
	Value    string        `db:"value"`
}

func (r secretRow) kept() (KeptSecret, error) {
	kept := KeptSecret{Name: r.Name, Site: r.Site, SetAt: r.SetAt.UTC(), SetBy: r.SetBy}
	if err := json.Unmarshal(r.Trackers, &kept.Trackers); err != nil {
		return kept, fmt.Errorf("read which trackers may use the secret %s: %w", r.Name, err)
	}
	return kept, nil
}

// maxSecret is how long a secret is at most, in bytes.
const maxSecret = 4096

// SetSecret keeps a secret under the name, for one site, in place of an earlier one. The
// site is part of it: who configures a tracker chooses where its twins are, and must not
// be able to have a secret sent to a place of theirs. Trackers are those that may use it;
// nil: as it was, which at first is any. When and by whom is not asked of s.
func (r *Reactors) SetSecret(ctx context.Context, s KeptSecret, value Secret, by domain.By) (KeptSecret, error) {
	s.Site = strings.TrimRight(s.Site, "/")
	var problems domain.Problems
	if !tracker.ValidToolName(s.Name) {
		problems.Add("name", "bad-secret-name", "a small letter, then 1 to 39 small letters, digits or hyphens")
	}
	if !tracker.ValidSite(s.Site) {
		problems.Add("site", "bad-url", "the base URL that it may be sent to, as in https://redmine.example.org")
	}
	if text := value.Reveal(); text == "" || len(text) > maxSecret || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		problems.Add("value", "bad-secret", "1 to %d bytes on one line", maxSecret)
	}
	trackers, err := checkedTrackers(s.Trackers, &problems)
	if err != nil {
		return KeptSecret{}, err
	}
	var kept KeptSecret
	err = r.recorded(ctx, func(tx *sqlx.Tx) (SecretDeed, error) {
		var row secretRow
		err := tx.GetContext(ctx, &row, `INSERT INTO secrets (name, site, value, trackers, set_at, set_by) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (name) DO UPDATE SET site = excluded.site, value = excluded.value, set_at = excluded.set_at, set_by = excluded.set_by,
				trackers = CASE WHEN $7 THEN excluded.trackers ELSE secrets.trackers END
			RETURNING name, site, trackers, set_at, set_by`,
			s.Name, s.Site, value.Reveal(), trackers, r.now(), by.Person, s.Trackers != nil)
		if err == nil {
			kept, err = row.kept()
		}
		return SecretDeed{Kept: kept, By: by, Done: SecretSet}, err
	})
	if err != nil {
		return KeptSecret{}, fmt.Errorf("keep the secret %s: %w", s.Name, err)
	}
	return kept, nil
}

// checkedTrackers is the list as the database has it.
func checkedTrackers(keys []domain.TrackerKey, problems *domain.Problems) (string, error) {
	for _, key := range keys {
		if !key.Valid() {
			problems.Add("trackers", "bad-tracker-key", "the key of a tracker, not %q", key)
		}
	}
	if err := problems.Err(); err != nil {
		return "", err
	}
	sorted := append([]domain.TrackerKey{}, keys...)
	slices.Sort(sorted)
	document, err := json.Marshal(slices.Compact(sorted))
	return string(document), err
}

// AllowSecret says which trackers may use a secret; none: any. What can no longer use it waits.
func (r *Reactors) AllowSecret(ctx context.Context, name string, keys []domain.TrackerKey, by domain.By) (KeptSecret, error) {
	trackers, err := checkedTrackers(keys, new(domain.Problems))
	if err != nil {
		return KeptSecret{}, err
	}
	var kept KeptSecret
	err = r.recorded(ctx, func(tx *sqlx.Tx) (SecretDeed, error) {
		var row secretRow
		err := tx.GetContext(ctx, &row, `UPDATE secrets SET trackers = $1 WHERE name = $2 RETURNING name, site, trackers, set_at, set_by`, trackers, name)
		if errors.Is(err, sql.ErrNoRows) {
			err = errNoSecret(name)
		}
		if err == nil {
			kept, err = row.kept()
		}
		return SecretDeed{Kept: kept, By: by, Done: SecretAllowed}, err
	})
	if err != nil {
		return KeptSecret{}, fmt.Errorf("say which trackers may use the secret %s: %w", name, err)
	}
	return kept, nil
}

func errNoSecret(name string) error {
	return domain.Errorf(domain.NotFound, "secret-not-found", "there is no secret %s", name)
}

// SecretDeed is what was done with a secret, and by whom; never the secret itself.
type SecretDeed struct {
	Kept KeptSecret // of one that was removed only the name
	By   domain.By
	Done SecretDone
}

// SecretDone is what can be done with a secret.
type SecretDone int

// What can be done with a secret.
const (
	SecretSet SecretDone = iota
	SecretAllowed
	SecretRemoved
)

// recorded does something with a secret and has it recorded, both or none.
func (r *Reactors) recorded(ctx context.Context, do func(tx *sqlx.Tx) (SecretDeed, error)) error {
	tx, err := r.cfg.DB.Write.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	d, err := do(tx)
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
	var rows []secretRow
	if err := r.cfg.DB.Read.SelectContext(ctx, &rows, `SELECT name, site, trackers, set_at, set_by FROM secrets ORDER BY name LIMIT 1000`); err != nil {
		return nil, fmt.Errorf("list the secrets: %w", err)
	}
	all := make([]KeptSecret, len(rows))
	for i, row := range rows {
		var err error
		if all[i], err = row.kept(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// SecretsFor lists those that the tracker may use.
func (r *Reactors) SecretsFor(ctx context.Context, key domain.TrackerKey) ([]KeptSecret, error) {
	all, err := r.Secrets(ctx)
	return slices.DeleteFunc(all, func(s KeptSecret) bool { return !s.For(key) }), err
}

// SecretDenied tells whether the secret is kept, and not for the tracker.
func (r *Reactors) SecretDenied(ctx context.Context, name string, key domain.TrackerKey) (bool, error) {
	kept, _, err := r.secret(ctx, name)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil && !kept.For(key), err
}

// RemoveSecret forgets a secret.
func (r *Reactors) RemoveSecret(ctx context.Context, name string, by domain.By) error {
	err := r.recorded(ctx, func(tx *sqlx.Tx) (SecretDeed, error) {
		result, err := tx.ExecContext(ctx, `DELETE FROM secrets WHERE name = $1`, name)
		if err != nil {
			return SecretDeed{}, err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return SecretDeed{}, errors.Join(err, errNoSecret(name))
		}
		return SecretDeed{Kept: KeptSecret{Name: name}, By: by, Done: SecretRemoved}, nil
	})
	if err != nil {
		return fmt.Errorf("forget the secret %s: %w", name, err)
	}
	return nil
}

// SecretFor is the secret of the name for the tracker and the site, and when it was set. One
// for others is not given out.
func (r *Reactors) SecretFor(ctx context.Context, name string, key domain.TrackerKey, site string) (Secret, time.Time, error) {
	kept, value, err := r.secret(ctx, name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Secret{}, time.Time{}, domain.Errorf(domain.Refused, "secret-not-found", "no secret is kept under the name %s; an administrator sets it with suivi secret set", name)
	case err != nil:
		return Secret{}, time.Time{}, err
	case !kept.For(key):
		return Secret{}, time.Time{}, domain.Errorf(domain.Refused, "secret-for-other-trackers", "the secret %s is not for the tracker %s; an administrator says which may use it", name, key)
	case kept.Site != site:
		return Secret{}, time.Time{}, domain.Errorf(domain.Refused, "secret-for-another-site", "the secret %s is for another site than %s", name, site)
	}
	return value, kept.SetAt, nil
}

// secret is what is kept under the name; sql.ErrNoRows: nothing.
func (r *Reactors) secret(ctx context.Context, name string) (KeptSecret, Secret, error) {
	var row secretRow
	if err := r.cfg.DB.Read.GetContext(ctx, &row, `SELECT name, site, trackers, set_at, set_by, value FROM secrets WHERE name = $1`, name); err != nil {
		return KeptSecret{}, Secret{}, fmt.Errorf("read the secret %s: %w", name, err)
	}
	kept, err := row.kept()
	return kept, NewSecret(row.Value), err
}
