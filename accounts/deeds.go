package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// DeedQuery says which deeds are asked for; what is empty filters nothing.
type DeedQuery struct {
	People   []domain.UserID // who did them, for whom they were done, or to whom
	Kinds    []DeedKind
	Source   domain.Source
	From, To time.Time // from the one on, before the other
	Before   string    // the Place of a deed; "": from the last one on
	Limit    int       // at most MaxPage
}

// Place is where the deed stands among all, to go on from.
func (d Deed) Place() string { return d.At.Format(time.RFC3339Nano) + "/" + d.ID }

func placeOf(text string) (at time.Time, id string, err error) {
	moment, id, _ := strings.Cut(text, "/")
	at, err = time.Parse(time.RFC3339Nano, moment)
	if err != nil || !isID(id, deedID) || at.Year() < 1 || at.Year() > 9999 {
		var problems domain.Problems
		problems.Add("cursor", "bad-cursor", `take it from "next" of a page`)
		return at, id, problems.Err()
	}
	return at.UTC(), id, nil
}

// Deeds are what was done in the accounts, the last first; more tells whether there are
// others before them. Whose business that is the caller knows.
func (a *Accounts) Deeds(ctx context.Context, q DeedQuery) (deeds []Deed, more bool, err error) {
	text, args, err := q.statement()
	if err != nil {
		return nil, false, err
	}
	var rows []deedRow
	if err := a.db.Read.SelectContext(ctx, &rows, a.db.Read.Rebind(text), args...); err != nil {
		return nil, false, fmt.Errorf("list deeds: %w", err)
	}
	if more = len(rows) > q.limit(); more {
		rows = rows[:q.limit()]
	}
	deeds = make([]Deed, len(rows))
	for i, row := range rows {
		if deeds[i], err = row.deed(); err != nil {
			return nil, false, err
		}
	}
	return deeds, more, nil
}

func (q DeedQuery) limit() int { return min(max(q.Limit, 0), MaxPage) }

func (q DeedQuery) statement() (string, []any, error) {
	text, args := `SELECT id, at, kind, person, done_by, via, token, source, about, times FROM deeds WHERE id > ?`, []any{""}
	add := func(condition string, values ...any) {
		text += condition
		args = append(args, values...)
	}
	if q.Before != "" {
		at, id, err := placeOf(q.Before)
		if err != nil {
			return "", nil, err
		}
		add(` AND (at, id) < (?, ?)`, at, id)
	}
	if len(q.People) > 0 {
		add(` AND (person IN (?) OR done_by IN (?) OR via IN (?))`, q.People, q.People, q.People)
	}
	if len(q.Kinds) > 0 {
		add(` AND kind IN (?)`, q.Kinds)
	}
	if q.Source != "" {
		add(` AND source = ?`, q.Source)
	}
	if !q.From.IsZero() {
		add(` AND at >= ?`, q.From.UTC())
	}
	if !q.To.IsZero() {
		add(` AND at < ?`, q.To.UTC())
	}
	add(` ORDER BY at DESC, id DESC LIMIT ?`, q.limit()+1)
	text, args, err := sqlx.In(text, args...)
	if err != nil {
		return "", nil, fmt.Errorf("list deeds: %w", err)
	}
	return text, args, nil
}

type deedRow struct {
	ID     string        `db:"id"`
	At     time.Time     `db:"at"`
	Kind   DeedKind      `db:"kind"`
	Person domain.UserID `db:"person"`
	DoneBy domain.UserID `db:"done_by"`
	Via    domain.UserID `db:"via"`
	Token  string        `db:"token"`
	Source domain.Source `db:"source"`
	About  string        `db:"about"`
	Times  int64         `db:"times"`
}

func (r deedRow) deed() (Deed, error) {
	d := Deed{
		ID: r.ID, At: r.At.UTC(), Kind: r.Kind, Person: r.Person, Times: r.Times,
		By: domain.By{Person: r.DoneBy, Via: r.Via, Token: r.Token, Source: r.Source},
	}
	if err := json.Unmarshal([]byte(r.About), &d.About); err != nil {
		return d, fmt.Errorf("read the deed %s: %w", r.ID, err)
	}
	return d, nil
}

// recentSignIns is how many of their sign-ins a person is shown.
const recentSignIns = 20

// SignIns are a person's last sign-ins, and tries to: for themselves.
func (a *Accounts) SignIns(ctx context.Context, user domain.UserID) ([]Deed, error) {
	var rows []deedRow
	err := a.db.Read.SelectContext(ctx, &rows, `
		SELECT id, at, kind, person, done_by, via, token, source, about, times FROM deeds
		WHERE person = $1 AND kind IN ($2, $3, $4) ORDER BY at DESC, id DESC LIMIT $5`,
		user, SignedIn, SignInFailed, PasswordRefused, recentSignIns)
	if err != nil {
		return nil, fmt.Errorf("list sign-ins: %w", err)
	}
	deeds := make([]Deed, len(rows))
	for i, row := range rows {
		if deeds[i], err = row.deed(); err != nil {
			return nil, err
		}
	}
	return deeds, nil
}
