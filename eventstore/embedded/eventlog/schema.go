package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// migrations are what made the tables; they are applied in order; a file's user_version says how many it has had.
//
// Positions are assigned, not row ids that SQLite chooses, so that a log can be
// imported with the positions it had elsewhere. A stream's last revision is read
// from events_by_stream: nothing is kept twice. What was scavenged leaves its
// digest, for the chain (chain.go).
func migrations() []migration {
	return []migration{
		{text: `
CREATE TABLE streams (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE events (
	pos      INTEGER PRIMARY KEY,
	stream   INTEGER NOT NULL REFERENCES streams (id),
	rev      INTEGER NOT NULL,
	id       BLOB    NOT NULL,
	type     TEXT    NOT NULL,
	json     INTEGER NOT NULL,
	created  INTEGER NOT NULL,
	data     BLOB    NOT NULL,
	metadata BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_stream ON events (stream, rev);`},
		{text: `
ALTER TABLE events ADD COLUMN link BLOB NOT NULL DEFAULT x'';
CREATE TABLE scavenged (
	pos    INTEGER PRIMARY KEY,
	digest BLOB NOT NULL
) STRICT;
CREATE TABLE log (
	id     BLOB    NOT NULL,
	probes INTEGER NOT NULL
) STRICT;`, fill: chainAll},
	}
}

// migration is a step from one version of the file to the next.
type migration struct {
	text string
	fill func(context.Context, *sql.Tx) error
}

// openWriter opens the one connection that writes. Every commit waits for the
// disk. Pages go from the WAL to the file only when checkpoint says so. What is
// deleted is overwritten.
func openWriter(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path,
		"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "wal_autocheckpoint(0)", "cache_size(-65536)", "secure_delete(ON)"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return db, nil
}

// makeFile makes a new file for its owner alone; SQLite gives its side files the same rights.
func makeFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make the file: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("make the file %s: %w", path, err)
	}
	return nil
}

func dsn(path string, pragmas ...string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{"_pragma": pragmas}.Encode()
}

func migrate(ctx context.Context, db *sql.DB) error {
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	for ; version < len(migrations()); version++ {
		if err := migrateTo(ctx, db, version+1); err != nil {
			return fmt.Errorf("bring the file to schema %d: %w", version+1, err)
		}
	}
	return nil
}

func schemaVersion(ctx context.Context, db *sql.DB) (version int, err error) {
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	if version < 0 {
		return 0, fmt.Errorf("the file has schema %d: its first bytes are damaged: restore the last backup", version)
	}
	if version > len(migrations()) {
		return 0, fmt.Errorf("the file has schema %d, this program knows %d: use the newer program", version, len(migrations()))
	}
	return version, nil
}

func migrateTo(ctx context.Context, db *sql.DB, version int) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	step := migrations()[version-1]
	if _, err := tx.ExecContext(ctx, step.text); err != nil {
		return err
	}
	if step.fill != nil {
		if err := step.fill(ctx, tx); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}

// chainAll gives the log its id and the events of an older file their links.
func chainAll(ctx context.Context, tx *sql.Tx) error {
	id := uuid.New()
	if _, err := tx.ExecContext(ctx, "INSERT INTO log (id, probes) VALUES ($1, 0)", id[:]); err != nil {
		return err
	}
	at := firstLink(id)
	for pos := int64(0); ; {
		records, err := query(ctx, tx, eventColumns+`WHERE e.pos > $1 ORDER BY e.pos LIMIT $2`, pos, PageRows)
		if err != nil || len(records) == 0 {
			return err
		}
		for _, r := range records {
			at, pos = nextLink(at, r.digest()), r.Pos
			if _, err := tx.ExecContext(ctx, "UPDATE events SET link = $1 WHERE pos = $2", at[:], r.Pos); err != nil {
				return err
			}
		}
	}
}
