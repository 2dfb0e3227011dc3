// Package presence knows who is writing on which ticket at this moment. That is
// forgotten within seconds and is no event. Its table is its own, so that every node
// that shares the database knows of all writers. Who may hear of them, pages decide.
package presence

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"suivi/database"
	"suivi/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	// Lifetime is how long somebody counts as writing after their last sign of it.
	Lifetime = 12 * time.Second
	// every is how often other nodes' writers are looked for while anybody listens.
	every = time.Second
	// most bounds how many writers are told of at a time.
	most = 1000
)

// Writer is somebody who writes on a ticket.
type Writer struct {
	Ticket   domain.TicketID `db:"ticket"`
	Person   domain.UserID   `db:"person"`
	Internal bool            `db:"internal"` // what they write is for staff alone
}

// Presence keeps writers in a database. It is safe for concurrent use, by several
// processes on the same database too.
type Presence struct {
	db     *database.DB
	now    func() time.Time
	logger *slog.Logger

	mu        sync.Mutex
	listeners int
	writers   map[domain.TicketID][]Writer
	changed   chan struct{} // closed at the next change of writers
}

// Open brings the table up to date; the caller closes the database.
func Open(ctx context.Context, db *database.DB, now func() time.Time, logger *slog.Logger) (*Presence, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations of writers: %w", err)
	}
	if err := db.Migrate(ctx, files, "presence_migrations"); err != nil {
		return nil, fmt.Errorf("migrate the writers: %w", err)
	}
	return &Presence{
		db: db, logger: logger, changed: make(chan struct{}),
		now: func() time.Time { return now().UTC().Truncate(time.Microsecond) },
	}, nil
}

const (
	forgetOld = `DELETE FROM writers WHERE expires_at <= $1`
	putWriter = `INSERT INTO writers (ticket, person, internal, expires_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (ticket, person) DO UPDATE SET internal = excluded.internal, expires_at = excluded.expires_at`
	dropWriter  = `DELETE FROM writers WHERE ticket = $1 AND person = $2`
	listWriters = `SELECT ticket, person, internal FROM writers WHERE expires_at > $1 ORDER BY ticket, person LIMIT $2`
)

// Write takes down that the writer is at it, for a Lifetime.
func (p *Presence) Write(ctx context.Context, w Writer) error {
	now := p.now()
	if _, err := p.db.Write.ExecContext(ctx, forgetOld, now); err != nil {
		return fmt.Errorf("forget old writers: %w", err)
	}
	if _, err := p.db.Write.ExecContext(ctx, putWriter, w.Ticket, w.Person, w.Internal, now.Add(Lifetime)); err != nil {
		return fmt.Errorf("take down a writer: %w", err)
	}
	return p.look(ctx)
}

// Stop forgets that the person writes on the ticket.
func (p *Presence) Stop(ctx context.Context, id domain.TicketID, person domain.UserID) error {
	if _, err := p.db.Write.ExecContext(ctx, dropWriter, id, person); err != nil {
		return fmt.Errorf("forget a writer: %w", err)
	}
	return p.look(ctx)
}

// On are those who write on the ticket, and a channel that is closed when that may have changed.
func (p *Presence) On(id domain.TicketID) ([]Writer, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writers[id], p.changed
}

// Listen has Run look for changes until stop is called.
func (p *Presence) Listen() (stop func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listeners++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.listeners--
	}
}

// Run looks what other nodes have taken down and what is over, until ctx ends. One
// small question a second is asked, whatever the number of listeners.
func (p *Presence) Run(ctx context.Context) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !p.heard() {
			continue
		}
		if err := p.look(ctx); err != nil && ctx.Err() == nil {
			p.logger.Warn("who writes is not known", "error", err)
		}
	}
}

func (p *Presence) heard() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.listeners > 0
}

func (p *Presence) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	p.mu.Lock()
	defer p.mu.Unlock() // so that an older answer never replaces a newer one
	var rows []Writer
	if err := p.db.Read.SelectContext(ctx, &rows, listWriters, p.now(), most); err != nil {
		return fmt.Errorf("list writers: %w", err)
	}
	writers := map[domain.TicketID][]Writer{}
	for _, w := range rows {
		writers[w.Ticket] = append(writers[w.Ticket], w)
	}
	if maps.EqualFunc(writers, p.writers, slices.Equal[[]Writer]) {
		return nil
	}
	p.writers = writers
	close(p.changed)
	p.changed = make(chan struct{})
	return nil
}
