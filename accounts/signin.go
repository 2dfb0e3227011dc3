package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/passwords"
)

// SignIn begins a session of whoever has the e-mail address and password, and
// answers it with its secret, to be shown this once. Wrong ones are
// Unauthenticated, the same for an address that nobody has, and take as long. Too
// many wrong ones, for the address or from the client's, are Limited.
func (a *Accounts) SignIn(ctx context.Context, email, password string, from Client) (Session, string, error) {
	from, email = from.tidy(), emailKey(email)
	var problems domain.Problems
	checkEmail(email, &problems)
	if problems.Err() != nil || len(password) > maxTyped {
		return Session{}, "", wrongCredentials()
	}
	counted, err := a.triesOf(ctx, email, from.Address)
	if err != nil {
		return Session{}, "", err
	}
	if err := a.take(ctx, counted); err != nil {
		return Session{}, "", err
	}
	who, err := a.signingIn(ctx, email)
	if err != nil {
		return Session{}, "", err
	}
	fits, err := a.fits(ctx, who.Password, password)
	switch {
	case err != nil:
		return Session{}, "", err
	case !fits:
		return Session{}, "", a.failed(ctx, who, from, wrongCredentials())
	case who.Disabled:
		return Session{}, "", a.failed(ctx, who, from, domain.Errorf(domain.Unauthenticated, "person-disabled", "this account is disabled; ask an administrator"))
	}
	if who.renewed, err = a.renewed(ctx, who.Password, password); err != nil {
		return Session{}, "", err
	}
	session, secret, err := a.enter(ctx, who, email, counted, from)
	if err == nil {
		a.sweep(ctx)
	}
	return session, secret, err
}

// failed counts a sign-in that came to nothing, and answers why. What was typed is not
// kept: people type passwords into the wrong field.
func (a *Accounts) failed(ctx context.Context, who signingIn, from Client, why error) error {
	d := Deed{Kind: SignInFailed, Person: who.ID, By: inPerson(""), About: About{Address: from.Address, Agent: from.Agent}}
	if err := count(ctx, a.db.Write, a.now(), d); err != nil {
		return err
	}
	return why
}

// maxTyped is the longest password that is worth the work, in bytes: as it is
// typed, one may be longer than in its normal form.
const maxTyped = 3 * MaxPassword

func wrongCredentials() error {
	return domain.Errorf(domain.Unauthenticated, "wrong-credentials", "wrong e-mail address or password")
}

// signingIn is what the database knows of who says that they have an address; empty when nobody has it.
type signingIn struct {
	ID       domain.UserID `db:"id"`
	Password string        `db:"password"` // as it is stored
	Disabled bool          `db:"disabled"`
	renewed  string        // the same password, as it is to be stored from now on
}

func (a *Accounts) signingIn(ctx context.Context, email string) (signingIn, error) {
	var rows []signingIn
	err := a.db.Read.SelectContext(ctx, &rows, `
		SELECT id, coalesce(password, '') AS password, disabled_at IS NOT NULL AS disabled
		FROM people WHERE email_key = $1 LIMIT 1`, email)
	if err != nil {
		return signingIn{}, fmt.Errorf("find who signs in: %w", err)
	}
	if len(rows) == 0 {
		return signingIn{}, nil
	}
	return rows[0], nil
}

// renewed hashes a password anew if its hash has become too cheap.
func (a *Accounts) renewed(ctx context.Context, stored, password string) (string, error) {
	hash, err := passwords.Parse(stored)
	if err != nil || !hash.Outdated() {
		return stored, err
	}
	return a.hash(ctx, password)
}

// enter begins the session, unless the password was changed or its person
// disabled meanwhile: both change the same row, and then end the sessions that are there.
func (a *Accounts) enter(ctx context.Context, who signingIn, email string, counted []tries, from Client) (s Session, secret string, err error) {
	at := a.now()
	err = a.inTx(ctx, "sign in", func(tx *sqlx.Tx) error {
		if err := giveBack(ctx, tx, counted, at); err != nil {
			return err
		}
		rows, err := changed(ctx, tx, "sign in", `
			UPDATE people SET password = $1, signed_in_at = $2 WHERE id = $3 AND password = $4 AND disabled_at IS NULL`,
			who.renewed, at, who.ID, who.Password)
		if err != nil {
			return err
		}
		if rows == 0 {
			return wrongCredentials()
		}
		if err := noteAddress(ctx, tx, email, from.Address, at); err != nil {
			return err
		}
		s, secret, err = insertSession(ctx, tx, who.ID, from, at)
		return err
	})
	if err != nil {
		return Session{}, "", err
	}
	return s, secret, nil
}

// sweep takes away what has expired. Whether it can decides nothing: the next
// sign-in tries again. Counts stay a day longer, so that it meets nobody who counts.
func (a *Accounts) sweep(ctx context.Context) {
	at := a.now()
	yesterday := at.Add(-24 * time.Hour)
	_, _ = a.db.Write.ExecContext(ctx, `DELETE FROM sessions WHERE last_seen_at <= $1 OR created_at <= $2`, at.Add(-sessionIdle), at.Add(-sessionAge))
	_, _ = a.db.Write.ExecContext(ctx, `DELETE FROM sign_in_tries WHERE drained_at < $1 AND next_at < $1`, yesterday)
	_, _ = a.db.Write.ExecContext(ctx, `DELETE FROM known_addresses WHERE until < $1`, yesterday)
	_, _ = a.db.Write.ExecContext(ctx, `DELETE FROM invitations WHERE expires_at < $1`, yesterday)
	_, _ = a.db.Write.ExecContext(ctx, `DELETE FROM deeds WHERE at < $1 AND kind IN ($2, $3, $4, $5, $6)`, at.Add(-SignInsKept),
		SignedIn, SignInFailed, PasswordRefused, SessionEnded, SessionsEnded)
}
