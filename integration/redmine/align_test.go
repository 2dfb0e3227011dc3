package redmine_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

// pair is a ticket, of which the test writes the events, and its issue.
type pair struct {
	t       *testing.T
	at      mirror.Place
	tool    *redmine.Tool
	whole   ticket.Whole
	twin    ticket.Twin
	content map[domain.AttachmentID]string
	before  []mirror.Neighbour
	watch   []domain.UserID
}

var began = time.Date(2026, 11, 23, 9, 10, 0, 0, time.UTC)

func newPair(t *testing.T, at mirror.Place, posted ticket.Posted) *pair {
	p := &pair{t: t, at: at, tool: newTool(), content: map[domain.AttachmentID]string{}}
	if posted.Number == 0 {
		posted.Tracker, posted.Number = "HELP", 1
	}
	p.happens(posted.Reporter, posted)
	return p
}

func (p *pair) happens(by domain.UserID, events ...ticket.Event) {
	for _, event := range events {
		at := began.Add(time.Duration(p.whole.Events) * time.Minute)
		p.whole = p.whole.With(event, domain.Meta{Actor: by, OccurredAt: at})
	}
}

func (p *pair) attach(by domain.UserID, name, content string, more ticket.FileAttached) domain.AttachmentID {
	more.File = domain.File{ID: domain.NewAttachmentID(p.t.Name(), len(p.content)), Name: name, Size: int64(len(content)), Type: "text/plain"}
	p.content[more.ID] = content
	p.happens(by, more)
	return more.ID
}

func (p *pair) wanted() mirror.Wanted {
	return mirror.Wanted{Whole: p.whole, URL: "https://suivi.example.org/tickets/HELP-1", Prerequisites: p.before, Watchers: p.watch}
}

// issue finds or makes the issue, once.
func (p *pair) issue() (int, error) {
	if p.twin.ID != "" {
		return strconv.Atoi(p.twin.ID)
	}
	ref, ok, err := p.tool.Find(p.t.Context(), p.at, p.whole.ID)
	if err == nil && !ok {
		ref, err = p.tool.Create(p.t.Context(), p.at, p.wanted())
	}
	if err != nil {
		return 0, err
	}
	p.twin = ticket.Twin{Tool: redmine.Name, Site: p.at.Mirror.Site, ID: ref.ID, URL: ref.URL}
	return strconv.Atoi(ref.ID)
}

func (p *pair) align(look bool) ([]mirror.Drift, error) {
	if _, err := p.issue(); err != nil {
		return nil, err
	}
	return p.tool.Align(p.t.Context(), p.at, mirror.Job{
		Twin: p.twin, Want: p.wanted(), Look: look,
		Match: p.match,
		Content: func(_ context.Context, file domain.File) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(p.content[file.ID])), nil
		},
	})
}

// mustAlign aligns, and says that nothing is left.
func (p *pair) mustAlign() {
	p.t.Helper()
	for _, look := range []bool{false, true} {
		if drifts, err := p.align(look); err != nil || len(drifts) > 0 {
			p.t.Fatalf("look %t: %v, left is %+v", look, err, drifts)
		}
	}
	if drifts, err := p.tool.Verify(p.t.Context(), p.at, p.twin, p.wanted()); err != nil || len(drifts) > 0 {
		p.t.Fatalf("verify: %v, %+v", err, drifts)
	}
}

func (p *pair) read() redmine.Issue {
	p.t.Helper()
	id, err := strconv.Atoi(p.twin.ID)
	succeed(p.t, err)
	c, err := redmine.NewClient(p.at.Mirror.Site, testredmine.Key(testredmine.Admin))
	succeed(p.t, err)
	issue := must[redmine.Issue](p.t)(c.Issue(p.t.Context(), id))
	issue.Description = strings.ReplaceAll(issue.Description, "\r\n", "\n") // so Redmine ends lines
	return issue
}

// notes are the texts of the issue's journals that have one, "private " before those that are.
func notes(issue redmine.Issue) []string {
	var all []string
	for _, j := range issue.Journals {
		if j.Notes != "" {
			text := j.User.Name + ": " + j.Notes
			if j.Private {
				text = "private " + text
			}
			all = append(all, text)
		}
	}
	return all
}

func value(issue redmine.Issue, field int) string {
	v, _ := issue.Field(field)
	return strings.Join(v.Values, ", ")
}

func life(p *pair) {
	p.happens(ann, ticket.Assigned{Assignee: ann}, ticket.StateChanged{From: tracker.Posted, To: tracker.Working},
		ticket.Commented{Comment: 1, Body: "Since *when*?"}, ticket.NoteAdded{Note: 1, Body: "He is difficult"})
	p.happens(zoe, ticket.Commented{Comment: 2, Body: "Since **today**"})
	p.watch = []domain.UserID{ann, ben, zoe}
}

func TestAnIssueIsAsItsTicket(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	p := newPair(t, place(t, s, project, testredmine.Manager), ticket.Posted{
		Summary: "No sound", Description: "# At all\nsince `today`", Reporter: zoe,
		Answers: map[string]string{"customer": "Zoé & Co", "seriousness": "value-2", "product": "red,blue", "urgency": "high"},
	})
	life(p)
	p.mustAlign()
	got := p.read()
	if got.Subject != "No sound" || got.Description != "HELP-1, 2026-11-23 09:10 UTC: https://suivi.example.org/tickets/HELP-1\n\nh1. At all\n\nsince @today@" ||
		got.Status.ID != statusProgress || got.Priority.ID != priorityHigh || got.Assignee.Name != "Developer Test" || got.Tracker.ID != trackerSupport ||
		value(got, fieldExternal) != "HELP-1" || value(got, fieldCustomer) != "Zoé & Co" || value(got, fieldSeriousness) != "Value 2" ||
		value(got, fieldProduct) != "Red, Blue" && value(got, fieldProduct) != "Blue, Red" || value(got, fieldReportedBy) != "Zoé Dupré" {
		t.Errorf("got %+v", got)
	}
	want := []string{
		"Manager Test: Developer Test, 2026-11-23 09:13 UTC (HELP-1, comment 1)\n\nSince _when_?",
		"private Manager Test: Developer Test, 2026-11-23 09:14 UTC (HELP-1, note 1)\n\nHe is difficult",
		"Manager Test: Zoé Dupré, 2026-11-23 09:15 UTC (HELP-1, comment 2)\n\nSince *today*",
	}
	if !slices.Equal(notes(got), want) {
		t.Errorf("got %q", notes(got))
	}
	if watching := len(got.Watchers); watching < 2 {
		t.Errorf("watchers %v", got.Watchers)
	}
	// Everything changes.
	summary, description := "No sound at all", "Nothing"
	p.happens(zoe, ticket.Edited{Summary: &summary, Description: &description, Answers: map[string]string{"customer": "", "seriousness": "", "product": "blue", "urgency": ""}},
		ticket.CommentEdited{Comment: 2, Body: "Since yesterday"})
	p.happens(ann, ticket.CommentDeleted{Comment: 1}, ticket.NoteEdited{Note: 1, Body: "He is nice"}, ticket.Unassigned{Previous: ann},
		ticket.ResolutionWritten{Resolution: "Plug **it** in"}, ticket.StateChanged{From: tracker.Working, To: tracker.Validated})
	p.watch = []domain.UserID{ben}
	p.mustAlign()
	got = p.read()
	if got.Subject != summary || got.Status.ID != statusClosed || got.Priority.ID != priorityNormal || got.Assignee.ID != 0 || value(got, fieldCustomer) != "" ||
		value(got, fieldSeriousness) != "" || value(got, fieldProduct) != "Blue" || value(got, fieldResolution) != "Plug *it* in" || !strings.HasSuffix(got.Description, "\n\nNothing") {
		t.Errorf("got %+v", got)
	}
	want = []string{
		"private Manager Test: Developer Test, 2026-11-23 09:14 UTC (HELP-1, note 1)\n\nHe is nice",
		"Manager Test: Zoé Dupré, 2026-11-23 09:15 UTC (HELP-1, comment 2)\n\nSince yesterday",
	}
	if !slices.Equal(notes(got), want) {
		t.Errorf("got %q", notes(got))
	}
	if slices.ContainsFunc(got.Watchers, func(r redmine.Ref) bool { return r.Name == "Developer Test" }) {
		t.Errorf("watchers %v", got.Watchers)
	}
}

func TestWithAnAdministratorsKeyPeopleActThemselves(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := newPair(t, place(t, s, s.NewProject(t), testredmine.Admin), ticket.Posted{Summary: "S", Reporter: ben, Answers: map[string]string{"customer": "C"}})
	life(p)
	p.happens(ben, ticket.Commented{Comment: 3, Body: "Mine"})
	p.mustAlign()
	got := p.read()
	if got.Author.Name != "Reporter Test" {
		t.Errorf("author %v", got.Author)
	}
	authors := []string{}
	for _, note := range notes(got) {
		who, _, _ := strings.Cut(note, ":")
		authors = append(authors, who)
	}
	if want := []string{"Developer Test", "private Redmine Admin", "Redmine Admin", "Reporter Test"}; !slices.Equal(authors, want) {
		t.Errorf("got %q", authors)
	}
}

func TestFilesGoAlongAndShowInTexts(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := newPair(t, place(t, s, s.NewProject(t), testredmine.Manager), ticket.Posted{Summary: "S", Reporter: zoe})
	one := p.attach(zoe, "shot.png", "first", ticket.FileAttached{})
	two := p.attach(zoe, "shot.png", "other", ticket.FileAttached{})
	p.attach(ann, "secret.txt", "secret", ticket.FileAttached{Internal: true})
	p.attach(zoe, "empty.txt", "", ticket.FileAttached{})
	p.happens(zoe, ticket.Commented{Comment: 1, Body: "![a](attachment:" + string(one) + ") ![b](attachment:" + string(two) + ")"})
	p.mustAlign()
	got := p.read()
	var files []string
	for _, file := range got.Files {
		files = append(files, file.Name+" "+strconv.FormatInt(file.Size, 10))
	}
	second := "shot-" + strings.ToLower(string(two[4:10])) + ".png"
	if want := []string{"shot.png 5", second + " 5", "empty.txt 0"}; !slices.Equal(files, want) {
		t.Errorf("got %q, want %q", files, want)
	}
	if text := notes(got)[0]; !strings.HasSuffix(text, "!shot.png! !"+second+"!") {
		t.Errorf("got %q", text)
	}
	p.happens(zoe, ticket.FileRemoved{Attachment: one, Name: "shot.png"})
	p.mustAlign()
	if got = p.read(); len(got.Files) != 2 {
		t.Errorf("got %+v", got.Files)
	}
}

func TestPrerequisitesBlockAndOthersRelationsStay(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	at := place(t, s, project, testredmine.Manager)
	first := newPair(t, at, ticket.Posted{Summary: "First", Reporter: zoe, Tracker: "HELP", Number: 1})
	second := newPair(t, at, ticket.Posted{Summary: "Second", Reporter: zoe, Tracker: "HELP", Number: 2})
	first.mustAlign()
	second.mustAlign()
	stranger := createIn(t, client(t, s, testredmine.Manager), project, "A stranger")
	id := must[int](t)(second.issue())
	succeed(t, client(t, s, testredmine.Manager).Relate(t.Context(), stranger.ID, id, redmine.Blocks))
	second.before = []mirror.Neighbour{{Ticket: "HELP-1", Twin: mirror.Ref{ID: first.twin.ID}}}
	second.mustAlign()
	if got := second.read(); len(got.Relations) != 2 {
		t.Errorf("got %+v", got.Relations)
	}
	// Redmine does not close what is blocked, and does not say so.
	second.happens(ann, ticket.StateChanged{From: tracker.Posted, To: tracker.Validated})
	drifts, err := second.align(false)
	if err != nil || len(drifts) != 1 || drifts[0].What != "status" || !strings.Contains(drifts[0].Why, "blocked") {
		t.Errorf("got %+v, %v", drifts, err)
	}
	second.before = nil
	succeed(t, client(t, s, testredmine.Manager).Delete(t.Context(), stranger.ID))
	if _, err := second.align(false); err != nil { // the relation goes after the status
		t.Error(err)
	}
	second.mustAlign()
	if got := second.read(); len(got.Relations) > 0 || got.Status.ID != statusClosed {
		t.Errorf("got %+v", got)
	}
}

func TestWhatRedmineIgnoresOrRefusesIsToldAndTheRestIsDone(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	at := place(t, s, project, testredmine.Manager)
	at.Mirror.Fields["seriousness"] = tracker.FieldMapping{As: redmine.AsField, ID: "7", Answers: map[string]string{"value-1": "No such value"}}
	at.Mirror.People[zoe] = strconv.Itoa(s.User(t, testredmine.Outsider))
	at.Mirror.States[tracker.Waiting] = "99"
	delete(at.Mirror.States, tracker.Testing)
	p := newPair(t, at, ticket.Posted{Summary: "S", Reporter: ben, Answers: map[string]string{"customer": "C", "seriousness": "value-1", "urgency": "low"}})
	p.happens(ann, ticket.Assigned{Assignee: zoe}, ticket.StateChanged{To: tracker.Waiting}, ticket.Commented{Comment: 1, Body: "x"})
	whats := func() (all []string) {
		for range 2 { // again and again
			drifts, err := p.align(false)
			succeed(t, err)
			all = nil
			for _, d := range drifts {
				if all = append(all, d.What); d.Why == "" {
					t.Errorf("no reason: %+v", d)
				}
			}
		}
		return all
	}
	if got, want := whats(), []string{"status", "assignee", "field 7 Seriousness"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := p.read(); value(got, fieldCustomer) != "C" || got.Priority.ID != priorityLow || len(notes(got)) != 1 {
		t.Errorf("got %+v", got)
	}
	p.happens(ann, ticket.StateChanged{To: tracker.Testing}, ticket.Unassigned{})
	if got, want := whats(), []string{"status", "field 7 Seriousness"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Redmine would make the note public.
func TestAnInternalNoteStaysHereWhereItWouldNotBePrivate(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	p := newPair(t, place(t, s, project, testredmine.Manager), ticket.Posted{Summary: "S", Reporter: ben})
	p.mustAlign()
	p.at = place(t, s, project, testredmine.Reporter)
	p.happens(ann, ticket.NoteAdded{Note: 1, Body: "canary"}, ticket.Commented{Comment: 1, Body: "open"})
	drifts, err := p.align(false)
	if err != nil || !slices.ContainsFunc(drifts, func(d mirror.Drift) bool {
		return d.What == "note 1" && strings.Contains(d.Why, "Set notes as private")
	}) {
		t.Errorf("got %+v, %v", drifts, err)
	}
	if got := notes(p.read()); len(got) != 1 || strings.Contains(got[0], "canary") {
		t.Errorf("got %q", got)
	}
	p.at = place(t, s, project, testredmine.Manager)
	p.at.Mirror.Notes = false
	p.mustAlign()
	if got := notes(p.read()); len(got) != 1 {
		t.Errorf("got %q", got)
	}
	// A manager who has become a reporter since the mirror looked.
	p.at.Mirror.Notes = true
	s.ChangeRole(t, project, testredmine.Manager, testredmine.Reporter)
	drifts, err = p.align(false)
	if err != nil || len(drifts) == 0 || strings.Contains(strings.Join(notes(p.read()), ""), "canary") {
		t.Errorf("got %+v, %v, %q", drifts, err, notes(p.read()))
	}
}

func TestAnIssueThatIsGoneOrAnotherIsLost(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	p := newPair(t, place(t, s, project, testredmine.Manager), ticket.Posted{Summary: "S", Reporter: ben})
	p.mustAlign()
	other := newPair(t, p.at, ticket.Posted{Summary: "T", Reporter: ben, Tracker: "HELP", Number: 2})
	other.mustAlign()
	lost := *p
	lost.twin.ID = other.twin.ID
	if _, err := lost.align(false); err != mirror.ErrTwinLost { //nolint:errorlint // the framework may compare so
		t.Errorf("another's issue: %v", err)
	}
	gone, err := p.tool.Retire(t.Context(), p.at, p.whole.ID, mirror.Ref{ID: other.twin.ID}, tracker.DeleteTwin)
	if got := other.read(); err != nil || !gone || got.Status.Closed {
		t.Errorf("another's issue: %t %v %+v", gone, err, got.Status)
	}
	gone, err = p.tool.Retire(t.Context(), p.at, p.whole.ID, mirror.Ref{ID: p.twin.ID}, tracker.CloseTwin)
	if got := p.read(); err != nil || gone || !got.Status.Closed {
		t.Errorf("%t %v %+v", gone, err, got.Status)
	}
	for range 2 {
		gone, err = p.tool.Retire(t.Context(), p.at, p.whole.ID, mirror.Ref{ID: p.twin.ID}, tracker.DeleteTwin)
		if err != nil || !gone {
			t.Errorf("%t %v", gone, err)
		}
	}
	if _, err := p.align(false); err != mirror.ErrTwinLost { //nolint:errorlint // likewise
		t.Errorf("got %v", err)
	}
}

// Every third answer, beginning anywhere, is cut off after Redmine has done what it was asked,
// and the work is done again from the beginning by somebody who remembers nothing of it.
func TestNothingIsThereTwiceWhereverItWasCutOff(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	proxy := testredmine.NewProxy(t, s.URL)
	at := place(t, s, project, testredmine.Manager)
	at.Mirror.Site = proxy.URL
	for n, done := 1+rand.Int64N(3), false; !done; n += 3 {
		p := newPair(t, at, ticket.Posted{Summary: "S", Reporter: zoe, Tracker: "HELP", Number: n, Answers: map[string]string{"customer": "C"}})
		p.attach(zoe, "a.txt", "hello", ticket.FileAttached{})
		p.happens(ann, ticket.Commented{Comment: 1, Body: "one"}, ticket.NoteAdded{Note: 1, Body: "two"}, ticket.StateChanged{To: tracker.Working})
		fresh := *p
		proxy.Next(append(slices.Repeat([]testredmine.Fault{testredmine.None}, int(n)-1), testredmine.CutOff)...)
		_, err := p.align(false)
		done = proxy.Left() > 0 // there was no such request any more
		if err == nil && !done {
			t.Errorf("the answer %d was cut off, and nobody has noticed", n)
		}
		fresh.tool = newTool()
		fresh.mustAlign()
		if got := fresh.read(); len(notes(got)) != 2 || len(got.Files) != 1 {
			t.Errorf("cut off at %d: %q, %d files", n, notes(got), len(got.Files))
		}
		c, err := redmine.NewClient(s.URL, testredmine.Key(testredmine.Manager))
		succeed(t, err)
		if found := must[[]redmine.Issue](t)(c.Find(t.Context(), project, fieldExternal, string(fresh.whole.ID))); len(found) != 1 {
			t.Errorf("cut off at %d: %d issues", n, len(found))
		}
	}
}

// Such an issue would be made again and again.
func TestAnIssueThatDoesNotKeepItsTicketsIDIsTakenBack(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	for login, left := range map[string]int{testredmine.Manager: 0, testredmine.Developer: 1} { // a developer cannot delete it
		project := s.NewProject(t)
		p := newPair(t, place(t, s, project, login), ticket.Posted{Summary: login, Reporter: zoe})
		p.at.Mirror.Fixed[redmine.FixedExternalID] = "77"
		for range 3 {
			if _, err := p.issue(); !mirror.IsMisconfigured(err) {
				t.Errorf("%s: got %v", login, err)
			}
		}
		if found := s.Issues(t, project); found != left {
			t.Errorf("%s: %d issues are left", login, found)
		}
	}
}

func TestAllWaitWhileTheirProjectIsClosed(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project := s.NewProject(t)
	p := newPair(t, place(t, s, project, testredmine.Manager), ticket.Posted{Summary: "S", Reporter: zoe})
	p.mustAlign()
	p.happens(zoe, ticket.Commented{Comment: 1, Body: "x"})
	s.CloseProject(t, project)
	if _, err := p.align(false); !mirror.IsMisconfigured(err) {
		t.Errorf("got %v", err)
	}
	if problems, err := p.tool.Check(t.Context(), p.at); err != nil || !slices.ContainsFunc(problems, func(one mirror.Problem) bool { return one.Code == "project-closed" }) {
		t.Errorf("got %+v, %v", problems, err)
	}
	s.ReopenProject(t, project)
	p.mustAlign()
}

func TestConflictsAreTriedAgain(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	proxy := testredmine.NewProxy(t, s.URL)
	writes := 0
	proxy.Plan(func(r *http.Request) testredmine.Fault {
		if r.Method != http.MethodPut {
			return testredmine.None
		}
		writes++
		if writes%3 != 0 {
			return testredmine.Conflict
		}
		return testredmine.None
	})
	at := place(t, s, s.NewProject(t), testredmine.Manager)
	at.Mirror.Site = proxy.URL
	p := newPair(t, at, ticket.Posted{Summary: "S", Reporter: zoe})
	life(p)
	p.mustAlign()
	if got := notes(p.read()); len(got) != 3 {
		t.Errorf("got %q", got)
	}
}
