package commands_test

import (
	"testing"

	"suivi/domain"
	"suivi/domain/library"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// A tracker uses a field while another node deletes it: between the decision to
// use it and its event. The tracker goes on with it, no other gets it.
func TestAFieldThatIsDeletedAsItIsUsedGoesOnAsItWas(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	ctx := t.Context()
	campus := tracker.Field{Code: "campus", Type: tracker.Radio, Options: []tracker.Option{{Code: "n"}, {Code: "s"}}}
	if _, err := f.nodes[0].ChangeLibrary(ctx, admin, fresh(""), library.Define{Field: campus}); err != nil {
		t.Fatal(err)
	}
	deleted := false
	f.onNow = func() {
		if deleted {
			return
		}
		deleted = true
		if _, err := f.nodes[1].ChangeLibrary(ctx, admin, fresh(""), library.Delete{Code: "campus"}); err != nil {
			t.Error(err)
		}
	}
	use := tracker.SetField{Field: tracker.Field{Code: "campus", Shared: true, Mandatory: true}}
	used, err := f.nodes[0].ChangeTracker(ctx, admin, fresh(""), "HELP", use)
	if err != nil || !deleted {
		t.Fatalf("%v, deleted meanwhile %t", err, deleted)
	}
	if got, _ := used.State.Field("campus"); got.Type != tracker.Radio || len(got.Options) != 2 {
		t.Errorf("the tracker has %+v", got)
	}
	for answer, want := range map[string]string{"n": "", "z": "invalid-input", "": "invalid-input"} {
		_, err := f.nodes[1].PostTicket(ctx, admin, fresh(""), "HELP", ticket.Post{Summary: "S", Answers: map[string]string{"campus": answer}})
		if got := codeOf(err); got != want {
			t.Errorf("%q: got %q (%v), want %q", answer, got, err, want)
		}
	}
	name := "Other"
	if _, err := f.nodes[0].ChangeTracker(ctx, admin, fresh(""), "OTHER", tracker.Create{Key: "OTHER", Settings: tracker.Settings{Name: &name}}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.nodes[0].ChangeTracker(ctx, admin, fresh(""), "OTHER", use); domain.CodeOf(err) != "invalid-input" {
		t.Errorf("another tracker: %v", err)
	}
	use.Field.Mandatory = false
	if _, err := f.nodes[1].ChangeTracker(ctx, admin, fresh(""), "HELP", use); err != nil {
		t.Errorf("the same tracker: %v", err)
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return domain.CodeOf(err)
}
