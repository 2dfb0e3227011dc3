package commands_test

import (
	"fmt"
	"strings"
	"testing"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// stateChanges counts them in the ticket's stream.
func (f *fixture) stateChanges(t *testing.T, id domain.TicketID) (n int) {
	t.Helper()
	for e, err := range f.store.Read(t.Context(), id.Stream(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(e.Type, "ticket.state_changed.") {
			n++
		}
	}
	return n
}

func TestACommandOnManyTicketsIsOneOnEach(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	var ids []domain.TicketID
	for range 20 {
		ids = append(ids, f.post(t).State.ID)
	}
	ids = append(ids, "HELP-99", "no ticket", "")
	working := ticket.ChangeState{To: tracker.Working}
	if _, err := f.nodes[0].ChangeTicket(t.Context(), admin, fresh(""), ids[3], working); err != nil {
		t.Fatal(err)
	}
	req := fresh("bulk")
	first := f.nodes[0].ChangeTickets(t.Context(), admin, req, ids, working)
	for i, r := range first {
		want := map[domain.TicketID]string{ids[3]: "no-change", "HELP-99": "ticket-not-found", "no ticket": "ticket-not-found", "": "ticket-not-found"}[r.Ticket]
		if r.Ticket != ids[i] || want == "" && (r.Err != nil || r.Outcome.Version != 2) || want != "" && domain.CodeOf(r.Err) != want {
			t.Errorf("%s: got %+v, want %q", ids[i], r, want)
		}
	}
	// Somebody moves one on; sent again on another node, the request changes nothing more.
	if _, err := f.nodes[1].ChangeTicket(t.Context(), admin, fresh(""), ids[0], ticket.ChangeState{To: tracker.Open}); err != nil {
		t.Fatal(err)
	}
	for i, r := range f.nodes[1].ChangeTickets(t.Context(), admin, req, ids, working) {
		if fmt.Sprint(r.Err) != fmt.Sprint(first[i].Err) || r.Outcome.Position != first[i].Outcome.Position || r.Outcome.Version != first[i].Outcome.Version ||
			r.Err == nil && !r.Outcome.Replayed {
			t.Errorf("%s: got %+v, first %+v", r.Ticket, r, first[i])
		}
	}
	for i, id := range ids[:20] {
		want := 1
		if i == 0 {
			want = 2
		}
		if got := f.stateChanges(t, id); got != want {
			t.Errorf("%s has %d changes of state, want %d", id, got, want)
		}
	}
}

// A node that dies in the middle has done some: the same request does the rest, and those once.
func TestARepeatDoesWhatWasLeftOfManyTickets(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	ids := []domain.TicketID{f.post(t).State.ID, f.post(t).State.ID, f.post(t).State.ID}
	req, hello := fresh("bulk"), ticket.Comment{Body: "Hello"}
	f.nodes[0].ChangeTickets(t.Context(), admin, req, ids[:2], hello)
	for _, r := range f.nodes[1].ChangeTickets(t.Context(), admin, req, ids, hello) {
		if r.Err != nil || r.Outcome.State.Comments != 1 || r.Outcome.Replayed != (r.Ticket != ids[2]) || r.Outcome.Position == (eventstore.Position{}) {
			t.Errorf("got %+v", r)
		}
	}
}
