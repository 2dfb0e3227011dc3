package cascade_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/cascade"
	"suivi/internal/testdesk"
)

var errCrash = errors.New("the process is dead")

// mortal carries out steps until its death, just before or just after one of them.
type mortal struct {
	cascade.Commands
	left  int // steps before its death
	after bool
	steps int // that were wanted
}

func (m *mortal) step(do func() error) error {
	m.steps++
	m.left--
	if m.left >= 0 {
		return do()
	}
	if m.left == -1 && m.after {
		_ = do() // nobody hears of what came of it
	}
	return errCrash
}

func (m *mortal) AimCopy(ctx context.Context, c commands.Caller, req commands.Request, id domain.TicketID, link ticket.Link) error {
	return m.step(func() error { return m.Commands.AimCopy(ctx, c, req, id, link) })
}

func (m *mortal) PostCopy(ctx context.Context, c commands.Caller, req commands.Request, original ticket.Ticket) error {
	return m.step(func() error { return m.Commands.PostCopy(ctx, c, req, original) })
}

func (m *mortal) CopyMore(ctx context.Context, c commands.Caller, req commands.Request, original ticket.Ticket) (did bool, err error) {
	err = m.step(func() error {
		did, err = m.Commands.CopyMore(ctx, c, req, original)
		return err
	})
	return did, err
}

func (m *mortal) ChangeTicket(ctx context.Context, c commands.Caller, req commands.Request, id domain.TicketID, command ticket.Command) (out commands.Outcome[ticket.Ticket], err error) {
	err = m.step(func() error {
		out, err = m.Commands.ChangeTicket(ctx, c, req, id, command)
		return err
	})
	return out, err
}

const immortal = 1 << 20

// ends is what the two tickets of a link have come to.
type ends struct {
	Below, Above           tracker.State
	Resolution             string
	CommentsBelow          int
	CommentsAbove          int
	EventsBelow            uint64
	EventsAbove            uint64
	EndedBelow, EndedAbove ticket.Ending
	Copies                 int
}

// life is a whole cascade. hear is called whenever there is something to hear; the
// person who acts above waits until the copy is there.
func (w *world) life(hear func()) ends {
	w.t.Helper()
	id := w.post(short)
	w.do(id, ticket.Cascade{Link: uuid.NewString(), Comment: "Up"})
	hear()
	link, _ := w.ticket(id).Inner.Active()
	above := link.Copy
	w.do(above, ticket.ChangeState{To: tracker.Working, Comment: "Hm"})
	w.do(above, ticket.EditComment{Comment: short + 2, Body: "Aha"})
	hear()
	w.do(above, ticket.ChangeState{To: tracker.Resolved, Resolution: "Done"})
	w.do(above, ticket.DeleteComment{Comment: short + 2})
	hear()
	w.do(above, ticket.ChangeState{To: tracker.Open})
	w.do(above, ticket.Refuse{Reason: "Not ours"})
	hear()
	below, copied := w.ticket(id), w.ticket(above)
	return ends{
		Below: below.State, Above: copied.State, Resolution: below.Resolution, CommentsBelow: below.Comments, CommentsAbove: copied.Comments,
		EventsBelow: below.Inner.Events, EventsAbove: copied.Inner.Events,
		EndedBelow: below.Inner.Links[0].Ended, EndedAbove: copied.Inner.CopyOf.Ended, Copies: len(w.copies(id)),
	}
}

// survive has the reactor hear what there is, die at a step, and begin anew: as a
// process that remembers nothing, and hears once more, or twice, what was heard before.
func (w *world) survive(m *mortal, deaths *int) {
	w.t.Helper()
	before := w.at
	err := w.hear(m, 1)
	if errors.Is(err, errCrash) {
		*deaths++
		w.at, m.left, m.Commands = before, immortal, commands.New(testdesk.Config(w.store))
		err = w.hear(m, 1+*deaths%2)
		w.at = before
		err = errors.Join(err, w.hear(m, 1))
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// Whenever the process dies, before or after any of its steps, and however often
// it then hears what it has heard before: there is one copy, and both ends are as
// if nothing had happened.
func TestACrashAtAnyStepChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	all := &mortal{Commands: w.nodes[0], left: immortal}
	want := w.life(func() { w.mustHear(all, 1) })
	if want.Below != tracker.Open || want.Above != tracker.Abandoned || want.Resolution != "Done" || want.EndedBelow != ticket.EndRefused ||
		want.EndedAbove != ticket.EndRefused || want.Copies != 1 || want.CommentsAbove != short+2 || want.CommentsBelow != short+2 {
		t.Fatalf("without a crash: %+v", want)
	}
	deaths := 0
	for _, after := range []bool{false, true} {
		for step := range all.steps {
			m := &mortal{Commands: w.nodes[0], left: step, after: after}
			got := w.life(func() { w.survive(m, &deaths) })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("death at step %d, after it: %t: %s", step, after, diff)
			}
		}
	}
	if deaths != 2*all.steps || all.steps < 12 {
		t.Errorf("%d deaths in %d steps", deaths, all.steps)
	}
}

func TestACrashAmidALongCopyLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	deaths := 0
	for _, after := range []bool{false, true} {
		for step := range 4 { // a choice, a post and two parts
			id := w.post(long)
			w.do(id, ticket.Cascade{Link: uuid.NewString()})
			m := &mortal{Commands: w.nodes[0], left: step, after: after}
			w.survive(m, &deaths)
			link, _ := w.ticket(id).Inner.Active()
			copied := w.ticket(link.Copy)
			if copies := w.copies(id); len(copies) != 1 || copied.Comments != long || copied.Inner.Events != long+1 {
				t.Errorf("death at step %d, after it: %t: copies %v with %d comments in %d events", step, after, copies, copied.Comments, copied.Inner.Events)
			}
		}
	}
	if deaths != 8 {
		t.Errorf("%d deaths", deaths)
	}
}

func TestEveryEventMayComeTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	once := w.life(func() { w.mustHear(w.nodes[0], 1) })
	twice := w.life(func() { w.mustHear(w.nodes[0], 2) })
	if diff := cmp.Diff(once, twice); diff != "" {
		t.Error(diff)
	}
	w.at.Commit, w.at.Prepare = 0, 0
	before := w.head()
	w.mustHear(w.nodes[0], 1)
	if after := w.head(); after != before {
		t.Errorf("hearing everything again has written something: %s, %s", before, after)
	}
}
