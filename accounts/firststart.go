package accounts

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// firstEmail is the address of the first administrator until Setup gives them theirs.
const firstEmail = "admin@localhost"

// EnsureAdmin makes the first administrator, admin@localhost, with a token that
// does not expire, if there is no administrator yet. It is for programs; Setup
// gives the same person a name and a password. Otherwise, also when another
// process is making one right now, created is false and the rest is empty.
func (a *Accounts) EnsureAdmin(ctx context.Context) (p Person, token string, created bool, err error) {
	var exists bool
	if err := a.db.Read.GetContext(ctx, &exists, `SELECT EXISTS (SELECT 1 FROM people WHERE admin)`); err != nil {
		return Person{}, "", false, fmt.Errorf("look for an administrator: %w", err)
	}
	if exists {
		return Person{}, "", false, nil
	}
	at := a.now()
	if p, err = newPerson(Person{Name: "Administrator", Email: firstEmail, Admin: true}, at); err != nil {
		return Person{}, "", false, err
	}
	t, err := newToken(Token{Person: p.ID, Label: "first start", Scope: ScopeAdmin}, at)
	if err != nil {
		return Person{}, "", false, err
	}
	token = newSecret(tokenPrefix)
	err = a.inTx(ctx, "make the administrator", func(tx *sqlx.Tx) error {
		if err := insertPerson(ctx, tx, domain.By{}, p); err != nil {
			return err
		}
		return insertToken(ctx, tx, domain.By{}, t, token)
	})
	if domain.CodeOf(err) == "email-taken" {
		return Person{}, "", false, nil
	}
	if err != nil {
		return Person{}, "", false, err
	}
	return p, token, true, nil
}
