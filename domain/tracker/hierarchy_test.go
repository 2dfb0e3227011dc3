package tracker

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suivi/domain"
)

// named is a desk with another key.
func named(key domain.TrackerKey, more ...Event) Tracker {
	t := given(desk(more...)...)
	t.Key = key
	return t
}

func tree(events ...ParentSet) Hierarchy {
	var h Hierarchy
	for _, e := range events {
		h = EvolveHierarchy(h, e, domain.Meta{})
	}
	return h
}

func TestDecideParent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tree  Hierarchy
		when  ParentSet
		facts ParentFacts
		none  bool
		code  string
	}{
		"a manager puts a tracker below another": {when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: boss}},
		"below another parent":                   {tree: tree(ParentSet{"A", "C"}), when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: boss}},
		"where it stands already":                {tree: tree(ParentSet{"A", "B"}), when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: boss}, none: true},
		"alone":                                  {tree: tree(ParentSet{"A", "B"}), when: ParentSet{"A", ""}, facts: ParentFacts{Actor: boss}},
		"alone it is already":                    {when: ParentSet{"A", ""}, facts: ParentFacts{Actor: boss}, none: true},
		"not below itself":                       {when: ParentSet{"A", "A"}, facts: ParentFacts{Actor: boss}, code: "hierarchy-cycle"},
		"not below its child":                    {tree: tree(ParentSet{"B", "A"}), when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: boss}, code: "hierarchy-cycle"},
		"not below its child's child":            {tree: tree(ParentSet{"C", "A"}, ParentSet{"B", "C"}), when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: boss}, code: "hierarchy-cycle"},
		"below what was its child":               {tree: tree(ParentSet{"B", "A"}, ParentSet{"B", ""}), when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: boss}},
		"not by a developer":                     {when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: helper}, code: "right-missing"},
		"not by a stranger":                      {when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: visitor}, code: "tracker-not-found"},
		"not below what one does not see":        {when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: boss, Parent: named("B", MemberRemoved{boss.ID})}, code: "invalid-input"},
		"not when archived":                      {when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: boss, Child: named("A", Archived{})}, code: "tracker-archived"},
		"not below an archived one":              {when: ParentSet{"A", "B"}, facts: ParentFacts{Actor: boss, Parent: named("B", Archived{})}, code: "tracker-archived"},
		"not alone while tickets are above":      {tree: tree(ParentSet{"A", "B"}), when: ParentSet{"A", ""}, facts: ParentFacts{Actor: boss, UsedStates: []State{Transferred}}, code: "state-in-use"},
	} {
		if !c.facts.Child.Exists() {
			c.facts.Child = named(c.when.Tracker)
		}
		if !c.facts.Parent.Exists() && c.when.Parent != "" {
			c.facts.Parent = named(c.when.Parent)
		}
		got, err := DecideParent(c.tree, c.when, c.facts)
		if c.code != "" {
			if err == nil || domain.CodeOf(err) != c.code {
				t.Errorf("%s: got %v, %v; want %s", name, got, err, c.code)
			}
			continue
		}
		want := []ParentSet{c.when}
		if c.none {
			want = nil
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

// Whatever is asked in whatever order, the way up always ends.
func TestTheTreeNeverHasACircle(t *testing.T) {
	t.Parallel()
	keys := []domain.TrackerKey{"A", "B", "C", "D", "E"}
	rapid.Check(t, func(r *rapid.T) {
		var h Hierarchy
		for range rapid.IntRange(1, 30).Draw(r, "commands") {
			c := ParentSet{rapid.SampledFrom(keys).Draw(r, "child"), rapid.SampledFrom(append(keys, "")).Draw(r, "parent")}
			events, _ := DecideParent(h, c, ParentFacts{Actor: admin, Child: named(c.Tracker), Parent: named(c.Parent)})
			for _, e := range events {
				h = EvolveHierarchy(h, e, domain.Meta{})
			}
			for _, key := range keys {
				steps := 0
				for up := key; up != ""; up = h.Parents[up] {
					steps++
					if steps > len(keys) {
						r.Fatalf("a circle: %v", h.Parents)
					}
				}
			}
		}
	})
}

func TestTransferredIsEnabledForWhoHasAParentAlone(t *testing.T) {
	t.Parallel()
	for _, mode := range domain.Modes() {
		for _, chosen := range [][]State{nil, {Open}, {Open, Transferred}} {
			for _, parent := range []domain.TrackerKey{"", "TOP"} {
				if got := (Tracker{Mode: mode, Chosen: chosen, Parent: parent}).Enabled(Transferred); got != (parent != "") {
					t.Errorf("%s, chosen %v, parent %q: transferred enabled is %t", mode, chosen, parent, got)
				}
			}
		}
	}
}

func TestStoredEventsOfTheTreeAreReadForEver(t *testing.T) {
	t.Parallel()
	stored, err := os.ReadFile("testdata/hierarchy/hierarchy.parent_set.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	want := ParentSet{Tracker: "HELP", Parent: "TOP"}
	if got, err := DecodeHierarchy(parentSetV1, stored); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if name, data, err := EncodeHierarchy(want); err != nil || name != "hierarchy.parent_set.v1" || !bytes.Equal(data, bytes.TrimSpace(stored)) {
		t.Errorf("got %s %s, %v; want %s", name, data, err, stored)
	}
	if e, err := DecodeHierarchy("hierarchy.parent_set.v9", stored); err == nil {
		t.Errorf("got %v, want an error", e)
	}
}
