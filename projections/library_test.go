package projections_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/library"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/internal/testdb"
)

// define appends events of the library.
func (w *world) define(t testing.TB, events ...library.Event) {
	t.Helper()
	var encoded []eventstore.Event
	for _, e := range events {
		name, data, err := library.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, w.event(t, name, data, w.meta(person(1))))
	}
	w.append(t, library.Stream, encoded...)
}

// The order in which trackers and library change does not matter.
func TestFieldsAreOfTheTypesThatTheLibrarySays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		p, _ := w.run(t)
		campus := tracker.Field{Code: "campus", Type: tracker.Dropdown, Options: []tracker.Option{{Code: "n"}}}
		use := tracker.Field{Code: "campus", Type: tracker.Dropdown, Shared: true, Hidden: true}
		w.define(t, library.Defined{Field: campus})
		for _, key := range []domain.TrackerKey{"HELP", "OTHER"} {
			w.configure(t, key, tracker.Created{Key: key, Name: "x", Mode: domain.Ticketing, Workflow: tracker.Relaxed}, tracker.FieldSet{Field: use})
		}
		w.settle(t, p)
		campus.Type = tracker.Checkbox
		w.define(t, library.Defined{Field: campus}, library.Deleted{Code: "campus"})
		w.settle(t, p)
		w.configure(t, "OTHER", tracker.FieldRemoved{Code: "campus"}, tracker.FieldSet{Field: tracker.Field{Code: "room", Type: tracker.Text}})
		w.configure(t, "LATE", tracker.Created{Key: "LATE", Name: "x", Mode: domain.Ticketing, Workflow: tracker.Relaxed},
			tracker.FieldSet{Field: tracker.Field{Code: "campus", Type: tracker.Dropdown}})
		w.settle(t, p)
		type row struct {
			Tracker, Code, Type    string
			Hidden, Shared, Former bool
		}
		var got []row
		if err := w.db.Read.SelectContext(t.Context(), &got, `SELECT tracker, code, type, hidden, shared, former FROM fields ORDER BY tracker, code LIMIT 10`); err != nil {
			t.Fatal(err)
		}
		want := []row{
			{"HELP", "campus", "checkbox", true, true, false}, {"LATE", "campus", "dropdown", false, false, false},
			{"OTHER", "campus", "checkbox", true, true, true}, {"OTHER", "room", "text", false, false, false},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		verified(t, p)
	})
}
