package accounts

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// The form of a set-up code, which people type: 80 random bits, so guessing it needs no further guard.
const (
	setupGroups = 4
	setupGroup  = 4 // characters of base 32
)

// NeedsSetup tells whether no administrator has a password yet, so that nobody can
// sign in to make the site theirs. Once Setup was done it is never needed again:
// who operates the site gives passwords then (ReplacePassword).
func (a *Accounts) NeedsSetup(ctx context.Context) (bool, error) { return needsSetup(ctx, a.db.Read) }

func needsSetup(ctx context.Context, db sqlx.QueryerContext) (bool, error) {
	var needed bool
	err := sqlx.GetContext(ctx, db, &needed, `
		SELECT EXISTS (SELECT 1 FROM administration WHERE set_up_at IS NULL) AND NOT EXISTS (
			SELECT 1 FROM people WHERE admin AND password IS NOT NULL AND disabled_at IS NULL)`)
	if err != nil {
		return false, fmt.Errorf("look whether Suivi is set up: %w", err)
	}
	return needed, nil
}

// SetupCode makes a code for Setup, while that is needed; "" when it is not. It
// proves that one sees what the program prints: each process has a code of its
// own, and any node takes it.
func (a *Accounts) SetupCode(ctx context.Context) (code string, err error) {
	if needed, err := a.NeedsSetup(ctx); err != nil || !needed {
		return "", err
	}
	text := rand.Text()
	groups := make([]string, setupGroups)
	for i := range groups {
		groups[i] = text[i*setupGroup : (i+1)*setupGroup]
	}
	code = strings.Join(groups, "-")
	if _, err := changed(ctx, a.db.Write, "keep a set-up code", `INSERT INTO setup_codes (hash) VALUES ($1)`, hashOfCode(code)); err != nil {
		return "", err
	}
	return code, nil
}

// hashOfCode takes a code in any case, with its hyphens or without.
func hashOfCode(code string) string {
	return hashOf(strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))).String()
}

// Setup gives the site its administrator, with a password, and signs them in. It
// is done once, however many try at once, and with a code of SetupCode alone:
// another is Forbidden, and a second time Refused as already-set-up.
//
// The administrator of EnsureAdmin becomes this person and keeps their token; whoever
// has the e-mail address already and has no password becomes it instead.
func (a *Accounts) Setup(ctx context.Context, code string, p Person, password string, from Client) (s Session, secret string, err error) {
	if err := checkSetup(ctx, a.db.Read, code); err != nil { // before any work for strangers
		return Session{}, "", err
	}
	p.Admin = true
	hash, err := a.checkedHash(ctx, &p, password)
	if err != nil {
		return Session{}, "", err
	}
	err = a.inTx(ctx, "set Suivi up", func(tx *sqlx.Tx) error {
		if err := lockAdministration(ctx, tx); err != nil {
			return err
		}
		if err := checkSetup(ctx, tx, code); err != nil {
			return err
		}
		if p.ID, err = a.seat(ctx, tx, p); err != nil {
			return err
		}
		if _, err := changed(ctx, tx, "set Suivi up", `UPDATE administration SET set_up_at = $1`, a.now()); err != nil {
			return err
		}
		if _, err := changed(ctx, tx, "forget set-up codes", `DELETE FROM setup_codes`); err != nil {
			return err
		}
		if err := a.Record(ctx, tx, Deed{Kind: SetUp, Person: p.ID, By: inPerson(p.ID)}); err != nil {
			return err
		}
		s, secret, err = a.moveIn(ctx, tx, p, hash, from)
		return err
	})
	a.forget()
	if err != nil {
		return Session{}, "", err
	}
	return s, secret, nil
}

func checkSetup(ctx context.Context, db sqlx.QueryerContext, code string) error {
	needed, err := needsSetup(ctx, db)
	if err != nil {
		return err
	}
	if !needed {
		return domain.Errorf(domain.Refused, "already-set-up", "Suivi has its administrator already; sign in")
	}
	var known bool
	err = sqlx.GetContext(ctx, db, &known, `SELECT EXISTS (SELECT 1 FROM setup_codes WHERE hash = $1)`, hashOfCode(code))
	if err != nil {
		return fmt.Errorf("look for a set-up code: %w", err)
	}
	if !known {
		return &domain.Error{
			Kind: domain.Forbidden, Code: "wrong-setup-code", Message: "this is not the set-up code; `suivi serve` prints it when it starts",
			Fields: []domain.FieldError{{Field: "code", Code: "wrong-setup-code"}},
		}
	}
	return nil
}

// lockAdministration makes all who change who administers the site wait for each other.
func lockAdministration(ctx context.Context, tx *sqlx.Tx) error {
	_, err := changed(ctx, tx, "lock the administration", `UPDATE administration SET one = one`)
	return err
}

// seat is the id of the account that the administrator is to have.
func (a *Accounts) seat(ctx context.Context, tx *sqlx.Tx, p Person) (domain.UserID, error) {
	there, err := onePerson(ctx, tx, `SELECT `+personColumns+` FROM people p WHERE p.email_key = $1`, emailKey(p.Email))
	if domain.KindOf(err) == domain.NotFound {
		there, err = onePerson(ctx, tx, `SELECT `+personColumns+` FROM people p WHERE p.email_key = $1 AND p.password IS NULL AND p.disabled_at IS NULL`, firstEmail)
	}
	if domain.KindOf(err) == domain.NotFound {
		p, err := newPerson(p, a.now())
		if err != nil {
			return "", err
		}
		return p.ID, insertPerson(ctx, tx, domain.By{}, p)
	}
	if err != nil {
		return "", err
	}
	if there.HasPassword || there.Disabled {
		return "", emailTaken()
	}
	_, err = changed(ctx, tx, "make the administrator", `
		UPDATE people SET email = $1, email_key = $2, admin = $3 WHERE id = $4`, p.Email, emailKey(p.Email), true, there.ID)
	return there.ID, err
}
