package readapi_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

func TestATrackerIsShownToItsMembers(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 0)
		s.track("HELP", tracker.Configured{Labels: map[tracker.State]tracker.Label{"open": {FR: "Vu"}}})
		s.settle()
		r := s.get(actor(1), "/trackers/HELP")
		var got struct {
			tracker.Tracker
			States []struct {
				State   tracker.State
				Enabled bool
				Label   tracker.Label
				List    tracker.List
			}
		}
		r.into(t, &got)
		if diff := gocmp.Diff(s.trackers["HELP"], got.Tracker); diff != "" {
			t.Error(diff)
		}
		if tag := r.Header.Get("ETag"); tag != `"4"` {
			t.Errorf("four events, ETag %s", tag)
		}
		for i, state := range tracker.States() {
			in, row := s.trackers["HELP"], got.States[i]
			if row.State != state || row.Enabled != in.Enabled(state) || row.Label != in.Label(state) || row.List != state.List() {
				t.Errorf("the state %s is shown as %+v", state, row)
			}
		}
	})
}

func TestTrackersAreListedByKeyWithoutMembers(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 0)
		for n, want := range map[byte][]string{0: {"BUGS", "HELP", "TASKS"}, 1: {"BUGS", "HELP", "TASKS"}, 3: {"BUGS", "TASKS"}, 5: {}} {
			got := []string{}
			for target := "/trackers?limit=1"; ; {
				var p struct {
					Trackers []struct {
						Key     string
						States  []any
						Members json.RawMessage
					}
					Next string
				}
				s.getRaw(actor(n), target, "").into(t, &p)
				for _, row := range p.Trackers {
					got = append(got, row.Key)
					if row.Members != nil || len(row.States) != 11 {
						t.Errorf("listed: %+v", row)
					}
				}
				if p.Next == "" {
					break
				}
				target = "/trackers?limit=1&cursor=" + p.Next
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("person %d: %s", n, diff)
			}
		}
	})
}

// The children are those that the asker may see; the parent is part of the tracker.
func TestATrackerShowsItsParentAndItsChildren(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 0) // person 3 is no member of HELP
		s.place("HELP", "BUGS")
		s.place("TASKS", "HELP")
		s.place("TASKS", "BUGS")
		s.settle()
		type row struct {
			Key, Parent domain.TrackerKey
			Children    []domain.TrackerKey
			States      []struct {
				State   tracker.State
				Enabled bool
			}
		}
		for n, children := range map[byte][]domain.TrackerKey{1: {"HELP", "TASKS"}, 3: {"TASKS"}} {
			var list struct{ Trackers []row }
			s.get(actor(n), "/trackers").into(t, &list)
			for _, listed := range list.Trackers {
				var alone row
				s.get(actor(n), "/trackers/"+string(listed.Key)).into(t, &alone)
				if diff := gocmp.Diff(alone, listed); diff != "" {
					t.Errorf("alone and in the list: %s", diff)
				}
				want := row{Key: listed.Key, Parent: map[domain.TrackerKey]domain.TrackerKey{"HELP": "BUGS", "TASKS": "BUGS"}[listed.Key],
					Children: map[domain.TrackerKey][]domain.TrackerKey{"BUGS": children, "HELP": {}, "TASKS": {}}[listed.Key], States: listed.States}
				if diff := gocmp.Diff(want, listed); diff != "" {
					t.Errorf("to person %d: %s", n, diff)
				}
				if last := listed.States[10]; last.State != tracker.Transferred || last.Enabled != (listed.Parent != "") {
					t.Errorf("%s, below %q: %+v", listed.Key, listed.Parent, last)
				}
			}
		}
		report, err := s.models.Verify(s.ctx, nil)
		s.must(err)
		if !report.Equal {
			t.Errorf("the tables are not what the events say: %+v", report)
		}
	})
}

func TestAWorkflowShowsTheRulesInForce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 0)
		byHand := []tracker.Rule{{From: tracker.Posted, To: tracker.Open, Roles: []domain.Role{domain.Resolver}, Own: true}}
		none := []tracker.Rule{}
		strict := tracker.Strict
		for _, c := range []struct {
			event  tracker.Event
			preset bool
			rules  []tracker.Rule
		}{
			{tracker.Configured{}, true, tracker.StrictPreset(domain.Bugtracker)},
			{tracker.Configured{Workflow: &strict}, true, tracker.StrictPreset(domain.Bugtracker)},
			{tracker.RulesSet{Rules: byHand}, false, byHand},
			{tracker.RulesSet{Rules: none}, false, none},
			{tracker.RulesReset{}, true, tracker.StrictPreset(domain.Bugtracker)},
		} {
			var got struct {
				Workflow tracker.Workflow
				Preset   bool
				Rules    []tracker.Rule
			}
			s.track("BUGS", c.event)
			s.settle()
			s.get(actor(1), "/trackers/BUGS/workflow").into(t, &got)
			if diff := gocmp.Diff(c.rules, got.Rules); diff != "" || got.Preset != c.preset || got.Workflow != s.trackers["BUGS"].Workflow {
				t.Errorf("after %T: %s, preset %t: %s", c.event, got.Workflow, got.Preset, diff)
			}
		}
	})
}

type transitionsPage struct{ Transitions []ticket.Transition }

// What is said to be allowed is what the domain's Decide then accepts, and the codes are its own.
func TestTransitionsSayWhatDecideWould(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 12)
		strict := tracker.Strict
		s.track("BUGS", tracker.Configured{Workflow: &strict})
		s.track("TASKS", tracker.Configured{Workflow: &strict})
		for id := range s.tickets { // who sees it only because they watch it may act too
			s.do(id, person(0), ticket.Watched{User: person(1)})
		}
		s.settle()
		asked := 0
		for id, tick := range s.tickets {
			for n := range byte(5) {
				if !s.sees(actor(n), tick) {
					continue
				}
				asked++
				in := s.trackers[tick.Tracker]
				var got transitionsPage
				s.get(actor(n), "/tickets/"+string(id)+"/transitions").into(t, &got)
				var states []tracker.State
				for _, tr := range got.Transitions {
					states = append(states, tr.To)
					_, err := ticket.Decide(tick, ticket.ChangeState{To: tr.To}, ticket.Facts{Tracker: in, Actor: actor(n), OccurredAt: s.now})
					if tr.Allowed != (err == nil) || !tr.Allowed && (tr.Code != domain.CodeOf(err) || tr.Reason == "") || tr.Allowed && tr.Code != "" {
						t.Errorf("%s (%s) to %s by person %d: %+v, Decide says %v", id, tick.State, tr.To, n, tr, err)
					}
				}
				if diff := gocmp.Diff(tracker.States(), states); diff != "" {
					t.Error(diff)
				}
			}
		}
		if asked < 12 {
			t.Errorf("only %d questions", asked)
		}
	})
}

func TestTicketsOfDisabledStatesAreFoundWhereTheyHaveSomewhereToGo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 0)
		want := map[domain.TrackerKey][]domain.TicketID{}
		for _, key := range []domain.TrackerKey{"BUGS", "HELP"} {
			for range 2 {
				id := s.post(key, person(1), nil)
				s.move(id, tracker.Testing)
				want[key], want[""] = append(want[key], id), append(want[""], id)
			}
			s.post(key, person(1), nil)
			s.track(key, tracker.Configured{States: &[]tracker.State{tracker.Open}, Migrate: map[tracker.State]tracker.State{tracker.Testing: tracker.Open}})
		}
		s.settle()
		for _, key := range []domain.TrackerKey{"", "BUGS", "HELP", "TASKS"} {
			got, err := s.api.Stranded(s.ctx, key)
			s.must(err)
			slices.Sort(got)
			if diff := gocmp.Diff(want[key], got); diff != "" {
				t.Errorf("of %q: %s", key, diff)
			}
		}
		s.track("BUGS", tracker.Configured{States: &[]tracker.State{}}) // testing is enabled again
		s.settle()
		got, err := s.api.Stranded(s.ctx, "BUGS")
		s.must(err)
		if len(got) != 0 {
			t.Errorf("enabled again: %v", got)
		}
	})
}

func TestWhatCommandsAsk(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 30)
		meta := s.meta(person(1))
		meta.IdempotencyKey = "key"
		s.doWith("BUGS-900", meta, ticket.Posted{Tracker: "BUGS", Number: 900, Summary: "x", Reporter: person(1)})
		s.settle()
		if id, found, err := s.api.PostedBy(s.ctx, meta.CommandID); id != "BUGS-900" || !found || err != nil {
			t.Errorf("%s %v %v", id, found, err)
		}
		if id, found, err := s.api.PostedBy(s.ctx, uuid.New()); id != "" || found || err != nil {
			t.Errorf("%s %v %v", id, found, err)
		}
		for _, key := range []domain.TrackerKey{"BUGS", "HELP", "NONE"} {
			open, err := s.api.OpenByAssignee(s.ctx, key)
			s.must(err)
			count := map[domain.UserID]int{}
			for _, tick := range s.tickets {
				if tick.Tracker == key && tick.List == tracker.OpenList && tick.Assignee != "" {
					count[tick.Assignee]++
				}
			}
			if diff := gocmp.Diff(count, open); diff != "" {
				t.Errorf("%s: %s", key, diff)
			}
			got, err := s.api.StatesInUse(s.ctx, key)
			s.must(err)
			slices.Sort(got)
			var want []tracker.State
			for _, tick := range s.tickets {
				if tick.Tracker == key {
					want = append(want, tick.State)
				}
			}
			slices.Sort(want)
			if diff := gocmp.Diff(strings.Fields(fmt.Sprint(slices.Compact(want))), strings.Fields(fmt.Sprint(got))); diff != "" {
				t.Errorf("%s: %s", key, diff)
			}
		}
	})
}
