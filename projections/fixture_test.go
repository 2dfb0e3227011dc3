package projections_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"suivi/database"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/eventstore/embedded"
	"suivi/internal/testdb"
	"suivi/projections"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// world is an event store and a database, both real and the test's own.
type world struct {
	store *eventstore.Store
	db    *database.DB
	at    time.Time // moves on with each event
	next  map[string]uint64
	last  eventstore.Position
}

func newWorld(t testing.TB, url string) *world {
	t.Helper()
	server, err := embedded.Open(t.Context(), embedded.Config{Path: filepath.Join(t.TempDir(), "events.db"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, server.Close()) })
	store, err := eventstore.Open(server.ConnectionString(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, store.Close()) })
	w := &world{store: store, at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), next: map[string]uint64{}}
	w.db = openDB(t, url)
	return w
}

func openDB(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // sessions that a test has ended make it fail
	return db
}

func closed(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// run runs projections until the test ends or stop is called.
func (w *world) run(t testing.TB) (p *projections.Projections, stop func()) {
	t.Helper()
	p = projections.New(w.db, w.store, nil)
	return p, start(t, p)
}

func start(t testing.TB, p *projections.Projections) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stopped := false
	stop = func() {
		cancel()
		if !stopped {
			stopped = true
			closed(t, <-done)
		}
	}
	t.Cleanup(stop)
	return stop
}

// meta is the metadata of the world's next event.
func (w *world) meta(actor domain.UserID) domain.Meta {
	w.at = w.at.Add(1234567 * time.Microsecond)
	return domain.Meta{Schema: 1, Actor: actor, CommandID: uuid.New(), CorrelationID: "req-1", Source: domain.SourceAPI, OccurredAt: w.at}
}

// tell appends events of a ticket.
func (w *world) tell(t testing.TB, id domain.TicketID, events ...ticket.Event) {
	t.Helper()
	var encoded []eventstore.Event
	for _, e := range events {
		name, data, err := ticket.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, w.event(t, name, data, w.meta(person(1))))
	}
	w.append(t, id.Stream(), encoded...)
}

// configure appends events of a tracker.
func (w *world) configure(t testing.TB, key domain.TrackerKey, events ...tracker.Event) {
	t.Helper()
	var encoded []eventstore.Event
	for _, e := range events {
		name, data, err := tracker.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, w.event(t, name, data, w.meta(person(1))))
	}
	w.append(t, key.Stream(), encoded...)
}

func (w *world) event(t testing.TB, name string, data []byte, meta domain.Meta) eventstore.Event {
	t.Helper()
	metadata, err := json.Marshal(meta)
	if err != nil {
		t.Fatal(err)
	}
	return eventstore.Event{ID: uuid.New(), Type: name, Data: data, Metadata: metadata}
}

func (w *world) append(t testing.TB, stream string, events ...eventstore.Event) {
	t.Helper()
	expected := eventstore.NoStream()
	if n := w.next[stream]; n > 0 {
		expected = eventstore.Exactly(n - 1)
	}
	appended, err := w.store.Append(t.Context(), stream, expected, events...)
	if err != nil {
		t.Fatal(err)
	}
	w.next[stream] += uint64(len(events))
	w.last = appended.Position
}

// settle waits until the projections have all that the world has told.
func (w *world) settle(t testing.TB, p *projections.Projections) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := p.Wait(ctx, w.last); err != nil {
		all, _ := p.Status(t.Context())
		t.Fatalf("%v: %+v", err, all)
	}
}

// eventually waits until what is true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func person(n int) domain.UserID {
	return domain.NewUserID(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), [10]byte{byte(n)})
}

func posted(n int64) ticket.Posted {
	return ticket.Posted{Tracker: "HELP", Number: n, Summary: fmt.Sprintf("Ticket %d", n), Description: "It *hurts*.",
		Answers: map[string]string{"room": "B12"}, Reporter: person(int(n % 7))}
}

// verified fails the test unless the tables are what a rebuild makes.
func verified(t testing.TB, p *projections.Projections) projections.Report {
	t.Helper()
	report, err := p.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Equal {
		t.Errorf("the tables are not what the events say: %+v", report)
	}
	return report
}

func (w *world) count(t testing.TB, table string) (n int) {
	t.Helper()
	if err := w.db.Read.GetContext(t.Context(), &n, "SELECT COUNT(*) FROM "+table); err != nil {
		t.Fatal(err)
	}
	return n
}
