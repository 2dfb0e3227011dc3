package readapi_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
	"suivi/internal/testdb"
)

// heard is what the feed and a history both tell of an event.
type heard struct {
	Subject  domain.TicketID
	Type     string
	Version  int64
	Internal bool
	Position string
	Data     json.RawMessage
}

// feed is all that the actor hears of after the position.
func (s *site) feed(a domain.Actor, after eventstore.Position, query ...string) []heard {
	s.t.Helper()
	place, all := after.String(), []heard{}
	for {
		var page struct {
			Events []heard
			After  string
			More   bool
		}
		s.get(a, "/events", append([]string{"after", place}, query...)...).into(s.t, &page)
		all, place = append(all, page.Events...), page.After
		if !page.More {
			return all
		}
	}
}

// histories are those of the tickets that the actor sees, as one; of what is deleted, the deletion.
func (s *site) histories(a domain.Actor, ids []domain.TicketID) []heard {
	s.t.Helper()
	all := []heard{}
	for _, id := range ids {
		path := "/tickets/" + string(id) + "/history"
		asker, deleted := a, s.tickets[id].Inner.Deleted
		if deleted {
			path, asker = "/admin/deleted-tickets/"+string(id)+"/history", actor(0)
		}
		if !s.tickets[id].Exists() || !deleted && !s.sees(a, s.tickets[id]) || deleted && !s.wouldSee(a, s.tickets[id]) {
			continue
		}
		var page struct{ History []heard }
		s.get(asker, path, "limit", "200").into(s.t, &page)
		for _, h := range page.History {
			h.Subject = id
			if !deleted || h.Type == ticket.TypeOf(ticket.Deleted{}) {
				all = append(all, h)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b heard) int {
		x, _ := eventstore.ParsePosition(a.Position)
		y, _ := eventstore.ParsePosition(b.Position)
		return cmp.Or(x.Compare(y), cmp.Compare(a.Subject, b.Subject))
	})
	return all
}

func (s *site) wouldSee(a domain.Actor, t ticket.Ticket) bool {
	t.Inner.Deleted = false
	return s.sees(a, t)
}

// The feed is the histories, so that nobody hears what no history tells them, and nothing is left out.
func (s *site) compareFeed(r *rapid.T, a domain.Actor, after eventstore.Position, ids []domain.TicketID) {
	if diff := gocmp.Diff(s.histories(a, ids), s.feed(a, after)); diff != "" {
		r.Errorf("%v: %s", a, diff)
	}
}

func TestAFeedGoesOnWhereItWasHoweverManyEventsThereAre(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Manager}})
		s.desk("OTHER", domain.Ticketing, nil)
		var ids []domain.TicketID
		for i := range 400 {
			key := []domain.TrackerKey{"HELP", "OTHER"}[i%2]
			id := s.post(key, person(byte(1+i%2)), nil)
			s.do(id, person(2), ticket.NoteAdded{Note: 1, Body: "Hm"})
			s.move(id, "working")
			ids = append(ids, id)
		}
		s.settle()
		none := eventstore.Position{}
		for n := range byte(4) {
			all := s.feed(actor(n), none)
			if diff := gocmp.Diff(s.histories(actor(n), ids), all); diff != "" {
				t.Errorf("person %d: %s", n, diff)
			}
			if n == 3 && len(all) != 0 {
				t.Errorf("who is no member hears %d events", len(all))
			}
			if len(all) == 0 {
				continue
			}
			after, err := eventstore.ParsePosition(all[len(all)/2].Position)
			s.must(err)
			if diff := gocmp.Diff(all[len(all)/2+1:], s.feed(actor(n), after)); diff != "" {
				t.Errorf("person %d, from the middle: %s", n, diff)
			}
		}
		if got := s.feed(actor(0), none, "tracker", "HELP", "type", "ticket.posted,ticket.state_changed.v1"); len(got) != 400 {
			t.Errorf("got %d posts and changes of state in HELP, want 400", len(got))
		}
		if got := s.feed(actor(0), s.last); len(got) != 0 {
			t.Errorf("after the end there are %d events", len(got))
		}
		for _, wrong := range [][2]string{{"after", "12"}, {"after", "9223372036854775808/0"}, {"type", "ticket.post"}, {"type", ""}, {"tracker", "help"}, {"colour", "red"}} {
			if got := s.get(actor(1), "/events", wrong[0], wrong[1]); got.Status != 422 || got.problem(t).Errors[0].Field != wrong[0] {
				t.Errorf("%v: got %d %s", wrong, got.Status, got.Body)
			}
		}
	})
}
