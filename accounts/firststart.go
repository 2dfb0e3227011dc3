package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// EnsureAdmin makes the first administrator, admin@localhost, with a token that
// does not expire, if there is no administrator yet. Otherwise, also when another
// process is making one right now, created is false and the rest is empty.
func (a *Accounts) EnsureAdmin(ctx context.Context) (p Person, token string, created bool, err error) {
	var exists bool
	if err := a.db.Read.GetContext(ctx, &exists, `SELECT EXISTS (SELECT 1 FROM people WHERE admin)`); err != nil {
		return Person{}, "", false, fmt.Errorf("look for an administrator: %w", err)
	}
	if exists {
		return Person{}, "", false, nil
	}
	if p, err = newPerson(Person{Name: "Administrator", Email: "admin@localhost", Admin: true}); err != nil {
		return Person{}, "", false, err
	}
	plain, t, err := newToken(p.ID, "first start", time.Time{})
	if err != nil {
		return Person{}, "", false, err
	}
	created, err = a.insertBoth(ctx, p, t, plain)
	if err != nil || !created {
		return Person{}, "", false, err
	}
	return p, plain, true, nil
}

// insertBoth adds the person and their token in one transaction, unless the e-mail address is taken.
func (a *Accounts) insertBoth(ctx context.Context, p Person, t Token, plain string) (created bool, err error) {
	tx, err := a.db.Write.BeginTxx(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("begin to make the administrator: %w", err)
	}
	created, err = insertPerson(ctx, tx, p)
	if err == nil && created {
		err = insertToken(ctx, tx, t, plain)
	}
	if err != nil || !created {
		return false, errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return false, fmt.Errorf("make the administrator: %w", err)
	}
	return true, nil
}
