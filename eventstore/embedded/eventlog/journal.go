package eventlog

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
	lastLink   link
	lastStream int64
	logID      uuid.UUID

	group      []*Record // all of the open group, in order
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
	if err := j.findEnd(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("find the end of the log: %w", err), conn.Close())
	}
	return j, nil
}

func (j *journal) findEnd(ctx context.Context) error {
	var id, last []byte
	err := j.conn.QueryRowContext(ctx, `SELECT log.id,
		coalesce((SELECT max(pos) FROM events), 0), (SELECT link FROM events ORDER BY pos DESC LIMIT 1),
		coalesce((SELECT max(id) FROM streams), 0) FROM log`).Scan(&id, &j.lastPos, &last, &j.lastStream)
	if err != nil {
		return err
	}
	if j.logID, err = uuid.FromBytes(id); err != nil {
		return fmt.Errorf("the log's id: %w", err)
	}
	j.lastLink = firstLink(j.logID)
	if j.lastPos > 0 && copy(j.lastLink[:], last) != len(j.lastLink) {
		return fmt.Errorf("the event at position %d has no link of the chain: `suivi audit verify` says more", j.lastPos)
	}
	return nil
}

func (j *journal) begin(ctx context.Context) error {
	j.group, j.flushed = make([]*Record, 0, 64), 0
	_, err := j.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	return err
}

// commit makes the group durable and returns its events.
func (j *journal) commit(ctx context.Context) ([]*Record, error) {
	if err := j.flush(ctx); err != nil {
		return nil, err
	}
	if _, err := j.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return nil, err
	}
	return j.group, nil
}

// apply decides one write and, unless refused, adds its events to the group. The
// Outcome is true once the group is committed; an error is the disk's.
func (j *journal) apply(ctx context.Context, w *Write) (Outcome, error) {
	switch w.Kind {
	case Scatter:
		return j.scatter(ctx, w.Placed)
	case scavenge:
		return j.scavenge(ctx, w)
	default:
	}
	h, err := j.head(ctx, w.Stream)
	if err != nil {
		return Outcome{}, err
	}
	decided, err := j.checkWrite(ctx, h, w)
	if err != nil || !decided.write {
		return decided.outcome, err
	}
	switch w.Kind {
	case Delete:
		return j.softDelete(ctx, h, w)
	case Tombstone:
		return j.tombstone(h), nil
	default:
		return j.append(ctx, h, w.Events)
	}
}

func (j *journal) append(ctx context.Context, h *head, events []Proposed) (Outcome, error) {
	if len(events) == 0 {
		return Outcome{Last: h.last}, nil
	}
	if h.softDeleted {
		if err := j.undelete(ctx, h); err != nil {
			return Outcome{}, err
		}
	}
	now := Ticks(time.Now())
	for _, event := range events {
		j.add(h, h.last+1, now, event)
	}
	return Outcome{Last: h.last, Pos: j.lastPos}, nil
}

// Delete hides all events so far; a later append continues the numbering.
func (j *journal) softDelete(ctx context.Context, h *head, w *Write) (Outcome, error) {
	if h.last == NoEvents {
		return Outcome{err: wrongVersion(h, w)}, nil
	}
	meta, err := j.head(ctx, MetastreamOf(h.name))
	if err != nil {
		return Outcome{}, err
	}
	j.add(meta, meta.last+1, Ticks(time.Now()), metadataEvent(softDeletedMetadata()))
	h.softDeleted = true
	return Outcome{Last: h.last, Pos: j.lastPos}, nil
}

// Tombstone ends a stream for ever.
func (j *journal) tombstone(h *head) Outcome {
	j.add(h, TombstoneRevision, Ticks(time.Now()), Proposed{ID: uuid.New(), Type: tombstoneType})
	return Outcome{Last: TombstoneRevision, Pos: j.lastPos}
}

// undelete makes a soft-deleted stream start at its next revision, and keeps the rest of its metadata.
func (j *journal) undelete(ctx context.Context, h *head) error {
	old, err := j.metadata(ctx, h.name)
	if err != nil {
		return err
	}
	meta, err := j.head(ctx, MetastreamOf(h.name))
	if err != nil {
		return err
	}
	j.add(meta, meta.last+1, Ticks(time.Now()), metadataEvent(truncatedMetadata(old, h.last+1)))
	h.softDeleted = false
	return nil
}

// scatter adds events to the ends of several streams, all or none. Events for a
// stream that is tombstoned are left out.
func (j *journal) scatter(ctx context.Context, events []Placed) (Outcome, error) {
	now := Ticks(time.Now())
	for _, event := range events {
		h, err := j.head(ctx, event.Stream)
		if err != nil {
			return Outcome{}, err
		}
		gone, err := j.tombstoned(ctx, h)
		if err != nil {
			return Outcome{}, err
		}
		if gone {
			continue
		}
		if h.softDeleted {
			if err := j.undelete(ctx, h); err != nil {
				return Outcome{}, err
			}
		}
		j.add(h, h.last+1, now, event.Proposed)
	}
	return Outcome{Pos: j.lastPos}, nil
}

// add gives an event the next place in the log and a place in its stream.
func (j *journal) add(h *head, rev, created int64, event Proposed) {
	j.place(h, &Record{Pos: j.lastPos + 1, Stream: h.name, Rev: rev, Created: created, Proposed: event})
}

// place takes an event into the group that has its place already.
func (j *journal) place(h *head, r *Record) {
	if h.id == 0 {
		j.lastStream++
		h.id = j.lastStream
		j.newStreams = append(j.newStreams, h)
	}
	r.StreamID = h.id
	j.lastLink = nextLink(j.lastLink, r.digest())
	r.link = j.lastLink
	j.lastPos, h.last = r.Pos, r.Rev
	j.group = append(j.group, r)
	j.recent.add(r.ID, committed{streamID: h.id, rev: r.Rev, pos: r.Pos})
	if original, isMeta := OriginalOf(h.name); isMeta {
		if of, ok := j.heads.Peek(original); ok {
			of.softDeleted = r.JSON && parseMetadata(r.Data).SoftDeleted()
		}
	}
}

func (j *journal) close() error {
	return errors.Join(j.stmts.close(), j.conn.Close())
}

// Ticks is a time as the protocol counts it: 100 ns since the Unix epoch.
func Ticks(t time.Time) int64 { return t.UnixNano() / 100 }
