package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	readerConnections = 8
	pageRows          = 512     // a page ends after this many events
	pageBytes         = 1 << 20 // or with the event that passes this size
)

// reader answers questions from what is committed. Pages are read whole and the
// query closed before anybody is sent anything: a slow client holds no database
// lock and little memory.
type reader struct {
	db                                                     *sql.DB
	stream, allForwards, allBackwards, forwards, backwards *sql.Stmt
}

func openReader(ctx context.Context, path string) (*reader, error) {
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)", "busy_timeout(5000)", "cache_size(-8192)"))
	if err != nil {
		return nil, fmt.Errorf("open %s for reading: %w", path, err)
	}
	db.SetMaxOpenConns(readerConnections)
	db.SetMaxIdleConns(readerConnections)
	r := &reader{db: db}
	const columns = `SELECT e.pos, e.stream, s.name, e.rev, e.created, e.id, e.type, e.json, e.data, e.metadata
		FROM events e JOIN streams s ON s.id = e.stream `
	for _, p := range []struct {
		into **sql.Stmt
		text string
	}{
		{&r.stream, `SELECT s.id, coalesce((SELECT max(rev) FROM events WHERE stream = s.id), -1),
			(SELECT CASE WHEN json THEN data END FROM events
				WHERE stream = (SELECT id FROM streams WHERE name = '$$' || s.name) ORDER BY rev DESC LIMIT 1)
			FROM streams s WHERE s.name = $1`},
		{&r.allForwards, columns + `WHERE e.pos > $1 AND e.pos <= $2 ORDER BY e.pos LIMIT $3`},
		{&r.allBackwards, columns + `WHERE e.pos > $1 AND e.pos <= $2 ORDER BY e.pos DESC LIMIT $3`},
		{&r.forwards, columns + `WHERE e.stream = $1 AND e.rev >= $2 AND e.rev <= $3 ORDER BY e.rev LIMIT $4`},
		{&r.backwards, columns + `WHERE e.stream = $1 AND e.rev >= $2 AND e.rev <= $3 ORDER BY e.rev DESC LIMIT $4`},
	} {
		if *p.into, err = db.PrepareContext(ctx, p.text); err != nil { //nolint:sqlclosecheck // close does it
			return nil, errors.Join(fmt.Errorf("prepare %q: %w", p.text, err), r.close())
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

// streamState is what a reader must know of a stream.
type streamState struct {
	id         int64
	name       string
	last       int64 // noEvents when there is no such stream
	metadata   streamMetadata
	tombstoned bool
}

// findStream looks a stream up. A stream that was never written is not an error.
func (r *reader) findStream(ctx context.Context, name string) (streamState, error) {
	st := streamState{name: name}
	original, isMeta := originalOf(name)
	if isMeta {
		of, err := r.findStream(ctx, original)
		if err != nil {
			return st, err
		}
		st.tombstoned = of.tombstoned
	}
	var metadata []byte
	err := r.stream.QueryRowContext(context.WithoutCancel(ctx), name).Scan(&st.id, &st.last, &metadata)
	if errors.Is(err, sql.ErrNoRows) {
		st.last = noEvents
		return st, nil
	}
	if err != nil {
		return st, fmt.Errorf("find stream %s: %w", name, err)
	}
	st.metadata = parseMetadata(metadata)
	if isMeta { // a real server keeps one event of these, and clients count on it
		one := int64(1)
		st.metadata = streamMetadata{MaxCount: &one}
	}
	st.tombstoned = st.tombstoned || st.last == tombstoneRevision
	return st, nil
}

// readable tells whether the stream has events, hidden by age or count or not.
func (st streamState) readable() bool {
	return st.last != noEvents && !st.metadata.softDeleted()
}

// window is the range of revisions that can be read, and the age that they must have.
func (st streamState) window(now time.Time) (first, oldest int64) {
	return st.metadata.firstRevision(st.last), st.metadata.oldest(now)
}
