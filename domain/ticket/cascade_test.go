package ticket

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/tracker"
)

func below(t *tracker.Tracker)     { t.Parent = "TOP" }
func resolving(t *tracker.Tracker) { t.Parent, t.BackReport = "TOP", tracker.ReportResolve }
func telling(t *tracker.Tracker)   { t.Parent, t.ReportComments = "TOP", true }

var (
	sent     = deed{solver, Cascaded{Link: "l-1", To: "TOP"}}
	up       = deed{solver, StateChanged{tracker.Posted, tracker.Transferred}}
	aimed    = deed{solver, CascadeLinked{Link: "l-1", Copy: "TOP-3"}}
	back     = StateChanged{tracker.Transferred, tracker.Open}
	recalled = deed{solver, CascadeEnded{Link: "l-1", Why: EndRecalled}}
)

// cascaded is a ticket that was sent up, with what was done since.
func cascaded(more ...deed) []deed { return and(life(sent, up, aimed), more...) }

func TestATicketIsSentToTheParentOnce(t *testing.T) {
	t.Parallel()
	send := Cascade{Link: "l-1"}
	gone := []Event{sent.event, up.event}
	judge(t, map[string]spec{
		"a resolver sends":                {in: help(below), given: life(), when: send, by: solver, then: gone},
		"with a comment":                  {in: help(below), given: life(), when: Cascade{"l-1", "Yours"}, by: boss, then: append([]Event{Commented{Comment: 1, Body: "Yours"}}, gone...)},
		"where comments are off, none":    {in: help(below, mute), given: life(), when: Cascade{"l-1", "Yours"}, by: boss, code: "comments-disabled"},
		"a closed one as well":            {in: help(below), given: life(deed{solver, StateChanged{tracker.Posted, tracker.Resolved}}), when: send, by: solver, then: []Event{sent.event, StateChanged{tracker.Resolved, tracker.Transferred}}},
		"a strict workflow has no say":    {in: help(below, strict), given: life(), when: send, by: solver, then: gone},
		"a developer does not":            {in: help(below), given: life(), when: send, by: helper, code: "right-missing"},
		"who does not see it neither":     {in: help(below), given: life(), when: send, by: other, code: "ticket-not-found"},
		"a tracker without a parent":      {given: life(), when: send, by: solver, code: "no-parent"},
		"an archived tracker":             {in: help(below, archived), given: life(), when: send, by: solver, code: "tracker-archived"},
		"one that was sent":               {in: help(below), given: cascaded(), when: send, by: solver, code: "no-change"},
		"one that was closed by its copy": {in: help(below), given: cascaded(deed{boss, StateChanged{tracker.Transferred, tracker.Resolved}}), when: send, by: solver, code: "still-linked"},
		"one that came back, again":       {in: help(below), given: cascaded(recalled, deed{solver, back}), when: Cascade{Link: "l-2"}, by: solver, then: []Event{Cascaded{"l-2", "TOP"}, StateChanged{tracker.Open, tracker.Transferred}}},
		"nobody else leads out of it":     {in: help(below), given: cascaded(), when: ChangeState{To: tracker.Open}, by: boss, code: "transition-forbidden"},
	})
}

func TestATicketIsCalledBackHandedBackOrFallsBack(t *testing.T) {
	t.Parallel()
	copied := []deed{{solver, Posted{Tracker: "HELP", Number: 3, Summary: "S", Reporter: pupil.ID, CopyOf: &Original{"LOW-1", "l-1"}}}}
	refused := CascadeRefused{Link: "l-1", Reason: "Not ours"}
	noAbandoned := func(t *tracker.Tracker) { t.Chosen = []tracker.State{tracker.Open, tracker.Resolved} }
	noOpen := func(t *tracker.Tracker) { t.Chosen = []tracker.State{tracker.Working} }
	closed := cascaded(deed{boss, StateChanged{tracker.Transferred, tracker.Resolved}})
	judge(t, map[string]spec{
		"a resolver recalls":                {given: cascaded(), when: Recall{}, by: solver, then: []Event{recalled.event, back}},
		"also one that its copy closed":     {given: closed, when: Recall{}, by: solver, then: []Event{recalled.event, StateChanged{tracker.Resolved, tracker.Open}}},
		"a developer does not":              {given: cascaded(), when: Recall{}, by: helper, code: "right-missing"},
		"one that was not sent":             {given: life(), when: Recall{}, by: solver, code: "not-linked"},
		"one that is back":                  {given: cascaded(recalled, deed{solver, back}), when: Recall{}, by: solver, code: "not-linked"},
		"where open is not used: posted":    {in: help(noOpen), given: cascaded(), when: Recall{}, by: solver, then: []Event{recalled.event, StateChanged{tracker.Transferred, tracker.Posted}}},
		"a copy is handed back":             {given: copied, when: Refuse{"Not ours"}, by: solver, then: []Event{refused, StateChanged{tracker.Posted, tracker.Abandoned}}},
		"with a reason":                     {given: copied, when: Refuse{" "}, by: solver, code: "invalid-input"},
		"by who may":                        {given: copied, when: Refuse{"Not ours"}, by: helper, code: "right-missing"},
		"once":                              {given: and(copied, deed{solver, refused}), when: Refuse{"No"}, by: solver, code: "not-linked"},
		"while it is linked":                {given: and(copied, recalled), when: Refuse{"No"}, by: solver, code: "not-linked"},
		"while it is open":                  {given: and(copied, deed{solver, StateChanged{tracker.Posted, tracker.Resolved}}), when: Refuse{"No"}, by: solver, code: "not-open"},
		"only where abandoned is used":      {in: help(noAbandoned), given: copied, when: Refuse{"No"}, by: solver, code: "state-disabled"},
		"another ticket is not":             {given: life(), when: Refuse{"No"}, by: solver, code: "not-linked"},
		"the original hears of its end":     {given: cascaded(), when: End{"l-1", EndRefused, "Not ours"}, by: boss, then: []Event{CascadeEnded{"l-1", EndRefused, "Not ours"}, back}},
		"once, however often it is told":    {given: cascaded(recalled, deed{solver, back}), when: End{"l-1", EndDeleted, ""}, by: boss},
		"not of another link's":             {given: cascaded(), when: End{"l-0", EndDeleted, ""}, by: boss},
		"one that was closed stays so":      {given: closed, when: End{"l-1", EndDeleted, ""}, by: boss, then: []Event{CascadeEnded{"l-1", EndDeleted, ""}}},
		"unless its copy is handed back":    {given: closed, when: End{"l-1", EndRefused, "No"}, by: boss, then: []Event{CascadeEnded{"l-1", EndRefused, "No"}, StateChanged{tracker.Resolved, tracker.Open}}},
		"a deleted one falls back as well":  {given: cascaded(deed{boss, Deleted{}}), when: End{"l-1", EndDeleted, ""}, by: boss, then: []Event{CascadeEnded{"l-1", EndDeleted, ""}, back}},
		"the copy hears of it and lives on": {given: copied, when: End{"l-1", EndRecalled, ""}, by: solver, then: []Event{recalled.event}},
		"once as well":                      {given: and(copied, recalled), when: End{"l-1", EndRecalled, ""}, by: solver},
		"an archived tracker takes nothing": {in: help(archived), given: cascaded(), when: End{"l-1", EndDeleted, ""}, by: boss, code: "tracker-archived"},
		"who opens a closed one ends it":    {given: closed, when: ChangeState{To: tracker.Working}, by: solver, then: []Event{StateChanged{tracker.Resolved, tracker.Working}, CascadeEnded{"l-1", EndReopened, ""}}},
		"who validates it does not":         {given: closed, when: ChangeState{To: tracker.Validated}, by: solver, then: []Event{StateChanged{tracker.Resolved, tracker.Validated}}},
	})
}

func TestWhatHappensToTheCopyIsReported(t *testing.T) {
	t.Parallel()
	came := func(to tracker.State) Report {
		return Report{Link: "l-1", Event: StateChanged{tracker.Open, to}, Author: "usr_above", At: monday, Resolution: "Unmuted"}
	}
	told := func(to tracker.State) Event { return CascadeReported{Link: "l-1", State: to} }
	closed := cascaded(deed{boss, ResolutionWritten{"Unmuted"}}, deed{boss, StateChanged{tracker.Transferred, tracker.Resolved}})
	said := func(link string) Report {
		return Report{Link: link, Event: Commented{Comment: 4, Body: "Look"}, Author: "usr_above", At: monday.Add(-time.Hour)}
	}
	heard := Commented{Comment: 1, Body: "Look", Copied: &Copied{"l-1", 4, "usr_above", monday.Add(-time.Hour)}}
	hearing := cascaded(deed{boss, heard})
	written := ResolutionWritten{"Unmuted"}
	judge(t, map[string]spec{
		"a state, as a fact":                {given: cascaded(), when: came(tracker.Resolved), then: []Event{told(tracker.Resolved)}},
		"where it resolves, as a change":    {in: help(resolving), given: cascaded(), when: came(tracker.Validated), then: []Event{told(tracker.Validated), written, StateChanged{tracker.Transferred, tracker.Resolved}}},
		"abandoned as well":                 {in: help(resolving), given: cascaded(), when: came(tracker.Abandoned), then: []Event{told(tracker.Abandoned), StateChanged{tracker.Transferred, tracker.Abandoned}}},
		"other states as facts":             {in: help(resolving), given: cascaded(), when: came(tracker.Working), then: []Event{told(tracker.Working)}},
		"validated after resolved":          {in: help(resolving), given: closed, when: came(tracker.Validated), then: []Event{told(tracker.Validated)}},
		"worked on again":                   {in: help(resolving), given: closed, when: came(tracker.Working), then: []Event{told(tracker.Working), StateChanged{tracker.Resolved, tracker.Transferred}}},
		"what people did since stays":       {in: help(resolving), given: and(closed, deed{pupil, StateChanged{tracker.Resolved, tracker.Validated}}), when: came(tracker.Working), then: []Event{told(tracker.Working)}},
		"a resolution, as a fact":           {given: cascaded(), when: Report{Link: "l-1", Event: written}, then: []Event{CascadeReported{Link: "l-1", Resolution: new("Unmuted")}}},
		"a better one replaces the first":   {in: help(resolving), given: closed, when: Report{Link: "l-1", Event: ResolutionWritten{"Louder"}}, then: []Event{CascadeReported{Link: "l-1", Resolution: new("Louder")}, ResolutionWritten{"Louder"}}},
		"not after the end":                 {in: help(resolving), given: cascaded(recalled, deed{solver, back}), when: came(tracker.Resolved)},
		"nor by another link":               {in: help(telling), given: cascaded(), when: said("l-0")},
		"a comment where it is wanted":      {in: help(telling), given: cascaded(), when: said("l-1"), then: []Event{heard}},
		"not elsewhere":                     {in: help(below), given: cascaded(), when: said("l-1")},
		"nor where comments are off":        {in: help(telling, mute), given: cascaded(), when: said("l-1")},
		"nor what came from here":           {in: help(telling), given: cascaded(), when: Report{Link: "l-1", Event: Commented{Comment: 1, Body: "Hi", Copied: &Copied{Link: "l-1", Comment: 1}}}},
		"its edit":                          {in: help(below), given: hearing, when: Report{Link: "l-1", Event: CommentEdited{Comment: 4, Body: "See"}}, then: []Event{CommentEdited{Comment: 1, Body: "See"}}},
		"its deletion":                      {given: hearing, when: Report{Link: "l-1", Event: CommentDeleted{4}}, then: []Event{CommentDeleted{1}}},
		"once":                              {given: and(hearing, deed{boss, CommentDeleted{1}}), when: Report{Link: "l-1", Event: CommentDeleted{4}}},
		"not of a comment that was not":     {given: hearing, when: Report{Link: "l-1", Event: CommentDeleted{1}}},
		"an archived tracker takes nothing": {in: help(archived), given: cascaded(), when: came(tracker.Resolved), code: "tracker-archived"},
		"the copy is chosen":                {given: life(sent, up), when: Aim{Link: "l-1", Copy: "TOP-3"}, then: []Event{aimed.event}},
		"and only once":                     {given: cascaded(), when: Aim{Link: "l-1", Copy: "TOP-4"}},
		"anew when its number was lost":     {given: cascaded(), when: Aim{Link: "l-1", Copy: "TOP-4", InsteadOf: "TOP-3"}, then: []Event{CascadeLinked{"l-1", "TOP-4"}}},
		"not after the end ":                {given: cascaded(recalled), when: Aim{Link: "l-1", Copy: "TOP-4", InsteadOf: "TOP-3"}},
		"internal notes above are not told": {in: help(telling), given: cascaded(), when: Report{Link: "l-1", Event: NoteAdded{Note: 1, Body: "Hm"}}},
	})
}

func TestACopyHasWhatEverybodySeesOfItsOriginal(t *testing.T) {
	t.Parallel()
	from := help(below, func(t *tracker.Tracker) {
		t.Fields = append(t.Fields, tracker.Field{Code: "scan", Type: tracker.File}, tracker.Field{Code: "private", Type: tracker.File, Hidden: true}, tracker.Field{Code: "secret", Type: tracker.Text, Hidden: true}, tracker.Field{Code: "odd", Type: tracker.Number}, tracker.Field{Code: "bad", Type: tracker.Number})
	})
	top := tracker.Tracker{
		Key: "TOP", Mode: domain.Bugtracker, DefaultAssignee: "usr_top", NewTickets: tracker.AtTop,
		Members: map[domain.UserID][]domain.Role{"usr_top": {domain.Developer}},
		Fields: []tracker.Field{
			{Code: "product", Type: tracker.Dropdown, Options: []tracker.Option{{Code: "a"}}}, {Code: "secret", Type: tracker.Text}, {Code: "odd", Type: tracker.Text},
			{Code: "scan", Type: tracker.File}, {Code: "private", Type: tracker.File},
			{Code: "bad", Type: tracker.Number}, {Code: "must", Type: tracker.Text, Mandatory: true}, {Code: "room", Type: tracker.Text, Default: "1"},
			{Code: "if", Type: tracker.Text, Default: "x", Condition: &tracker.Condition{Field: "product", Answers: []string{"b"}}},
		},
	}
	a, b, note := FileAttached{File: file("att_a")}, FileAttached{File: file("att_b"), Comment: 2}, FileAttached{File: file("att_big"), Note: 1, Internal: true}
	scanID, privateID := domain.NewAttachmentID("scan", 0), domain.NewAttachmentID("private", 0)
	scan := FileAttached{File: file(scanID), Field: "scan"}
	deeds := []deed{
		{pupil, Posted{Tracker: "HELP", Number: 1, Summary: "No sound", Description: "![](attachment:att_a)", Reporter: pupil.ID,
			Answers: map[string]string{"product": "a", "secret": "s3cret", "odd": "7", "bad": "x", "gone": "g", "scan": string(scanID), "private": string(privateID)}}},
		{pupil, scan}, {pupil, FileAttached{File: file(privateID), Field: "private"}},
		{helper, a},
		{pupil, Commented{Comment: 1, Body: "Hi"}}, {helper, Commented{Comment: 2, Body: "See att_b"}}, {helper, b},
		{helper, Commented{Comment: 3, Body: "Oops"}}, {helper, CommentDeleted{3}}, {pupil, CommentEdited{Comment: 1, Body: "Hello"}},
		{helper, NoteAdded{Note: 1, Body: "s3cret"}}, {helper, note}, sent, up, aimed,
		{pupil, Commented{Comment: 4, Body: "Later"}},
	}
	var transcript Transcript
	for _, d := range deeds {
		transcript = transcript.With(d.event, domain.Meta{Actor: d.by.ID, OccurredAt: monday})
	}
	now := monday.Add(time.Hour)
	got, err := Decide(Ticket{}, Copy{Number: 3, Original: lived(deeds), From: from, Transcript: transcript}, Facts{Tracker: top, Actor: solver, OccurredAt: now})
	copied := func(number, comment int, by domain.Actor, body string) Event {
		return Commented{Comment: number, Body: body, Copied: &Copied{"l-1", comment, by.ID, monday}}
	}
	idA, idB := domain.NewAttachmentID("l-1/att_a", 0), domain.NewAttachmentID("l-1/att_b", 0)
	a.ID, b.ID, scan.ID = idA, idB, domain.NewAttachmentID("l-1/"+string(scanID), 0)
	want := []Event{
		Posted{Tracker: "TOP", Number: 3, Summary: "No sound", Description: "![](attachment:" + string(idA) + ")", Reporter: pupil.ID,
			Answers: map[string]string{"product": "a", "room": "1", "scan": string(scan.ID)}, CopyOf: &Original{"HELP-1", "l-1"}},
		entered(Ticket{Number: 3}, Facts{Tracker: top, OccurredAt: now})[0], scan, a,
		copied(1, 1, pupil, "Hello"), copied(2, 2, helper, "See "+string(idB)), b,
		Assigned{Assignee: "usr_top"}, Watched{User: "usr_top", Topics: Topics(), Automatic: true},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
	more, err := Decide(Ticket{}.after(got, Facts{}), CopyMore{Upto: 3, Transcript: transcript}, Facts{Tracker: top})
	if err != nil || len(more) > 0 {
		t.Errorf("more comments than there are: %v, %v", more, err)
	}
}

func TestALongTicketIsCopiedInParts(t *testing.T) {
	t.Parallel()
	const comments = 1000
	original, transcript := lived(life()), Transcript{}
	for n := range comments {
		e := Commented{Comment: n + 1, Body: "Hi"}
		original = Evolve(original, e, domain.Meta{Actor: pupil.ID})
		transcript = transcript.With(e, domain.Meta{Actor: pupil.ID})
	}
	original = Evolve(original, sent.event, domain.Meta{})
	top := Facts{Tracker: tracker.Tracker{Key: "TOP"}}
	events, err := Decide(Ticket{}, Copy{Number: 1, Original: original, From: help(), Transcript: transcript}, top)
	copied := Ticket{}.after(events, top)
	parts := 1
	for ; err == nil && len(events) > 0; parts++ {
		if len(events) > appendEvents+10 {
			t.Errorf("%d events in one append", len(events))
		}
		events, err = Decide(copied, CopyMore{Upto: comments, Transcript: transcript}, top)
		copied = copied.after(events, top)
	}
	if err != nil || copied.Comments != comments || parts < 3 {
		t.Errorf("got %d comments in %d parts, %v", copied.Comments, parts, err)
	}
}
