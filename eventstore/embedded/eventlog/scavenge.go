package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// scavengedAtOnce bounds what one step of a scavenge takes away, so that writers
// hardly wait for it.
const scavengedAtOnce = 256

// Scavenged is what a scavenge has done.
type Scavenged struct {
	Streams int64 `json:"streams"` // that were looked at
	Events  int64 `json:"events"`  // that were taken away
	Bytes   int64 `json:"bytes"`   // of their data, metadata and types
}

// Scavenge takes away for good what nobody can read any more: what $maxCount,
// $maxAge and $tb hide, and what stands before a soft deletion or a tombstone. The
// last event of each stream stays, as on a real server, so that its numbering goes
// on. The digests of the events stay for the chain. The file does not shrink: the
// space is used again. Writers and readers go on meanwhile; ctx ends it after the
// step that it is at, and what was done stays done.
func (l *Log) Scavenge(ctx context.Context, progress Progress) (Scavenged, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	var done Scavenged
	streams, err := l.reader.streamCount(ctx)
	if err != nil {
		return done, fmt.Errorf("scavenge: %w", err)
	}
	for id := int64(0); ; {
		page, err := l.reader.streamsAfter(ctx, id, PageRows)
		if err != nil || len(page) == 0 {
			return done, wrapScavenge(err)
		}
		for _, stream := range page {
			if err := l.scavengeStream(ctx, stream.name, &done); err != nil {
				return done, wrapScavenge(err)
			}
			id = stream.id
			done.Streams++
		}
		progress(done.Streams, streams)
	}
}

func wrapScavenge(err error) error {
	if err != nil {
		return fmt.Errorf("scavenge: %w", err)
	}
	return nil
}

// scavengeStream takes away the beginning of a stream that is hidden.
func (l *Log) scavengeStream(ctx context.Context, name string, done *Scavenged) error {
	before, err := l.hiddenBefore(ctx, name)
	if err != nil {
		return err
	}
	for {
		var took Scavenged
		o, err := l.Write(ctx, &Write{Kind: scavenge, Stream: name, Expected: before, scavenged: &took})
		if err != nil {
			return err
		}
		done.Events, done.Bytes = done.Events+took.Events, done.Bytes+took.Bytes
		if o.Last == 0 {
			return nil
		}
	}
}

// hiddenBefore is the revision that a stream begins with for those who read it; 0
// or less when nothing is hidden.
func (l *Log) hiddenBefore(ctx context.Context, name string) (int64, error) {
	st, err := l.FindStream(ctx, name)
	if err != nil {
		return 0, err
	}
	if st.Tombstoned || st.Metadata.SoftDeleted() {
		return st.Last, nil
	}
	first, oldest := st.Window(time.Now())
	young, err := l.reader.firstSince(ctx, st, oldest)
	if err != nil {
		return 0, err
	}
	return min(st.Last, max(first, young)), nil
}

type streamName struct {
	id   int64
	name string
}

func (r *reader) streamCount(ctx context.Context) (n int64, err error) {
	err = r.db.QueryRowContext(ctx, "SELECT count(*) FROM streams").Scan(&n)
	return n, err
}

func (r *reader) streamsAfter(ctx context.Context, id int64, limit int) ([]streamName, error) {
	rows, err := r.db.QueryContext(ctx, "SELECT id, name FROM streams WHERE id > $1 ORDER BY id LIMIT $2", id, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []streamName
	for rows.Next() {
		var s streamName
		if err := rows.Scan(&s.id, &s.name); err != nil {
			return nil, err
		}
		page = append(page, s)
	}
	return page, rows.Err()
}

// firstSince is the revision of a stream's first event that is not older than a
// time in ticks; the last one when all are.
func (r *reader) firstSince(ctx context.Context, st StreamState, oldest int64) (int64, error) {
	rev := st.Last
	err := r.db.QueryRowContext(ctx,
		"SELECT rev FROM events WHERE stream = $1 AND created >= $2 ORDER BY rev LIMIT 1", st.id, oldest).Scan(&rev)
	if errors.Is(err, sql.ErrNoRows) {
		return st.Last, nil
	}
	return rev, err
}

// scavenge takes a step: it answers with how many events it took, of at most
// scavengedAtOnce, in Last.
func (j *journal) scavenge(ctx context.Context, w *Write) (Outcome, error) {
	h, err := j.head(ctx, w.Stream)
	if err != nil {
		return Outcome{}, err
	}
	if err := j.flush(ctx); err != nil {
		return Outcome{}, err
	}
	rows, err := j.conn.QueryContext(ctx, eventColumns+"WHERE e.stream = $1 AND e.rev < $2 ORDER BY e.rev LIMIT $3",
		h.id, min(w.Expected, h.last), scavengedAtOnce)
	if err != nil {
		return Outcome{}, err
	}
	records, err := collect(rows)
	if err != nil {
		return Outcome{}, err
	}
	var took Scavenged
	for _, r := range records {
		digest := r.digest()
		if _, err := j.conn.ExecContext(ctx, "INSERT INTO scavenged (pos, digest) VALUES ($1, $2)", r.Pos, digest[:]); err != nil {
			return Outcome{}, err
		}
		if _, err := j.conn.ExecContext(ctx, "DELETE FROM events WHERE pos = $1", r.Pos); err != nil {
			return Outcome{}, err
		}
		took.Events++
		took.Bytes += int64(r.Size())
	}
	*w.scavenged = took
	return Outcome{Last: took.Events}, nil
}
