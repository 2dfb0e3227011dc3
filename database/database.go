// Package database opens the SQL databases of Suivi: a SQLite file or a
// Postgres server. It is the only place that knows the two apart; the SQL of
// its callers is one text for both:
//
//   - placeholders are $1, $2, … in any order, or sqlx's :names;
//   - columns are TEXT, BIGINT, BOOLEAN, JSONB and TIMESTAMP;
//   - times are given in UTC; a TIMESTAMP keeps microseconds and no zone.
//
// What the tables are belongs to the callers.
package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/jmoiron/sqlx"
)

// Dialect is the kind of a database.
type Dialect string

// The two dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database. Read is for statements that change nothing; on SQLite
// it refuses others. Write changes; on SQLite it is a single connection, so
// that whoever holds a transaction on it must not ask it for a second one, and
// its transactions hold the one write lock from their start.
type DB struct {
	Dialect     Dialect
	Read, Write *sqlx.DB

	url string
}

// Config says which database to open, and how safe its writes must be.
type Config struct {
	// URL is sqlite:///absolute/path/to/file or postgres://user:password@host/database.
	URL string
	// Durable makes a commit outlive the loss of power. Read models do without:
	// rows and checkpoint are lost together and come again together.
	Durable bool
	Logger  *slog.Logger // nil discards
}

// Open opens the database and proves that it answers. A SQLite file is made if
// it is missing, readable by its owner alone; its folder must exist. Errors name
// the URL without its password.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, errors.New("the database's address is no URL: want sqlite:///path/to/file or postgres://user:password@host/name")
	}
	var db *DB
	switch u.Scheme {
	case "sqlite":
		db, err = openSQLite(ctx, u, cfg.Durable)
	case "postgres", "postgresql":
		db, err = openPostgres(ctx, cfg.URL, cfg.Durable)
	default:
		err = fmt.Errorf("unknown kind of database %q: want sqlite:///path/to/file or postgres://user:password@host/name", u.Scheme)
	}
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", u.Redacted(), err)
	}
	db.url = cfg.URL
	cfg.Logger.Info("database opened", "url", u.Redacted(), "durable", cfg.Durable)
	return db, nil
}

// URL is the address that the database was opened with, password included: for
// those who need a connection of their own (LISTEN). Do not log it.
func (db *DB) URL() string { return db.url }

// Close closes all connections. It waits for statements that are under way.
func (db *DB) Close() error {
	err := db.Write.Close()
	if db.Read != db.Write {
		err = errors.Join(err, db.Read.Close())
	}
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}
