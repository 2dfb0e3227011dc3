package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// journal writes the log, in groups: begin, any number of apply, commit. It sees
// the members of the open group, committed or not. Only the sequencer uses it, so
// it needs no locks. After an error it must not be used again: what it remembers
// may not be what is on disk.
type journal struct {
	conn       *sql.Conn
	stmts      journalStatements
	heads      *simplelru.LRU[string, *head]
	recent     *recentEvents
	lastPos    int64
	lastStream int64

	group      []*record // all of the open group, in order
	flushed    int       // how many of them SQLite has
	newStreams []*head   // those that SQLite has not
}

func newJournal(ctx context.Context, db *sql.DB) (*journal, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	j := &journal{conn: conn, recent: newRecentEvents(rememberedEvents)}
	if j.heads, err = simplelru.NewLRU[string, *head](rememberedHeads, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if j.stmts, err = prepareJournal(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	err = conn.QueryRowContext(ctx, `SELECT
		coalesce((SELECT max(pos) FROM events), 0), coalesce((SELECT max(id) FROM streams), 0)`).Scan(&j.lastPos, &j.lastStream)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("find the end of the log: %w", err), conn.Close())
	}
	return j, nil
}

func (j *journal) begin(ctx context.Context) error {
	j.group, j.flushed = make([]*record, 0, 64), 0
	_, err := j.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	return err
}

// commit makes the group durable and returns its events.
func (j *journal) commit(ctx context.Context) ([]*record, error) {
	if err := j.flush(ctx); err != nil {
		return nil, err
	}
	if _, err := j.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return nil, err
	}
	return j.group, nil
}

// apply decides one write and, unless refused, adds its events to the group. The
// outcome is true once the group is committed; an error is the disk's.
func (j *journal) apply(ctx context.Context, w *write) (outcome, error) {
	h, err := j.head(ctx, w.stream)
	if err != nil {
		return outcome{}, err
	}
	decided, err := j.checkWrite(ctx, h, w)
	if err != nil || !decided.write {
		return decided.outcome, err
	}
	switch w.kind {
	case softDelete:
		return j.softDelete(ctx, h, w)
	case tombstone:
		return j.tombstone(h), nil
	default:
		return j.append(ctx, h, w.events)
	}
}

func (j *journal) append(ctx context.Context, h *head, events []proposed) (outcome, error) {
	if len(events) == 0 {
		return outcome{last: h.last}, nil
	}
	if h.softDeleted {
		if err := j.undelete(ctx, h); err != nil {
			return outcome{}, err
		}
	}
	now := ticks(time.Now())
	for _, event := range events {
		j.add(h, h.last+1, now, event)
	}
	return outcome{last: h.last, pos: j.lastPos}, nil
}

// softDelete hides all events so far; a later append continues the numbering.
func (j *journal) softDelete(ctx context.Context, h *head, w *write) (outcome, error) {
	if h.last == noEvents {
		return outcome{err: wrongVersion(h, w)}, nil
	}
	meta, err := j.head(ctx, metastreamOf(h.name))
	if err != nil {
		return outcome{}, err
	}
	j.add(meta, meta.last+1, ticks(time.Now()), metadataEvent(softDeletedMetadata()))
	h.softDeleted = true
	return outcome{last: h.last, pos: j.lastPos}, nil
}

// tombstone ends a stream for ever.
func (j *journal) tombstone(h *head) outcome {
	j.add(h, tombstoneRevision, ticks(time.Now()), proposed{id: uuid.New(), typ: tombstoneType})
	return outcome{last: tombstoneRevision, pos: j.lastPos}
}

// undelete makes a soft-deleted stream start at its next revision, and keeps the rest of its metadata.
func (j *journal) undelete(ctx context.Context, h *head) error {
	old, err := j.metadata(ctx, h.name)
	if err != nil {
		return err
	}
	meta, err := j.head(ctx, metastreamOf(h.name))
	if err != nil {
		return err
	}
	j.add(meta, meta.last+1, ticks(time.Now()), metadataEvent(truncatedMetadata(old, h.last+1)))
	h.softDeleted = false
	return nil
}

// add gives an event its place in the log and in its stream.
func (j *journal) add(h *head, rev, created int64, event proposed) {
	if h.id == 0 {
		j.lastStream++
		h.id = j.lastStream
		j.newStreams = append(j.newStreams, h)
	}
	j.lastPos++
	h.last = rev
	j.group = append(j.group, &record{
		pos: j.lastPos, streamID: h.id, stream: h.name, rev: rev, created: created, proposed: event,
	})
	j.recent.add(event.id, committed{streamID: h.id, rev: rev, pos: j.lastPos})
	if original, isMeta := originalOf(h.name); isMeta {
		if of, ok := j.heads.Peek(original); ok {
			of.softDeleted = event.json && parseMetadata(event.data).softDeleted()
		}
	}
}

func (j *journal) close() error {
	return errors.Join(j.stmts.close(), j.conn.Close())
}

// ticks is a time as the protocol counts it: 100 ns since the Unix epoch.
func ticks(t time.Time) int64 { return t.UnixNano() / 100 }
