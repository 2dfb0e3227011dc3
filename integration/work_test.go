package integration_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/integration"
	"suivi/internal/testdb"
)

func TestOneWorkAtATimeIsRememberedAndOneWhoseProcessDiedGivesWay(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		r, _ := w.openReactors(integration.Reactor{Name: "ear"})
		begin := func(key domain.TrackerKey, kind string) (integration.Work, error) {
			return r.BeginWork(t.Context(), integration.Work{Reactor: "ear", Tracker: key, Kind: kind, By: "usr_1"})
		}
		last := func(key domain.TrackerKey) integration.Work {
			t.Helper()
			work, err := r.LastWork(t.Context(), "ear", key)
			if err != nil {
				t.Fatal(err)
			}
			return work
		}
		must := func(work integration.Work, err error) integration.Work {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			return work
		}
		if _, err := r.LastWork(t.Context(), "ear", "A"); domain.KindOf(err) != domain.NotFound {
			t.Errorf("got %v", err)
		}
		first := must(begin("A", "look"))
		if _, err := begin("A", "import"); domain.KindOf(err) != domain.Refused {
			t.Errorf("two at a time: %v", err)
		}
		must(begin("B", "look")) // another tracker's

		first.Done, first.Total = 3, 7
		if goesOn, err := r.KeepWork(t.Context(), first); err != nil || !goesOn {
			t.Errorf("got %t, %v", goesOn, err)
		}
		if diff := cmp.Diff(first, last("A")); diff != "" || !last("A").Running() {
			t.Error(diff)
		}
		first.Result = json.RawMessage(`{"tickets":7}`)
		if err := r.EndWork(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if got := last("A"); got.Running() || got.Failure != "" || string(got.Result) != `{"tickets":7}` && string(got.Result) != `{"tickets": 7}` {
			t.Errorf("got %+v", got)
		}

		second := must(begin("A", "import"))
		if err := r.CancelWork(t.Context(), "ear", "A"); err != nil {
			t.Fatal(err)
		}
		if goesOn, err := r.KeepWork(t.Context(), second); err != nil || goesOn {
			t.Errorf("a cancelled one goes on: %t, %v", goesOn, err)
		}
		second.Failure = "late"
		if err := r.EndWork(t.Context(), second); err != nil || last("A").Failure != integration.Cancelled {
			t.Errorf("got %+v, %v", last("A"), err)
		}
		if err := r.CancelWork(t.Context(), "ear", "A"); domain.KindOf(err) != domain.NotFound {
			t.Errorf("got %v", err)
		}

		third := must(begin("A", "look"))
		w.later.Add(int64(time.Minute / time.Second)) // and no sign of its process
		if got := last("A"); got.Running() || got.Failure != integration.Interrupted {
			t.Errorf("got %+v", got)
		}
		must(begin("A", "look"))
		if goesOn, err := r.KeepWork(t.Context(), third); err != nil || goesOn {
			t.Errorf("one that was given up goes on: %t, %v", goesOn, err)
		}
	})
}
