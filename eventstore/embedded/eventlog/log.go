// Package eventlog is the storage engine of the embedded event store: an
// append-only log of events in one SQLite file, which knows nothing of gRPC. One
// sequencer writes (sequencer.go, journal.go, check.go), many readers read
// (reader.go, pages.go), and the tail (tail.go) holds what is newest for those who follow.
package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// Log is an open log: one writer behind a queue, many readers, the tail.
type Log struct {
	sequencer *sequencer
	tail      *tail
	reader    *reader
	journal   *journal
	writer    *sql.DB
	lock      *os.File
}

// Open opens the log and starts its sequencer. A failure of the log while it
// runs is sent to failed, once.
func Open(ctx context.Context, path string, log *slog.Logger, failed chan<- error) (_ *Log, err error) {
	l := &Log{}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return l, fmt.Errorf("create folder: %w", err)
	}
	if l.lock, err = lockFile(path); err != nil {
		return l, err
	}
	if l.writer, err = openWriter(ctx, path); err != nil {
		return l, err
	}
	if l.journal, err = newJournal(ctx, l.writer); err != nil {
		return l, fmt.Errorf("open %s: %w", path, err)
	}
	if l.reader, err = openReader(ctx, path); err != nil {
		return l, err
	}
	l.tail = newTail(l.journal.lastPos, tailRecords, tailBytes)
	l.sequencer = startSequencer(l.journal, l.tail, log, failed)
	return l, nil
}

// Close ends the sequencer and closes the files. Calls must have ended before.
func (l *Log) Close() error {
	var errs []error
	if l.sequencer != nil {
		l.sequencer.end()
	}
	if l.reader != nil {
		errs = append(errs, l.reader.close())
	}
	if l.journal != nil {
		errs = append(errs, l.journal.close())
	}
	if l.writer != nil {
		errs = append(errs, l.writer.Close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Close())
	}
	return errors.Join(errs...)
}

// Write has a write decided and, unless it is refused, on disk before it returns.
// When ctx ends first, the write may still happen: the caller finds out by
// repeating it with the same ids.
func (l *Log) Write(ctx context.Context, w *Write) (Outcome, error) { return l.sequencer.do(ctx, w) }

// End is the position of the newest event; 0 when there is none.
func (l *Log) End() int64 { return l.tail.end() }

// Following is the next page of events after a position. A page from the tail
// comes with a channel that is closed when there is more; one from the database
// comes without.
func (l *Log) Following(ctx context.Context, pos int64) ([]*Record, <-chan struct{}, error) {
	page, grown, ok := l.tail.after(pos, PageRows)
	if ok {
		return page, grown, nil
	}
	page, err := l.reader.all(ctx, pos, l.End(), false, PageRows)
	return page, nil, err
}

// After is the next page of events after a position as long as the tail still
// holds them; otherwise ok is false. grown is closed as soon as there are more.
func (l *Log) After(pos int64, limit int) (page []*Record, grown <-chan struct{}, ok bool) {
	return l.tail.after(pos, limit)
}

// FindStream looks a stream up. A stream that was never written is not an error.
func (l *Log) FindStream(ctx context.Context, name string) (StreamState, error) {
	return l.reader.findStream(ctx, name)
}

// All reads a page of the log: events after one position up to and including another.
func (l *Log) All(ctx context.Context, after, upTo int64, backwards bool, limit int) ([]*Record, error) {
	return l.reader.all(ctx, after, upTo, backwards, limit)
}

// Revisions reads a page of one stream: events from one revision to another, both included.
func (l *Log) Revisions(ctx context.Context, st StreamState, from, to int64, backwards bool, limit int) ([]*Record, error) {
	return l.reader.revisions(ctx, st, from, to, backwards, limit)
}

// LimitTail bounds what is held in memory for those who follow the log. Who is
// further behind reads the file.
func (l *Log) LimitTail(records, bytes int) { l.tail.limit(records, bytes) }
