package cascade_test

import (
	"encoding/json"
	"strings"
	"testing"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/integration"
	"suivi/integration/cascade"
	"suivi/internal/testdesk"
)

var admin = commands.Caller{Actor: domain.Actor{ID: "usr_admin", Admin: true}, Source: domain.SourceAPI, RequestID: "test"}

// world is an event store with the trackers LOW and, above it, TOP, and the
// handlers of as many nodes as wanted.
type world struct {
	t     *testing.T
	store *eventstore.Store
	nodes []*commands.Handler
	at    eventstore.Position // what the reactor has heard
}

func newWorld(t *testing.T, nodes int) *world {
	t.Helper()
	store := testdesk.Store(t)
	w := &world{t: t, store: store}
	for range nodes {
		w.nodes = append(w.nodes, commands.New(testdesk.Config(store)))
	}
	for _, key := range []domain.TrackerKey{"TOP", "LOW"} {
		settings := tracker.Settings{Name: new(string(key)), BackReport: new(tracker.ReportResolve), ReportComments: new(true)}
		if _, err := w.nodes[0].ChangeTracker(t.Context(), admin, anew(), key, tracker.Create{Key: key, Settings: settings}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.nodes[0].SetParent(t.Context(), admin, anew(), "LOW", "TOP"); err != nil {
		t.Fatal(err)
	}
	return w
}

func anew() commands.Request { return commands.NewRequest(admin.Actor.ID, "", "", nil) }

// A short ticket is copied in one append, a long one, whose comments have 60 kB, in three.
const (
	short = 1
	long  = 9
)

// post posts a ticket in LOW with so many comments.
func (w *world) post(comments int) domain.TicketID {
	w.t.Helper()
	out, err := w.nodes[0].PostTicket(w.t.Context(), admin, anew(), "LOW", ticket.Post{Summary: "S"})
	if err != nil {
		w.t.Fatal(err)
	}
	body := "x"
	if comments == long {
		body = strings.Repeat("x", 60_000)
	}
	for range comments {
		w.do(out.State.ID, ticket.Comment{Body: body})
	}
	return out.State.ID
}

func (w *world) do(id domain.TicketID, command ticket.Command) {
	w.t.Helper()
	if _, err := w.nodes[0].ChangeTicket(w.t.Context(), admin, anew(), id, command); err != nil {
		w.t.Fatalf("%T on %s: %v", command, id, err)
	}
}

func (w *world) ticket(id domain.TicketID) ticket.Ticket {
	w.t.Helper()
	t, err := w.nodes[0].Ticket(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

// hear has the reactor hear all that it has not heard yet, each event so many
// times, and remembers how far it came, unless it was cut off: then it hears all of that again.
func (w *world) hear(desk cascade.Commands, times int) error {
	w.t.Helper()
	reactor := cascade.New(cascade.Config{Commands: desk})
	for {
		head := w.at
		for recorded, err := range w.store.ReadAll(w.t.Context(), w.at, eventstore.Filter{StreamPrefixes: []string{"ticket-"}}) {
			if err != nil {
				w.t.Fatal(err)
			}
			for range times {
				if err := reactor.React(w.t.Context(), eventOf(w.t, recorded)); err != nil {
					return err
				}
			}
			head = recorded.Position
		}
		if head == w.at {
			return nil
		}
		w.at = head
	}
}

func (w *world) mustHear(desk cascade.Commands, times int) {
	w.t.Helper()
	if err := w.hear(desk, times); err != nil {
		w.t.Fatal(err)
	}
}

func eventOf(t *testing.T, r eventstore.Recorded) integration.Event {
	t.Helper()
	e := integration.Event{Recorded: r, Ticket: domain.TicketID(strings.TrimPrefix(r.Stream, "ticket-"))}
	var err error
	if e.Fact, err = ticket.Decode(r.Type, r.Data); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(r.Metadata, &e.Meta); err != nil {
		t.Fatal(err)
	}
	return e
}

// copies are the tickets that say that they are copies of the ticket.
func (w *world) copies(of domain.TicketID) []domain.TicketID {
	w.t.Helper()
	var ids []domain.TicketID
	for r, err := range w.store.ReadAll(w.t.Context(), eventstore.Position{}, eventstore.Filter{TypePrefixes: []string{"ticket.posted."}}) {
		if err != nil {
			w.t.Fatal(err)
		}
		e := eventOf(w.t, r)
		if posted, ok := e.Fact.(ticket.Posted); ok && posted.CopyOf != nil && posted.CopyOf.Ticket == of {
			ids = append(ids, e.Ticket)
		}
	}
	return ids
}
