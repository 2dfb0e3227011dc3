package redmine_test

import (
	"slices"
	"strings"
	"testing"

	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

// Whatever people change there is found, by the second reading of the rules and by the first.
func TestWhateverIsChangedThereIsFoundAndMended(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	c, ctx := client(t, s, testredmine.Manager), t.Context()
	p := newPair(t, place(t, s, project, testredmine.Manager), ticket.Posted{
		Summary: "S", Description: "Hello *world*", Reporter: zoe, Answers: map[string]string{"customer": "C", "urgency": "low"},
	})
	p.attach(zoe, "a.txt", "hello", ticket.FileAttached{})
	p.happens(ann, ticket.Assigned{Assignee: ann}, ticket.Commented{Comment: 1, Body: "one"}, ticket.NoteAdded{Note: 1, Body: "two"}, ticket.StateChanged{To: tracker.Working})
	p.mustAlign()
	id := must[int](t)(p.issue())
	journal := func(of string) redmine.Journal {
		all := p.read().Journals
		return all[slices.IndexFunc(all, func(j redmine.Journal) bool { return strings.Contains(j.Notes, of) })]
	}
	update := func(change redmine.Change) func() error { return func() error { return c.Update(ctx, id, change) } }
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"status", update(redmine.Change{"status_id": statusFeedback})},
		{"assignee", update(redmine.Change{"assigned_to_id": ""})},
		{"subject", update(redmine.Change{"subject": "T"})},
		{"description", update(redmine.Change{"description": "HELP-1, x\n\nHello moon"})},
		{"priority", update(redmine.Change{"priority_id": priorityImmediate})},
		{"tracker", update(redmine.Change{"tracker_id": trackerBug})},
		{"field customer", update(redmine.Change{"custom_fields": []any{map[string]any{"id": fieldCustomer, "value": "D"}}})},
		{"comment 1", func() error {
			return c.EditNote(ctx, journal("comment 1").ID, strings.Replace(journal("comment 1").Notes, "one", "eleven", 1))
		}},
		{"notes in order", func() error { return c.EditNote(ctx, journal("note 1").ID, "") }},
		{"file a.txt is there", func() error { return c.RemoveFile(ctx, p.read().Files[0].ID) }},
	} {
		succeed(t, step.do())
		drifts, err := p.tool.Verify(ctx, p.at, p.twin, p.wanted())
		if err != nil || len(drifts) != 1 || drifts[0].What != step.what {
			t.Errorf("%s: got %+v, %v", step.what, drifts, err)
		}
		if drifts, err := p.align(true); err != nil || len(drifts) != 1 {
			t.Errorf("%s: a look finds %+v, %v", step.what, drifts, err)
		}
		p.mustAlign()
	}
	// What is there twice, only the second reading sees.
	succeed(t, c.Update(ctx, id, redmine.Change{"notes": journal("comment 1").Notes}))
	if drifts, err := p.tool.Verify(ctx, p.at, p.twin, p.wanted()); err != nil || len(drifts) != 1 || drifts[0].What != "notes in order" {
		t.Errorf("got %+v, %v", drifts, err)
	}
	succeed(t, c.Delete(ctx, id))
	if drifts, err := p.tool.Verify(ctx, p.at, p.twin, p.wanted()); err != nil || len(drifts) != 2 {
		t.Errorf("got %+v, %v", drifts, err)
	}
}
