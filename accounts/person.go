package accounts

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"suivi/domain"
)

// Person is someone with an account.
type Person struct {
	ID        domain.UserID `db:"id"         json:"id"`
	Name      string        `db:"name"       json:"name"`
	Email     string        `db:"email"      json:"email"`
	Admin     bool          `db:"admin"      json:"admin"` // of the whole site
	CreatedAt time.Time     `db:"created_at" json:"createdAt"`
}

// Actor is the person as the domain's rules know them.
func (p Person) Actor() domain.Actor { return domain.Actor{ID: p.ID, Admin: p.Admin} }

// Create makes an account of the person's name, e-mail address and Admin, and
// answers it with its new id. A wrong name or address is Invalid; an address
// that someone has, in whatever case, is Refused as email-taken.
func (a *Accounts) Create(ctx context.Context, p Person) (Person, error) {
	p, err := newPerson(p)
	if err != nil {
		return Person{}, err
	}
	created, err := insertPerson(ctx, a.db.Write, p)
	if err != nil {
		return Person{}, err
	}
	if !created {
		return Person{}, &domain.Error{
			Kind: domain.Refused, Code: "email-taken", Message: "someone has this e-mail address already",
			Fields: []domain.FieldError{{Field: "email", Code: "email-taken"}},
		}
	}
	return p, nil
}

// newPerson checks and tidies what was given, and adds the id and the time.
func newPerson(p Person) (Person, error) {
	var problems domain.Problems
	name, email := checkName(p.Name, &problems), checkEmail(p.Email, &problems)
	at := now()
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails
	return Person{ID: domain.NewUserID(at, random), Name: name, Email: email, Admin: p.Admin, CreatedAt: at}, problems.Err()
}

// execer is the write pool, or a transaction on it.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// insertPerson adds the person; created is false when the e-mail address is taken.
func insertPerson(ctx context.Context, db execer, p Person) (created bool, err error) {
	result, err := db.ExecContext(ctx, `
		INSERT INTO people (id, name, email, email_key, admin, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (email_key) DO NOTHING`,
		p.ID, p.Name, p.Email, emailKey(p.Email), p.Admin, p.CreatedAt)
	if err != nil {
		return false, fmt.Errorf("add a person: %w", err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("add a person: %w", err)
	}
	return rows == 1, nil
}

// ByID finds a person; NotFound when there is none. The answer may be up to a second old.
func (a *Accounts) ByID(ctx context.Context, id domain.UserID) (Person, error) {
	asked := time.Now()
	if p, ok := a.people.get(id, asked); ok {
		return p, nil
	}
	p, err := a.person(ctx, `
		SELECT id, name, email, admin, created_at FROM people WHERE id = $1`, string(id))
	if err == nil {
		a.people.put(id, p, asked)
	}
	return p, err
}

// ByEmail finds the person with the e-mail address, in whatever case; NotFound when there is none.
func (a *Accounts) ByEmail(ctx context.Context, email string) (Person, error) {
	return a.person(ctx, `
		SELECT id, name, email, admin, created_at FROM people WHERE email_key = $1`, emailKey(email))
}

func (a *Accounts) person(ctx context.Context, query, of string) (Person, error) {
	var p Person
	err := a.db.Read.GetContext(ctx, &p, query, of)
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
		SELECT id, name, email, admin, created_at FROM people WHERE id > $1 ORDER BY id LIMIT $2`,
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
