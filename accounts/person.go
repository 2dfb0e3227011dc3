package accounts

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// Person is someone with an account.
type Person struct {
	ID          domain.UserID `db:"id"           json:"id"`
	Name        string        `db:"name"         json:"name"`
	Email       string        `db:"email"        json:"email"`
	Language    string        `db:"language"     json:"language"` // fr, en; "": not chosen, the browser's
	TimeZone    string        `db:"time_zone"    json:"timeZone"` // as in Europe/Paris; "": not chosen, UTC
	Admin       bool          `db:"admin"        json:"admin"`    // of the whole site
	Disabled    bool          `db:"disabled"     json:"disabled"` // lets nobody in, and keeps the name for what they did
	HasPassword bool          `db:"has_password" json:"hasPassword"`
	CreatedAt   time.Time     `db:"created_at"   json:"createdAt"`
}

const personColumns = `p.id, p.name, p.email, p.language, p.time_zone, p.admin, p.disabled_at IS NOT NULL AS disabled,
	p.password IS NOT NULL AS has_password, p.created_at`

// Actor is the person as the domain's rules know them.
func (p Person) Actor() domain.Actor { return domain.Actor{ID: p.ID, Admin: p.Admin} }

// Create makes an account of the person's name, e-mail address, language, time
// zone and Admin, and answers it with its new id. What is wrong with these is
// Invalid; an address that someone has, in whatever case, is Refused as email-taken.
func (a *Accounts) Create(ctx context.Context, by domain.By, p Person) (Person, error) {
	p, err := newPerson(p, a.now())
	if err != nil {
		return Person{}, err
	}
	return p, a.inTx(ctx, "add a person", func(tx *sqlx.Tx) error { return insertPerson(ctx, tx, by, p) })
}

func emailTaken() error {
	return &domain.Error{
		Kind: domain.Refused, Code: "email-taken", Message: "someone has this e-mail address already",
		Fields: []domain.FieldError{{Field: "email", Code: "email-taken"}},
	}
}

// newPerson checks and tidies what was given, and adds the id and the time.
func newPerson(p Person, at time.Time) (Person, error) {
	var problems domain.Problems
	p = Person{Name: p.Name, Email: p.Email, Language: p.Language, TimeZone: p.TimeZone, Admin: p.Admin, CreatedAt: at}
	checkPerson(&p, &problems)
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails
	p.ID = domain.NewUserID(at, random)
	return p, problems.Err()
}

// execer is the write pool, or a transaction on it.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// insertPerson adds the person; email-taken when someone has the address.
func insertPerson(ctx context.Context, db execer, by domain.By, p Person) error {
	rows, err := changed(ctx, db, "add a person", `
		INSERT INTO people (id, name, email, email_key, language, time_zone, admin, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (email_key) DO NOTHING`,
		p.ID, p.Name, p.Email, emailKey(p.Email), p.Language, p.TimeZone, p.Admin, p.CreatedAt)
	if err == nil && rows == 0 {
		err = emailTaken()
	}
	if err != nil {
		return err
	}
	about := About{Changes: Person{}.changesTo(p)}
	if err := record(ctx, db, p.CreatedAt, Deed{Kind: Created, Person: p.ID, By: by, About: about}); err != nil || !p.Admin {
		return err
	}
	return record(ctx, db, p.CreatedAt, Deed{Kind: AdminGiven, Person: p.ID, By: by})
}

// ByID finds a person; NotFound when there is none. The answer may be up to a second old.
func (a *Accounts) ByID(ctx context.Context, id domain.UserID) (Person, error) {
	asked := a.clock()
	if p, ok := a.people.get(id, asked); ok {
		return p, nil
	}
	p, err := onePerson(ctx, a.db.Read, `SELECT `+personColumns+` FROM people p WHERE p.id = $1`, string(id))
	if err == nil {
		a.people.put(id, p, asked)
	}
	return p, err
}

// ByEmail finds the person with the e-mail address, in whatever case; NotFound when there is none.
func (a *Accounts) ByEmail(ctx context.Context, email string) (Person, error) {
	return onePerson(ctx, a.db.Read, `SELECT `+personColumns+` FROM people p WHERE p.email_key = $1`, emailKey(email))
}

// Administrator is the first of those who administer the site and are not disabled.
func (a *Accounts) Administrator(ctx context.Context) (Person, error) {
	return administrator(ctx, a.db.Read)
}

func administrator(ctx context.Context, db sqlx.QueryerContext) (Person, error) {
	return onePerson(ctx, db, `SELECT `+personColumns+` FROM people p
		WHERE p.admin AND p.disabled_at IS NULL AND p.id > $1 ORDER BY p.id LIMIT 1`, "")
}

// onePerson asks the read pool, or a transaction.
func onePerson(ctx context.Context, db sqlx.QueryerContext, query, of string) (Person, error) {
	var p Person
	err := sqlx.GetContext(ctx, db, &p, query, of)
	if errors.Is(err, sql.ErrNoRows) {
		return Person{}, domain.Errorf(domain.NotFound, "person-not-found", "there is no person %s", of)
	}
	if err != nil {
		return Person{}, fmt.Errorf("find a person: %w", err)
	}
	p.CreatedAt = p.CreatedAt.UTC()
	return p, nil
}

// MaxPage is the most people that one call of People answers.
const MaxPage = 200

// People lists up to limit people (at most MaxPage) with ids greater than after,
// in the order of their ids, which is the order of their arrival.
func (a *Accounts) People(ctx context.Context, after domain.UserID, limit int) ([]Person, error) {
	people := []Person{}
	err := a.db.Read.SelectContext(ctx, &people, `
		SELECT `+personColumns+` FROM people p WHERE p.id > $1 ORDER BY p.id LIMIT $2`,
		after, min(max(limit, 0), MaxPage))
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	for i := range people {
		people[i].CreatedAt = people[i].CreatedAt.UTC()
	}
	return people, nil
}

// Unknown are those of the ids that no person has, each once. It asks about one
// after the other, as callers name few and mostly the same ones.
func (a *Accounts) Unknown(ctx context.Context, ids []domain.UserID) ([]domain.UserID, error) {
	var unknown []domain.UserID
	seen := make(map[domain.UserID]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		switch _, err := a.ByID(ctx, id); {
		case domain.KindOf(err) == domain.NotFound:
			unknown = append(unknown, id)
		case err != nil:
			return nil, err
		}
	}
	return unknown, nil
}

// Names tells the names of people by their ids; it leaves out ids that nobody has.
func (a *Accounts) Names(ctx context.Context, ids []domain.UserID) (map[domain.UserID]string, error) {
	names := make(map[domain.UserID]string, len(ids))
	for _, id := range ids {
		switch p, err := a.ByID(ctx, id); {
		case err == nil:
			names[id] = p.Name
		case domain.KindOf(err) != domain.NotFound:
			return nil, err
		}
	}
	return names, nil
}
