package readapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// filterParams are the parameters that filters reads.
func filterParams(more ...string) []string {
	return append([]string{"list", "scope", "tracker", "state", "assignee", "reporter", "from", "to", "resolvedFrom", "resolvedTo", "q", fieldPrefix}, more...)
}

// allLists is in place of a list where both are asked for.
const allLists tracker.List = "all"

// filter is which tickets are asked for; a zero part asks for all.
type filter struct {
	List     tracker.List        `json:"list"`    // allLists for both
	Scope    string              `json:"scope"`   // mine: reported by the asker; work: assigned to them; watching: watched by them
	Tracker  []domain.TrackerKey `json:"tracker"` // any of them, as with the next three
	State    []tracker.State     `json:"state"`
	Assignee []domain.UserID     `json:"assignee"` // "" for tickets that nobody has
	Reporter []domain.UserID     `json:"reporter"`
	From     *time.Time          `json:"from"` // reported at From or later, and before To
	To       *time.Time          `json:"to"`
	// that became resolved at ResolvedFrom or later, and before ResolvedTo, whatever they are now
	ResolvedFrom *time.Time      `json:"resolvedFrom,omitempty"`
	ResolvedTo   *time.Time      `json:"resolvedTo,omitempty"`
	Answers      []answer        `json:"answers"`
	ID           domain.TicketID `json:"id"`
	Number       int64           `json:"number"`
	Search       search          `json:"q"`
}

// filter reads the filters. Without "list", states ask for their own list, a search
// for all, and nothing else for the one that lists begin with.
func (p *params) filter(list tracker.List) filter {
	f := filter{
		Scope:        p.oneOf("scope", "all", "mine", "work", "watching"),
		Tracker:      p.trackers(),
		State:        p.states(),
		Assignee:     p.people("assignee", "none"),
		Reporter:     p.people("reporter"),
		From:         p.time("from"),
		To:           p.time("to"),
		ResolvedFrom: p.time("resolvedFrom"),
		ResolvedTo:   p.time("resolvedTo"),
		Answers:      p.answers(),
		Search:       p.search(),
	}
	switch _, given := p.take("list"); {
	case given:
		f.List = tracker.List(p.oneOf("list", "all", "open", "resolved"))
	case len(f.State) > 0:
		f.List = listOf(f.State)
	case len(f.Search) > 0:
		f.List = allLists
	default:
		f.List = list
	}
	return f
}

// listOf is the list that all of the states are in, if there is one.
func listOf(states []tracker.State) tracker.List {
	for _, state := range states {
		if state.List() != states[0].List() {
			return allLists
		}
	}
	return states[0].List()
}

// lists are the lists asked for.
func (f filter) lists() []tracker.List {
	if f.List == allLists {
		return []tracker.List{tracker.OpenList, tracker.ResolvedList}
	}
	return []tracker.List{f.List}
}

// where adds the filter's conditions, but for the list.
func (f filter) where(s *statement, actor domain.Actor) {
	switch f.Scope {
	case "mine":
		s.add("AND t.reporter = $n", actor.ID)
	case "work":
		s.add("AND t.assignee = $n", actor.ID)
	case "watching":
		s.add("AND t.id IN (SELECT w.ticket FROM watchers w WHERE w.person = $n)", actor.ID)
	}
	within(s, "AND t.tracker", f.Tracker)
	within(s, "AND t.state", f.State)
	within(s, "AND t.assignee", f.Assignee)
	within(s, "AND t.reporter", f.Reporter)
	if f.From != nil {
		s.add("AND t.reported_at >= $n", *f.From)
	}
	if f.To != nil {
		s.add("AND t.reported_at < $n", *f.To)
	}
	f.whereResolved(s)
	if f.ID != "" {
		s.add("AND t.id = $n", f.ID)
	}
	if f.Number != 0 {
		s.add("AND t.number = $n", f.Number)
	}
	for _, a := range f.Answers {
		a.where(s)
	}
	f.Search.where(s)
}

// whereResolved adds the condition that the ticket became resolved in a time.
func (f filter) whereResolved(s *statement) {
	if f.ResolvedFrom == nil && f.ResolvedTo == nil {
		return
	}
	s.add("AND EXISTS (SELECT 1 FROM state_changes h WHERE h.ticket = t.id")
	becameResolved(s)
	if f.ResolvedFrom != nil {
		s.add("AND h.occurred_at >= $n", *f.ResolvedFrom)
	}
	if f.ResolvedTo != nil {
		s.add("AND h.occurred_at < $n", *f.ResolvedTo)
	}
	s.add(")")
}

// becameResolved adds the condition that the change h led from the open list to the resolved one.
func becameResolved(s *statement) {
	var open, resolved []tracker.State
	for _, state := range tracker.States() {
		if state.List() == tracker.OpenList {
			open = append(open, state)
		} else {
			resolved = append(resolved, state)
		}
	}
	within(s, "AND h.from_state", open)
	within(s, "AND h.to_state", resolved)
}

// within adds the condition that the column has one of the values; none: any.
func within[T ~string](s *statement, column string, values []T) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = value
	}
	s.add(column+" IN ($n"+strings.Repeat(", $n", len(args)-1)+")", args...)
}

// fingerprint tells one filter from another, in cursors.
func (f filter) fingerprint() (string, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("write a filter: %w", err)
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:9]), nil
}
