package mirrortest

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

func both(m *tracker.Mirror) { m.Direction = tracker.BothWays }

func testHearing(t *testing.T, rig Rig) {
	if rig.People == nil {
		t.Skip("the tool hears nothing")
	}
	w := newWorld(t, rig)
	w.mirror(both)
	p := w.start()
	id := w.post("Heard")
	w.do(id, ticket.Comment{Body: "One"})
	w.eventually("it is there", func() bool { s := rig.Look(t, id); return len(s) == 1 && len(s[0].Said) == 1 })
	rig.People.Say(t, id, rig.People.Staff, "Two")
	w.eventually("what was said there is heard", func() bool { return w.ticket(id).Comments == 2 })
	w.do(id, ticket.Comment{Body: "Three"})
	rig.People.Attach(t, id, rig.People.Staff, "there.txt", "from there")
	w.eventually("the file is heard", func() bool { return len(w.ticket(id).Inner.Files) == 1 })
	w.say(id, "With a file", "there.txt", "from here") // of the same name, and as long
	rig.People.Close(t, id, rig.People.Staff)
	w.eventually("it is closed", func() bool { return w.ticket(id).List == tracker.ResolvedList })
	rig.People.Say(t, id, rig.People.Stranger, "Four")
	w.eventually("a stranger's word is noted", func() bool { return w.refusals(id) == 1 })
	w.do(id, ticket.ChangeState{To: tracker.Open, Comment: "Five"})
	w.eventually("all is there", func() bool {
		s := rig.Look(t, id)
		return len(s) == 1 && !s[0].Closed && len(s[0].Said) == 6 && len(s[0].Files) == 2
	})
	w.eventually("nothing is due", func() bool {
		s, err := p.Status(t.Context())
		return err == nil && s[0].Due+s[0].Parked+int(s[0].Lag) == 0
	})
	if got := rig.Look(t, id)[0].Said; got[0] != "One" || got[1] != "Two" || w.ticket(id).Comments != 5 || w.refusals(id) != 1 {
		t.Errorf("there %v, here %d comments, %d refusals", got, w.ticket(id).Comments, w.refusals(id))
	}
	comment, file := w.ticket(id).Inner.Comments[1], w.ticket(id).Inner.Files[0]
	if comment.Author != staff || file.By != staff || file.Name != "there.txt" || w.content(id, file.ID) != "from there" {
		t.Errorf("the comment is %s's, the file %q %s's: %q", comment.Author, file.Name, file.By, w.content(id, file.ID))
	}
}

// content is what is in a file of the ticket.
func (w *world) content(id domain.TicketID, file domain.AttachmentID) string {
	w.t.Helper()
	whole, err := w.desk.Whole(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range whole.Files {
		if f.ID != file {
			continue
		}
		content, err := w.files.Content(w.t.Context(), f.Hash)
		if err != nil {
			w.t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			w.t.Fatal(err)
		}
		return string(text)
	}
	return ""
}

// No event tells of what somebody deletes or changes there: a sweep finds it, whichever way changes go.
func testSweep(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	w.sweepEvery = 100 * time.Millisecond
	lost, spoilt := w.post("Lost"), w.post("Right")
	w.mustHear(1)
	rig.Lose(t, lost)
	rig.Spoil(t, spoilt)
	p := w.start()
	w.eventually("both are as they were", func() bool {
		s := rig.Look(t, spoilt)
		return w.twins(lost) == 1 && len(s) == 1 && s[0].Summary == "Right"
	})
	w.eventually("nothing is due", func() bool { s, err := p.Status(t.Context()); return err == nil && s[0].Due+s[0].Parked == 0 })
}

// refusals counts what was done to the twin and refused here.
func (w *world) refusals(id domain.TicketID) (n int) {
	w.t.Helper()
	for e, err := range w.store.Read(w.t.Context(), id.Stream(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if e.Type == ticket.TypeOf(ticket.MirrorRefused{}) {
			n++
		}
	}
	return n
}

// talk is a conversation from both sides. It gives the twin, and the comments and refusals here.
func (w *world) talk(hear func()) (Seen, []int) {
	w.t.Helper()
	people := w.rig.People
	id := w.post("Talk")
	hear()
	people.Say(w.t, id, people.Staff, "One")
	people.Say(w.t, id, people.Stranger, "Two")
	w.due = append(w.due, id)
	hear()
	w.do(id, ticket.Comment{Body: "Three"})
	people.Close(w.t, id, people.Staff)
	w.due = append(w.due, id)
	hear()
	t := w.ticket(id)
	closed := 0
	if t.List == tracker.ResolvedList {
		closed = 1
	}
	return w.rig.Look(w.t, id)[0], []int{t.Comments, w.refusals(id), closed}
}

// bind has people tie one twin to another and end that, and somebody who is nobody here. It gives the twin, how often
// that was done here, and the refusals.
func (w *world) bind(hear func()) (Seen, []int) {
	w.t.Helper()
	people := w.rig.People
	manager := tracker.SetMember{User: staff, Roles: []domain.Role{domain.Developer, domain.Manager}}
	if _, err := w.desk.ChangeTracker(w.t.Context(), admin(), anew(), w.key, manager); err != nil {
		w.t.Fatal(err)
	}
	first, id := w.post("First"), w.post("Second")
	hear()
	for _, tie := range []struct {
		as  string
		end bool
	}{{people.Staff, false}, {people.Staff, true}, {people.Stranger, false}, {people.Staff, false}, {people.Stranger, true}} {
		people.Tie(w.t, id, first, tie.as, tie.end)
		w.due = append(w.due, id)
		hear()
	}
	seen := w.rig.Look(w.t, id)[0]
	for i, on := range seen.Prerequisites {
		seen.Prerequisites[i] = strings.ReplaceAll(on, string(first), "the first")
	}
	added, removed := 0, 0
	for e, err := range w.store.Read(w.t.Context(), dependency.Stream, 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		event, err := dependency.Decode(e.Type, e.Data)
		if err != nil {
			w.t.Fatal(err)
		}
		switch one := event.(type) {
		case dependency.Added:
			added += count(one.Ticket == id && one.Prerequisite == first)
		case dependency.Removed:
			removed += count(one.Ticket == id && one.Prerequisite == first)
		}
	}
	return seen, []int{added, removed, w.refusals(id)}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func testHearingCrashes(t *testing.T, rig Rig) {
	if rig.People == nil {
		t.Skip("the tool hears nothing")
	}
	dieWhile(t, rig, (*world).talk, Seen{Summary: "Talk", Closed: true, Said: []string{"One", "Two", "Three"}}, []int{2, 1, 1})
}

func testTyingCrashes(t *testing.T, rig Rig) {
	if rig.People == nil || rig.People.Tie == nil {
		t.Skip("the tool does not hear what depends on what")
	}
	dieWhile(t, rig, (*world).bind, Seen{Summary: "Second", Prerequisites: []string{"the first"}}, []int{2, 1, 2})
}

// dieWhile has what people do come to the same wherever a process dies that hears of it.
func dieWhile(t *testing.T, rig Rig, people func(*world, func()) (Seen, []int), wantSeen Seen, wantCounts []int) {
	t.Helper()
	w := newWorld(t, rig)
	w.mirror(both)
	all := &mortal{Commands: w.newDesk(), left: immortal}
	before := w.proxy.soFar()
	want, counts := people(w, func() { w.survive(all, &death{write: -1}) })
	if diff := cmp.Diff(wantSeen, want); diff != "" || !cmp.Equal(counts, wantCounts) {
		t.Fatalf("without a crash: %v %s", counts, diff)
	}
	for _, d := range deaths(all.writes, w.proxy.soFar()-before, rig.Stride) {
		m := &mortal{Commands: w.newDesk(), left: immortal, after: d.after}
		if d.write >= 0 {
			m.left = d.write
		}
		left := d
		got, n := people(w, func() { w.survive(m, &left) })
		if diff := cmp.Diff(want, got); diff != "" || !cmp.Equal(counts, n) {
			t.Errorf("%+v: %v %s", d, n, diff)
		}
	}
	head, err := w.store.Head(t.Context(), allTickets())
	w.at = eventstore.Position{}
	w.mustHear(1)
	if after, err2 := w.store.Head(t.Context(), allTickets()); err != nil || err2 != nil || after != head {
		t.Errorf("hearing everything again has written something: %v, %v", err, err2)
	}
}
