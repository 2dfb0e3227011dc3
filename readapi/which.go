package readapi

import (
	"context"
	"fmt"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi/lives"
)

// sees is what the actor sees, for lives: visible.go says the same to the databases.
func (a *API) sees(ctx context.Context, actor domain.Actor) (lives.Sees, error) {
	s := lives.Sees{All: actor.Admin, Person: actor.ID}
	if actor.Admin {
		return s, nil
	}
	var rows []struct {
		Tracker domain.TrackerKey `db:"tracker"`
		SeesAll bool              `db:"sees_all"`
	}
	if err := a.db.Read.SelectContext(ctx, &rows, `SELECT m.tracker, m.sees_all FROM members m WHERE m.person = $1 LIMIT $2`, actor.ID, mostFolded); err != nil {
		return s, fmt.Errorf("list the trackers of %s: %w", actor.ID, err)
	}
	for _, in := range rows {
		if in.SeesAll {
			s.Whole = append(s.Whole, in.Tracker)
		} else {
			s.In = append(s.In, in.Tracker)
		}
	}
	if len(s.In) == 0 {
		return s, nil
	}
	var err error
	s.Watches, err = a.watchedBy(ctx, actor)
	return s, err
}

// watchedBy are the tickets that the actor watches, whether or not they see them.
func (a *API) watchedBy(ctx context.Context, actor domain.Actor) ([]domain.TicketID, error) {
	ids := []domain.TicketID{}
	if err := a.db.Read.SelectContext(ctx, &ids, `SELECT w.ticket FROM watchers w WHERE w.person = $1 LIMIT $2`, actor.ID, mostFolded); err != nil {
		return nil, fmt.Errorf("list what %s watches: %w", actor.ID, err)
	}
	return ids, nil
}

// which says to lives which tickets the filter asks for and the asker may see, but for what it asks of answers, of which
// lives know nothing, and of words that many tickets have, of which they know little: who asks for such reads the tickets.
func (a *API) which(ctx context.Context, by seeing, f filter) (w lives.Which, err error) {
	w = lives.Which{
		Trackers: f.Tracker, States: f.states(), Assignees: f.Assignee, Reporters: f.Reporter,
		From: f.From, To: f.To, ResolvedFrom: f.ResolvedFrom, ResolvedTo: f.ResolvedTo, Among: by.found,
	}
	for i, t := range f.Search {
		if by.common[i] {
			w.Words = append(w.Words, lives.Word{Words: t.Words, Beginning: t.Beginning, ID: t.ID, Number: t.Number})
		}
	}
	if w.Sees, err = a.sees(ctx, by.actor); err != nil {
		return w, err
	}
	switch me := []domain.UserID{by.actor.ID}; f.Scope {
	case "mine":
		if w.Reporters = me; len(f.Reporter) > 0 {
			w.Reporters = both(me, f.Reporter)
		}
	case "work":
		if w.Assignees = me; len(f.Assignee) > 0 {
			w.Assignees = both(me, f.Assignee)
		}
	case "watching":
		if w.Among, err = a.watchedBy(ctx, by.actor); by.found != nil {
			w.Among = both(w.Among, by.found)
		}
	}
	if w.Reporters != nil && len(w.Reporters) == 0 || w.Assignees != nil && len(w.Assignees) == 0 {
		w.Among = []domain.TicketID{} // nothing is both
	}
	return w, err
}

// both is what is in both.
func both[T comparable](first, second []T) []T {
	in := map[T]bool{}
	for _, one := range second {
		in[one] = true
	}
	all := []T{}
	for _, one := range first {
		if in[one] {
			all = append(all, one)
		}
	}
	return all
}

// states are those that the filter asks for, also by the list; nil: all.
func (f filter) states() []tracker.State {
	if f.List == allLists && len(f.State) == 0 {
		return nil
	}
	return slices.DeleteFunc(tracker.States(), func(state tracker.State) bool { return !f.asksFor(state) })
}

// asksFor tells whether a ticket in the state can be among those asked for.
func (f filter) asksFor(state tracker.State) bool {
	return slices.Contains(f.lists(), state.List()) && (len(f.State) == 0 || slices.Contains(f.State, state))
}

// reads tells whether tickets must be read to know whether the filter asks for them, though their lives are known.
func (by seeing) reads(f filter) bool {
	return len(f.Answers) > 0 || by.looksFor(f, true)
}

// looksFor tells whether the filter looks for words that are common, or for such as are not.
func (by seeing) looksFor(f filter, common bool) bool {
	for i := range f.Search {
		if by.common[i] == common {
			return true
		}
	}
	return false
}

// countAll counts the tickets that the filter asks for by state, but for what it asks of answers and common words.
func (a *API) countAll(ctx context.Context, by seeing, f filter) (counts lives.Counts, err error) {
	w, err := a.which(ctx, by, f)
	if err != nil {
		return counts, err
	}
	err = a.lives.Use(ctx, func(v lives.View) { counts = v.Count(w) })
	return counts, err
}

// whichExactly is which with all that the filter asks for: where tickets must be read for that, all of them are.
func (a *API) whichExactly(ctx context.Context, by seeing, f filter) (lives.Which, error) {
	if by.reads(f) {
		s := by.statement()
		s.add("SELECT t.id")
		f.visible(s, by.actor, by.few)
		s.add("LIMIT $n", mostFolded)
		by.found = []domain.TicketID{}
		if err := a.db.Read.SelectContext(ctx, &by.found, s.text.String(), s.args...); err != nil {
			return lives.Which{}, fmt.Errorf("find tickets: %w", err)
		}
	}
	return a.which(ctx, by, f)
}

// fromLives has lives looked at for the tickets that the filter asks for and the actor may see.
func (a *API) fromLives(ctx context.Context, actor domain.Actor, f filter, look func(lives.View, lives.Which)) error {
	by, err := a.seeing(ctx, actor, f)
	if err != nil {
		return err
	}
	which, err := a.whichExactly(ctx, by, f)
	if err != nil {
		return err
	}
	return a.lives.Use(ctx, func(v lives.View) { look(v, which) })
}
