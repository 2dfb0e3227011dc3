package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	aliveEvery = time.Second // how often a leader makes sure that it still has the lock
	aliveAfter = 5 * time.Second
)

// Lead waits until no other process leads under the name. The context that it
// returns ends when that is no longer sure; release lets another one lead. A SQLite
// file belongs to one process, which leads at once.
func (db *DB) Lead(ctx context.Context, name string) (leading context.Context, release func(), err error) {
	if db.Dialect == SQLite {
		leading, cancel := context.WithCancel(ctx)
		return leading, cancel, nil
	}
	conn, err := db.advisoryLock(ctx, name)
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

// Lock waits until no other process of a Postgres holds the lock of the name.
func (db *DB) Lock(ctx context.Context, name string) (release func(), err error) {
	conn, err := db.advisoryLock(ctx, name)
	if err != nil {
		return nil, err
	}
	return func() { _ = discard(conn) }, nil // as above
}

// advisoryLock takes a lock, which ends with the connection that holds it: one of its own.
func (db *DB) advisoryLock(ctx context.Context, name string) (*sql.Conn, error) {
	conn, err := db.Write.Conn(ctx)
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
