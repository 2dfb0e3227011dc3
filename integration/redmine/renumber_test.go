package redmine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

// nextSecond waits until Redmine's clock, which is this machine's, shows another second.
func nextSecond(t *testing.T) {
	t.Helper()
	began := time.Now().Unix()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Unix() == began {
		<-tick.C
	}
}

// take has the ticket take in what was heard. It gives the files.
func (p *pair) take(news []mirror.Change) (files []domain.AttachmentID) {
	for _, change := range news {
		as := ticket.Part{}
		for _, command := range change.Commands {
			switch c := command.(type) {
			case ticket.Comment:
				as.Comment = p.whole.Comments + 1
				p.happens(ann, ticket.Commented{Comment: as.Comment, Body: c.Body})
			case ticket.DeleteComment:
				p.happens(ann, ticket.CommentDeleted(c))
			case ticket.ChangeState:
				p.happens(ann, ticket.StateChanged{From: p.whole.State, To: c.To})
			case ticket.RemoveFile:
				p.happens(ann, ticket.FileRemoved{Attachment: c.Attachment})
			}
		}
		p.know([]mirror.Change{change}, as)
		for i, file := range change.Files {
			here := mirror.AttachmentOf(redmine.Name, p.twin, change.ID, i)
			p.twin, p.content[here] = p.twin.With(ticket.Part{ID: file.Part, Attachment: here}), file.Name
			p.happens(ann, ticket.FileAttached{File: domain.File{ID: here, Name: file.Name, Size: int64(len(file.Name))}})
			files = append(files, here)
		}
	}
	return files
}

func commandsOf(news []mirror.Change) (all []ticket.Command) {
	for _, change := range news {
		all = append(all, change.Commands...)
	}
	return all
}

// startRenumbering is a Redmine on SQLite, on which nobody else works: it gives the number of the last journal to
// the next one when it is gone, and that of a file. One whose tables were made by Redmine 6 gives none twice.
func startRenumbering(t *testing.T) *testredmine.Server {
	t.Helper()
	if testredmine.Shared(t).Major >= 6 {
		t.Skip("the tables of Redmine 6 give no number twice")
	}
	return testredmine.Start(t, testredmine.Config{})
}

func TestANumberThatComesAgainIsAnotherNote(t *testing.T) {
	t.Parallel()
	s := startRenumbering(t)
	p := newHeard(t, s, testredmine.Manager)
	c, id := client(t, s, testredmine.Developer), must[int](t)(p.issue())
	hears := func(want ...ticket.Command) {
		t.Helper()
		news := p.mustHear()
		if diff := cmp.Diff(want, commandsOf(news)); diff != "" {
			t.Error(diff)
		}
		p.take(news)
		if again := p.mustHear(); len(again) > 0 {
			t.Errorf("heard twice: %+v", again)
		}
		p.mustAlign()
	}
	last := func() redmine.Journal { all := p.read().Journals; return all[len(all)-1] }

	succeed(t, c.Update(t.Context(), id, redmine.Change{"notes": "One"}))
	one := last()
	hears(ticket.Comment{Body: "One"})
	nextSecond(t)
	succeed(t, client(t, s, testredmine.Manager).EditNote(t.Context(), one.ID, ""), c.Update(t.Context(), id, redmine.Change{"notes": "Two"}))
	two := last()
	if two.ID != one.ID {
		t.Fatalf("the number %d did not come again: %d", one.ID, two.ID)
	}
	hears(ticket.Comment{Body: "Two"}, ticket.DeleteComment{Comment: 1})

	// Suivi takes it away there and says something else: that number is its own note now.
	nextSecond(t)
	p.happens(ann, ticket.CommentDeleted{Comment: 2}, ticket.Commented{Comment: 3, Body: "Three"})
	p.mustAlign()
	hears()
	nextSecond(t)
	succeed(t, client(t, s, testredmine.Manager).EditNote(t.Context(), last().ID, ""))
	// A value that Suivi wrote with that number, and then the same by hand.
	p.happens(ann, ticket.CommentDeleted{Comment: 3}, ticket.StateChanged{From: tracker.Posted, To: tracker.Working})
	p.mustAlign()
	hears()
	succeed(t, c.Update(t.Context(), id, redmine.Change{"status_id": statusFeedback}))
	news := p.mustHear()
	if diff := cmp.Diff([]ticket.Command{ticket.ChangeState{To: tracker.Blocked}}, commandsOf(news)); diff != "" {
		t.Error(diff)
	}
}

func TestANumberThatComesAgainIsAnotherFile(t *testing.T) {
	t.Parallel()
	s := startRenumbering(t)
	p := newHeard(t, s, testredmine.Manager)
	c, id := client(t, s, testredmine.Manager), must[int](t)(p.issue())
	attach := func(name string) redmine.Attachment {
		token := must[string](t)(c.Upload(t.Context(), name, strings.NewReader(name)))
		succeed(t, c.Update(t.Context(), id, redmine.Change{"uploads": []any{map[string]any{"token": token, "filename": name}}}))
		files := p.read().Files
		return files[len(files)-1]
	}
	attach("first.txt")
	first := p.take(p.mustHear())
	p.mustAlign()
	// All within a second, as far as Redmine's times tell.
	const other = "other.txt"
	number := attach("gone.txt").ID
	succeed(t, c.RemoveFile(t.Context(), number))
	if again := attach(other).ID; again != number {
		t.Fatalf("the number %d did not come again: %d", number, again)
	}
	news := p.mustHear()
	var heard []string
	for _, h := range p.seen(news) {
		heard = append(heard, h.Files...)
	}
	if len(first) != 1 || !slices.Equal(heard, []string{other + " " + other}) || len(commandsOf(news)) > 0 {
		t.Errorf("got %q, %+v", heard, news)
	}
	taken := p.take(news)
	p.mustAlign()
	succeed(t, c.RemoveFile(t.Context(), number))
	if again := attach("third.txt").ID; again != number {
		t.Fatalf("the number %d did not come again: %d", number, again)
	}
	news = p.mustHear()
	if diff := cmp.Diff([]ticket.Command{ticket.RemoveFile{Attachment: taken[0]}}, commandsOf(news)); diff != "" {
		t.Error(diff)
	}
	third := p.take(news)
	p.mustAlign()
	// Here one goes and another one comes: Suivi's own takes the number, and stays.
	p.happens(ann, ticket.FileRemoved{Attachment: third[0]})
	p.mustAlign()
	p.attach(zoe, "fourth.txt", "4", ticket.FileAttached{})
	p.mustAlign()
	p.mustAlign()
	if files := p.read().Files; len(files) != 2 || files[1].ID != number || files[1].Name != "fourth.txt" || len(p.mustHear()) > 0 {
		t.Errorf("got %+v", files)
	}
}

// Parts that were stored with a number alone are still understood.
func TestPartsFromBeforeSecondsWereKeptStandForTheirNumber(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := newHeard(t, s, testredmine.Manager)
	c, id := client(t, s, testredmine.Developer), must[int](t)(p.issue())
	succeed(t, c.Update(t.Context(), id, redmine.Change{"notes": "One"}), c.Update(t.Context(), id, redmine.Change{"status_id": statusProgress}))
	p.take(p.mustHear())
	p.happens(zoe, ticket.Commented{Comment: 2, Body: "Mine"})
	p.attach(zoe, "a.txt", "hello", ticket.FileAttached{})
	p.mustAlign()
	p.twin.Parts = slices.Clone(p.twin.Parts)
	for i, part := range p.twin.Parts {
		number, more, _ := strings.Cut(part.ID, "@")
		_, sum, has := strings.Cut(more, "-")
		if p.twin.Parts[i].ID = number; has {
			p.twin.Parts[i].ID += "-" + sum
		}
	}
	if news := p.mustHear(); len(news) > 0 {
		t.Errorf("got %+v", news)
	}
	before := notes(p.read())
	p.mustAlign()
	if news, after := p.mustHear(), notes(p.read()); len(news) > 0 || !slices.Equal(before, after) {
		t.Errorf("got %+v, %q, want %q", news, after, before)
	}
	succeed(t, c.Update(t.Context(), id, redmine.Change{"notes": "New"}))
	if diff := cmp.Diff([]ticket.Command{ticket.Comment{Body: "New"}}, commandsOf(p.mustHear())); diff != "" {
		t.Error(diff)
	}
}

// What is known of a twin grows with what is said, and not with each change.
func TestWhatIsKnownOfAnIssueDoesNotGrowWithItsChanges(t *testing.T) {
	t.Parallel()
	s := testredmine.Start(t, testredmine.Config{})
	p := newHeard(t, s, testredmine.Manager)
	p.tool = redmine.New(redmine.Config{Names: names, Now: time.Now, Late: time.Second})
	c, id := client(t, s, testredmine.Developer), must[int](t)(p.issue())
	p.happens(zoe, ticket.Commented{Comment: 1, Body: "One"})
	change := func(times int) int {
		for i := range times {
			p.happens(zoe, ticket.Edited{Summary: new(fmt.Sprint("Summary ", i))}, ticket.CommentEdited{Comment: 1, Body: fmt.Sprint("One ", i)})
			must[[]mirror.Drift](t)(p.align(false))
			succeed(t, c.Update(t.Context(), id, redmine.Change{"status_id": statusProgress + 2*(i%2)})) // in progress, feedback
			to := []tracker.State{tracker.Working, tracker.Blocked}[i%2]
			news := p.mustHear()
			if diff := cmp.Diff([]ticket.Command{ticket.ChangeState{To: to}}, commandsOf(news)); diff != "" {
				t.Fatal(diff)
			}
			p.take(news)
		}
		nextSecond(t)
		nextSecond(t)
		p.happens(zoe, ticket.Edited{Summary: new("A last one")})
		p.mustAlign()
		p.mustAlign()
		return len(p.twin.Parts)
	}
	few := change(10)
	if many := change(40); many > few+16 { // as many may wait to end together
		t.Errorf("%d parts after 10 changes, %d after 50: %v", few, many, p.twin.Parts)
	}
	if news := p.mustHear(); len(news) > 0 {
		t.Errorf("got %+v", news)
	}
}
