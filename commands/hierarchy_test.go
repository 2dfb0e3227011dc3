package commands_test

import (
	"fmt"
	"sync"
	"testing"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// parents folds the tree from the log.
func (f *fixture) parents(t *testing.T) map[domain.TrackerKey]domain.TrackerKey {
	t.Helper()
	var tree tracker.Hierarchy
	for e, err := range f.store.Read(t.Context(), tracker.HierarchyStream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		event, err := tracker.DecodeHierarchy(e.Type, e.Data)
		if err != nil {
			t.Fatal(err)
		}
		tree = tracker.EvolveHierarchy(tree, event, domain.Meta{})
	}
	return tree.Parents
}

// place puts a tracker below another, again while too many are at it.
func place(t *testing.T, node *commands.Handler, child, parent domain.TrackerKey) error {
	t.Helper()
	for {
		_, err := node.SetParent(t.Context(), admin, fresh(""), child, parent)
		if domain.CodeOf(err) != "too-busy" {
			return err
		}
	}
}

// Each of two nodes believes in a tree in which its command is right; the two together are a circle.
func TestOfTwoCommandsThatMakeACircleOneIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	for round := range 20 {
		a, b := domain.TrackerKey(fmt.Sprintf("A%d", round)), domain.TrackerKey(fmt.Sprintf("B%d", round))
		f.create(t, a, b)
		errs := make([]error, 2)
		var both sync.WaitGroup
		both.Go(func() { errs[0] = place(t, f.nodes[0], a, b) })
		both.Go(func() { errs[1] = place(t, f.nodes[1], b, a) })
		both.Wait()
		refused := 0
		for _, err := range errs {
			switch {
			case err == nil:
			case domain.CodeOf(err) == "hierarchy-cycle":
				refused++
			default:
				t.Error(err)
			}
		}
		if parents := f.parents(t); refused != 1 || (parents[a] == b) == (parents[b] == a) {
			t.Errorf("%d of 2 were refused: %v, %v", refused, errs, parents)
		}
	}
}

func TestManyAtOnceMakeATree(t *testing.T) {
	t.Parallel()
	f := setup(t, 3)
	keys := []domain.TrackerKey{"T0", "T1", "T2", "T3", "T4"}
	f.create(t, keys...)
	var all sync.WaitGroup
	for i, node := range f.nodes {
		all.Go(func() {
			for n := range 15 {
				err := place(t, node, keys[(i+n)%5], keys[(i*2+n*3+1)%5])
				if err != nil && domain.CodeOf(err) != "hierarchy-cycle" {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	parents := f.parents(t)
	for _, key := range keys {
		steps := 0
		for up := key; up != ""; up = parents[up] {
			steps++
			if steps > len(keys) {
				t.Fatalf("a circle: %v", parents)
			}
		}
	}
	if len(parents) == 0 {
		t.Error("nobody has a parent")
	}
}

func TestAPlaceInTheTreeIsTakenOnceForOneKey(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	f.create(t, "TOP")
	version := uint64(1)
	stale := fresh("")
	stale.IfMatch = &version
	if _, err := f.nodes[0].SetParent(t.Context(), admin, stale, "HELP", "TOP"); domain.CodeOf(err) != "bad-if-match" {
		t.Errorf("got %v", err)
	}
	for i, node := range f.nodes {
		out, err := node.SetParent(t.Context(), admin, fresh("k"), "HELP", "TOP")
		if err != nil || out.State.Parent != "TOP" || out.State.Key != "HELP" || out.Version != 1 || out.Replayed != (i == 1) {
			t.Errorf("node %d: %+v, %v", i, out, err)
		}
	}
	out, err := f.nodes[1].ChangeTracker(t.Context(), admin, fresh(""), "HELP", tracker.SetField{Field: tracker.Field{Code: "x", Type: tracker.Text}})
	if err != nil || out.State.Parent != "TOP" || !out.State.Enabled(tracker.Transferred) {
		t.Errorf("another change answers the parent %q, %v", out.State.Parent, err)
	}
	head, err := f.store.Head(t.Context(), eventstore.Filter{StreamPrefixes: []string{"hierarchy-"}})
	if err != nil || head.IsZero() || len(f.parents(t)) != 1 {
		t.Errorf("head %v, %v, parents %v", head, err, f.parents(t))
	}
}

func (f *fixture) create(t *testing.T, keys ...domain.TrackerKey) {
	t.Helper()
	for _, key := range keys {
		name := string(key)
		if _, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), key, tracker.Create{Key: key, Settings: tracker.Settings{Name: &name}}); err != nil {
			t.Fatal(err)
		}
	}
}
