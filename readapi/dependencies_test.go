package readapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

// depend tells of a dependency.
func (s *site) depend(event dependency.Event) {
	s.t.Helper()
	name, data, err := dependency.Encode(event)
	s.must(err)
	s.append(dependency.Stream, name, data, s.meta(person(0)))
}

// treeShown is what GET …/dependencies answers.
type treeShown struct {
	Prerequisites, Dependents []branchShown
	More                      bool
}

type branchShown struct {
	ID                        domain.TicketID
	Summary                   string
	State                     tracker.State
	List                      tracker.List
	Prerequisites, Dependents []branchShown
}

// outline is the branches as "1(2 3(4))".
func outline(all []branchShown) string {
	var said []string
	for _, b := range all {
		text := fmt.Sprint(b.ID.Number())
		if inner := outline(append(b.Prerequisites, b.Dependents...)); inner != "" {
			text += "(" + inner + ")"
		}
		said = append(said, text)
	}
	return strings.Join(said, " ")
}

func (s *site) tree(a domain.Actor, id domain.TicketID, query ...string) (shown treeShown) {
	s.t.Helper()
	s.get(a, "/tickets/"+string(id)+"/dependencies", query...).into(s.t.(*testing.T), &shown)
	return shown
}

// diamond is HELP-1 → 2, 3 → 4 → 5 → 6 → 7, and 8 that stands alone; person 2 reports 3 and 5 too.
func (s *site) diamond() {
	s.t.Helper()
	s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Reporter}})
	for n := 1; n <= 8; n++ {
		reporter := person(1)
		if n == 3 || n == 5 {
			reporter = person(2)
		}
		s.post("HELP", reporter, nil)
	}
	s.settle() // the log keeps the order within a stream alone of what is told at once
	for _, edge := range [][2]int64{{1, 2}, {1, 3}, {2, 4}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {8, 7}} {
		s.depend(dependency.Added{Ticket: domain.NewTicketID("HELP", edge[0]), Prerequisite: domain.NewTicketID("HELP", edge[1])})
	}
	s.depend(dependency.Removed{Ticket: "HELP-8", Prerequisite: "HELP-7"})
	s.settle()
	s.move("HELP-4", tracker.Working)
	s.move("HELP-2", tracker.Resolved)
	s.settle()
}

func TestATreeGoesBothWaysWithStatesAsDeepAsAskedFor(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.t = t
		s.diamond()
		for _, c := range []struct {
			id       domain.TicketID
			depth    string
			up, down string
			more     bool
		}{
			{"HELP-1", "", "2(4(5)) 3(4)", "", true},
			{"HELP-1", "1", "2 3", "", true},
			{"HELP-1", "10", "2(4(5(6(7)))) 3(4)", "", false},
			{"HELP-1", "5", "2(4(5(6(7)))) 3(4)", "", false},
			{"HELP-4", "", "5(6(7))", "2(1) 3(1)", false},
			{"HELP-7", "2", "", "6(5)", true},
			{"HELP-8", "", "", "", false},
		} {
			var query []string
			if c.depth != "" {
				query = []string{"depth", c.depth}
			}
			got := s.tree(actor(0), c.id, query...)
			if up, down := outline(got.Prerequisites), outline(got.Dependents); up != c.up || down != c.down || got.More != c.more {
				t.Errorf("%s to the depth %q: got %q and %q, more %t; want %q and %q, %t", c.id, c.depth, up, down, got.More, c.up, c.down, c.more)
			}
		}
		first := s.tree(actor(0), "HELP-1", "depth", "1").Prerequisites[0]
		if want := (branchShown{ID: "HELP-2", Summary: first.Summary, State: tracker.Resolved, List: tracker.ResolvedList}); !gocmp.Equal(want, first) || first.Summary == "" {
			t.Errorf("got %+v, want %+v", first, want)
		}
		for _, depth := range []string{"0", "11", "x"} {
			if got := s.get(actor(0), "/tickets/HELP-1/dependencies", "depth", depth); got.Status != http.StatusUnprocessableEntity {
				t.Errorf("the depth %s: got %d", depth, got.Status)
			}
		}
	})
}

func TestWhatOneMayNotSeeIsInNoTreeAndNoHistoryNorAnythingBehindIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.t = t
		s.diamond()
		got := s.tree(actor(1), "HELP-1", "depth", "10")
		if up := outline(got.Prerequisites); up != "2(4)" || got.More {
			t.Errorf("who sees neither 3 nor 5 gets %q, more %t", up, got.More)
		}
		if got := s.tree(actor(1), "HELP-4"); outline(got.Prerequisites) != "" || outline(got.Dependents) != "2(1)" || got.More {
			t.Errorf("got %+v", got)
		}
		if got := s.get(actor(1), "/tickets/HELP-3/dependencies"); got.Status != http.StatusNotFound {
			t.Errorf("the tree of a foreign ticket: got %d", got.Status)
		}
		for reader, want := range map[int][]string{
			0: {"Ticket posted.", "HELP-2 depends on it now.", "HELP-3 depends on it now.", "Depends on HELP-5 now.", "State changed from “Posted” to “In progress”."},
			1: {"Ticket posted.", "HELP-2 depends on it now.", "State changed from “Posted” to “In progress”."},
		} {
			var said []string
			for next := ""; ; {
				query := []string{"limit", "1"}
				if next != "" {
					query = append(query, "cursor", next)
				}
				var p historyPage
				s.get(actor(byte(reader)), "/tickets/HELP-4/history", query...).into(t, &p)
				for _, h := range p.History {
					said = append(said, h.Words)
				}
				if next = p.Next; next == "" {
					break
				}
			}
			if diff := gocmp.Diff(want, said); diff != "" {
				t.Errorf("person %d: %s", reader, diff)
			}
		}
	})
}

func TestATreeIsCutWhereItIsTooWide(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.t = t
		s.desk("HELP", domain.Ticketing, nil)
		const wide = 520
		for range wide {
			s.post("HELP", person(1), nil)
		}
		for n := int64(2); n <= wide; n++ {
			s.depend(dependency.Added{Ticket: domain.NewTicketID("HELP", n), Prerequisite: "HELP-1"})
		}
		s.settle()
		if got := s.tree(actor(0), "HELP-1"); len(got.Dependents) != 500 || !got.More {
			t.Errorf("got %d branches, more %t", len(got.Dependents), got.More)
		}
	})
}

func TestTransitionsKnowOfOpenPrerequisites(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.diamond()
		strict := tracker.Strict
		s.track("HELP", tracker.Configured{Workflow: &strict})
		s.track("HELP", tracker.RulesSet{Rules: []tracker.Rule{{From: tracker.Posted, To: tracker.Resolved, Roles: domain.Roles(),
			Requires: []tracker.Requirement{tracker.RequiresPrerequisitesClosed}}}})
		s.settle()
		allowed := func(id domain.TicketID) bool {
			var got struct{ Transitions []ticket.Transition }
			s.get(actor(0), "/tickets/"+string(id)+"/transitions").into(t, &got)
			for _, transition := range got.Transitions {
				if transition.To == tracker.Resolved {
					return transition.Allowed
				}
			}
			return false
		}
		if allowed("HELP-3") || !allowed("HELP-7") {
			t.Errorf("HELP-3, whose prerequisite is open: %t; HELP-7, which has none: %t", allowed("HELP-3"), allowed("HELP-7"))
		}
		s.move("HELP-4", tracker.Abandoned)
		s.settle()
		if !allowed("HELP-3") {
			t.Error("the prerequisite of HELP-3 is closed, and it may not be resolved")
		}
	})
}
