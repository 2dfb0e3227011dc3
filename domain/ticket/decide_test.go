package ticket

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suivi/domain"
	"suivi/domain/tracker"
)

var (
	boss    = domain.Actor{ID: "usr_boss"}
	solver  = domain.Actor{ID: "usr_solver"}
	helper  = domain.Actor{ID: "usr_helper"}
	pupil   = domain.Actor{ID: "usr_pupil"}
	other   = domain.Actor{ID: "usr_other"} // another reporter
	visitor = domain.Actor{ID: "usr_visitor"}
	monday  = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
)

func help(change ...func(*tracker.Tracker)) tracker.Tracker {
	t := tracker.Tracker{
		Key: "HELP", Mode: domain.Ticketing, Workflow: tracker.Relaxed,
		Members: map[domain.UserID][]domain.Role{
			boss.ID: {domain.Manager}, solver.ID: {domain.Resolver}, helper.ID: {domain.Developer},
			pupil.ID: {domain.Reporter}, other.ID: {domain.Reporter},
		},
		Fields: []tracker.Field{
			{Code: "product", Type: tracker.Dropdown, Options: []tracker.Option{{Code: "a"}, {Code: "b"}, {Code: "old", Retired: true}}},
			{Code: "room", Type: tracker.Text},
		},
	}
	for _, c := range change {
		c(&t)
	}
	return t
}

func mandatory(t *tracker.Tracker) {
	t.Fields = []tracker.Field{{Code: "room", Type: tracker.Text, Mandatory: true}}
}
func strict(t *tracker.Tracker)      { t.Workflow, t.Mode = tracker.Strict, domain.Bugtracker }
func bugtracker(t *tracker.Tracker)  { t.Mode = domain.Bugtracker }
func taskspread(t *tracker.Tracker)  { t.Mode = domain.Taskspread }
func helperFirst(t *tracker.Tracker) { t.DefaultAssignee = helper.ID }
func migrating(t *tracker.Tracker) {
	*t = tracker.Evolve(*t, tracker.Configured{States: &[]tracker.State{tracker.Working}, Migrate: map[tracker.State]tracker.State{tracker.Testing: tracker.Working}}, domain.Meta{})
}
func inTurn(t *tracker.Tracker) {
	t.Assignment = tracker.Assignment{By: tracker.ByRoundRobin, Among: []domain.UserID{helper.ID, solver.ID}}
}
func archived(t *tracker.Tracker)  { t.Archived = true }
func mute(t *tracker.Tracker)      { t.CommentsOff = true }
func goneFirst(t *tracker.Tracker) { t.DefaultAssignee = "usr_gone" }

// by changes the rights of a role by hand.
func by(role domain.Role, granted []domain.Right, revoked ...domain.Right) func(*tracker.Tracker) {
	return func(t *tracker.Tracker) {
		*t = tracker.Evolve(*t, tracker.RightsSet{Role: role, RightChanges: domain.RightChanges{Granted: granted, Revoked: revoked}}, domain.Meta{})
	}
}

// posted is a ticket of the pupil, with what happened since.
func posted(more ...Event) []Event {
	return append([]Event{Posted{
		Tracker: "HELP", Number: 1, Summary: "No sound", Description: "Since today",
		Answers: map[string]string{"product": "a"}, Reporter: pupil.ID,
	}}, more...)
}

func given(events []Event) Ticket {
	var t Ticket
	for _, e := range events {
		t = Evolve(t, e, domain.Meta{OccurredAt: monday})
	}
	return t
}

var opened = []Event{StateChanged{tracker.Posted, tracker.Open}}

var assignedToHelper = Assigned{Assignee: helper.ID}

func TestDecide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in    tracker.Tracker
		given []Event
		when  Command
		by    domain.Actor
		at    time.Time
		then  []Event
		code  string
	}{
		"a reporter posts": {
			when: Post{Number: 1, Summary: " No sound ", Description: "Since today", Answers: map[string]string{"product": "a", "room": ""}}, by: pupil,
			then: posted(),
		},
		"the default assignee is given it":              {in: help(helperFirst), when: Post{Number: 1, Summary: "S"}, by: pupil, then: []Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Reporter: pupil.ID}, assignedToHelper}},
		"the tracker's way finds the assignee":          {in: help(inTurn), when: Post{Number: 2, Summary: "S"}, by: pupil, then: []Event{Posted{Tracker: "HELP", Number: 2, Summary: "S", Reporter: pupil.ID}, Assigned{Assignee: solver.ID}}},
		"whom staff name comes before the way":          {in: help(inTurn), when: Post{Number: 2, Summary: "S", Assignee: helper.ID}, by: boss, then: []Event{Posted{Tracker: "HELP", Number: 2, Summary: "S", Reporter: boss.ID}, assignedToHelper}},
		"a default assignee who has left is not":        {in: help(goneFirst), when: Post{Number: 1, Summary: "S"}, by: pupil, then: []Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Reporter: pupil.ID}}},
		"a summary is required":                         {when: Post{Number: 1, Summary: " "}, by: pupil, code: "invalid-input"},
		"a summary has at most 255 characters":          {when: Post{Number: 1, Summary: strings.Repeat("é", 256)}, by: pupil, code: "invalid-input"},
		"a summary is one line":                         {when: Post{Number: 1, Summary: "a\nb"}, by: pupil, code: "invalid-input"},
		"a summary is text":                             {when: Post{Number: 1, Summary: "a\x00b"}, by: pupil, code: "invalid-input"},
		"a description is text":                         {when: Post{Number: 1, Summary: "S", Description: "a\x00b"}, by: pupil, code: "invalid-input"},
		"an answer is text":                             {when: Post{Number: 1, Summary: "S", Answers: map[string]string{"room": "\x00"}}, by: pupil, code: "invalid-input"},
		"a description has at most 64 KiB":              {when: Post{Number: 1, Summary: "S", Description: strings.Repeat("x", 64*1024+1)}, by: pupil, code: "invalid-input"},
		"an answer is one of the options":               {when: Post{Number: 1, Summary: "S", Answers: map[string]string{"product": "c"}}, by: pupil, code: "invalid-input"},
		"a retired option is no longer taken":           {when: Post{Number: 1, Summary: "S", Answers: map[string]string{"product": "old"}}, by: pupil, code: "invalid-input"},
		"an answer belongs to a field":                  {when: Post{Number: 1, Summary: "S", Answers: map[string]string{"colour": "red"}}, by: pupil, code: "invalid-input"},
		"a text answer has at most 255 characters":      {when: Post{Number: 1, Summary: "S", Answers: map[string]string{"room": strings.Repeat("x", 256)}}, by: pupil, code: "invalid-input"},
		"a mandatory field is answered":                 {in: help(mandatory), when: Post{Number: 1, Summary: "S"}, by: pupil, code: "invalid-input"},
		"who is no member is told that there is none":   {when: Post{Number: 1, Summary: "S"}, by: visitor, code: "tracker-not-found"},
		"a reporter posts for nobody else":              {when: Post{Number: 1, Summary: "S", OnBehalfOf: other.ID}, by: pupil, code: "right-missing"},
		"a reporter posts in no other state":            {when: Post{Number: 1, Summary: "S", State: tracker.Open}, by: pupil, code: "right-missing"},
		"a reporter assigns nobody":                     {when: Post{Number: 1, Summary: "S", Assignee: helper.ID}, by: pupil, code: "right-missing"},
		"staff post for a person who has an account":    {when: Post{Number: 1, Summary: "S", OnBehalfOf: "usr_ghost"}, by: boss, code: "invalid-input"},
		"staff post for somebody, assigned and working": {when: Post{Number: 1, Summary: "S", OnBehalfOf: pupil.ID, Assignee: helper.ID, State: tracker.Working}, by: boss, then: []Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Reporter: pupil.ID}, assignedToHelper, StateChanged{tracker.Posted, tracker.Working}}},

		"the reporter edits what is named, and only what differs": {
			given: posted(), when: Edit{Summary: new("No sound"), Description: new("New"), Answers: map[string]string{"product": "b", "room": ""}}, by: pupil,
			then: []Event{Edited{Description: new("New"), Answers: map[string]string{"product": "b"}}},
		},
		"an edit that changes nothing is nothing":          {given: posted(), when: Edit{Summary: new("No sound"), Answers: map[string]string{"product": "a"}}, by: pupil},
		"an empty answer takes it away":                    {given: posted(), when: Edit{Answers: map[string]string{"product": ""}}, by: pupil, then: []Event{Edited{Answers: map[string]string{"product": ""}}}},
		"a retired option may stay":                        {given: posted(Edited{Answers: map[string]string{"product": "old"}}), when: Edit{Summary: new("S"), Answers: map[string]string{"product": "old"}}, by: pupil, then: []Event{Edited{Summary: new("S"), Answers: map[string]string{}}}},
		"a developer does not edit":                        {given: posted(), when: Edit{Summary: new("S")}, by: helper, code: "right-missing"},
		"a manager edits":                                  {given: posted(), when: Edit{Summary: new("S")}, by: boss, then: []Event{Edited{Summary: new("S"), Answers: map[string]string{}}}},
		"another reporter is told that there is none":      {given: posted(), when: Edit{Summary: new("S")}, by: other, code: "ticket-not-found"},
		"another reporter of a bugtracker sees, edits not": {in: help(bugtracker), given: posted(), when: Edit{Summary: new("S")}, by: other, code: "right-missing"},
		"a developer of a taskspread sees their own":       {in: help(taskspread), given: posted(), when: Comment{"Hi"}, by: helper, code: "ticket-not-found"},
		"the assignee sees":                                {in: help(taskspread), given: posted(assignedToHelper), when: Comment{"Hi"}, by: helper, then: []Event{Commented{Comment: 1, Body: "Hi"}}},
		"a resolver writes the resolution":                 {given: posted(), when: Edit{Resolution: new("Unmuted")}, by: solver, then: []Event{ResolutionWritten{"Unmuted"}}},
		"the reporter does not write the resolution":       {given: posted(), when: Edit{Resolution: new("Unmuted")}, by: pupil, code: "right-missing"},

		"a worker changes the state":                  {given: posted(), when: ChangeState{To: tracker.Working}, by: helper, then: []Event{StateChanged{tracker.Posted, tracker.Working}}},
		"a reporter does not":                         {given: posted(), when: ChangeState{To: tracker.Working}, by: pupil, code: "role-missing"},
		"the same state is no change":                 {given: posted(), when: ChangeState{To: tracker.Posted}, by: helper, code: "no-change"},
		"a disabled state is refused":                 {given: posted(), when: ChangeState{To: tracker.Testing}, by: helper, code: "state-disabled"},
		"transferred is for cascades":                 {given: posted(), when: ChangeState{To: tracker.Transferred}, by: boss, code: "transition-forbidden"},
		"a state is one of the eleven":                {given: posted(), when: ChangeState{To: "asleep"}, by: boss, code: "unknown-state"},
		"strict forbids what the graph does not have": {in: help(strict), given: posted(), when: ChangeState{To: tracker.Testing}, by: helper, code: "transition-forbidden"},
		"strict lets the reporter validate their own": {in: help(strict), given: posted(StateChanged{tracker.Posted, tracker.Resolved}), when: ChangeState{To: tracker.Validated}, by: pupil, then: []Event{StateChanged{tracker.Resolved, tracker.Validated}}},
		"strict does not let other reporters":         {in: help(strict), given: posted(StateChanged{tracker.Posted, tracker.Resolved}), when: ChangeState{To: tracker.Validated}, by: other, code: "role-missing"},
		"a resolver solves with comment and resolution in one": {
			given: posted(), when: ChangeState{To: tracker.Resolved, Comment: "Done", Resolution: "Unmuted"}, by: solver,
			then: []Event{Commented{Comment: 1, Body: "Done"}, ResolutionWritten{"Unmuted"}, StateChanged{tracker.Posted, tracker.Resolved}},
		},
		"a developer does not write a resolution with it":       {given: posted(), when: ChangeState{To: tracker.Resolved, Resolution: "Unmuted"}, by: helper, code: "right-missing"},
		"the same resolution again is not written":              {given: posted(ResolutionWritten{"U"}), when: ChangeState{To: tracker.Resolved, Resolution: "U"}, by: solver, then: []Event{StateChanged{tracker.Posted, tracker.Resolved}}},
		"a manager assigns a worker":                            {given: posted(), when: Assign{helper.ID}, by: boss, then: []Event{assignedToHelper}},
		"a manager reassigns":                                   {given: posted(assignedToHelper), when: Assign{solver.ID}, by: boss, then: []Event{Assigned{Assignee: solver.ID, Previous: helper.ID}}},
		"the same assignee is nothing":                          {given: posted(assignedToHelper), when: Assign{helper.ID}, by: boss},
		"a reporter is not assigned":                            {given: posted(), when: Assign{pupil.ID}, by: boss, code: "invalid-input"},
		"a worker takes what nobody has":                        {given: posted(), when: Assign{helper.ID}, by: helper, then: []Event{assignedToHelper}},
		"a worker does not take from another":                   {given: posted(assignedToHelper), when: Assign{solver.ID}, by: solver, code: "right-missing"},
		"a worker assigns nobody else":                          {given: posted(), when: Assign{solver.ID}, by: helper, code: "right-missing"},
		"the reporter takes nothing":                            {given: posted(), when: Assign{pupil.ID}, by: pupil, code: "right-missing"},
		"the assignee gives it back":                            {given: posted(assignedToHelper), when: Unassign{}, by: helper, then: []Event{Unassigned{helper.ID}}},
		"a manager takes it from the assignee":                  {given: posted(assignedToHelper), when: Unassign{}, by: boss, then: []Event{Unassigned{helper.ID}}},
		"another worker does not":                               {given: posted(assignedToHelper), when: Unassign{}, by: solver, code: "right-missing"},
		"nobody assigned is nothing":                            {given: posted(), when: Unassign{}, by: boss},
		"the reporter comments":                                 {given: posted(Commented{Comment: 1, Body: "Hi"}), when: Comment{"Please"}, by: pupil, then: []Event{Commented{Comment: 2, Body: "Please"}}},
		"a comment says something":                              {given: posted(), when: Comment{""}, by: pupil, code: "invalid-input"},
		"a comment has at most 64 KiB":                          {given: posted(), when: Comment{strings.Repeat("x", 64*1024+1)}, by: pupil, code: "invalid-input"},
		"a ticket that is not there is not found":               {when: Comment{"Hi"}, by: boss, code: "ticket-not-found"},
		"history does not go back":                              {given: posted(), when: Comment{"Hi"}, by: boss, at: monday.Add(-time.Second), code: "before-last-change"},
		"a worker who sees a posted ticket opens it":            {given: posted(), when: See{}, by: helper, then: opened},
		"also in a strict workflow":                             {in: help(strict), given: posted(), when: See{}, by: boss, then: opened},
		"its reporter does not":                                 {given: posted(), when: See{}, by: pupil},
		"nor when they could work on it":                        {in: help(func(t *tracker.Tracker) { t.Members[pupil.ID] = []domain.Role{domain.Developer} }), given: posted(), when: See{}, by: pupil},
		"nor a mere reader":                                     {in: help(bugtracker), given: posted(), when: See{}, by: other},
		"nor who has lost the right to work on it":              {in: help(by(domain.Developer, nil, domain.BeAssignee)), given: posted(), when: See{}, by: helper},
		"nor an administrator who is no member":                 {given: posted(), when: See{}, by: domain.Actor{ID: "usr_admin", Admin: true}},
		"nor a worker who may not see it":                       {in: help(taskspread), given: posted(), when: See{}, by: helper},
		"a ticket that is at work stays there":                  {given: posted(StateChanged{tracker.Posted, tracker.Working}), when: See{}, by: helper},
		"where open is disabled it stays posted":                {in: help(func(t *tracker.Tracker) { t.Chosen = []tracker.State{tracker.Working} }), given: posted(), when: See{}, by: helper},
		"where all is archived it stays posted":                 {in: help(archived), given: posted(), when: See{}, by: helper},
		"nobody posts in an archived tracker":                   {in: help(archived), when: Post{Number: 1, Summary: "S"}, by: boss, code: "tracker-archived"},
		"a stranger is not told that it is archived":            {in: help(archived), when: Post{Number: 1, Summary: "S"}, by: visitor, code: "tracker-not-found"},
		"nobody changes a ticket of it":                         {in: help(archived), given: posted(), when: ChangeState{To: tracker.Working}, by: boss, code: "tracker-archived"},
		"nobody comments there":                                 {in: help(archived), given: posted(), when: Comment{"Hi"}, by: pupil, code: "tracker-archived"},
		"nobody edits there":                                    {in: help(archived), given: posted(), when: Edit{Summary: new("S")}, by: pupil, code: "tracker-archived"},
		"nobody takes there":                                    {in: help(archived), given: posted(), when: Assign{helper.ID}, by: helper, code: "tracker-archived"},
		"what was told to move before still does":               {in: help(migrating, archived), given: posted(StateChanged{tracker.Posted, tracker.Testing}), when: Migrate{}, by: boss, then: []Event{StateChanged{tracker.Testing, tracker.Working}}},
		"no comments where they are off":                        {in: help(mute), given: posted(), when: Comment{"Hi"}, by: boss, code: "comments-disabled"},
		"nor with a change of state":                            {in: help(mute), given: posted(), when: ChangeState{To: tracker.Working, Comment: "Hi"}, by: boss, code: "comments-disabled"},
		"states change where comments are off":                  {in: help(mute), given: posted(), when: ChangeState{To: tracker.Working}, by: helper, then: []Event{StateChanged{tracker.Posted, tracker.Working}}},
		"a ticket leaves a state that was disabled":             {in: help(migrating), given: posted(StateChanged{tracker.Posted, tracker.Testing}), when: Migrate{}, by: visitor, then: []Event{StateChanged{tracker.Testing, tracker.Working}}},
		"strict rules do not hold it there":                     {in: help(strict, migrating), given: posted(StateChanged{tracker.Posted, tracker.Testing}), when: Migrate{}, by: visitor, then: []Event{StateChanged{tracker.Testing, tracker.Working}}},
		"a ticket in an enabled state does not migrate":         {in: help(migrating), given: posted(), when: Migrate{}, by: boss},
		"what was not posted does not migrate":                  {in: help(migrating), when: Migrate{}, by: boss, code: "ticket-not-found"},
		"who may no longer comment does not":                    {in: help(by(domain.Reporter, nil, domain.CommentOn)), given: posted(), when: Comment{"Hi"}, by: pupil, code: "right-missing"},
		"a reporter with the right changes the state":           {in: help(by(domain.Reporter, []domain.Right{domain.ChangeState})), given: posted(), when: ChangeState{To: tracker.Working}, by: pupil, then: []Event{StateChanged{tracker.Posted, tracker.Working}}},
		"a worker without the right does not":                   {in: help(by(domain.Developer, nil, domain.ChangeState)), given: posted(), when: ChangeState{To: tracker.Working}, by: helper, code: "role-missing"},
		"an administrator always does":                          {in: help(by(domain.Developer, nil, domain.ChangeState), by(domain.Resolver, nil, domain.ChangeState), by(domain.Manager, nil, domain.ChangeState)), given: posted(), when: ChangeState{To: tracker.Working}, by: domain.Actor{ID: "usr_admin", Admin: true}, then: []Event{StateChanged{tracker.Posted, tracker.Working}}},
		"who cannot be assignee is not given it":                {in: help(by(domain.Developer, nil, domain.BeAssignee)), given: posted(), when: Assign{helper.ID}, by: boss, code: "invalid-input"},
		"a default assignee without the right is passed over":   {in: help(helperFirst, by(domain.Developer, nil, domain.BeAssignee)), when: Post{Number: 1, Summary: "S"}, by: pupil, then: []Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Reporter: pupil.ID}}},
		"another reporter who was granted it sees":              {in: help(by(domain.Reporter, []domain.Right{domain.SeeAll})), given: posted(), when: Comment{"Hi"}, by: other, then: []Event{Commented{Comment: 1, Body: "Hi"}}},
		"a former member still sees what they reported, mutely": {in: help(func(t *tracker.Tracker) { delete(t.Members, pupil.ID) }), given: posted(), when: Comment{"Hi"}, by: pupil, code: "right-missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !c.in.Exists() {
				c.in = help()
			}
			if c.at.IsZero() {
				c.at = monday
			}
			facts := Facts{Tracker: c.in, Actor: c.by, OccurredAt: c.at, UnknownUsers: []domain.UserID{"usr_ghost"}}
			got, err := Decide(given(c.given), c.when, facts)
			if c.code != "" {
				if err == nil || domain.CodeOf(err) != c.code {
					t.Fatalf("got %v, %v; want %s", got, err, c.code)
				}
				return
			}
			if diff := cmp.Diff(c.then, seen(got)); err != nil || diff != "" {
				t.Errorf("got %v, %v; want %v\n%s", got, err, c.then, diff)
			}
		})
	}
}

func TestManyAtOnceIsForManagers(t *testing.T) {
	t.Parallel()
	for actor, want := range map[domain.Actor]string{boss: "", {ID: "usr_root", Admin: true}: "", solver: "right-missing", pupil: "right-missing", other: "ticket-not-found"} {
		_, err := Decide(given(posted()), Comment{"Hi"}, Facts{Tracker: help(), Actor: actor, OccurredAt: monday, Bulk: true})
		if err == nil && want != "" || err != nil && domain.CodeOf(err) != want {
			t.Errorf("%v: got %v, want %q", actor, err, want)
		}
	}
}

// seen leaves out automatic watches, which watch_test.go is about.
func seen(events []Event) []Event {
	return slices.DeleteFunc(events, func(e Event) bool {
		watched, ok := e.(Watched)
		return ok && watched.Automatic
	})
}

func TestEvolveFoldsAWholeLife(t *testing.T) {
	t.Parallel()
	friday := monday.AddDate(0, 0, 4)
	got := given(posted(assignedToHelper, StateChanged{tracker.Posted, tracker.Working}, Commented{Comment: 1, Body: "Hi"},
		Edited{Summary: new("Still no sound"), Answers: map[string]string{"product": "", "room": "12"}}, ResolutionWritten{"Unmuted"}))
	got = Evolve(got, StateChanged{tracker.Working, tracker.Validated}, domain.Meta{OccurredAt: friday})
	want := Ticket{
		ID: "HELP-1", Tracker: "HELP", Number: 1, State: tracker.Validated, List: tracker.ResolvedList,
		Summary: "Still no sound", Description: "Since today", Answers: map[string]string{"room": "12"},
		Resolution: "Unmuted", Reporter: pupil.ID, Assignee: helper.ID, Comments: 1,
		ReportedAt: monday, UpdatedAt: friday, Version: 7,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Ticket{}, "Inner")); diff != "" {
		t.Error(diff)
	}
}

func TestEvolveSharesNothing(t *testing.T) {
	t.Parallel()
	life := posted(Commented{Comment: 1, Body: "Hi"}, Watched{User: pupil.ID}, Unwatched{User: boss.ID})
	before, same := given(life), given(life)
	for _, event := range []Event{
		Edited{Answers: map[string]string{"product": "b", "room": "1"}},
		Commented{Comment: 2, Body: "Ho"}, Watched{User: "usr_1"}, Unwatched{User: pupil.ID}, NoteAdded{Note: 1, Body: "Hm"}, CommentEdited{Comment: 1, Body: "Hello"}, CommentDeleted{Comment: 1},
	} {
		Evolve(before, event, domain.Meta{})
	}
	if diff := cmp.Diff(same, before); diff != "" {
		t.Error(diff)
	}
}
