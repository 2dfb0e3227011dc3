package projections

import (
	"context"
	"database/sql"
	"database/sql/driver"
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
	channel    = "suivi_projections"
	aliveEvery = time.Second // how often a leader makes sure that it still has the lock
	aliveAfter = 5 * time.Second
	askEvery   = 10 * time.Second // in case a notification got lost
)

// postgresPeers find each other in the database: advisory locks, which end with
// the connection that holds them, row locks, and LISTEN/NOTIFY.
type postgresPeers struct{ db *database.DB }

// lock takes an advisory lock on a connection of its own.
func (p postgresPeers) lock(ctx context.Context, name string) (*sql.Conn, error) {
	conn, err := p.db.Write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect for the lock %q: %w", name, err)
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(hashtext($1))`, name); err != nil {
		return nil, errors.Join(fmt.Errorf("take the lock %q: %w", name, err), discard(conn))
	}
	return conn, nil
}

// discard ends the session behind conn, and with it its locks.
func discard(conn *sql.Conn) error {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // takes it out of the pool
	if err := conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
		return fmt.Errorf("end the session of a lock: %w", err)
	}
	return nil
}

func (p postgresPeers) lead(ctx context.Context) (context.Context, func(), error) {
	conn, err := p.lock(ctx, "suivi projections: lead")
	if err != nil {
		return nil, nil, err
	}
	leading, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		defer cancel()
		watch(leading, conn)
	})
	return leading, func() {
		cancel()
		watching.Wait()
		_ = discard(conn) // if that fails the session is gone, which is what we want
	}, nil
}

// watch returns when ctx ends or the session is gone.
func watch(ctx context.Context, conn *sql.Conn) {
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			asking, cancel := context.WithTimeout(ctx, aliveAfter)
			_, err := conn.ExecContext(asking, `SELECT 1`)
			cancel()
			if err != nil {
				return
			}
		}
	}
}

func (p postgresPeers) lockBuilds(ctx context.Context, suffix string) (func(), error) {
	conn, err := p.lock(ctx, "suivi projections: build"+suffix)
	if err != nil {
		return nil, err
	}
	return func() { _ = discard(conn) }, nil // as above
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
