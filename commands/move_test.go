package commands_test

import (
	"slices"
	"sync"
	"testing"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// below makes NET, a tracker right below HELP.
func (f *fixture) below(t *testing.T) {
	t.Helper()
	f.create(t, "NET")
	if _, err := f.nodes[0].SetParent(t.Context(), admin, fresh(""), "NET", "HELP"); err != nil {
		t.Fatal(err)
	}
}

// Of many who move a ticket at the same time, on two nodes, one does.
func TestATicketThatManyMoveAtOnceMovesOnce(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	f.below(t)
	id := f.post(t).State.ID
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			out, err := f.nodes[i%2].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.Move{To: "NET"})
			if err != nil && domain.CodeOf(err) != "too-busy" || err == nil && out.State.Tracker != "NET" {
				t.Errorf("got %s in %s, %v", out.State.ID, out.State.Tracker, err)
			}
		})
	}
	all.Wait()
	moves := slices.DeleteFunc(f.events(t, id), func(e ticket.Event) bool {
		_, moved := e.(ticket.Moved)
		return !moved
	})
	if len(moves) != 1 {
		t.Errorf("got the moves %v, want one", moves)
	}
}

// A tracker disables a state while tickets come to it in that state: they go where the others go.
func TestAMoveStrandsNoTicketInADisabledState(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	f.below(t)
	var ids []domain.TicketID
	for range 8 {
		ids = append(ids, f.postIn(t, tracker.Testing))
	}
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			if _, err := f.nodes[i%2].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.Move{To: "NET"}); err != nil {
				t.Errorf("move %s: %v", id, err)
			}
		})
	}
	for {
		_, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "NET", disableTesting())
		if domain.KindOf(err) == domain.Unavailable {
			continue
		}
		if err != nil {
			t.Error(err)
		}
		break
	}
	all.Wait()
	tickets, err := f.tickets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for stream, moved := range tickets {
		if moved.Tracker != "NET" || moved.State == tracker.Testing {
			t.Errorf("%s is in %s, %s", stream, moved.Tracker, moved.State)
		}
	}
}
