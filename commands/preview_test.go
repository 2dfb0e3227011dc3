package commands_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

func TestAPreviewSaysWhatManyTicketsWouldComeToAndWritesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	var ids []domain.TicketID
	for range 4 {
		ids = append(ids, f.post(t).State.ID)
	}
	change := func(id domain.TicketID, command ticket.Command) {
		t.Helper()
		if _, err := f.nodes[1].ChangeTicket(t.Context(), admin, fresh(""), id, command); err != nil {
			t.Fatal(err)
		}
	}
	change(ids[1], ticket.ChangeState{To: tracker.Working}) // by another node
	change(ids[2], ticket.Delete{})
	ids = append(ids, "HELP-99", "no ticket")
	all := []ticket.Command{
		ticket.ChangeState{To: tracker.Working}, ticket.ChangeState{To: tracker.Working}, ticket.ChangeState{To: tracker.Resolved, Resolution: "Done"},
		ticket.Assign{User: "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, ticket.Unassign{},
	}
	type row struct {
		ID            domain.TicketID
		Before, After tracker.State
		Codes         []string
		Changes       []bool
	}
	got := []row{}
	for _, p := range f.nodes[0].PreviewTickets(t.Context(), admin, ids, all) {
		r := row{ID: p.Ticket, Before: p.Before.State, After: p.After.State}
		for _, step := range p.Steps {
			code := ""
			if step.Err != nil {
				code = domain.CodeOf(step.Err)
			}
			r.Codes, r.Changes = append(r.Codes, code), append(r.Changes, step.Changes)
		}
		got = append(got, r)
	}
	none := func(id domain.TicketID) row {
		const missing = "ticket-not-found"
		return row{ID: id, Codes: []string{missing, missing, missing, missing, missing}, Changes: make([]bool, 5)}
	}
	want := []row{
		{ids[0], tracker.Posted, tracker.Resolved, []string{"", "no-change", "", "invalid-input", ""}, []bool{true, false, true, false, false}},
		{ids[1], tracker.Working, tracker.Resolved, []string{"no-change", "no-change", "", "invalid-input", ""}, []bool{false, false, true, false, false}},
		none(ids[2]),
		{ids[3], tracker.Posted, tracker.Resolved, []string{"", "no-change", "", "invalid-input", ""}, []bool{true, false, true, false, false}},
		none("HELP-99"), none("no ticket"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, id := range ids[:2] {
		if n := f.stateChanges(t, id); n != map[domain.TicketID]int{ids[1]: 1}[id] {
			t.Errorf("%s: the preview has written: %d changes of state", id, n)
		}
	}
	stranger := commands.Caller{Actor: domain.Actor{ID: "usr_stranger"}, Source: domain.SourceAPI}
	for _, p := range f.nodes[0].PreviewTickets(t.Context(), stranger, ids[:1], all[:1]) {
		if diff := cmp.Diff(ticket.Ticket{}, p.Before); diff != "" || domain.CodeOf(p.Steps[0].Err) != "ticket-not-found" {
			t.Errorf("got %+v for who may not see it", p)
		}
	}
}
