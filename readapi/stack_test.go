package readapi_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

// stack is the open tickets of the tracker in the order of their keys' bytes.
func (s *site) stack(key domain.TrackerKey) []ticket.Ticket {
	var open []ticket.Ticket
	for _, t := range s.tickets {
		if t.Tracker == key && t.List == tracker.OpenList {
			open = append(open, t)
		}
	}
	slices.SortFunc(open, func(a, b ticket.Ticket) int {
		return strings.Compare(string(a.Rank)+"\x00"+string(a.ID), string(b.Rank)+"\x00"+string(b.ID))
	})
	return open
}

// heap is a desk of tickets whose keys use every digit, some of them closed,
// some of the same rank.
func (s *site) heap() {
	s.t.Helper()
	s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}})
	s.desk("DESK", domain.Ticketing, nil)
	random := rand.New(rand.NewPCG(5, 5))
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for n := range 130 {
		id := s.post("HELP", person(1), nil)
		s.post("DESK", person(1), nil)
		key := []byte{digits[n%62]}
		for range random.IntN(3) {
			key = append(key, digits[random.IntN(62)])
		}
		s.do(id, person(0), ticket.Ranked{Rank: rank.Key(key) + "V"})
		if n%9 == 0 {
			s.move(id, tracker.Resolved)
		}
	}
	s.do("HELP-5", person(0), ticket.Ranked{Rank: "VV"})
	s.do("HELP-7", person(0), ticket.Ranked{Rank: "VV"})
	s.settle()
}

func TestPlacesAreThoseOfTheKeysBytesOnBothDatabases(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.heap()
		for reader, wanted := range map[byte]bool{0: true, 1: false, 2: true} {
			type shown struct {
				ID   domain.TicketID
				Rank int
			}
			var all struct{ Tickets []shown }
			places := map[domain.TicketID]int{}
			for i, ranked := range s.stack("HELP") {
				places[ranked.ID] = i + 1
			}
			if wanted {
				s.get(actor(reader), "/tickets", "tracker", "HELP", "sort", "rank", "limit", "200").into(t, &all)
				if len(all.Tickets) != len(places) {
					t.Errorf("person %d sees %d ranked tickets, want %d", reader, len(all.Tickets), len(places))
				}
			} else {
				clear(places)
			}
			for id, of := range s.tickets {
				if of.Tracker != "HELP" {
					continue
				}
				var one shown
				s.get(actor(reader), "/tickets/"+string(id)).into(t, &one)
				all.Tickets = append(all.Tickets, one)
			}
			for _, shown := range all.Tickets {
				if want := places[shown.ID]; shown.Rank != want {
					t.Errorf("person %d sees the rank %d of %s, want %d", reader, shown.Rank, shown.ID, want)
				}
			}
		}
		var want []domain.TicketID
		for _, ranked := range s.stack("HELP") {
			want = append(want, ranked.ID)
		}
		if diff := gocmp.Diff(want, s.walk(actor(2), 7, nothing, "tracker", "HELP", "sort", "rank")); diff != "" {
			t.Error(diff)
		}
		slices.Reverse(want)
		if diff := gocmp.Diff(want, s.walk(actor(0), 50, nothing, "tracker", "HELP", "sort", "-rank")); diff != "" {
			t.Error(diff)
		}
	})
}

// The gap of every move of every ticket, against the sorted list.
func TestAMoveGoesBetweenItsNeighboursAndPastThoseOfOneRank(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.heap()
		stack := s.stack("HELP")
		for i, own := range stack {
			others := slices.Delete(slices.Clone(stack), i, i+1)
			for step, place := range map[rank.Step]int{rank.Raise: i - 1, rank.Lower: i + 1, rank.ToTop: 0, rank.ToBottom: len(others)} {
				s.checkGap(own, rank.Move{Step: step}, others, min(max(place, 0), len(others)), step == rank.Raise)
			}
			n := (i * 7) % len(others)
			s.checkGap(own, rank.Move{Before: string(others[n].ID)}, others, n, true)
			s.checkGap(own, rank.Move{After: string(others[n].ID)}, others, n+1, false)
		}
		for _, beside := range []string{"HELP-1", "DESK-1", "HELP-999", "x"} { // closed, elsewhere, none
			if gap, err := s.api.Gap(s.ctx, actor(0), stack[0].ID, rank.Move{Before: beside}); gap != nil || err != nil {
				t.Errorf("before %s: got %v, %v", beside, gap, err)
			}
		}
		if gap, err := s.api.Gap(s.ctx, actor(3), stack[0].ID, rank.Move{After: string(stack[1].ID)}); gap != nil || err != nil {
			t.Errorf("next to what one does not see: got %v, %v", gap, err)
		}
	})
}

// checkGap wants a gap at the place among the others, or, where those have one
// rank, at the nearest place above or below them.
func (s *site) checkGap(own ticket.Ticket, move rank.Move, others []ticket.Ticket, place int, upwards bool) {
	s.t.Helper()
	gap, err := s.api.Gap(s.ctx, actor(0), own.ID, move)
	s.must(err)
	if gap == nil || !gap.Valid() {
		s.t.Fatalf("%s, %+v: the gap %v", own.ID, move, gap)
	}
	key := own.Rank
	if !gap.Holds(own.Rank) {
		key = gap.Key(own.Number)
	}
	got := 0
	for _, other := range others {
		if other.Rank < key || other.Rank == key && other.ID < own.ID {
			got++
		}
	}
	for place > 0 && place < len(others) && others[place-1].Rank == others[place].Rank && got != place {
		if upwards {
			place--
		} else {
			place++
		}
	}
	if got != place {
		s.t.Errorf("%s with the rank %q, %+v: goes to the place %d in %v, want %d", own.ID, own.Rank, move, got, gap, place)
	}
}
