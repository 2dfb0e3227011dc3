package readapi_test

import (
	"net/url"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

// Whatever is asked for, and by whom: a lane is the list of its state, a card says what the ticket's own page says.
func TestABoardIsItsListPartedByState(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 90)
		strict := tracker.Strict
		s.track("BUGS", tracker.Configured{Workflow: &strict})
		s.depend(dependency.Added{Ticket: "BUGS-1", Prerequisite: "BUGS-2"})
		s.settle()
		for _, query := range []string{
			"", "list=all", "list=resolved", "tracker=BUGS&list=all", "tracker=HELP&sort=rank", "state=working,validated", "scope=work", "assignee=none&list=all&sort=number",
			"list=all&field.product=a", "q=Summary",
		} {
			for _, who := range []domain.Actor{actor(0), actor(1), actor(2), actor(4), actor(5)} {
				s.compareBoard(who, query)
			}
		}
		if _, err := s.api.Board(t.Context(), actor(1), url.Values{"colour": {"red"}}, tracker.States(), 5, 10); domain.CodeOf(err) != "unknown-parameter" {
			t.Errorf("got %v", err)
		}
	})
}

func (s *site) compareBoard(who domain.Actor, query string) {
	s.t.Helper()
	const cards, most = 3, 7
	values, err := url.ParseQuery(query)
	s.must(err)
	lanes, err := s.api.Board(s.ctx, who, values, tracker.States(), cards, most)
	if domain.KindOf(err) == domain.Forbidden && values.Get("sort") == "rank" {
		return
	}
	s.must(err)
	whole, err := s.api.Tickets(s.ctx, who, with(values, "limit", "200"))
	s.must(err)
	of := map[tracker.State][]domain.TicketID{}
	for _, t := range whole.Tickets {
		of[t.State] = append(of[t.State], t.ID)
	}
	for i, lane := range lanes {
		want := of[lane.State]
		if lane.State != tracker.States()[i] || lane.Count != int64(min(len(want), most)) || !lane.Asked && len(want) > 0 {
			s.t.Errorf("%s as %s, %s: got %d, want %d", query, who.ID, lane.State, lane.Count, len(want))
		}
		var got []domain.TicketID
		for _, card := range lane.Cards {
			got = append(got, card.ID)
			s.compareCard(who, card.ID, values.Get("sort") == "rank", card.Rank, card.Transitions)
		}
		if diff := gocmp.Diff(want[:min(len(want), cards)], got); diff != "" && len(want)+len(got) > 0 {
			s.t.Errorf("%s as %s, %s: %s", query, who.ID, lane.State, diff)
		}
	}
}

func (s *site) compareCard(who domain.Actor, id domain.TicketID, ranked bool, rank int64, transitions []ticket.Transition) {
	s.t.Helper()
	seen, err := s.api.Look(s.ctx, who, string(id))
	s.must(err)
	want, err := s.api.Transitions(s.ctx, seen)
	s.must(err)
	if diff := gocmp.Diff(want, transitions); diff != "" {
		s.t.Errorf("%s as %s: %s", id, who.ID, diff)
	}
	read, err := s.api.Read(s.ctx, seen)
	s.must(err)
	if ranked && read.Rank != rank || !ranked && rank != 0 {
		s.t.Errorf("%s as %s: got the rank %d, want %d", id, who.ID, rank, read.Rank)
	}
}

// with is the query with one parameter more.
func with(values url.Values, name, value string) url.Values {
	all := url.Values{name: {value}}
	for name := range values {
		all.Set(name, values.Get(name))
	}
	return all
}
