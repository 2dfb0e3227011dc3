package eventlog

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
)

// chainWalk goes along the chain of a log.
type chainWalk struct {
	tx     *sql.Tx
	anchor *Anchor // what the chain must be somewhere; nil for anything, and once it was met
	logID  uuid.UUID

	pos, created      int64 // of the last event walked over
	link              link
	events, scavenged int64
}

// startAt begins with the first event at or after a position. The link before it
// is taken as given, unless it is the first of all.
func (w *chainWalk) startAt(ctx context.Context, pos int64) error {
	var id []byte
	if err := w.tx.QueryRowContext(ctx, "SELECT id FROM log").Scan(&id); err != nil {
		return readDamage(err)
	}
	var err error
	if w.logID, err = uuid.FromBytes(id); err != nil {
		return damaged("the log's id: %v", err)
	}
	w.link = firstLink(w.logID)
	var before []byte
	err = w.tx.QueryRowContext(ctx, "SELECT pos, link FROM events WHERE pos < $1 ORDER BY pos DESC LIMIT 1", pos).Scan(&w.pos, &before)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return readDamage(err)
	}
	if copy(w.link[:], before) != len(w.link) {
		return damaged("the event at position %d has no link of the chain", w.pos)
	}
	return nil
}

// run walks to the end of the log.
func (w *chainWalk) run(ctx context.Context, progress func(done int64)) error {
	for {
		page, err := w.page(ctx)
		if err != nil {
			return readDamage(err)
		}
		if len(page) == 0 {
			break
		}
		for _, s := range page {
			if err := w.step(s); err != nil {
				return err
			}
		}
		if progress != nil {
			progress(w.events + w.scavenged)
		}
	}
	if w.anchor != nil {
		return damaged("the checkpoint's position %d is not in the log, which ends at %d: events are missing", w.anchor.Position, w.pos)
	}
	return nil
}

// chainStep is an event, or what is left of one that was scavenged.
type chainStep struct {
	*Record
	stored []byte // its link as stored, or its digest when it was scavenged
	gone   bool
}

func (w *chainWalk) page(ctx context.Context) ([]chainStep, error) {
	rows, err := w.tx.QueryContext(ctx, `
		SELECT e.pos, e.stream, s.name, e.rev, e.created, e.id, e.type, e.json, e.data, e.metadata, e.link, 0
		FROM events e JOIN streams s ON s.id = e.stream WHERE e.pos > $1
		UNION ALL
		SELECT pos, 0 AS stream, '' AS name, 0 AS rev, 0 AS created, x'' AS id, '' AS type, 0 AS json, x'' AS data, x'' AS metadata, digest, 1
		FROM scavenged WHERE pos > $1
		ORDER BY 1 LIMIT $2`, w.pos, PageRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []chainStep
	for rows.Next() {
		s := chainStep{Record: &Record{}}
		var id sql.RawBytes
		if err := rows.Scan(&s.Pos, &s.StreamID, &s.Stream, &s.Rev, &s.Created, &id, &s.Type, &s.JSON, &s.Data, &s.Metadata, &s.stored, &s.gone); err != nil {
			return nil, err
		}
		copy(s.ID[:], id)
		page = append(page, s)
	}
	return page, rows.Err()
}

func (w *chainWalk) step(s chainStep) error {
	var fits bool
	if s.gone {
		w.scavenged++
		w.link = nextLink(w.link, link(pad(s.stored)))
		fits = len(s.stored) == len(w.link) // whether it is right shows at the next event
	} else {
		w.events++
		w.link = nextLink(w.link, s.digest())
		fits = link(pad(s.stored)) == w.link
		w.created = s.Created
	}
	if !fits {
		before := w.pos
		if s.gone {
			return damaged("position %d, whose event was scavenged, has no digest", s.Pos)
		}
		return damaged("the event at position %d (stream %q, revision %d, type %q, appended %s) does not fit the chain: "+
			"it, or what stood between it and position %d, was changed, put in or left out",
			s.Pos, s.Stream, s.Rev, s.Type, time.Unix(0, s.Created*100).UTC().Format(time.RFC3339Nano), before)
	}
	w.pos = s.Pos
	return w.meet()
}

// meet compares the chain with the anchor where that is.
func (w *chainWalk) meet() error {
	if w.anchor == nil || w.anchor.Position != w.pos {
		return nil
	}
	if !bytes.Equal(w.anchor.Link, w.link[:]) {
		return damaged("at position %d the chain is not what the checkpoint says: the log was changed at or before it, after the checkpoint was made", w.pos)
	}
	w.anchor = nil
	return nil
}

// pad brings a stored value to the length of a link, whatever it is.
func pad(stored []byte) []byte {
	var l link
	copy(l[:], stored)
	return l[:]
}
