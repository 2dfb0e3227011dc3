// Package eventlog is the storage engine of the embedded event store: an
// append-only log of events in one SQLite file, which knows nothing of gRPC. One
// sequencer writes (sequencer.go, journal.go, check.go), many readers read
// (reader.go, pages.go), and the tail (tail.go) holds what is newest for those who follow.
package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// Config says where a log is.
type Config struct {
	// Path is the SQLite file. Its folder is created; Path + ".lock" beside it
	// keeps a second process out, Path + ".sums" has the checksums of its pages.
	Path string
	// Logger receives what the operator should know; nil means slog.Default().
	Logger *slog.Logger
	// Observe is told of every commit, by the one goroutine that commits; it must
	// not wait. It may be nil.
	Observe func(Commit)
}

// Log is an open log: one writer behind a queue, many readers, the tail.
type Log struct {
	path      string
	sequencer *sequencer
	tail      *tail
	reader    *reader
	sums      *pageSums
	lock      *os.File
	id        uuid.UUID
}

// Open creates or opens a log. It checks what can be checked at once: that the
// file has not lost its end, that all of the WAL can be brought back, and that
// the newest events fit their chain; the whole is for Verify. An error says what
// is wrong with which file and what to do.
func Open(ctx context.Context, cfg Config) (_ *Log, err error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	l := &Log{path: cfg.Path}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	if err := os.MkdirAll(filepath.Dir(cfg.Path), 0o700); err != nil {
		return l, fmt.Errorf("create folder: %w", err)
	}
	if l.lock, err = lockFile(cfg.Path); err != nil {
		return l, err
	}
	if err := makeFile(cfg.Path); err != nil {
		return l, err
	}
	if l.sums, err = openPageSums(cfg.Path); err != nil {
		return l, err
	}
	if err := l.sums.checkFile(); err != nil {
		return l, err
	}
	w, err := openLogWriter(ctx, cfg.Path, l.sums)
	if err != nil {
		return l, err
	}
	l.id = w.logID
	l.tail = newTail(w.lastPos, tailRecords, tailBytes)
	l.sequencer = &sequencer{writer: w, tail: l.tail, log: cfg.Logger, reopen: l.reopen, observe: cfg.Observe}
	l.sequencer.start()
	if err := l.sums.catchUp(ctx, w.conn); err != nil {
		return l, err
	}
	if l.reader, err = openReader(ctx, cfg.Path); err != nil {
		return l, err
	}
	if err := l.checkEnd(ctx); err != nil {
		return l, fmt.Errorf("%s: %w", cfg.Path, err)
	}
	return l, nil
}

// reopen opens the file for writing after the disk has failed, if it takes writes again.
func (l *Log) reopen(ctx context.Context) (_ *writer, err error) {
	w, err := openLogWriter(ctx, l.path, l.sums)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.abandon())
		}
	}()
	if err := w.probe(ctx); err != nil {
		return nil, err
	}
	if w.lastPos < l.End() {
		return nil, fmt.Errorf("acknowledged events are gone: the file ends at position %d, not at %d: restore the last backup", w.lastPos, l.End())
	}
	for l.End() < w.lastPos {
		page, err := l.reader.all(ctx, l.End(), w.lastPos, false, PageRows)
		if err != nil {
			return nil, err
		}
		l.tail.publish(page)
	}
	return w, nil
}

// Close ends the sequencer and closes the files. Calls must have ended before.
func (l *Log) Close() error {
	var errs []error
	if l.reader != nil {
		errs = append(errs, l.reader.close())
	}
	if l.sequencer != nil {
		errs = append(errs, l.sequencer.end())
	}
	if l.sums != nil {
		errs = append(errs, l.sums.close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Close())
	}
	return errors.Join(errs...)
}

// ID tells this log from any other, also from one at the same place before it.
func (l *Log) ID() uuid.UUID { return l.id }

// Failing is why writes are refused now; nil while all is well.
func (l *Log) Failing() error {
	if failing := l.sequencer.failing.Load(); failing != nil {
		return failing
	}
	return nil
}

// Write has a write decided and, unless it is refused, on disk before it returns.
// When ctx ends first, the write may still happen: the caller finds out by
// repeating it with the same ids.
func (l *Log) Write(ctx context.Context, w *Write) (Outcome, error) { return l.sequencer.do(ctx, w) }

// Submit queues a write without waiting for its outcome, which outcome does. Writes
// of one caller are decided in the order in which it submitted them.
func (l *Log) Submit(ctx context.Context, w *Write) (outcome func(context.Context) (Outcome, error), err error) {
	if err := l.sequencer.submit(ctx, w); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (Outcome, error) { return l.sequencer.await(ctx, w) }, nil
}

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
