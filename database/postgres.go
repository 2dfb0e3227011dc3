package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Bounds of a pool's connections. Idle ones are kept for the next burst.
const (
	poolSize      = 16
	writePoolSize = 8
	idleFor       = 5 * time.Minute
)

// openPostgres makes one pool, or two if commits need not wait for the disk.
func openPostgres(ctx context.Context, address string, durable bool) (*DB, error) {
	read, err := connectPostgres(ctx, address, "on", poolSize)
	if err != nil {
		return nil, err
	}
	if durable {
		return &DB{Dialect: Postgres, Read: read, Write: read}, nil
	}
	write, err := connectPostgres(ctx, address, "off", writePoolSize)
	if err != nil {
		return nil, errors.Join(err, read.Close())
	}
	return &DB{Dialect: Postgres, Read: read, Write: write}, nil
}

func connectPostgres(ctx context.Context, address, synchronousCommit string, size int) (*sqlx.DB, error) {
	cfg, err := pq.NewConfig(address)
	if err != nil {
		return nil, errors.New("not a Postgres URL: want postgres://user:password@host:port/name?sslmode=…")
	}
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	cfg.Runtime["synchronous_commit"] = synchronousCommit
	// One round trip per statement instead of two. In exchange a []byte is a BYTEA:
	// JSON goes in as a string.
	cfg.BinaryParameters = true
	cfg.Runtime["timezone"] = "UTC"
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("configure the connections: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(idleFor)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return sqlx.NewDb(db, "postgres"), nil
}
