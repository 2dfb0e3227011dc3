package cascade_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/integration/cascade"
)

func (w *world) head() eventstore.Position {
	w.t.Helper()
	head, err := w.store.Head(w.t.Context(), eventstore.Filter{})
	if err != nil {
		w.t.Fatal(err)
	}
	return head
}

// thief takes the number that a copy is to have, just before the copy is posted.
type thief struct {
	cascade.Commands
	steal func()
}

func (s *thief) PostCopy(ctx context.Context, c commands.Caller, req commands.Request, original ticket.Ticket) error {
	s.steal()
	return s.Commands.PostCopy(ctx, c, req, original)
}

func TestACopyWhoseNumberIsTakenGetsAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	id := w.post(short)
	w.do(id, ticket.Cascade{Link: uuid.NewString()})
	stolen := 0
	s := &thief{Commands: w.nodes[0], steal: func() {
		stolen++
		if stolen > 3 {
			return
		}
		if _, err := w.nodes[1].PostTicket(t.Context(), admin, anew(), "TOP", ticket.Post{Summary: "First"}); err != nil {
			t.Fatal(err)
		}
	}}
	w.mustHear(s, 1)
	link, _ := w.ticket(id).Inner.Active()
	if copies := w.copies(id); len(copies) != 1 || copies[0] != link.Copy || link.Copy != "TOP-4" {
		t.Errorf("copies %v, linked %s", copies, link.Copy)
	}
}

// Two processes may run the reactor for a moment, when a lock is lost, and one
// process looks at the same ticket for several events.
func TestManyReactorsAtOnceMakeOneCopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	for range 3 {
		id := w.post(long)
		w.do(id, ticket.Cascade{Link: uuid.NewString()})
		var all sync.WaitGroup
		for _, node := range slices.Concat(w.nodes, w.nodes) {
			all.Go(func() {
				other := &world{t: t, store: w.store, at: w.at}
				if err := other.hear(node, 1); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.mustHear(w.nodes[0], 1)
		link, _ := w.ticket(id).Inner.Active()
		if copies := w.copies(id); len(copies) != 1 || copies[0] != link.Copy || w.ticket(link.Copy).Comments != long {
			t.Fatalf("copies %v, linked %s", copies, link.Copy)
		}
	}
}

// late has somebody call the ticket back while its copy is being posted.
type late struct {
	cascade.Commands
	before, after func()
}

func (l *late) PostCopy(ctx context.Context, c commands.Caller, req commands.Request, original ticket.Ticket) error {
	l.before()
	err := l.Commands.PostCopy(ctx, c, req, original)
	l.after()
	return err
}

func TestACopyThatComesTooLateIsToldSo(t *testing.T) {
	t.Parallel()
	nothing := func() {}
	for name, undo := range map[string]ticket.Command{"recalled": ticket.Recall{}, "deleted": ticket.Delete{}} {
		for _, before := range []bool{true, false} {
			w := newWorld(t, 1)
			id := w.post(short)
			w.do(id, ticket.Cascade{Link: uuid.NewString()})
			l := &late{Commands: w.nodes[0], before: nothing, after: nothing}
			if deed := func() { w.do(id, undo) }; before {
				l.before = deed
			} else {
				l.after = deed
			}
			w.mustHear(l, 1)
			link := w.ticket(id).Inner.Links[0]
			copied := w.ticket(link.Copy)
			if string(link.Ended) != name || !copied.Exists() || copied.Inner.CopyOf.Ended != link.Ended || w.ticket(id).State != tracker.Open {
				t.Errorf("%s, before: %t: link %+v, copy %+v", name, before, link, copied.Inner.CopyOf)
			}
		}
	}
}

func TestATicketThatWasCalledBackAtOnceIsNotCopied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	id := w.post(short)
	w.do(id, ticket.Cascade{Link: uuid.NewString()})
	w.do(id, ticket.Recall{})
	w.mustHear(w.nodes[0], 1)
	if copies := w.copies(id); len(copies) > 0 {
		t.Errorf("copies %v", copies)
	}
	w.do(id, ticket.Cascade{Link: uuid.NewString()})
	w.mustHear(w.nodes[0], 1)
	if copies := w.copies(id); len(copies) != 1 {
		t.Errorf("copies %v", copies)
	}
}

// Through three levels: what happens at the top comes down to the bottom.
func TestAReportComesDownAllLevels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	_, err := w.nodes[0].ChangeTracker(t.Context(), admin, anew(), "ALL", tracker.Create{Key: "ALL", Settings: tracker.Settings{Name: new("All")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.nodes[0].SetParent(t.Context(), admin, anew(), "TOP", "ALL"); err != nil {
		t.Fatal(err)
	}
	up := func(id domain.TicketID) domain.TicketID {
		w.do(id, ticket.Cascade{Link: uuid.NewString()})
		w.mustHear(w.nodes[0], 1)
		link, _ := w.ticket(id).Inner.Active()
		return link.Copy
	}
	bottom := w.post(short)
	middle := up(bottom)
	top := up(middle)
	w.do(top, ticket.ChangeState{To: tracker.Resolved, Comment: "There", Resolution: "Done"})
	w.mustHear(w.nodes[0], 1)
	for _, id := range []domain.TicketID{bottom, middle} {
		if got := w.ticket(id); got.State != tracker.Resolved || got.Resolution != "Done" || got.Comments != short+1 {
			t.Errorf("%s is %s with %q and %d comments", id, got.State, got.Resolution, got.Comments)
		}
	}
	// The middle is deleted: the bottom falls back, the top hears of it.
	w.do(middle, ticket.Delete{})
	w.mustHear(w.nodes[0], 1)
	if got := w.ticket(top).Inner.CopyOf.Ended; got != ticket.EndDeleted {
		t.Errorf("the top knows of %q", got)
	}
	if got := w.ticket(bottom).Inner.Links[0].Ended; got != ticket.EndDeleted {
		t.Errorf("the bottom knows of %q", got)
	}
}

// What happened before an end is told before it, also when the reactor comes late.
func TestALateReactorTellsEverythingInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	id := w.post(short)
	w.do(id, ticket.Cascade{Link: uuid.NewString()})
	w.mustHear(w.nodes[0], 1)
	link, _ := w.ticket(id).Inner.Active()
	w.do(link.Copy, ticket.ChangeState{To: tracker.Resolved})
	w.do(link.Copy, ticket.ChangeState{To: tracker.Working})
	w.do(link.Copy, ticket.Delete{})
	before := w.ticket(id).Version
	w.mustHear(w.nodes[0], 1)
	// Reported and resolved, reported and transferred, ended and open: two events each.
	if got := w.ticket(id); got.State != tracker.Open || got.Version != before+6 {
		t.Errorf("it is %s after %d events", got.State, got.Version-before)
	}
}

func TestWhatWasMissedIsRepairedAtTheBeginning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	id := w.post(long)
	w.do(id, ticket.Cascade{Link: uuid.NewString()})
	w.at = w.head() // as when the reactor's tables were lost
	broken := func(context.Context) ([]domain.TicketID, error) { return []domain.TicketID{id}, nil }
	reactor := cascade.New(cascade.Config{Commands: w.nodes[0], Broken: broken})
	for range 2 {
		if err := reactor.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	link, active := w.ticket(id).Inner.Active()
	if copies := w.copies(id); !active || len(copies) != 1 || w.ticket(link.Copy).Comments != long {
		t.Errorf("copies %v of %+v", copies, link)
	}
	unknown := cascade.New(cascade.Config{Commands: w.nodes[0], Broken: func(context.Context) ([]domain.TicketID, error) { return nil, errCrash }})
	if err := unknown.Begin(t.Context()); !errors.Is(err, errCrash) {
		t.Errorf("got %v", err)
	}
}
