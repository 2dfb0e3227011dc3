package accounts

import (
	"context"
	"errors"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// Changes says what is to change about a person; nil leaves what is there.
type Changes struct {
	Name, Email, Language, TimeZone *string
	Admin, Disabled                 *bool
}

// UpdatePerson changes a person and answers them as they are now. Who is disabled
// is signed out everywhere, and their tokens and invitations end for good; enabled
// again, they sign in anew. The last administrator stays one: last-admin.
func (a *Accounts) UpdatePerson(ctx context.Context, by domain.By, id domain.UserID, c Changes) (Person, error) {
	var before, p Person
	err := a.inTx(ctx, "change a person", func(tx *sqlx.Tx) (err error) {
		if err := lockAdministration(ctx, tx); err != nil {
			return err
		}
		before, err = onePerson(ctx, tx, `SELECT `+personColumns+` FROM people p WHERE p.id = $1`, string(id))
		if err != nil {
			return err
		}
		if p, err = c.of(before); err != nil {
			return err
		}
		if err := a.store(ctx, tx, p); err != nil {
			return err
		}
		if p.Disabled && !before.Disabled {
			err = a.shutOut(ctx, tx, id)
		}
		if err := errors.Join(err, wantAdministrator(ctx, tx, before)); err != nil {
			return err
		}
		return recordChanges(ctx, tx, a.now(), by, before, p)
	})
	a.forget()
	if err == nil {
		return p, nil
	}
	// The databases tell of a taken address in words of their own; so ask.
	if other, e := a.ByEmail(ctx, p.Email); e == nil && domain.KindOf(err) == domain.Internal && other.ID != id {
		err = emailTaken()
	}
	return Person{}, err
}

// of is the person with the changes, checked and tidied.
func (c Changes) of(p Person) (Person, error) {
	for to, from := range map[*string]*string{&p.Name: c.Name, &p.Email: c.Email, &p.Language: c.Language, &p.TimeZone: c.TimeZone} {
		if from != nil {
			*to = *from
		}
	}
	for to, from := range map[*bool]*bool{&p.Admin: c.Admin, &p.Disabled: c.Disabled} {
		if from != nil {
			*to = *from
		}
	}
	var problems domain.Problems
	checkPerson(&p, &problems)
	return p, problems.Err()
}

func (a *Accounts) store(ctx context.Context, tx *sqlx.Tx, p Person) error {
	_, err := changed(ctx, tx, "change a person", `
		UPDATE people SET name = $1, email = $2, email_key = $3, language = $4, time_zone = $5, admin = $6,
			disabled_at = CASE WHEN $7 THEN coalesce(disabled_at, $8) END WHERE id = $9`,
		p.Name, p.Email, emailKey(p.Email), p.Language, p.TimeZone, p.Admin, p.Disabled, a.now(), p.ID)
	return err
}

// wantAdministrator is last-admin when the person was one before and nobody is now.
func wantAdministrator(ctx context.Context, tx *sqlx.Tx, before Person) error {
	if !before.Admin || before.Disabled {
		return nil
	}
	_, err := administrator(ctx, tx)
	if domain.KindOf(err) == domain.NotFound {
		return domain.Errorf(domain.Refused, "last-admin", "this is the last administrator; make another one first")
	}
	return err
}

// shutOut ends everything that a person is signed in by.
func (a *Accounts) shutOut(ctx context.Context, tx *sqlx.Tx, id domain.UserID) error {
	if err := endSessions(ctx, tx, id, ""); err != nil {
		return err
	}
	if err := endInvitations(ctx, tx, id); err != nil {
		return err
	}
	_, err := changed(ctx, tx, "end tokens", `
		UPDATE tokens SET revoked_at = $1 WHERE person = $2 AND revoked_at IS NULL`, a.now(), id)
	return err
}
