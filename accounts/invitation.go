package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// invitationAge is how long a link is good.
const invitationAge = 7 * 24 * time.Hour

// Invitation is a link by which a person gives themselves a password, the first
// one or another. Its secret we do not know: only the secret's hash is kept.
type Invitation struct {
	ID        string        `json:"id"` // "inv_<ulid>"
	Person    Person        `json:"person"`
	By        domain.UserID `json:"by,omitempty"` // "": who operates the site
	CreatedAt time.Time     `json:"createdAt"`
	ExpiresAt time.Time     `json:"expiresAt"`
}

// Invite makes an account for somebody and a link for them, to be shown this once.
// The person is known at once, so trackers can name them as a member. For a
// person who has an ID the account is there: the link then serves who never came,
// or has forgotten their password; a link that they had is good no more.
func (a *Accounts) Invite(ctx context.Context, by domain.By, p Person) (i Invitation, secret string, err error) {
	at := a.now()
	err = a.inTx(ctx, "invite", func(tx *sqlx.Tx) error {
		if p, err = invited(ctx, tx, by, p, at); err != nil {
			return err
		}
		i = Invitation{newID(invitationID), p, by.Person, at, at.Add(invitationAge)}
		secret = newSecret(invitationPrefix)
		_, err := changed(ctx, tx, "invite", `
			INSERT INTO invitations (id, person, hash, made_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (person) DO UPDATE SET id = excluded.id, hash = excluded.hash, made_by = excluded.made_by,
				created_at = excluded.created_at, expires_at = excluded.expires_at`,
			i.ID, i.Person.ID, hashOf(secret).String(), i.By, i.CreatedAt, i.ExpiresAt)
		if err != nil {
			return err
		}
		return record(ctx, tx, at, Deed{Kind: Invited, Person: p.ID, By: by, About: About{Invited: i.ID}})
	})
	if err != nil {
		return Invitation{}, "", err
	}
	return i, secret, nil
}

// invited is the person of an invitation, with an account.
func invited(ctx context.Context, tx *sqlx.Tx, by domain.By, p Person, at time.Time) (Person, error) {
	if p.ID == "" {
		p, err := newPerson(p, at)
		if err != nil {
			return Person{}, err
		}
		return p, insertPerson(ctx, tx, by, p)
	}
	p, err := onePerson(ctx, tx, `SELECT `+personColumns+` FROM people p WHERE p.id = $1`, string(p.ID))
	if err == nil && p.Disabled {
		return Person{}, domain.Errorf(domain.Refused, "person-disabled", "%s is disabled", p.Name)
	}
	return p, err
}

// Invitation finds what a link is for; NotFound when it is unknown, used or
// expired, or its person disabled, without saying which.
func (a *Accounts) Invitation(ctx context.Context, secret string) (Invitation, error) {
	if !wellFormed(secret, invitationPrefix) {
		return Invitation{}, noInvitation()
	}
	var row struct {
		Invitation string        `db:"invitation"`
		By         domain.UserID `db:"made_by"`
		MadeAt     time.Time     `db:"made_at"`
		ExpiresAt  time.Time     `db:"expires_at"`
		Person
	}
	err := a.db.Read.GetContext(ctx, &row, `
		SELECT i.id AS invitation, i.made_by, i.created_at AS made_at, i.expires_at, `+personColumns+`
		FROM invitations i JOIN people p ON p.id = i.person
		WHERE i.hash = $1 AND i.expires_at > $2 AND p.disabled_at IS NULL`, hashOf(secret).String(), a.now())
	if errors.Is(err, sql.ErrNoRows) {
		return Invitation{}, noInvitation()
	}
	if err != nil {
		return Invitation{}, fmt.Errorf("find an invitation: %w", err)
	}
	row.CreatedAt = row.CreatedAt.UTC()
	return Invitation{row.Invitation, row.Person, row.By, row.MadeAt.UTC(), row.ExpiresAt.UTC()}, nil
}

func noInvitation() error {
	return domain.Errorf(domain.NotFound, "invitation-not-found", "this link is unknown, used or expired; ask for another")
}

// AcceptInvitation uses a link up: its person has the password from now on, is
// signed in, and nowhere else. An empty name, language or time zone leaves what
// is there. Of two at once, one is told that there is no such link.
//
//nolint:revive // a form's fields, one by one
func (a *Accounts) AcceptInvitation(ctx context.Context, secret, name, password, language, timeZone string, from Client) (s Session, sessionSecret string, err error) {
	i, err := a.Invitation(ctx, secret)
	if err != nil {
		return Session{}, "", err
	}
	p := i.Person
	p.Name, p.Language, p.TimeZone = orElse(name, p.Name), orElse(language, p.Language), orElse(timeZone, p.TimeZone)
	hash, err := a.checkedHash(ctx, &p, password)
	if err != nil {
		return Session{}, "", err
	}
	err = a.inTx(ctx, "accept an invitation", func(tx *sqlx.Tx) error {
		at := a.now()
		rows, err := changed(ctx, tx, "accept an invitation", `
			DELETE FROM invitations WHERE id = $1 AND hash = $2 AND expires_at > $3`, i.ID, hashOf(secret).String(), at)
		if err != nil {
			return err
		}
		if rows == 0 {
			return noInvitation()
		}
		about := About{Invited: i.ID, Changes: i.Person.changesTo(p)}
		if err := record(ctx, tx, at, Deed{Kind: InvitationAccepted, Person: p.ID, By: inPerson(p.ID), About: about}); err != nil {
			return err
		}
		s, sessionSecret, err = a.moveIn(ctx, tx, p, hash, from)
		return err
	})
	a.forget()
	if err != nil {
		return Session{}, "", err
	}
	return s, sessionSecret, nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// checkedHash checks and tidies a person and their new password, and hashes it.
func (a *Accounts) checkedHash(ctx context.Context, p *Person, password string) (string, error) {
	var problems domain.Problems
	checkPerson(p, &problems)
	checkPassword(password, *p, &problems)
	if err := problems.Err(); err != nil {
		return "", err
	}
	return a.hash(ctx, password)
}

// moveIn gives a person who is not disabled what they say of themselves, a
// password, and the only session.
func (a *Accounts) moveIn(ctx context.Context, tx *sqlx.Tx, p Person, hash string, from Client) (Session, string, error) {
	at := a.now()
	rows, err := changed(ctx, tx, "set a password", `
		UPDATE people SET name = $1, language = $2, time_zone = $3, password = $4, signed_in_at = $5
		WHERE id = $6 AND disabled_at IS NULL`, p.Name, p.Language, p.TimeZone, hash, at, p.ID)
	if err != nil {
		return Session{}, "", err
	}
	if rows == 0 {
		return Session{}, "", noInvitation()
	}
	if err := endSessions(ctx, tx, p.ID, ""); err != nil {
		return Session{}, "", err
	}
	return insertSession(ctx, tx, p.ID, from, at)
}

func endInvitations(ctx context.Context, db execer, user domain.UserID) error {
	_, err := changed(ctx, db, "end an invitation", `DELETE FROM invitations WHERE person = $1`, user)
	return err
}

// forget drops what is remembered of the database, after a change.
func (a *Accounts) forget() {
	a.tokens.forget()
	a.sessions.forget()
	a.people.forget()
}
