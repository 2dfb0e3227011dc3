package redmine_test

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

// newHeard is a ticket and its issue, which is heard from its beginning.
func newHeard(t *testing.T, s *testredmine.Server, login string) *pair {
	t.Helper()
	at := place(t, s, s.NewProject(t), login)
	at.Mirror.Direction = tracker.BothWays
	p := newPair(t, at, ticket.Posted{Summary: "No sound", Description: "At **all**", Reporter: zoe, Answers: map[string]string{"urgency": "low"}})
	p.mustHear()
	p.mustAlign()
	return p
}

func (p *pair) mustHear() []mirror.Change {
	p.t.Helper()
	if _, err := p.issue(); err != nil {
		p.t.Fatal(err)
	}
	return must[[]mirror.Change](p.t)(p.tool.News(p.t.Context(), p.at, mirror.Job{Twin: p.twin, Want: p.wanted(), Match: p.match}))
}

func (p *pair) match(_ context.Context, parts ...ticket.Part) error {
	p.twin = p.twin.With(parts...)
	return nil
}

// know has what was heard be known, as a command that took it in would.
func (p *pair) know(changes []mirror.Change, as ticket.Part) {
	for _, change := range changes {
		as.ID = change.ID
		p.twin = p.twin.With(as).With(change.Parts...)
	}
}

// heard is what a change comes to, without what its ids are.
type heard struct {
	By       string
	Commands []ticket.Command
	Files    []string // "name content"
	Refused  []string
}

func (p *pair) seen(changes []mirror.Change) []heard {
	p.t.Helper()
	var all []heard
	for _, c := range changes {
		h := heard{By: c.Author, Commands: c.Commands}
		for _, file := range c.Files {
			content := must[io.ReadCloser](p.t)(file.Open(p.t.Context()))
			text, err := io.ReadAll(content)
			succeed(p.t, err, content.Close())
			h.Files = append(h.Files, file.Name+" "+string(text))
		}
		for _, refusal := range c.Refusals {
			h.Refused = append(h.Refused, refusal.Code)
		}
		all = append(all, h)
	}
	return all
}

func field(id int, value any) redmine.Change {
	return redmine.Change{"custom_fields": []any{map[string]any{"id": id, "value": value}}}
}

func TestWhatPeopleDoThereBecomesCommands(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := newHeard(t, s, testredmine.Manager)
	id := must[int](t)(p.issue())
	dev, mgr := s.User(t, testredmine.Developer), s.User(t, testredmine.Manager)
	line, _, _ := strings.Cut(p.read().Description, "\n")
	edit := func(answers map[string]string) ticket.Command { return ticket.Edit{Answers: answers} }
	nobody := []string{"no-counterpart"}
	for _, step := range []struct {
		what, by string
		do       redmine.Change
		want     []heard
	}{
		{"a note", testredmine.Developer, redmine.Change{"notes": "h2. So\r\n\r\n*it* is, @Developer Test"}, []heard{{Commands: []ticket.Command{ticket.Comment{Body: "## So\n\n**it** is, @" + string(ann)}}}}},
		{"a private note", testredmine.Manager, redmine.Change{"notes": "hm", "private_notes": true}, []heard{{Commands: []ticket.Command{ticket.AddNote{Body: "hm"}}}}},
		{"a status, with a word", testredmine.Developer, redmine.Change{"status_id": statusProgress, "notes": "mine"}, []heard{{Commands: []ticket.Command{ticket.ChangeState{To: tracker.Working, Comment: "mine"}}}}},
		{"the first state that the status stands for and the workflow has", testredmine.Manager, redmine.Change{"status_id": statusClosed}, []heard{{Commands: []ticket.Command{ticket.ChangeState{To: tracker.Validated}}}}},
		{"an assignee", testredmine.Manager, redmine.Change{"assigned_to_id": dev}, []heard{{Commands: []ticket.Command{ticket.Assign{User: ann}}}}},
		{"one who is nobody here", testredmine.Manager, redmine.Change{"assigned_to_id": mgr}, []heard{{Refused: nobody}}},
		{"none", testredmine.Manager, redmine.Change{"assigned_to_id": ""}, []heard{{Commands: []ticket.Command{ticket.Unassign{}}}}},
		{"a subject", testredmine.Manager, redmine.Change{"subject": "Noise"}, []heard{{Commands: []ticket.Command{ticket.Edit{Summary: new("Noise")}}}}},
		{"a description", testredmine.Manager, redmine.Change{"description": line + "\n\nAt _times_"}, []heard{{Commands: []ticket.Command{ticket.Edit{Description: new("At _times_")}}}}},
		{"one without Suivi's line", testredmine.Manager, redmine.Change{"description": "Never"}, []heard{{Commands: []ticket.Command{ticket.Edit{Description: new("Never")}}}}},
		{"a priority", testredmine.Manager, redmine.Change{"priority_id": priorityHigh}, []heard{{Commands: []ticket.Command{edit(map[string]string{"urgency": "high"})}}}},
		{"the usual priority", testredmine.Manager, redmine.Change{"priority_id": priorityNormal}, []heard{{Commands: []ticket.Command{edit(map[string]string{"urgency": ""})}}}},
		{"one that no answer has", testredmine.Manager, redmine.Change{"priority_id": priorityUrgent}, []heard{{Refused: nobody}}},
		{"a field", testredmine.Manager, field(fieldCustomer, "Zoé & Co"), []heard{{Commands: []ticket.Command{edit(map[string]string{"customer": "Zoé & Co"})}}}},
		{"an empty one", testredmine.Manager, field(fieldCustomer, ""), []heard{{Commands: []ticket.Command{edit(map[string]string{"customer": ""})}}}},
		{"an option", testredmine.Manager, field(fieldSeriousness, "Value 2"), []heard{{Commands: []ticket.Command{edit(map[string]string{"seriousness": "value-2"})}}}},
		{"one that is none here", testredmine.Manager, field(fieldSeriousness, "Value 4"), []heard{{Refused: nobody}}},
		{"an option of several", testredmine.Manager, field(fieldProduct, []string{"Red"}), []heard{{Commands: []ticket.Command{edit(map[string]string{"product": "red"})}}}},
		{"a resolution", testredmine.Manager, field(fieldResolution, "Plug *it* in"), []heard{{Commands: []ticket.Command{ticket.Edit{Resolution: new("Plug **it** in")}}}}},
		{"what is Suivi's to fill", testredmine.Manager, field(fieldReportedBy, "Me"), []heard{{Refused: nobody}}},
		{"what has no counterpart, and nobody misses", testredmine.Manager, redmine.Change{"done_ratio": 50, "due_date": "2027-01-01"}, nil},
		{"nothing", testredmine.Manager, redmine.Change{}, nil},
	} {
		succeed(t, client(t, s, step.by).Update(t.Context(), id, step.do))
		for i := range step.want {
			step.want[i].By = strconv.Itoa(s.User(t, step.by))
		}
		news := p.mustHear()
		if diff := cmp.Diff(step.want, p.seen(news)); diff != "" {
			t.Errorf("%s: %s", step.what, diff)
		}
		p.know(news, ticket.Part{})
		if again := p.mustHear(); len(again) > 0 {
			t.Errorf("%s: heard twice: %+v", step.what, again)
		}
	}
}

func TestFilesOfOthersAreHeardAndSuivisOwnAreNot(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := newHeard(t, s, testredmine.Manager)
	p.attach(zoe, "a.txt", "hello", ticket.FileAttached{})
	p.mustAlign()
	c, id := client(t, s, testredmine.Developer), must[int](t)(p.issue())
	token := must[string](t)(c.Upload(t.Context(), "a.txt", strings.NewReader("other")))
	succeed(t, c.Update(t.Context(), id, redmine.Change{"notes": "See attachment:a.txt", "uploads": []any{map[string]any{"token": token, "filename": "a.txt"}}}))
	news := p.mustHear()
	here := mirror.AttachmentOf(redmine.Name, p.twin, news[0].ID, 0)
	want := []heard{{By: strconv.Itoa(s.User(t, testredmine.Developer)), Commands: []ticket.Command{ticket.Comment{Body: "See [a.txt](attachment:" + string(here) + ")"}}, Files: []string{"a.txt other"}}}
	if diff := cmp.Diff(want, p.seen(news)); diff != "" {
		t.Fatal(diff)
	}
	// Taken in, it is the same file on both sides, and removed on both.
	p.know(news, ticket.Part{Comment: 1})
	p.twin.Parts = append(p.twin.Parts, ticket.Part{ID: news[0].Files[0].Part, Attachment: here})
	p.content[here] = "other"
	p.happens(ann, ticket.Commented{Comment: 1, Body: "See [a.txt](attachment:" + string(here) + ")"}, ticket.FileAttached{File: domain.File{ID: here, Name: "a.txt", Size: 5}, Comment: 1})
	p.mustAlign()
	files := p.read().Files
	if len(files) != 2 || len(p.mustHear()) > 0 {
		t.Fatalf("got %+v", files)
	}
	// SQLite gives the number of the last one to the next: another test's.
	must[string](t)(c.Upload(t.Context(), "last.txt", strings.NewReader("last")))
	succeed(t, client(t, s, testredmine.Manager).RemoveFile(t.Context(), files[1].ID))
	news = p.mustHear()
	if len(news) != 1 || !cmp.Equal(news[0].Commands, []ticket.Command{ticket.RemoveFile{Attachment: here}}) {
		t.Errorf("got %+v", news)
	}
	p.know(news, ticket.Part{})
	p.mustAlign() // it was refused: the file is sent again
	if files := p.read().Files; len(files) != 2 || len(p.mustHear()) > 0 {
		t.Errorf("got %+v", files)
	}
}

// All that Suivi writes is written down afterwards only in part: the program died.
func TestNothingOfSuivisOwnIsHeardThoughTheProgramDied(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	for _, login := range []string{testredmine.Manager, testredmine.Admin} {
		p := newHeard(t, s, login)
		life(p)
		p.attach(ann, "a.txt", "hello", ticket.FileAttached{})
		p.happens(zoe, ticket.Edited{Summary: new("Noise"), Description: new("New"), Answers: map[string]string{"customer": "C", "product": "red,blue", "urgency": "high"}})
		p.mustAlign()
		known := p.twin.Parts
		p.twin.Parts = slices.DeleteFunc(slices.Clone(known), func(part ticket.Part) bool {
			return part.Something() || strings.HasPrefix(part.ID, "text-") // what is written down once it is done
		})
		if news := p.mustHear(); len(news) > 0 {
			t.Errorf("%s: got %+v", login, news)
		}
		p.mustAlign()
		if n := len(notes(p.read())); n != 3 {
			t.Errorf("%s: %d notes", login, n)
		}
	}
}

func TestWhoHasTheKeyIsHeardWhenTheyWorkByHand(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := newHeard(t, s, testredmine.Manager)
	c, id := client(t, s, testredmine.Manager), must[int](t)(p.issue())
	set := func(status int, want ...ticket.Command) {
		t.Helper()
		succeed(t, c.Update(t.Context(), id, redmine.Change{"status_id": status}))
		news := p.mustHear()
		if len(news) != 1 || !cmp.Equal(news[0].Commands, want) {
			t.Errorf("got %+v, want %v", news, want)
		}
		p.know(news, ticket.Part{})
	}
	p.happens(ann, ticket.StateChanged{From: tracker.Posted, To: tracker.Working})
	p.mustAlign()
	set(statusFeedback, ticket.ChangeState{To: tracker.Blocked})
	p.happens(ann, ticket.StateChanged{From: tracker.Working, To: tracker.Blocked})
	set(statusProgress, ticket.ChangeState{To: tracker.Working}) // as Suivi once did
	// Suivi wanted to write a value and died before it did; the same by hand is as good.
	p.happens(ann, ticket.StateChanged{From: tracker.Blocked, To: tracker.Abandoned})
	p.mustAlign()
	set(statusNew, ticket.ChangeState{To: tracker.Open})
}

func TestEditedAndDeletedNotesAreHeard(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := newHeard(t, s, testredmine.Manager)
	c, id := client(t, s, testredmine.Manager), must[int](t)(p.issue())
	p.happens(zoe, ticket.Commented{Comment: 1, Body: "One"}, ticket.NoteAdded{Note: 1, Body: "Two"})
	p.mustAlign()
	succeed(t, client(t, s, testredmine.Developer).Update(t.Context(), id, redmine.Change{"notes": "*Three*"}))
	p.know(p.mustHear(), ticket.Part{Comment: 2})
	p.happens(ann, ticket.Commented{Comment: 2, Body: "**Three**"})
	p.mustAlign()
	journal := func(text string) redmine.Journal {
		all := p.read().Journals
		return all[slices.IndexFunc(all, func(j redmine.Journal) bool { return strings.Contains(j.Notes, text) })]
	}
	hears := func(want ...ticket.Command) {
		t.Helper()
		var got []ticket.Command
		news := p.mustHear()
		for _, change := range news {
			got = append(got, change.Commands...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		p.know(news, ticket.Part{})
		if news := p.mustHear(); len(news) > 0 {
			t.Errorf("heard twice: %+v", news)
		}
	}
	one, three := journal("One"), journal("Three")
	succeed(t, c.EditNote(t.Context(), one.ID, strings.Replace(one.Notes, "One", "_First_", 1)), c.EditNote(t.Context(), three.ID, "Third"))
	hears(ticket.EditComment{Comment: 1, Body: "_First_"}, ticket.EditComment{Comment: 2, Body: "Third"})
	p.mustAlign() // both are refused: the notes are as they were
	if got := notes(p.read()); !strings.HasSuffix(got[0], "\n\nOne") || !strings.HasSuffix(got[2], ": *Three*") {
		t.Errorf("got %q", got)
	}
	succeed(t, c.EditNote(t.Context(), three.ID, "Third")) // the same once more is another edit
	hears(ticket.EditComment{Comment: 2, Body: "Third"})
	p.happens(ann, ticket.CommentEdited{Comment: 2, Body: "Third"})
	p.mustAlign()
	p.happens(ann, ticket.CommentEdited{Comment: 2, Body: "Here"})
	p.mustAlign()
	if got := notes(p.read()); !strings.HasSuffix(got[2], ": Here") || len(p.mustHear()) > 0 {
		t.Errorf("got %q, %+v", got, p.mustHear())
	}
	succeed(t, c.Update(t.Context(), id, redmine.Change{"done_ratio": 10})) // SQLite gives the number of the last journal to the next
	succeed(t, c.EditNote(t.Context(), one.ID, ""), c.EditNote(t.Context(), journal("Two").ID, ""))
	hears(ticket.DeleteComment{Comment: 1}, ticket.DeleteNote{Note: 1})
	p.happens(ann, ticket.CommentDeleted{Comment: 1}, ticket.NoteDeleted{Note: 1}, ticket.CommentDeleted{Comment: 2})
	p.mustAlign()
	if got := notes(p.read()); len(got) > 0 || len(p.mustHear()) > 0 {
		t.Errorf("left are %q", got)
	}
}

// A mirror that went outwards alone begins to hear: what was done until then is not done again.
func TestAMirrorHearsFromNowOn(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := newPair(t, place(t, s, s.NewProject(t), testredmine.Manager), ticket.Posted{Summary: "S", Reporter: zoe})
	life(p)
	p.mustAlign()
	c, id := client(t, s, testredmine.Developer), must[int](t)(p.issue())
	succeed(t, c.Update(t.Context(), id, redmine.Change{"notes": "Nobody hears this"}))
	p.at.Mirror.Direction = tracker.BothWays
	if news := p.mustHear(); len(news) > 0 {
		t.Errorf("got %+v", news)
	}
	p.mustAlign()
	succeed(t, c.Update(t.Context(), id, redmine.Change{"notes": "Now"}))
	if news := p.mustHear(); len(news) != 1 || !cmp.Equal(news[0].Commands, []ticket.Command{ticket.Comment{Body: "Now"}}) {
		t.Errorf("got %+v", news)
	}
	if drifts, err := p.align(true); err != nil || len(drifts) != 1 || drifts[0].Found != "not heard yet" {
		t.Errorf("a look finds %+v, %v", drifts, err)
	}
}
