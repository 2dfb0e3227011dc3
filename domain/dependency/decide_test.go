package dependency_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// desk is the tracker HELP, where ann manages, dev works and rob reports.
func desk() tracker.Tracker {
	return tracker.Tracker{Key: "HELP", Mode: domain.Ticketing, Members: map[domain.UserID][]domain.Role{
		"ann": {domain.Manager}, "dev": {domain.Developer}, "rob": {domain.Reporter},
	}}
}

// party is a ticket of HELP, reported by nobody of them.
func party(id domain.TicketID) dependency.Party {
	return dependency.Party{Ticket: ticket.Ticket{ID: id, Tracker: "HELP", Reporter: "guest"}, Tracker: desk()}
}

func facts(actor domain.UserID, id, prerequisite domain.TicketID) dependency.Facts {
	return dependency.Facts{Actor: domain.Actor{ID: actor}, Ticket: party(id), Prerequisite: party(prerequisite)}
}

func folded(events ...dependency.Event) (g dependency.Graph) {
	for _, e := range events {
		g = dependency.Evolve(g, e, domain.Meta{})
	}
	return g
}

func added(id, prerequisite domain.TicketID) dependency.Event {
	return dependency.Added{Ticket: id, Prerequisite: prerequisite}
}

func TestDependenciesAreAddedAndRemovedByWhomMayAndNeverMakeACycle(t *testing.T) {
	t.Parallel()
	chain := []dependency.Event{added("HELP-1", "HELP-2"), added("HELP-2", "HELP-3"), added("HELP-9", "HELP-2")}
	for name, c := range map[string]struct {
		given []dependency.Event
		by    domain.UserID
		when  dependency.Command
		then  []dependency.Event
		code  string
	}{
		"the first":                         {nil, "ann", dependency.Add{Ticket: "HELP-1", Prerequisite: "HELP-2"}, []dependency.Event{added("HELP-1", "HELP-2")}, ""},
		"a prerequisite serves many":        {chain, "ann", dependency.Add{Ticket: "HELP-7", Prerequisite: "HELP-2"}, []dependency.Event{added("HELP-7", "HELP-2")}, ""},
		"a ticket has many":                 {chain, "ann", dependency.Add{Ticket: "HELP-1", Prerequisite: "HELP-3"}, []dependency.Event{added("HELP-1", "HELP-3")}, ""},
		"there already":                     {chain, "ann", dependency.Add{Ticket: "HELP-1", Prerequisite: "HELP-2"}, nil, ""},
		"itself":                            {nil, "ann", dependency.Add{Ticket: "HELP-1", Prerequisite: "HELP-1"}, nil, "dependency-cycle"},
		"the other way round":               {chain, "ann", dependency.Add{Ticket: "HELP-2", Prerequisite: "HELP-1"}, nil, "dependency-cycle"},
		"the other way round, through more": {chain, "ann", dependency.Add{Ticket: "HELP-3", Prerequisite: "HELP-1"}, nil, "dependency-cycle"},
		"removed":                           {chain, "ann", dependency.Remove{Ticket: "HELP-1", Prerequisite: "HELP-2"}, []dependency.Event{dependency.Removed{Ticket: "HELP-1", Prerequisite: "HELP-2"}}, ""},
		"removed, not there":                {chain, "ann", dependency.Remove{Ticket: "HELP-1", Prerequisite: "HELP-3"}, nil, ""},
		"the cycle is gone with a link of it": {
			append(slices.Clone(chain), dependency.Removed{Ticket: "HELP-2", Prerequisite: "HELP-3"}), "ann",
			dependency.Add{Ticket: "HELP-3", Prerequisite: "HELP-1"}, []dependency.Event{added("HELP-3", "HELP-1")}, "",
		},
		"a developer may not add":       {nil, "dev", dependency.Add{Ticket: "HELP-1", Prerequisite: "HELP-2"}, nil, "right-missing"},
		"a developer may not remove":    {chain, "dev", dependency.Remove{Ticket: "HELP-1", Prerequisite: "HELP-2"}, nil, "right-missing"},
		"a reporter sees neither":       {nil, "rob", dependency.Add{Ticket: "HELP-1", Prerequisite: "HELP-2"}, nil, "ticket-not-found"},
		"a stranger removes what is no": {chain, "eve", dependency.Remove{Ticket: "HELP-1", Prerequisite: "HELP-2"}, nil, "ticket-not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := facts(c.by, "HELP-1", "HELP-2")
			got, err := dependency.Decide(folded(c.given...), c.when, f)
			if c.code != "" && domain.CodeOf(err) != c.code || c.code == "" && err != nil {
				t.Errorf("got %v, want %q", err, c.code)
			}
			if diff := cmp.Diff(c.then, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPrerequisiteOneMayNotSeeAnswersLikeNone(t *testing.T) {
	t.Parallel()
	hidden := facts("ann", "HELP-1", "DESK-4")
	hidden.Prerequisite.Tracker.Members = nil
	none := facts("ann", "HELP-1", "DESK-4")
	none.Prerequisite = dependency.Party{}
	for _, command := range []dependency.Command{dependency.Add{Ticket: "HELP-1", Prerequisite: "DESK-4"}, dependency.Remove{Ticket: "HELP-1", Prerequisite: "DESK-4"}} {
		_, a := dependency.Decide(folded(added("HELP-1", "DESK-4")), command, hidden)
		_, b := dependency.Decide(dependency.Graph{}, command, none)
		if domain.KindOf(a) != domain.NotFound || a.Error() != b.Error() {
			t.Errorf("%T: got %v for the hidden one and %v for none", command, a, b)
		}
	}
}

func TestATicketHasAtMostAHundredPrerequisites(t *testing.T) {
	t.Parallel()
	var g dependency.Graph
	for n := range dependency.MaxPrerequisites {
		g = dependency.Evolve(g, added("HELP-1", domain.NewTicketID("DESK", int64(n+1))), domain.Meta{})
	}
	_, err := dependency.Decide(g, dependency.Add{Ticket: "HELP-1", Prerequisite: "HELP-2"}, facts("ann", "HELP-1", "HELP-2"))
	if domain.CodeOf(err) != "too-many-prerequisites" {
		t.Errorf("got %v", err)
	}
}

// Any commands: there is never a cycle, the graph is the fold of what was
// decided, and no earlier graph has changed.
func TestAnyCommandsLeaveAGraphWithoutACycleThatIsTheFoldOfItsEvents(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		id := func(n int) domain.TicketID { return domain.NewTicketID("HELP", int64(n)) }
		var g dependency.Graph
		var past []dependency.Graph
		var want []map[domain.TicketID][]domain.TicketID
		model := map[domain.TicketID][]domain.TicketID{}
		for range rapid.IntRange(0, 40).Draw(r, "commands") {
			a, b := id(rapid.IntRange(1, 6).Draw(r, "ticket")), id(rapid.IntRange(1, 6).Draw(r, "prerequisite"))
			var command dependency.Command = dependency.Add{Ticket: a, Prerequisite: b}
			if rapid.IntRange(0, 3).Draw(r, "remove") == 0 {
				command = dependency.Remove{Ticket: a, Prerequisite: b}
			}
			events, err := dependency.Decide(g, command, facts("ann", a, b))
			if _, adding := command.(dependency.Add); adding && (err != nil) != (a == b || reaches(model, b, a)) {
				r.Fatalf("%v on %v: %v", command, model, err)
			}
			past, want = append(past, g), append(want, copied(model))
			for _, e := range events {
				g = dependency.Evolve(g, e, domain.Meta{})
				record(model, e)
			}
		}
		past, want = append(past, g), append(want, model)
		for i := range past {
			for n := 1; n <= 6; n++ {
				if diff := cmp.Diff(want[i][id(n)], past[i].Prerequisites(id(n))); len(want[i][id(n)])+len(past[i].Prerequisites(id(n))) > 0 && diff != "" {
					r.Fatal(diff)
				}
				if past[i].DependsOn(id(n), id(n)) || reaches(want[i], id(n), id(n)) {
					r.Fatalf("a cycle through %s: %v", id(n), want[i])
				}
			}
		}
	})
}

func record(model map[domain.TicketID][]domain.TicketID, e dependency.Event) {
	switch e := e.(type) {
	case dependency.Added:
		model[e.Ticket] = append(slices.Clone(model[e.Ticket]), e.Prerequisite)
	case dependency.Removed:
		model[e.Ticket] = slices.DeleteFunc(slices.Clone(model[e.Ticket]), func(p domain.TicketID) bool { return p == e.Prerequisite })
	default:
		panic(fmt.Sprintf("%T", e))
	}
}

func copied(model map[domain.TicketID][]domain.TicketID) map[domain.TicketID][]domain.TicketID {
	c := map[domain.TicketID][]domain.TicketID{}
	for id, all := range model {
		c[id] = slices.Clone(all)
	}
	return c
}

// reaches is the plain definition of what DependsOn answers.
func reaches(model map[domain.TicketID][]domain.TicketID, from, to domain.TicketID) bool {
	seen := map[domain.TicketID]bool{}
	var walk func(domain.TicketID) bool
	walk = func(id domain.TicketID) bool {
		for _, p := range model[id] {
			if p == to {
				return true
			}
			if !seen[p] {
				seen[p] = true
				if walk(p) {
					return true
				}
			}
		}
		return false
	}
	return walk(from)
}
