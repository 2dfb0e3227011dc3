package projections

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"suivi/database"
	"suivi/eventstore"
)

const (
	channel  = "suivi_projections"
	askEvery = 10 * time.Second // in case a notification got lost
)

// postgresPeers find each other in the database: advisory locks, which end with
// the connection that holds them, row locks, and LISTEN/NOTIFY.
type postgresPeers struct{ db *database.DB }

func (p postgresPeers) lead(ctx context.Context) (context.Context, func(), error) {
	return p.db.Lead(ctx, "suivi projections: lead")
}

func (p postgresPeers) lockBuilds(ctx context.Context, suffix string) (func(), error) {
	return p.db.Lock(ctx, "suivi projections: build"+suffix)
}

func (p postgresPeers) hold(ctx context.Context, names []string) (func(), error) {
	tx, err := p.db.Write.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", err)
	}
	_, err = tx.ExecContext(ctx, `SELECT name FROM projections WHERE suffix = '' AND name = ANY($1) ORDER BY name FOR UPDATE`, pq.Array(names))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("hold the live tables: %w", err), rollback(tx))
	}
	return func() { _ = rollback(tx) }, nil // nothing was written
}

func (p postgresPeers) announce(ctx context.Context, tx *sqlx.Tx, at eventstore.Position) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_notify($1, $2)`, channel, at.String()); err != nil {
		return fmt.Errorf("announce %s: %w", at, err)
	}
	return nil
}

func (p postgresPeers) listen(ctx context.Context, heard func(eventstore.Position)) {
	listener := pq.NewListener(p.db.URL(), 100*time.Millisecond, 5*time.Second, nil)
	var opening sync.WaitGroup
	opening.Go(func() {
		if err := listener.Listen(channel); err == nil { // else it was closed
			heard(eventstore.Position{})
		}
	})
	defer opening.Wait()
	defer func() { _ = listener.Close() }() // fails only if closed before
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			heard(eventstore.Position{})
		case n := <-listener.Notify:
			if n == nil { // connected anew
				heard(eventstore.Position{})
			} else if at, err := eventstore.ParsePosition(n.Extra); err == nil {
				heard(at)
			}
		}
	}
}
