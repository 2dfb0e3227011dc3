package readapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// filterParams are the parameters that filters reads.
func filterParams(more ...string) []string {
	return append([]string{"list", "scope", "tracker", "state", "assignee", "reporter", "from", "to", fieldPrefix}, more...)
}

// allLists is in place of a list where both are asked for.
const allLists tracker.List = "all"

// filter is which tickets are asked for; a zero part asks for all.
type filter struct {
	List     tracker.List      `json:"list"`  // allLists for both
	Scope    string            `json:"scope"` // mine: reported by the asker; work: assigned to them; watching: watched by them
	Tracker  domain.TrackerKey `json:"tracker"`
	State    tracker.State     `json:"state"`
	Assignee *domain.UserID    `json:"assignee"` // "" for tickets that nobody has
	Reporter domain.UserID     `json:"reporter"`
	From     *time.Time        `json:"from"` // reported at From or later, and before To
	To       *time.Time        `json:"to"`
	Answers  []answer          `json:"answers"`
	ID       domain.TicketID   `json:"id"`
	Number   int64             `json:"number"`
}

// filter reads the filters. Without "list", a state asks for its own list and
// nothing else for the one that lists begin with.
func (p *params) filter(list tracker.List) filter {
	f := filter{
		Scope:    p.oneOf("scope", "all", "mine", "work", "watching"),
		Tracker:  p.trackerKey(),
		State:    p.state(),
		Assignee: p.assignee(),
		From:     p.time("from"),
		To:       p.time("to"),
		Answers:  p.answers(),
	}
	if reporter := p.user("reporter"); reporter != nil {
		f.Reporter = *reporter
	}
	switch _, given := p.take("list"); {
	case given:
		f.List = tracker.List(p.oneOf("list", "all", "open", "resolved"))
	case f.State != "":
		f.List = f.State.List()
	default:
		f.List = list
	}
	return f
}

func (p *params) trackerKey() domain.TrackerKey {
	text, given := p.take("tracker")
	key := domain.TrackerKey(text)
	if given && !key.Valid() {
		p.add("tracker", "bad-key", "a capital, then 1 to 9 capitals or digits")
	}
	return key
}

func (p *params) state() tracker.State {
	text, given := p.take("state")
	state := tracker.State(text)
	if given && !state.Valid() {
		p.add("state", "unknown-state", "one of the eleven states")
	}
	return state
}

func (p *params) assignee() *domain.UserID {
	if text, _ := p.take("assignee"); text == "none" {
		return new(domain.UserID)
	}
	return p.user("assignee")
}

func (p *params) user(name string) *domain.UserID {
	text, given := p.take(name)
	if !given {
		return nil
	}
	user := domain.UserID(text)
	if !user.Valid() {
		p.add(name, "bad-user", "a person's id, usr_…")
	}
	return &user
}

var fieldCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

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
	if f.Tracker != "" {
		s.add("AND t.tracker = $n", f.Tracker)
	}
	if f.State != "" {
		s.add("AND t.state = $n", f.State)
	}
	if f.Assignee != nil {
		s.add("AND t.assignee = $n", *f.Assignee)
	}
	if f.Reporter != "" {
		s.add("AND t.reporter = $n", f.Reporter)
	}
	if f.From != nil {
		s.add("AND t.reported_at >= $n", *f.From)
	}
	if f.To != nil {
		s.add("AND t.reported_at < $n", *f.To)
	}
	if f.ID != "" {
		s.add("AND t.id = $n", f.ID)
	}
	if f.Number != 0 {
		s.add("AND t.number = $n", f.Number)
	}
	for _, a := range f.Answers {
		a.where(s)
	}
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
