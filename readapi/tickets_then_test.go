package readapi_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

// chronicle is a site that remembers each of its tickets as it was after each event.
type chronicle struct {
	*site
	lives map[domain.TicketID][]ticket.Ticket
	from  time.Time // when the first ticket was posted
}

// happen appends an event, and remembers.
func (c *chronicle) happen(id domain.TicketID, event ticket.Event) {
	c.t.Helper()
	c.do(id, person(0), event)
	c.lives[id] = append(c.lives[id], c.tickets[id])
}

// newChronicle is a site of three desks whose tickets are moved about, edited, given, closed,
// opened, deleted and brought back.
func newChronicle(t testing.TB, address string, tickets, events int) *chronicle {
	t.Helper()
	c := &chronicle{site: newSite(t, address), lives: map[domain.TicketID][]ticket.Ticket{}}
	keys := []domain.TrackerKey{"OPEN", "LOCK", "TASKS"}
	for i, key := range keys {
		c.desk(key, []domain.Mode{domain.Bugtracker, domain.Ticketing, domain.Taskspread}[i],
			map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}, person(3): {domain.Resolver}})
		c.track(key, tracker.FieldSet{Field: tracker.Field{Code: "room", Type: tracker.Text, Listable: true}})
		c.track(key, tracker.FieldSet{Field: tracker.Field{Code: "cost", Type: tracker.Text, Listable: true, Hidden: key == "LOCK"}})
		c.track(key, tracker.FieldSet{Field: tracker.Field{Code: "plain", Type: tracker.Text}})
	}
	random := rand.New(rand.NewPCG(11, 11))
	c.from = c.now
	var ids []domain.TicketID
	for range tickets {
		id := c.post(keys[random.IntN(3)], person(byte(1+random.IntN(4))), map[string]string{"room": "B12", "cost": "40", "plain": "x"})
		c.lives[id] = append(c.lives[id], c.tickets[id])
		ids = append(ids, id)
	}
	for n := range events {
		id := ids[random.IntN(len(ids))]
		switch t := c.tickets[id]; random.IntN(8) {
		case 0, 1, 2:
			c.happen(id, ticket.StateChanged{From: t.State, To: tracker.States()[random.IntN(11)]})
		case 3:
			c.happen(id, ticket.Assigned{Assignee: person(byte(2 + random.IntN(3))), Previous: t.Assignee})
		case 4:
			summary := fmt.Sprintf("Summary %d", n)
			c.happen(id, ticket.Edited{Summary: &summary, Answers: map[string]string{"room": fmt.Sprint(n), "cost": fmt.Sprint(n)}})
		case 5:
			if to := keys[random.IntN(3)]; to != t.Tracker {
				c.happen(id, ticket.Moved{From: t.Tracker, To: to, Answers: t.Answers})
			}
		case 6:
			c.happen(id, ticket.Commented{Comment: t.Comments + 1, Body: "Well"})
		case 7:
			if t.Inner.Deleted {
				c.happen(id, ticket.Undeleted{})
			} else if n%3 == 0 {
				c.happen(id, ticket.Deleted{})
			}
		}
		c.do(id, person(0), ticket.NoteAdded{Note: len(c.tickets[id].Inner.Notes) + 1, Body: "Hm"})
	}
	c.settle()
	return c
}

// at is the ticket as it was.
func (c *chronicle) at(id domain.TicketID, moment time.Time) ticket.Ticket {
	then := ticket.Ticket{}
	for _, t := range c.lives[id] {
		if !t.UpdatedAt.After(moment) {
			then = t
		}
	}
	return then
}

// line is what a test compares of a ticket in a list.
type line struct {
	ID        domain.TicketID
	Tracker   domain.TrackerKey
	State     tracker.State
	Assignee  domain.UserID
	Summary   string
	Comments  int
	Version   uint64
	UpdatedAt time.Time
	Answers   map[string]string
}

func (c *chronicle) then(a domain.Actor, moment time.Time, limit int, query ...string) []line {
	c.t.Helper()
	lines := []line{}
	query = append(query, "at", moment.Format(time.RFC3339Nano), "limit", fmt.Sprint(limit))
	for next := []string(nil); ; {
		var page struct {
			Tickets []line
			Next    string
		}
		c.get(a, "/tickets", slices.Concat(query, next)...).into(c.t, &page)
		lines = append(lines, page.Tickets...)
		if page.Next == "" {
			return lines
		}
		next = []string{"cursor", page.Next}
	}
}

// wantThen is what the actor may know of the list as it was, by domain's word on today.
func (c *chronicle) wantThen(a domain.Actor, moment time.Time, keep func(ticket.Ticket) bool) []line {
	lines := []line{}
	for id, now := range c.tickets {
		t := c.at(id, moment)
		if !t.Exists() || t.Inner.Deleted || now.Inner.Deleted || !c.sees(a, now) || !keep(t) {
			continue
		}
		hidden := !c.trackers[now.Tracker].SeesHidden(a) && slices.ContainsFunc(append(slices.Clone(now.Before), now.Tracker), func(key domain.TrackerKey) bool {
			return key == "LOCK" && (slices.Contains(append([]domain.TrackerKey{t.Tracker, now.Tracker}, c.later(id, t)...), key))
		})
		answers := map[string]string{}
		for _, code := range []string{"room", "cost"} {
			if answer := t.Answers[code]; answer != "" && (code == "room" || !hidden) {
				answers[code] = answer
			}
		}
		lines = append(lines, line{id, t.Tracker, t.State, t.Assignee, t.Summary, t.Comments, t.Version, t.UpdatedAt, answers})
	}
	slices.SortFunc(lines, func(x, y line) int {
		return -cmp.Or(c.tickets[x.ID].ReportedAt.Compare(c.tickets[y.ID].ReportedAt), cmp.Compare(x.ID, y.ID))
	})
	return lines
}

// later are the trackers in which the ticket has been since it was as in t.
func (c *chronicle) later(id domain.TicketID, t ticket.Ticket) []domain.TrackerKey {
	var keys []domain.TrackerKey
	for _, life := range c.lives[id] {
		if life.Version >= t.Version {
			keys = append(keys, life.Tracker)
		}
	}
	return keys
}

func TestAListIsShownAsItWasAtAnyMoment(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		c := newChronicle(t, address, 30, 260)
		is := func(list tracker.List) func(ticket.Ticket) bool {
			return func(t ticket.Ticket) bool { return t.List == list }
		}
		ways := []int{0, 3, 500} // what is seldom is looked for in each ticket, asked of each, or named
		for moment := c.from.Add(-time.Second); moment.Before(c.now.Add(90 * time.Second)); moment = moment.Add(61500 * time.Millisecond) {
			c.api.SetFew(ways[0])
			ways = append(ways[1:], ways[0])
			for _, who := range []domain.Actor{actor(0), actor(1), actor(2), actor(3), actor(4), actor(9)} {
				for _, q := range []struct {
					query []string
					keep  func(ticket.Ticket) bool
				}{
					{[]string{"sort", "-reportedAt"}, is(tracker.OpenList)},
					{[]string{"list", "resolved"}, is(tracker.ResolvedList)},
					{[]string{"tracker", "LOCK", "list", "all", "sort", "-reportedAt"}, func(t ticket.Ticket) bool { return t.Tracker == "LOCK" }},
					{[]string{"tracker", "OPEN,TASKS", "list", "all"}, func(t ticket.Ticket) bool { return t.Tracker != "LOCK" }},
					{[]string{"state", "working,resolved"}, func(t ticket.Ticket) bool { return t.State == tracker.Working || t.State == tracker.Resolved }},
					{[]string{"state", "posted,waiting"}, func(t ticket.Ticket) bool { return t.State == tracker.Posted || t.State == tracker.Waiting }},
					{[]string{"assignee", "none," + string(person(2)), "list", "all"}, func(t ticket.Ticket) bool { return t.Assignee == "" || t.Assignee == person(2) }},
					{[]string{"assignee", string(person(2)), "list", "all"}, func(t ticket.Ticket) bool { return t.Assignee == person(2) }},
					{[]string{"assignee", string(person(3)), "state", "working,waiting"}, func(t ticket.Ticket) bool {
						return t.Assignee == person(3) && (t.State == tracker.Working || t.State == tracker.Waiting)
					}},
					{[]string{"scope", "work", "list", "all"}, func(t ticket.Ticket) bool { return t.Assignee == who.ID }},
					{[]string{"scope", "mine", "list", "all"}, func(t ticket.Ticket) bool { return t.Reporter == who.ID }},
				} {
					if diff := gocmp.Diff(c.wantThen(who, moment, q.keep), c.then(who, moment, 4, q.query...)); diff != "" {
						t.Fatalf("%v at %s as %s: %s", q.query, moment, who.ID, diff)
					}
				}
			}
		}
	})
}

func TestAListAsItWasSaysWhatATicketAsItWasSays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		c := newChronicle(t, address, 12, 120)
		moment := c.from.Add(100 * time.Second)
		for _, who := range []domain.Actor{actor(0), actor(1), actor(2)} {
			for _, l := range c.then(who, moment, 50, "list", "all") {
				var one line
				c.get(who, "/tickets/"+string(l.ID), "at", moment.Format(time.RFC3339)).into(t, &one)
				delete(one.Answers, "plain")
				if diff := gocmp.Diff(one, l); diff != "" {
					t.Errorf("%s as %s: %s", l.ID, who.ID, diff)
				}
			}
		}
	})
}

func TestWhatAHistoryDoesNotAnswerIsNotAskedOfThePast(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 3)
		for _, wrong := range []string{"q=x", "field.room=1", "scope=watching", "resolvedFrom=2026-01-01T00:00:00Z", "sort=rank&tracker=BUGS", "sort=-updatedAt"} {
			p := s.getRaw(actor(0), "/tickets?at=2026-11-02T00:00:00Z&"+wrong, "").problem(t)
			if p.Status != 422 || len(p.Errors) == 0 || p.Errors[0].Code != "not-of-the-past" {
				t.Errorf("%s: got %+v", wrong, p)
			}
		}
		for _, wrong := range []string{"at=soon", "at=3", "at=2026-11-02T00:00:00Z&cursor=x"} {
			if p := s.getRaw(actor(0), "/tickets?"+wrong, "").problem(t); p.Status != 422 {
				t.Errorf("%s: got %+v", wrong, p)
			}
		}
	})
}

// However few tickets were in a list, a page of it has them.
func TestAPageOfThePastIsFilled(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, nil)
		for n := range 230 {
			id := s.post("HELP", person(1), nil)
			if n%60 > 0 {
				s.move(id, tracker.Resolved)
			}
		}
		s.settle()
		at := s.now.Format(time.RFC3339)
		s.move("HELP-1", tracker.Resolved)
		s.settle()
		var first, second struct {
			Tickets []struct{ ID string }
			Next    string
		}
		query := []string{"at", at, "tracker", "HELP", "limit", "3"}
		s.get(actor(0), "/tickets", query...).into(t, &first)
		s.get(actor(0), "/tickets", append(query, "cursor", first.Next)...).into(t, &second)
		var got []string
		for _, ticket := range append(first.Tickets, second.Tickets...) {
			got = append(got, ticket.ID)
		}
		if diff := gocmp.Diff([]string{"HELP-181", "HELP-121", "HELP-61", "HELP-1"}, got); diff != "" || len(first.Tickets) != 3 || second.Next != "" {
			t.Errorf("pages of %d and %d, and next %q:\n%s", len(first.Tickets), len(second.Tickets), second.Next, diff)
		}
	})
}
