package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// PageRows is after how many events a page ends.
const PageRows = 512

const (
	readerConnections = 8
	pageBytes         = 1 << 20 // a page also ends with the event that passes this size
)

// reader answers questions from what is committed. Pages are read whole and the
// query closed before anybody is sent anything: a slow client holds no database
// lock and little memory.
type reader struct {
	db                                                     *sql.DB
	stream, allForwards, allBackwards, forwards, backwards *sql.Stmt
}

// eventColumns begins a query whose rows scan reads.
const eventColumns = `SELECT e.pos, e.stream, s.name, e.rev, e.created, e.id, e.type, e.json, e.data, e.metadata
	FROM events e JOIN streams s ON s.id = e.stream `

// revisionColumns are the same where the stream's name is known, and given as $1:
// looking it up for every event would cost as much as the event.
const revisionColumns = `SELECT e.pos, e.stream, $1, e.rev, e.created, e.id, e.type, e.json, e.data, e.metadata FROM events e `

func openReader(ctx context.Context, path string) (*reader, error) {
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)", "busy_timeout(5000)", "cache_size(-8192)"))
	if err != nil {
		return nil, fmt.Errorf("open %s for reading: %w", path, err)
	}
	db.SetMaxOpenConns(readerConnections)
	db.SetMaxIdleConns(readerConnections)
	r := &reader{db: db}
	for _, p := range []struct {
		into **sql.Stmt
		text string
	}{
		{&r.stream, `SELECT s.id, coalesce((SELECT max(rev) FROM events WHERE stream = s.id), -1),
			(SELECT CASE WHEN json THEN data END FROM events
				WHERE stream = (SELECT id FROM streams WHERE name = '$$' || s.name) ORDER BY rev DESC LIMIT 1)
			FROM streams s WHERE s.name = $1`},
		{&r.allForwards, eventColumns + `WHERE e.pos > $1 AND e.pos <= $2 ORDER BY e.pos LIMIT $3`},
		{&r.allBackwards, eventColumns + `WHERE e.pos > $1 AND e.pos <= $2 ORDER BY e.pos DESC LIMIT $3`},
		{&r.forwards, revisionColumns + `WHERE e.stream = $2 AND e.rev >= $3 AND e.rev <= $4 ORDER BY e.rev LIMIT $5`},
		{&r.backwards, revisionColumns + `WHERE e.stream = $2 AND e.rev >= $3 AND e.rev <= $4 ORDER BY e.rev DESC LIMIT $5`},
	} {
		if *p.into, err = db.PrepareContext(ctx, p.text); err != nil { //nolint:sqlclosecheck // close does it
			return nil, errors.Join(fmt.Errorf("open %s for reading: prepare %q: %w", path, p.text, err), r.close())
		}
	}
	return r, nil
}

func (r *reader) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{r.stream, r.allForwards, r.allBackwards, r.forwards, r.backwards} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(append(errs, r.db.Close())...)
}

// StreamState is what a reader must know of a stream.
type StreamState struct {
	id         int64
	Name       string
	Last       int64 // noEvents when there is no such stream
	Metadata   Metadata
	Tombstoned bool
}

// findStream looks a stream up. A stream that was never written is not an error.
func (r *reader) findStream(ctx context.Context, name string) (StreamState, error) {
	st := StreamState{Name: name}
	original, isMeta := OriginalOf(name)
	if isMeta {
		of, err := r.findStream(ctx, original)
		if err != nil {
			return st, err
		}
		st.Tombstoned = of.Tombstoned
	}
	var metadata []byte
	err := r.stream.QueryRowContext(context.WithoutCancel(ctx), name).Scan(&st.id, &st.Last, &metadata)
	if errors.Is(err, sql.ErrNoRows) {
		st.Last = NoEvents
		return st, nil
	}
	if err != nil {
		return st, fmt.Errorf("find stream %s: %w", name, err)
	}
	st.Metadata = parseMetadata(metadata)
	if isMeta { // a real server keeps one event of these, and clients count on it
		one := int64(1)
		st.Metadata = Metadata{MaxCount: &one}
	}
	st.Tombstoned = st.Tombstoned || st.Last == TombstoneRevision
	return st, nil
}

// Readable tells whether the stream has events, hidden by age or count or not.
func (st StreamState) Readable() bool {
	return st.Last != NoEvents && !st.Metadata.SoftDeleted()
}

// Window is the range of revisions that can be read, and the age that they must have.
func (st StreamState) Window(now time.Time) (first, oldest int64) {
	return st.Metadata.firstRevision(st.Last), st.Metadata.oldest(now)
}
