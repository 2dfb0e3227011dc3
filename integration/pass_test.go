package integration_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/integration"
	"suivi/internal/testdb"
)

// copier is a reactor that keeps copies of whole tickets, as mirrors do.
type copier struct {
	w      *world
	shut   atomic.Bool
	wait   atomic.Pointer[chan struct{}] // what it has read of a ticket it copies once this is closed
	reads  atomic.Int64
	mu     sync.Mutex
	copies map[domain.TicketID][]string
	passed heard
	fail   func(word string) error // at passing over it
}

func (w *world) newCopier() *copier {
	return &copier{w: w, copies: map[domain.TicketID][]string{}, fail: func(string) error { return nil }}
}

func (c *copier) reactor() integration.Reactor {
	return integration.Reactor{Name: "ear", React: c.react, Passed: func(_ context.Context, e integration.Event) (bool, error) {
		word := e.Fact.(ticket.Commented).Body
		c.passed.note(fmt.Sprintf("%s %s", e.Ticket, word))
		return word != "own", c.fail(word)
	}}
}

func (c *copier) react(ctx context.Context, e integration.Event) error {
	if c.shut.Load() {
		return errors.New("the tool is shut")
	}
	var words []string
	for recorded, err := range c.w.store.Read(ctx, e.Stream, 0) {
		if err != nil {
			return err
		}
		fact, err := ticket.Decode(recorded.Type, recorded.Data)
		if err != nil {
			return err
		}
		words = append(words, fact.(ticket.Commented).Body)
	}
	c.reads.Add(1)
	if wait := c.wait.Load(); wait != nil {
		<-*wait
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.copies[e.Ticket] = append(c.copies[e.Ticket], words[len(c.copies[e.Ticket]):]...)
	return nil
}

// first is the copy of A-1.
func (c *copier) first() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.copies["A-1"])
}

func parkedOf(t *testing.T, r *integration.Reactors) []integration.Parked {
	t.Helper()
	all, err := r.Parked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAReactorThatTakesTicketsWholeParksEachOfThemOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		c := w.newCopier()
		c.shut.Store(true)
		r, run := w.openReactors(c.reactor())
		run()
		var words []string
		for n := range 200 {
			words = append(words, fmt.Sprint(n))
		}
		w.say("A-1", words[:1]...)
		eventually(t, "it is parked", func() bool { return len(parkedOf(t, r)) == 1 })
		first := parkedOf(t, r)[0]
		w.say("A-1", words[1:]...)
		w.say("B-1", "one")
		eventually(t, "all is heard", func() bool { return len(parkedOf(t, r)) > 1 && len(c.passed.get()) == len(words)-1 })
		status, err := r.Status(t.Context())
		if all := parkedOf(t, r); err != nil || status[0].Parked != 2 || len(all) != 2 || all[0].ID != first.ID || !all[0].ParkedAt.Equal(first.ParkedAt) {
			t.Errorf("got %+v, %+v, %v", status, all, err)
		}
		if err := r.Due(t.Context(), "ear", "it is imported", "A-1", "C-1"); err != nil || len(parkedOf(t, r)) != 2 {
			t.Errorf("due and parked, it is there %d times, %v", len(parkedOf(t, r)), err)
		}
		c.shut.Store(false)
		if err := r.Hurry(t.Context(), "ear"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "nothing waits", func() bool { return len(parkedOf(t, r)) == 0 })
		if got := c.first(); !slices.Equal(got, words) {
			t.Errorf("got %v", got)
		}
		w.say("A-1", "more")
		eventually(t, "it goes on", func() bool { return slices.Equal(c.first(), append(slices.Clone(words), "more")) })
		if n := len(c.passed.get()); n != len(words)-1 {
			t.Errorf("%d events were passed over", n)
		}
	})
}

// shutCopier has parked A-1, where one word was said.
func (w *world) shutCopier() (*copier, *integration.Reactors) {
	w.t.Helper()
	c := w.newCopier()
	c.shut.Store(true)
	r, run := w.openReactors(c.reactor())
	run()
	w.say("A-1", "one")
	eventually(w.t, "it is parked", func() bool { return len(parkedOf(w.t, r)) == 1 })
	return c, r
}

func TestWhatComesWhileAParkedTicketIsTriedIsNotLost(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		c, r := w.shutCopier()
		read := make(chan struct{})
		c.wait.Store(&read)
		c.shut.Store(false)
		if err := r.Hurry(t.Context(), "ear"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is read", func() bool { return c.reads.Load() == 1 })
		w.say("A-1", "two", "own")
		eventually(t, "it is passed over", func() bool { return len(c.passed.get()) == 2 })
		close(read)
		eventually(t, "nothing waits", func() bool { return len(parkedOf(t, r)) == 0 })
		if got := c.first(); !slices.Equal(got, []string{"one", "two", "own"}) {
			t.Errorf("got %v", got)
		}
	})
}

func TestWhatAPersonHasResolvedStandsForNothingThatComesLater(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		c, r := w.shutCopier()
		if _, err := r.Resolve(t.Context(), parkedOf(t, r)[0].ID, "usr_1"); err != nil {
			t.Fatal(err)
		}
		c.shut.Store(false)
		w.say("A-1", "two")
		eventually(t, "it is heard", func() bool { return slices.Equal(c.first(), []string{"one", "two"}) })
	})
}

func TestPassingOverIsTriedUntilItSucceeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testdb.Postgres(t))
	c := w.newCopier()
	c.shut.Store(true)
	c.fail = func(word string) error {
		switch tries := len(c.passed.get()); {
		case word == "two" && tries == 1:
			return errors.New("not now")
		case word == "two" && tries == 2:
			panic("a bug")
		}
		return nil
	}
	r, run := w.openReactors(c.reactor())
	run()
	w.say("A-1", "one", "two", "three")
	eventually(t, "all is passed over", func() bool {
		return slices.Equal(c.passed.get(), []string{"A-1 two", "A-1 two", "A-1 two", "A-1 three"})
	})
	if n := len(parkedOf(t, r)); n != 1 {
		t.Errorf("%d are parked", n)
	}
}
