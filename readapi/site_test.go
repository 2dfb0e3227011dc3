package readapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"suivi/database"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/eventstore/embedded"
	"suivi/internal/testdb"
	"suivi/projections"
	"suivi/readapi"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// site is a store with real events, the tables made of them, and the routes. It
// keeps what the events come to by itself, to compare with.
type site struct {
	t        testing.TB
	ctx      context.Context
	db       *database.DB
	store    *eventstore.Store
	api      *readapi.API
	app      *fiber.App
	now      time.Time
	trackers map[domain.TrackerKey]tracker.Tracker
	tickets  map[domain.TicketID]ticket.Ticket
	versions map[string]uint64             // of streams in the store
	pending  map[string][]eventstore.Event // by stream, not yet in the store
	deeds    map[domain.TicketID][]deed
	models   *projections.Projections
	last     eventstore.Position // of what was appended
}

// deed is an event of a ticket with its metadata.
type deed struct {
	domain.Meta

	event ticket.Event
}

// start is when each site's first event occurs.
var start = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)

func newSite(t testing.TB, address string) *site {
	t.Helper()
	s := &site{
		t: t, ctx: context.WithoutCancel(t.Context()), now: start,
		trackers: map[domain.TrackerKey]tracker.Tracker{}, tickets: map[domain.TicketID]ticket.Ticket{}, deeds: map[domain.TicketID][]deed{}, versions: map[string]uint64{}, pending: map[string][]eventstore.Event{},
	}
	quiet := slog.New(slog.DiscardHandler)
	server, err := embedded.Open(s.ctx, embedded.Config{Path: filepath.Join(t.TempDir(), "events.db"), Logger: quiet})
	s.must(err)
	t.Cleanup(func() { s.must(server.Close()) })
	s.store, err = eventstore.Open(server.ConnectionString(), quiet)
	s.must(err)
	t.Cleanup(func() { s.must(s.store.Close()) })
	s.db, err = database.Open(s.ctx, database.Config{URL: address})
	s.must(err)
	t.Cleanup(func() { s.must(s.db.Close()) })
	s.project()
	s.serve()
	return s
}

// project keeps the tables in step with the store until the test ends.
func (s *site) project() {
	ctx, cancel := context.WithCancel(s.ctx)
	s.models = projections.New(s.db, s.store, nil)
	done := make(chan error, 1)
	go func() { done <- s.models.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		s.must(<-done)
	})
}

func (s *site) serve() {
	s.api = readapi.New(s.db, s.store)
	s.serveAPI()
}

func (s *site) serveAPI() {
	s.app = fiber.New(fiber.Config{Immutable: true, ErrorHandler: answerError})
	s.api.Routes(s.app, readapi.Edge{
		Who: func(c *fiber.Ctx) domain.Actor {
			return domain.Actor{ID: domain.UserID(c.Get("Test-Actor")), Admin: c.Get("Test-Admin") != ""}
		},
		Body: func(c *fiber.Ctx, into any) error { return json.Unmarshal(c.Body(), into) },
		See:  func(*fiber.Ctx, domain.TicketID) (ticket.Ticket, bool) { return ticket.Ticket{}, false },
		Saved: func(_ *fiber.Ctx, id string) (string, domain.TrackerKey, error) {
			return "", "", domain.Errorf(domain.NotFound, "query-not-found", "nobody has saved %s", id)
		},
		Send: func(c *fiber.Ctx, content readapi.Content) error { return c.SendString(content.Hash) },
		Export: func(c *fiber.Ctx, export *readapi.Export) error {
			w := bufio.NewWriter(c)
			return export.Write(c.UserContext(), w, w.Flush)
		},
		Follow: func(c *fiber.Ctx, feed *readapi.Feed) error {
			window, err := feed.Next(c.UserContext())
			return errors.Join(err, c.JSON(window))
		},
	})
}

// answerError is as much of the edge's errors as the tests look at.
func answerError(c *fiber.Ctx, err error) error {
	status := map[domain.Kind]int{domain.Invalid: 422, domain.NotFound: 404, domain.Unavailable: 503}[domain.KindOf(err)]
	if status == 0 {
		status = 500
	}
	var wrong []domain.FieldError
	if e, ok := errors.AsType[*domain.Error](err); ok {
		wrong = e.Fields
	}
	return c.Status(status).JSON(fiber.Map{"code": domain.CodeOf(err), "detail": err.Error(), "errors": wrong})
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// meta is the metadata of an event that the actor causes now; a second passes.
func (s *site) meta(actor domain.UserID) domain.Meta {
	s.now = s.now.Add(time.Second)
	return domain.Meta{Schema: 1, Actor: actor, CommandID: uuid.New(), CorrelationID: "req", Source: domain.SourceAPI, OccurredAt: s.now}
}

// desk makes a tracker with members.
func (s *site) desk(key domain.TrackerKey, mode domain.Mode, members map[domain.UserID][]domain.Role) {
	s.t.Helper()
	s.track(key, tracker.Created{Key: key, Name: "Desk " + string(key), Mode: mode, Workflow: tracker.Relaxed})
	for user, roles := range members {
		s.track(key, tracker.MemberSet{User: user, Roles: roles})
	}
}

func (s *site) track(key domain.TrackerKey, event tracker.Event) {
	s.t.Helper()
	meta := s.meta(person(0))
	name, data, err := tracker.Encode(event)
	s.must(err)
	s.append(key.Stream(), name, data, meta)
	s.trackers[key] = tracker.Evolve(s.trackers[key], event, meta)
}

// place puts a tracker below another one.
func (s *site) place(key, parent domain.TrackerKey) {
	s.t.Helper()
	name, data, err := tracker.EncodeHierarchy(tracker.ParentSet{Tracker: key, Parent: parent})
	s.must(err)
	s.settle() // the trackers must be there first
	s.append(tracker.HierarchyStream, name, data, s.meta(person(0)))
}

// post posts the next ticket of the tracker.
func (s *site) post(key domain.TrackerKey, reporter domain.UserID, answers map[string]string) domain.TicketID {
	s.t.Helper()
	n := int64(1)
	for s.tickets[domain.NewTicketID(key, n)].Exists() {
		n++
	}
	id := domain.NewTicketID(key, n)
	s.do(id, reporter, ticket.Posted{Tracker: key, Number: n, Summary: "Summary of " + string(id), Description: "Text of " + string(id), Answers: answers, Reporter: reporter})
	return id
}

// do appends an event of a ticket.
func (s *site) do(id domain.TicketID, actor domain.UserID, event ticket.Event) {
	s.t.Helper()
	s.doWith(id, s.meta(actor), event)
}

func (s *site) doWith(id domain.TicketID, meta domain.Meta, event ticket.Event) {
	s.t.Helper()
	name, data, err := ticket.Encode(event)
	s.must(err)
	s.append(id.Stream(), name, data, meta)
	s.tickets[id] = ticket.Evolve(s.tickets[id], event, meta)
	s.deeds[id] = append(s.deeds[id], deed{meta, event})
}

// move changes the ticket's state.
func (s *site) move(id domain.TicketID, to tracker.State) {
	s.t.Helper()
	s.do(id, person(0), ticket.StateChanged{From: s.tickets[id].State, To: to})
}

func (s *site) append(stream, name string, data []byte, meta domain.Meta) {
	s.t.Helper()
	metadata, err := json.Marshal(meta)
	s.must(err)
	s.pending[stream] = append(s.pending[stream], eventstore.Event{ID: uuid.New(), Type: name, Data: data, Metadata: metadata})
}

// settle writes what has happened to the store and waits until the tables have it.
func (s *site) settle() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	var mu sync.Mutex
	var group errgroup.Group
	for stream, events := range s.pending {
		expected := eventstore.NoStream()
		if n := s.versions[stream]; n > 0 {
			expected = eventstore.Exactly(n - 1)
		}
		s.versions[stream] += uint64(len(events))
		group.Go(func() error {
			written, err := s.store.Append(ctx, stream, expected, events...)
			mu.Lock()
			defer mu.Unlock()
			if written.Position.Compare(s.last) > 0 {
				s.last = written.Position
			}
			return err
		})
	}
	s.must(group.Wait())
	clear(s.pending)
	s.must(s.models.Wait(ctx, s.last))
}

// reply is an answer.
type reply struct {
	Status int
	Header http.Header
	Body   []byte
}

func (r reply) into(t testing.TB, v any) {
	t.Helper()
	if r.Status != http.StatusOK {
		t.Fatalf("status %d: %s", r.Status, r.Body)
	}
	if err := json.Unmarshal(r.Body, v); err != nil {
		t.Fatalf("%v in %s", err, r.Body)
	}
}

func (r reply) problem(t testing.TB) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(r.Body, &p); err != nil {
		t.Fatalf("%v in %s", err, r.Body)
	}
	p.Status = r.Status
	return p
}

type problem struct {
	Status int
	Code   string
	Errors []domain.FieldError
}

// get asks as the actor; query is key, value, key, value.
func (s *site) get(actor domain.Actor, path string, query ...string) reply {
	s.t.Helper()
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Add(query[i], query[i+1])
	}
	return s.getRaw(actor, path+"?"+values.Encode(), "")
}

func (s *site) getRaw(actor domain.Actor, target, language string) reply {
	s.t.Helper()
	req := httptest.NewRequest(http.MethodGet, target, nil)
	req.Header.Set("Test-Actor", string(actor.ID))
	if actor.Admin {
		req.Header.Set("Test-Admin", "yes")
	}
	req.Header.Set("Accept-Language", language)
	resp, err := s.app.Test(req, -1)
	s.must(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	s.must(err)
	return reply{resp.StatusCode, resp.Header, body}
}

// person is the n-th person; 0 administers the site.
func person(n byte) domain.UserID {
	return domain.NewUserID(start, [10]byte{9: n})
}

func actor(n byte) domain.Actor { return domain.Actor{ID: person(n), Admin: n == 0} }
