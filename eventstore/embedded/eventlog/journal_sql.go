package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Events go to SQLite several at a time: one statement of many rows costs far
// less than many statements.
const (
	manyRows = 32
	someRows = 8
)

type journalStatements struct {
	head, metadata, idsAfter *sql.Stmt
	stream                   *sql.Stmt
	one, some, many          *sql.Stmt // insert 1, someRows, manyRows events
}

func prepareJournal(ctx context.Context, conn *sql.Conn) (journalStatements, error) {
	var s journalStatements
	for _, p := range []struct {
		into **sql.Stmt
		text string
	}{
		{&s.head, `SELECT id, coalesce((SELECT max(rev) FROM events WHERE stream = streams.id), -1) FROM streams WHERE name = $1`},
		{&s.metadata, `SELECT CASE WHEN json THEN data END FROM events
			WHERE stream = (SELECT id FROM streams WHERE name = $1) ORDER BY rev DESC LIMIT 1`},
		{&s.idsAfter, `SELECT rev, pos, id FROM events WHERE stream = $1 AND rev > $2 ORDER BY rev LIMIT $3`},
		{&s.stream, `INSERT INTO streams (id, name) VALUES ($1, $2)`},
		{&s.one, insertEvents(1)},
		{&s.some, insertEvents(someRows)},
		{&s.many, insertEvents(manyRows)},
	} {
		stmt, err := conn.PrepareContext(ctx, p.text) //nolint:sqlclosecheck // close does it
		if err != nil {
			return s, errors.Join(fmt.Errorf("prepare %q: %w", p.text, err), s.close())
		}
		*p.into = stmt
	}
	return s, nil
}

func insertEvents(rows int) string {
	return `INSERT INTO events (pos, stream, rev, id, type, json, created, data, metadata, link) VALUES ` +
		strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?,?,?,?,?),", rows), ",")
}

func (s *journalStatements) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{s.head, s.metadata, s.idsAfter, s.stream, s.one, s.some, s.many} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}

// flush hands to SQLite what the group has gathered, so that its queries see it.
func (j *journal) flush(ctx context.Context) error {
	for _, h := range j.newStreams {
		if _, err := j.stmts.stream.ExecContext(ctx, h.id, h.name); err != nil {
			return fmt.Errorf("insert stream: %w", err)
		}
	}
	j.newStreams = j.newStreams[:0]
	for rest := j.group[j.flushed:]; len(rest) > 0; rest = j.group[j.flushed:] {
		stmt, n := j.stmts.one, 1
		switch {
		case len(rest) >= manyRows:
			stmt, n = j.stmts.many, manyRows
		case len(rest) >= someRows:
			stmt, n = j.stmts.some, someRows
		}
		if err := insert(ctx, stmt, rest[:n]); err != nil {
			return fmt.Errorf("insert events: %w", err)
		}
		j.flushed += n
	}
	return nil
}

func insert(ctx context.Context, stmt *sql.Stmt, records []*Record) error {
	args := make([]any, 0, 10*len(records))
	for _, r := range records {
		args = append(args, r.Pos, r.StreamID, r.Rev, r.ID[:], r.Type, r.JSON, r.Created, notNull(r.Data), notNull(r.Metadata), r.link[:])
	}
	_, err := stmt.ExecContext(ctx, args...)
	return err
}

// notNull keeps an empty blob from becoming NULL.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
