package readapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// seldom is something that only few changes have ever led to. Who asks for tickets that had it at a moment
// looks at those alone to which it happened until then, rather than at one after the other.
type seldom struct {
	changes string   // the table, and what it says they led to
	to      []string // any of them
	few     bool     // tickets had it: they are named. Of more, each that is looked at is asked, as an index has what that needs.
}

// seldomTimes is how many times as many changes as few tickets are still few: finding one is an index's work.
const seldomTimes = 10

// seldom is what the filter asks for of the past that is so.
func (a *API) seldom(ctx context.Context, actor domain.Actor, f filter, at time.Time) ([]seldom, error) {
	var all []seldom
	for _, one := range []seldom{
		{changes: "ownership_changes h WHERE h.to_user", to: f.hadBy(actor)},
		{changes: "state_changes h WHERE h.to_state", to: f.wereIn()},
	} {
		if len(one.to) == 0 {
			continue
		}
		s := &statement{}
		s.add("SELECT COUNT(*) FROM (SELECT 1 AS one")
		one.from(s, at)
		s.add("LIMIT $n) c", seldomTimes*a.few+1)
		var n int
		if err := a.db.Read.GetContext(ctx, &n, s.text.String(), s.args...); err != nil {
			return nil, fmt.Errorf("count the changes that a list as it was asks for: %w", err)
		}
		if n <= seldomTimes*a.few {
			one.few = n <= a.few
			all = append(all, one)
		}
	}
	return all, nil
}

// where adds the condition that the ticket t is one of those.
func (r seldom) where(s *statement, at time.Time) {
	id := "t.id"
	if !r.few {
		id += " || ''" // so that no database goes by it
	}
	s.add("AND " + id + " IN (SELECT h.ticket")
	r.from(s, at)
	s.add(")")
}

// from adds the changes h until the moment.
func (r seldom) from(s *statement, at time.Time) {
	within(s, "FROM "+r.changes, r.to)
	s.add("AND h.occurred_at <= $n", at)
}

// hadBy are the people one of whom had the tickets; none: anybody, or nobody.
func (f filter) hadBy(actor domain.Actor) []string {
	people := f.Assignee
	if f.Scope == "work" {
		people = []domain.UserID{actor.ID}
	}
	if slices.Contains(people, "") {
		return nil
	}
	return plain(people)
}

// wereIn are the states that the tickets were in, if something has to happen for that.
func (f filter) wereIn() []string {
	if slices.Contains(f.State, tracker.Posted) {
		return nil
	}
	return plain(f.State)
}

func plain[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = string(value)
	}
	return all
}
