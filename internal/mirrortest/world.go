package mirrortest

import (
	"context"
	"crypto/rand"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"suivi/blobs"
	"suivi/commands"
	"suivi/database"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/files"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/internal/testdesk"
)

// The people of a world. The administrator reports and acts, staff is told of it.
const (
	boss  = domain.UserID("usr_01M000000000000000000000B0")
	staff = domain.UserID("usr_01M0000000000000000000005T")
)

func admin() commands.Caller {
	return commands.Caller{Actor: domain.Actor{ID: boss, Admin: true}, Source: domain.SourceAPI, RequestID: "test"}
}

// secretName is under which the site's secret is kept.
const secretName = "site-key"

// world is an event store with a tracker that is mirrored to the rig's site, and one below it that is not. No other world has
// tickets of the same ids: a Redmine on SQLite gives the numbers of deleted issues to the next ones, whatever their project.
type world struct {
	t     testing.TB
	key   domain.TrackerKey // of the one that is mirrored
	below domain.TrackerKey
	rig   Rig
	proxy *proxy
	store *eventstore.Store
	db    *database.DB
	files *files.Files
	// sweepEvery is how often twins are swept; 0: never.
	sweepEvery time.Duration
	later      atomic.Int64 // how much later than the clock says it is, in seconds
	desk       *commands.Handler
	at         eventstore.Position // what the reactor has heard, where the test lets it hear
	due        []domain.TicketID   // what is due then
}

func newWorld(t testing.TB, rig Rig) *world {
	t.Helper()
	dir := t.TempDir()
	store := testdesk.Store(t)
	db, err := database.Open(t.Context(), database.Config{URL: (&url.URL{Scheme: "sqlite", Path: filepath.Join(dir, "accounts.db")}).String(), Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	content, err := blobs.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	key := rand.Text()[:6]
	w := &world{t: t, key: domain.TrackerKey("HELP" + key), below: domain.TrackerKey("NET" + key), rig: rig, proxy: newProxy(t, rig.Site), store: store, db: db}
	if w.files, err = files.Open(t.Context(), files.Config{DB: db, Blobs: content, Drafts: dir, MaxSize: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	w.desk = w.newDesk()
	w.configure()
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.later.Load()) * time.Second) }

func (w *world) newDesk() *commands.Handler {
	cfg := testdesk.Config(w.store)
	cfg.Files = w.files
	return commands.New(cfg)
}

func (w *world) configure() {
	w.t.Helper()
	for _, key := range []domain.TrackerKey{w.key, w.below} {
		members := map[domain.UserID][]domain.Role{boss: {domain.Manager}, staff: {domain.Developer}}
		create := tracker.Create{Key: key, Settings: tracker.Settings{Name: new(string(key))}, Members: members}
		if _, err := w.desk.ChangeTracker(w.t.Context(), admin(), anew(), key, create); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, err := w.desk.SetParent(w.t.Context(), admin(), anew(), w.below, w.key); err != nil {
		w.t.Fatal(err)
	}
	w.mirror(func(*tracker.Mirror) {})
}

// mirror sets the mirror of the tracker anew.
func (w *world) mirror(change func(*tracker.Mirror)) {
	w.t.Helper()
	m := w.rig.Mirror(w.t, []domain.UserID{boss, staff})
	m.Site, m.Secret, m.Deletion, m.Notes = w.proxy.URL+pathOf(w.rig.Site), secretName, tracker.DeleteTwin, true
	change(&m)
	if _, err := w.desk.ChangeTracker(w.t.Context(), admin(), anew(), w.key, tracker.SetMirror{Mirror: m}); err != nil {
		w.t.Fatal(err)
	}
}

func pathOf(site string) string {
	u, _ := url.Parse(site) // the proxy has read it
	return strings.TrimRight(u.Path, "/")
}

func anew() commands.Request { return commands.Request{Command: uuid.New()} }

// process is the framework and the tool as in one process.
type process struct {
	*mirror.Mirror
	*integration.Reactors
	tool string
	stop func()
}

// open makes a process; it starts nothing. cmds is what it writes by, base what it keeps by.
func (w *world) open(cmds mirror.Commands, base func(*integration.Reactors) mirror.Base) *process {
	w.t.Helper()
	p := &process{stop: func() {}}
	tool := w.rig.Tool()
	p.tool = tool.Name()
	p.Mirror = mirror.New(mirror.Config{
		Tool: tool, Commands: cmds, Base: func() mirror.Base { return base(p.Reactors) }, Now: w.now,
		Dependents: w.dependents, TicketsOf: w.ticketsOf, PollEvery: 50 * time.Millisecond, SweepEvery: w.sweepEvery,
		Trackers:  func(context.Context) ([]domain.TrackerKey, error) { return []domain.TrackerKey{w.key, w.below}, nil },
		TicketURL: func(id domain.TicketID) string { return "https://suivi.example.org/tickets/" + string(id) },
		Content:   func(ctx context.Context, f domain.File) (io.ReadCloser, error) { return w.files.Content(ctx, f.Hash) },
		Receive: func(ctx context.Context, owner domain.UserID, id domain.AttachmentID, name string, content io.Reader) error {
			_, err := w.files.Receive(ctx, owner, id, name, content)
			return err
		},
	})
	var err error
	if p.Reactors, err = integration.Open(w.t.Context(), integration.Config{DB: w.db, Store: w.store, Now: w.now}, p.Reactor()); err != nil {
		w.t.Fatal(err)
	}
	if _, err := p.SetSecret(w.t.Context(), integration.KeptSecret{Name: secretName, Site: w.proxy.URL + pathOf(w.rig.Site)}, integration.NewSecret(w.rig.Secret), domain.By{Person: boss}); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// start is a process that runs.
func (w *world) start() *process {
	w.t.Helper()
	p := w.open(w.newDesk(), func(r *integration.Reactors) mirror.Base { return r })
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = p.Run(ctx) }) // never fails
	p.stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	w.t.Cleanup(p.stop)
	return p
}

// dependents and ticketsOf read the log, as here are no read models.
func (w *world) dependents(ctx context.Context, id domain.TicketID) ([]domain.TicketID, error) {
	var found []domain.TicketID
	all, err := w.ticketsOf(ctx, w.key, "", 0)
	for _, one := range all {
		before, err := w.desk.Prerequisites(ctx, one)
		if err != nil {
			return nil, err
		}
		for _, b := range before {
			if b == id {
				found = append(found, one)
			}
		}
	}
	return found, err
}

func (w *world) ticketsOf(ctx context.Context, key domain.TrackerKey, after domain.TicketID, _ int) ([]domain.TicketID, error) {
	var ids []domain.TicketID
	for e, err := range w.store.ReadAll(ctx, eventstore.Position{}, eventstore.Filter{TypePrefixes: []string{"ticket.posted."}}) {
		if err != nil {
			return nil, err
		}
		if id := domain.TicketID(strings.TrimPrefix(e.Stream, "ticket-")); id.Key() == key && after == "" {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// post posts a ticket in the tracker that is mirrored.
func (w *world) post(summary string) domain.TicketID {
	w.t.Helper()
	out, err := w.desk.PostTicket(w.t.Context(), admin(), anew(), w.key, ticket.Post{Summary: summary, Description: "It *is* so."})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.State.ID
}

func (w *world) do(id domain.TicketID, command ticket.Command) {
	w.t.Helper()
	if _, err := w.desk.ChangeTicket(w.t.Context(), admin(), anew(), id, command); err != nil {
		w.t.Fatalf("%T on %s: %v", command, id, err)
	}
}

// say says something with a file.
func (w *world) say(id domain.TicketID, text, name, content string) {
	w.t.Helper()
	file := domain.NewAttachmentID(uuid.NewString(), 0)
	if _, err := w.files.Receive(w.t.Context(), boss, file, name, strings.NewReader(content)); err != nil {
		w.t.Fatal(err)
	}
	w.do(id, ticket.WithFiles{Command: ticket.Comment{Body: text}, Files: []domain.AttachmentID{file}})
}

func (w *world) depend(id, on domain.TicketID) {
	w.t.Helper()
	if _, err := w.desk.AddPrerequisite(w.t.Context(), admin(), anew(), id, on); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ticket(id domain.TicketID) ticket.Ticket {
	w.t.Helper()
	t, err := w.desk.Ticket(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}
