package commands_test

import (
	"context"
	"testing"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
)

// events decodes what stands in the ticket's stream.
func (f *fixture) events(t *testing.T, id domain.TicketID) []ticket.Event {
	t.Helper()
	var all []ticket.Event
	for e, err := range f.store.Read(context.WithoutCancel(t.Context()), id.Stream(), 0) {
		if err == nil {
			var event ticket.Event
			event, err = ticket.Decode(e.Type, e.Data)
			all = append(all, event)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// commented is a ticket with a comment, edited since.
func (f *fixture) commented(t *testing.T) domain.TicketID {
	t.Helper()
	id := f.post(t).State.ID
	for _, command := range []ticket.Command{ticket.Comment{Body: "And the light"}, ticket.EditComment{Comment: 1, Body: "And the *light*"}} {
		if _, err := f.nodes[0].ChangeTicket(t.Context(), admin, fresh(""), id, command); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

func TestABranchStandsOnBothTickets(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	id := f.commented(t)
	req := fresh("branch")
	out, err := f.nodes[0].BranchTicket(t.Context(), admin, req, id, 1, commands.NewBranch{})
	if err != nil || out.State.ID != "HELP-2" || out.State.Summary != "S" || out.State.Description != "And the *light*" || out.State.Reporter != admin.Actor.ID {
		t.Fatalf("got %+v, %v", out.State, err)
	}
	posted, _ := f.events(t, "HELP-2")[0].(ticket.Posted)
	if posted.BranchedFrom == nil || *posted.BranchedFrom != (ticket.Origin{Ticket: id, Comment: 1}) {
		t.Errorf("the new ticket comes from %+v", posted.BranchedFrom)
	}
	old := f.events(t, id)
	if got := old[len(old)-1]; got != (ticket.Branched{Comment: 1, Ticket: "HELP-2"}) {
		t.Errorf("the old ticket says %+v", got)
	}
	again, err := f.nodes[1].BranchTicket(t.Context(), admin, req, id, 1, commands.NewBranch{})
	if err != nil || again.State.ID != "HELP-2" || !again.Replayed || again.Position != out.Position || len(f.events(t, id)) != len(old) {
		t.Errorf("sent again: %+v, %v", again, err)
	}
	for code, try := range map[string]func() error{
		"comment-not-found": func() error {
			return second(f.nodes[0].BranchTicket(t.Context(), admin, fresh(""), id, 2, commands.NewBranch{}))
		},
		"ticket-not-found": func() error {
			return second(f.nodes[0].BranchTicket(t.Context(), admin, fresh(""), "HELP-9", 1, commands.NewBranch{}))
		},
		"tracker-not-found": func() error {
			return second(f.nodes[0].BranchTicket(t.Context(), admin, fresh(""), id, 1, commands.NewBranch{Tracker: "NONE"}))
		},
	} {
		if err := try(); domain.CodeOf(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	if out := f.post(t); out.State.ID != "HELP-3" {
		t.Errorf("the refused ones took a number: the next is %s", out.State.ID)
	}
}

func second(_ commands.Outcome[ticket.Ticket], err error) error { return err }

// The node dies as soon as the new ticket is there; the old one does not know of it yet.
func TestABranchThatWasCutShortIsMadeUpFor(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	id := f.commented(t)
	before := len(f.events(t, id))
	ctx, die := context.WithCancel(t.Context())
	f.onNow = func() {
		if head, err := f.store.Head(t.Context(), eventstore.Filter{StreamPrefixes: []string{"ticket-HELP-2"}}); err == nil && head != (eventstore.Position{}) {
			die()
		}
	}
	req := fresh("branch")
	if out, err := f.nodes[0].BranchTicket(ctx, admin, req, id, 1, commands.NewBranch{}); err == nil {
		t.Fatalf("got %+v, want an error", out)
	}
	f.onNow = nil
	if len(f.events(t, "HELP-2")) == 0 || len(f.events(t, id)) != before {
		t.Fatal("this is not the moment between the two appends")
	}
	out, err := f.nodes[1].BranchTicket(t.Context(), admin, req, id, 1, commands.NewBranch{})
	old := f.events(t, id)
	if err != nil || out.State.ID != "HELP-2" || len(old) != before+1 || old[before] != (ticket.Branched{Comment: 1, Ticket: "HELP-2"}) {
		t.Errorf("got %+v, %v; the old ticket says %+v", out.State.ID, err, old)
	}
	if next := f.post(t); next.State.ID != "HELP-3" {
		t.Errorf("a second branch was posted: the next ticket is %s", next.State.ID)
	}
}
