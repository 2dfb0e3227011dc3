package mirrortest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
	"suivi/integration"
	"suivi/integration/mirror"
)

var errCrash = errors.New("the process is dead")

// mortal writes until its death, just before or just after a write.
type mortal struct {
	mirror.Commands
	mu     sync.Mutex
	left   int // writes before its death
	after  bool
	writes int // that were wanted
}

const immortal = 1 << 20

// ChangeTicket is one write.
func (m *mortal) ChangeTicket(ctx context.Context, c commands.Caller, req commands.Request, id domain.TicketID, command ticket.Command) (commands.Outcome[ticket.Ticket], error) {
	return m.write(func() (commands.Outcome[ticket.Ticket], error) {
		return m.Commands.ChangeTicket(ctx, c, req, id, command)
	})
}

func (m *mortal) write(do func() (commands.Outcome[ticket.Ticket], error)) (commands.Outcome[ticket.Ticket], error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	m.left--
	if m.left >= 0 {
		return do()
	}
	if m.left == -1 && m.after {
		_, _ = do() // nobody hears of what came of it
	}
	return commands.Outcome[ticket.Ticket]{}, errCrash
}

// AddPrerequisite is one write.
func (m *mortal) AddPrerequisite(ctx context.Context, c commands.Caller, req commands.Request, id, on domain.TicketID) (commands.Outcome[ticket.Ticket], error) {
	return m.write(func() (commands.Outcome[ticket.Ticket], error) {
		return m.Commands.AddPrerequisite(ctx, c, req, id, on)
	})
}

// RemovePrerequisite is one write.
func (m *mortal) RemovePrerequisite(ctx context.Context, c commands.Caller, req commands.Request, id, on domain.TicketID) (commands.Outcome[ticket.Ticket], error) {
	return m.write(func() (commands.Outcome[ticket.Ticket], error) {
		return m.Commands.RemovePrerequisite(ctx, c, req, id, on)
	})
}

// dues stands for the table of what is due, which outlives processes.
type dues struct {
	*integration.Reactors
	ids *[]domain.TicketID
}

// Due notes what is due.
func (d dues) Due(_ context.Context, _, _ string, ids ...domain.TicketID) error {
	*d.ids = append(*d.ids, ids...)
	return nil
}

// hear has a new process hear, so many times each, all that has not been heard yet, and
// then look at what is due. It remembers how far it came, unless it was cut off.
func (w *world) hear(cmds mirror.Commands, times int) error {
	w.t.Helper()
	p := w.open(cmds, func(r *integration.Reactors) mirror.Base { return dues{r, &w.due} })
	reactor := p.Reactor()
	at := w.at
	for {
		head := at
		for recorded, err := range w.store.ReadAll(w.t.Context(), at, eventstore.Filter{StreamPrefixes: append([]string{"ticket-"}, reactor.Streams...)}) {
			if err != nil {
				w.t.Fatal(err)
			}
			for range times {
				if err := w.tell(reactor, recorded, false); err != nil {
					return err
				}
			}
			head = recorded.Position
		}
		if err := w.settle(reactor); err != nil {
			return err
		}
		if head == at {
			w.at = at
			return nil
		}
		at = head
	}
}

// settle looks at what is due.
func (w *world) settle(reactor integration.Reactor) error {
	for len(w.due) > 0 {
		id := w.due[0]
		var last eventstore.Recorded
		for e, err := range w.store.Read(w.t.Context(), id.Stream(), 0) {
			if err != nil {
				w.t.Fatal(err)
			}
			last = e
		}
		if err := w.tell(reactor, last, true); err != nil {
			return err
		}
		w.due = w.due[1:]
	}
	return nil
}

func (w *world) tell(reactor integration.Reactor, r eventstore.Recorded, again bool) error {
	w.t.Helper()
	id, ofTicket := strings.CutPrefix(r.Stream, "ticket-")
	if !ofTicket {
		return reactor.Aside(w.t.Context(), r)
	}
	e := integration.Event{Recorded: r, Ticket: domain.TicketID(id), Again: again}
	var err error
	if e.Fact, err = ticket.Decode(r.Type, r.Data); err != nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(r.Metadata, &e.Meta); err != nil {
		w.t.Fatal(err)
	}
	return reactor.React(w.t.Context(), e)
}

func (w *world) mustHear(times int) {
	w.t.Helper()
	if err := w.hear(w.newDesk(), times); err != nil {
		w.t.Fatal(err)
	}
}
