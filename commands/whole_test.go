package commands_test

import (
	"testing"

	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// What this node knows is enough as long as it goes as far as what is asked for.
func TestATicketSinceAnEventHasThatEventWhereverItWasWritten(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	id := f.postIn(t, tracker.Open) // two events: posted, and the watch of who posted
	known, err := f.nodes[0].TicketSince(t.Context(), id, 0)
	if err != nil || !known.Exists() {
		t.Fatalf("got %+v, %v", known, err)
	}
	events := known.Inner.Events
	if _, err := f.nodes[1].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.ChangeState{To: tracker.Working}); err != nil {
		t.Fatal(err)
	}
	if got, err := f.nodes[0].TicketSince(t.Context(), id, events-1); err != nil || got.Inner.Events != events {
		t.Errorf("got %d events, %v; want the %d that the node knows, without a read", got.Inner.Events, err, events)
	}
	if got, err := f.nodes[0].TicketSince(t.Context(), id, events); err != nil || got.State != tracker.Working {
		t.Errorf("got %s, %v; want the change of the other node", got.State, err)
	}
	if got, err := f.nodes[0].TicketSince(t.Context(), "HELP-999", 0); err != nil || got.Exists() {
		t.Errorf("got %+v, %v; want no ticket", got, err)
	}
}
