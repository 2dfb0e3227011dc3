package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// A checkpoint is due after about this many frames in the WAL (4 KiB each).
const checkpointFrames = 4000

// writer is the log's file as the sequencer holds it: the connection that writes,
// the journal on it, and what is in the WAL. After an error it must be closed;
// only opening the file anew tells what has reached the disk.
type writer struct {
	*journal
	db     *sql.DB
	sums   *pageSums
	frames int // in the WAL since the last checkpoint, about
}

func openLogWriter(ctx context.Context, path string, sums *pageSums) (_ *writer, err error) {
	w := &writer{sums: sums}
	if w.db, err = openWriter(ctx, path); err != nil {
		return nil, err
	}
	if w.journal, err = newJournal(ctx, w.db); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), w.db.Close())
	}
	return w, nil
}

// commit makes the open group durable and returns its events.
func (w *writer) commit(ctx context.Context) ([]*Record, error) {
	records, err := w.journal.commit(ctx)
	w.frames += 4
	for _, r := range records {
		w.frames += 2 + r.Size()/w.sums.pageSize
	}
	return records, err
}

// checkpoint moves the WAL to the file when it is time.
func (w *writer) checkpoint(ctx context.Context) error {
	if w.frames < checkpointFrames {
		return nil
	}
	w.frames = 0
	return w.sums.checkpoint(ctx, w.conn)
}

// probe commits something small: it tells whether the disk takes writes again.
func (w *writer) probe(ctx context.Context) error {
	if _, err := w.conn.ExecContext(ctx, "UPDATE log SET probes = probes + 1"); err != nil {
		return fmt.Errorf("try the disk: %w", err)
	}
	return w.sums.checkpoint(ctx, w.conn)
}

// close leaves the file whole in itself, with nothing in the WAL, if it can.
func (w *writer) close(ctx context.Context) error {
	err := w.sums.checkpoint(ctx, w.conn)
	return errors.Join(err, w.abandon())
}

// abandon closes what is left after an error.
func (w *writer) abandon() error { return errors.Join(w.journal.close(), w.db.Close()) }
