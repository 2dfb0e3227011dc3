package ticket

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/tracker"
)

var (
	few  = []domain.Topic{domain.Topic(tracker.Resolved), AboutComment}
	none = []domain.Topic{}
)

// defaults are those of the helper and the pupil; the others have none.
var defaults = map[domain.UserID][]domain.Topic{helper.ID: few, pupil.ID: {AboutComment}}

func TestTheTopicsAreTheStatesAndSixMore(t *testing.T) {
	t.Parallel()
	got := Topics()
	if len(got) != len(tracker.States())+6 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) {
		t.Errorf("got %v", got)
	}
}

func TestWhoReportsWritesOrIsAssignedWatches(t *testing.T) {
	t.Parallel()
	pupilsWatch := Watched{User: pupil.ID, Topics: []domain.Topic{AboutComment}, Automatic: true}
	helpersWatch := Watched{User: helper.ID, Topics: few, Automatic: true}
	bosssWatch := Watched{User: boss.ID, Topics: Topics(), Automatic: true}
	left := life(deed{pupil, pupilsWatch}, deed{pupil, Unwatched{pupil.ID}}, deed{helper, helpersWatch}, deed{boss, Unwatched{helper.ID}})
	for name, s := range map[string]spec{
		"the reporter, with their default":            {when: Post{Number: 1, Summary: "S"}, by: pupil, then: []Event{pupilsWatch}},
		"the reporter for whom staff post, not staff": {when: Post{Number: 1, Summary: "S", OnBehalfOf: pupil.ID}, by: helper, then: []Event{pupilsWatch}},
		"the assignee of a post":                      {when: Post{Number: 1, Summary: "S", OnBehalfOf: pupil.ID, Assignee: helper.ID}, by: boss, then: []Event{pupilsWatch, helpersWatch}},
		"the default assignee":                        {in: help(helperFirst), when: Post{Number: 1, Summary: "S"}, by: pupil, then: []Event{pupilsWatch, helpersWatch}},
		"who reports and is assigned, once":           {when: Post{Number: 1, Summary: "S", Assignee: helper.ID}, by: domain.Actor{ID: helper.ID, Admin: true}, then: []Event{helpersWatch}},
		"a commenter, with everything":                {given: life(), when: Comment{"Hi"}, by: boss, then: []Event{bosssWatch}},
		"who writes a note":                           {given: life(), when: AddNote{"Hm"}, by: helper, then: []Event{helpersWatch}},
		"who comments on a change of state":           {given: life(), when: ChangeState{To: tracker.Working, Comment: "Hi"}, by: helper, then: []Event{helpersWatch}},
		"not who changes a state mutely":              {given: life(), when: ChangeState{To: tracker.Working}, by: helper, then: nil},
		"not who edits":                               {given: life(), when: Edit{Summary: new("T")}, by: boss, then: nil},
		"an assignee":                                 {given: life(), when: Assign{helper.ID}, by: boss, then: []Event{helpersWatch}},
		"not who watches already, whatever their set": {given: life(deed{pupil, Watched{User: pupil.ID, Topics: none}}), when: Comment{"Hi"}, by: pupil, then: nil},
		"not who left, by a comment":                  {given: left, when: Comment{"Hi"}, by: pupil, then: nil},
		"not whom a manager removed, by a note":       {given: left, when: AddNote{"Hi"}, by: helper, then: nil},
		"who left, by being assigned":                 {given: left, when: Assign{helper.ID}, by: boss, then: []Event{helpersWatch}},
		"who came back by themselves watches already": {given: and(left, deed{pupil, Watched{User: pupil.ID, Topics: few}}), when: Comment{"Hi"}, by: pupil, then: nil},
		"an administrator who is no member":           {given: life(), when: Comment{"Hi"}, by: domain.Actor{ID: "usr_root", Admin: true}, then: []Event{Watched{User: "usr_root", Topics: Topics(), Automatic: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := s.decide()
			if err != nil {
				t.Fatal(err)
			}
			got = slices.DeleteFunc(got, func(e Event) bool { _, ok := e.(Watched); return !ok })
			if diff := cmp.Diff(s.then, got); diff != "" && len(got)+len(s.then) > 0 {
				t.Error(diff)
			}
		})
	}
}

func (s spec) decide() ([]Event, error) {
	if s.in.Key == "" {
		s.in = help()
	}
	return Decide(lived(s.given), s.when, Facts{Tracker: s.in, Actor: s.by, OccurredAt: monday.Add(time.Minute), WatchDefaults: defaults})
}

func TestWatchesAreSetByOneselfAndByWatchManagers(t *testing.T) {
	t.Parallel()
	wish := func(topics ...domain.Topic) *[]domain.Topic { return &topics }
	watching := life(deed{helper, Watched{User: helper.ID, Topics: few}})
	gone := func(t *tracker.Tracker) { delete(t.Members, pupil.ID) }
	for name, s := range map[string]spec{
		"oneself, with the default":              {given: life(), when: Watch{User: helper.ID}, by: helper, then: []Event{Watched{User: helper.ID, Topics: few}}},
		"oneself, with a set, in order and once": {given: life(), when: Watch{helper.ID, wish(AboutComment, "open", "open")}, by: helper, then: []Event{Watched{User: helper.ID, Topics: []domain.Topic{"open", AboutComment}}}},
		"silently":                               {given: life(), when: Watch{helper.ID, wish()}, by: helper, then: []Event{Watched{User: helper.ID, Topics: none}}},
		"another set":                            {given: watching, when: Watch{helper.ID, wish(AboutEdit)}, by: helper, then: []Event{Watched{User: helper.ID, Topics: []domain.Topic{AboutEdit}}}},
		"the same set is nothing":                {given: watching, when: Watch{helper.ID, wish(AboutComment, "resolved")}, by: helper},
		"no set leaves a watch as it is":         {given: watching, when: Watch{User: helper.ID}, by: helper},
		"an unknown change is refused":           {given: life(), when: Watch{helper.ID, wish("weather")}, by: helper, code: "invalid-input"},
		"a manager adds another reporter":        {given: life(), when: Watch{User: other.ID}, by: boss, then: []Event{Watched{User: other.ID, Topics: Topics()}}},
		"a manager adds no stranger":             {given: life(), when: Watch{User: visitor.ID}, by: boss, code: "invalid-input"},
		"a developer adds nobody":                {given: life(), when: Watch{User: other.ID}, by: helper, code: "right-missing"},
		"a reporter adds nobody":                 {given: life(), when: Watch{User: other.ID}, by: pupil, code: "right-missing"},
		"who does not see it cannot watch it":    {given: life(), when: Watch{User: other.ID}, by: other, code: "ticket-not-found"},
		"oneself, without the right": {in: help(func(t *tracker.Tracker) {
			t.RoleRights = map[domain.Role]domain.RightChanges{domain.Developer: {Revoked: []domain.Right{domain.Watch}}}
		}), given: life(), when: Watch{User: helper.ID}, by: helper, code: "right-missing"},
		"oneself no more":                            {given: watching, when: Unwatch{helper.ID}, by: helper, then: []Event{Unwatched{helper.ID}}},
		"a manager removes":                          {given: watching, when: Unwatch{helper.ID}, by: boss, then: []Event{Unwatched{helper.ID}}},
		"a developer removes nobody":                 {given: watching, when: Unwatch{helper.ID}, by: solver, code: "right-missing"},
		"who does not watch is nothing":              {given: life(), when: Unwatch{helper.ID}, by: helper},
		"a reporter who is no member any more stops": {in: help(gone), given: life(deed{pupil, Watched{User: pupil.ID}}), when: Unwatch{pupil.ID}, by: pupil, then: []Event{Unwatched{pupil.ID}}},
		"and may begin again":                        {in: help(gone), given: life(), when: Watch{pupil.ID, wish()}, by: pupil, then: []Event{Watched{User: pupil.ID, Topics: none}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := s.decide()
			if domain.CodeOf(err) != s.code && (err != nil || s.code != "") {
				t.Fatalf("got %v, %v; want %s", got, err, s.code)
			}
			if diff := cmp.Diff(s.then, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAMemberSeesWhatTheyWatch(t *testing.T) {
	t.Parallel()
	watched := life(deed{boss, Watched{User: other.ID}}, deed{boss, Watched{User: visitor.ID}})
	ended := and(watched, deed{boss, Unwatched{other.ID}})
	judge(t, map[string]spec{
		"a watcher":                  {given: watched, when: Comment{"Hi"}, by: other, then: []Event{Commented{Comment: 1, Body: "Hi"}}},
		"no longer":                  {given: ended, when: Comment{"Hi"}, by: other, code: "ticket-not-found"},
		"not one who is no member":   {given: watched, when: Comment{"Hi"}, by: visitor, code: "ticket-not-found"},
		"who watches is mentionable": {given: and(life(), deed{boss, Watched{User: bob}}), in: help(withAdaAndBob), when: Comment{"@" + string(bob)}, by: pupil, then: []Event{Commented{Comment: 1, Body: "@" + string(bob), Mentions: []domain.UserID{bob}}}},
	})
}
