package commands_test

import (
	"errors"
	"flag"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

var rounds = flag.Int("dependency-rounds", 50, "how often two opposite dependencies are tried at once")

// graph is the dependencies as the store tells them.
func (f *fixture) graph(t *testing.T) (g dependency.Graph, events int) {
	t.Helper()
	for e, err := range f.store.Read(t.Context(), dependency.Stream, 0) {
		if errors.Is(err, eventstore.ErrStreamNotFound) {
			return g, 0
		}
		if err != nil {
			t.Fatal(err)
		}
		event, err := dependency.Decode(e.Type, e.Data)
		if err != nil {
			t.Fatal(err)
		}
		g = dependency.Evolve(g, event, domain.Meta{})
		events++
	}
	return g, events
}

func TestOfTwoOppositeDependenciesAtOnceOnTwoNodesExactlyOneIsTaken(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	for round := range *rounds {
		a, b := f.post(t).State.ID, f.post(t).State.ID
		var errs [2]error
		var both sync.WaitGroup
		both.Go(func() { _, errs[0] = f.nodes[0].AddPrerequisite(t.Context(), admin, fresh(""), a, b) })
		both.Go(func() { _, errs[1] = f.nodes[1].AddPrerequisite(t.Context(), admin, fresh(""), b, a) })
		both.Wait()
		lost := slices.IndexFunc(errs[:], func(err error) bool { return err != nil })
		if lost < 0 || errs[1-lost] != nil || domain.CodeOf(errs[lost]) != "dependency-cycle" {
			t.Fatalf("round %d: %v", round, errs)
		}
		g, events := f.graph(t)
		if events != round+1 || g.DependsOn(a, b) == g.DependsOn(b, a) {
			t.Fatalf("round %d: %d events, %s depends on %s: %t, the other way round: %t", round, events, a, b, g.DependsOn(a, b), g.DependsOn(b, a))
		}
	}
}

func TestAnyDependencyCommandsOnTwoNodesLeaveNoCycle(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	var ids []domain.TicketID
	for range 5 {
		ids = append(ids, f.post(t).State.ID)
	}
	rapid.Check(t, func(r *rapid.T) {
		var all sync.WaitGroup
		for range rapid.IntRange(1, 4).Draw(r, "at once") {
			node := rapid.SampledFrom(f.nodes).Draw(r, "node")
			a, b := rapid.SampledFrom(ids).Draw(r, "ticket"), rapid.SampledFrom(ids).Draw(r, "prerequisite")
			do := node.AddPrerequisite
			if rapid.IntRange(0, 3).Draw(r, "remove") == 0 {
				do = node.RemovePrerequisite
			}
			all.Go(func() {
				if _, err := do(t.Context(), admin, fresh(""), a, b); err != nil && domain.CodeOf(err) != "dependency-cycle" {
					t.Error(err)
				}
			})
		}
		all.Wait()
		g, _ := f.graph(t)
		for _, id := range ids {
			if g.DependsOn(id, id) {
				r.Fatalf("a cycle through %s", id)
			}
		}
	})
}

func TestADependencyCommandIsOneCommandAndLeavesTheTicketAsItIs(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	a, b := f.post(t).State, f.post(t).State
	first, err := f.nodes[0].AddPrerequisite(t.Context(), admin, fresh("k"), a.ID, b.ID)
	if err != nil || first.Replayed || first.State.ID != a.ID || first.Version != a.Version {
		t.Fatalf("got %+v, %v", first, err)
	}
	again, err := f.nodes[1].AddPrerequisite(t.Context(), admin, fresh("k"), a.ID, b.ID)
	if err != nil || !again.Replayed || again.Position != first.Position || again.State.ID != a.ID {
		t.Errorf("sent again: got %+v, %v", again, err)
	}
	other := commands.NewRequest(admin.Actor.ID, "k", "another", nil)
	if _, err := f.nodes[1].RemovePrerequisite(t.Context(), admin, other, a.ID, b.ID); domain.CodeOf(err) != "idempotency-key-reused" {
		t.Errorf("the key for another deed: got %v", err)
	}
	stale := fresh("")
	stale.IfMatch = new(uint64(9))
	if _, err := f.nodes[0].RemovePrerequisite(t.Context(), admin, stale, a.ID, b.ID); domain.KindOf(err) != domain.Stale {
		t.Errorf("another version of the ticket: got %v", err)
	}
	if _, events := f.graph(t); events != 1 {
		t.Errorf("%d events, want 1", events)
	}
}

func TestARuleThatWantsPrerequisitesClosedFindsThemWhereverTheyWereClosed(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	strict := tracker.Strict
	rules := []tracker.Rule{
		{From: tracker.Posted, To: tracker.Resolved, Roles: domain.Roles(), Requires: []tracker.Requirement{tracker.RequiresPrerequisitesClosed}},
		{From: tracker.Posted, To: tracker.Abandoned, Roles: domain.Roles()},
		{From: tracker.Abandoned, To: tracker.Posted, Roles: domain.Roles()},
	}
	for _, command := range []tracker.Command{tracker.Configure{Settings: tracker.Settings{Workflow: &strict}}, tracker.SetRules{Rules: rules}} {
		if _, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "HELP", command); err != nil {
			t.Fatal(err)
		}
	}
	a, b := f.post(t).State.ID, f.post(t).State.ID
	change := func(node int, id domain.TicketID, to tracker.State, code string) {
		t.Helper()
		_, err := f.nodes[node].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.ChangeState{To: to})
		if code == "" && err != nil || code != "" && domain.CodeOf(err) != code {
			t.Errorf("%s to %s: got %v, want %q", id, to, err, code)
		}
	}
	if _, err := f.nodes[0].AddPrerequisite(t.Context(), admin, fresh(""), a, b); err != nil {
		t.Fatal(err)
	}
	change(1, a, tracker.Resolved, "requirement-missing")
	change(0, b, tracker.Abandoned, "") // the other node has cached it as posted
	change(0, b, tracker.Posted, "")
	change(1, a, tracker.Resolved, "requirement-missing")
	change(0, b, tracker.Abandoned, "")
	change(1, a, tracker.Resolved, "")
}
