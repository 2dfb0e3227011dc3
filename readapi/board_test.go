package readapi_test

import (
	"net/url"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
	"suivi/readapi"
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
		for n, query := range []string{
			"q=Summary", "", "list=all", "list=resolved", "tracker=BUGS&list=all", "tracker=HELP&sort=rank", "state=working,validated", "scope=work", "assignee=none&list=all&sort=number",
			"list=all&field.product=a", "list=open&state=validated",
		} {
			s.api.SetMany(2_000_000 * n) // at first words are looked for in one ticket after the other
			for _, who := range []domain.Actor{actor(0), actor(1), actor(2), actor(4), actor(5)} {
				s.compareBoard(who, query)
			}
		}
		if _, _, err := s.api.Board(t.Context(), actor(1), url.Values{"colour": {"red"}}, tracker.States(), 5, 10); domain.CodeOf(err) != "unknown-parameter" {
			t.Errorf("got %v", err)
		}
	})
}

func (s *site) compareBoard(who domain.Actor, query string) {
	s.t.Helper()
	const cards = 3
	values, err := url.ParseQuery(query)
	s.must(err)
	lanes, tabs, err := s.api.Board(s.ctx, who, values, tracker.States(), cards, 7)
	if domain.KindOf(err) == domain.Forbidden && values.Get("sort") == "rank" {
		return
	}
	s.must(err)
	whole, err := s.api.Tickets(s.ctx, who, with(values, "limit", "200"))
	s.must(err)
	s.compareTabs(who, values, lanes, tabs)
	of := map[tracker.State][]domain.TicketID{}
	for _, t := range whole.Tickets {
		of[t.State] = append(of[t.State], t.ID)
	}
	for i, lane := range lanes {
		want := of[lane.State]
		count := readapi.Count{N: int64(len(want))}
		common, err := s.api.Common(s.ctx, values.Get("q"))
		s.must(err)
		if values.Has("field.product") || slices.Contains(common, true) { // they are read: the cards tell
			count = readapi.Count{N: int64(min(len(want), cards)), More: len(want) > cards}
		}
		if lane.State != tracker.States()[i] || lane.Count != count || !lane.Asked && len(want) > 0 {
			s.t.Errorf("%s as %s, %s: got %v, want %d", query, who.ID, lane.State, lane.Count, len(want))
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

// compareTabs compares what a board says of the lists with what the list says, or with the cards where these alone tell.
func (s *site) compareTabs(who domain.Actor, query url.Values, lanes []readapi.Lane, tabs map[tracker.List]readapi.Count) {
	s.t.Helper()
	_, want, err := s.api.TicketsAndTabs(s.ctx, who, query, 7)
	s.must(err)
	common, err := s.api.Common(s.ctx, query.Get("q"))
	s.must(err)
	if slices.Contains(common, true) {
		clear(want)
		for _, lane := range lanes {
			if lane.Asked {
				of := want[lane.State.List()]
				want[lane.State.List()] = readapi.Count{N: of.N + lane.Count.N, More: of.More || lane.Count.More}
			}
		}
	}
	if diff := gocmp.Diff(want, tabs); diff != "" {
		s.t.Errorf("tabs of the board of %v as %s: %s", query, who.ID, diff)
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
