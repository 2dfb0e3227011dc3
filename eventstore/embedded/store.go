package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// store is the storage engine: one writer behind a queue, many readers, the tail.
type store struct {
	*sequencer
	tail    *tail
	reader  *reader
	journal *journal
	writer  *sql.DB
	lock    *os.File
}

// openStore opens the log and starts its sequencer. A failure of the log while it
// runs is sent to failed, once.
func openStore(ctx context.Context, path string, log *slog.Logger, failed chan<- error) (_ *store, err error) {
	s := &store{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return s, fmt.Errorf("create folder: %w", err)
	}
	if s.lock, err = lockFile(path); err != nil {
		return s, err
	}
	if s.writer, err = openWriter(ctx, path); err != nil {
		return s, err
	}
	if s.journal, err = newJournal(ctx, s.writer); err != nil {
		return s, fmt.Errorf("open %s: %w", path, err)
	}
	if s.reader, err = openReader(ctx, path); err != nil {
		return s, err
	}
	s.tail = newTail(s.journal.lastPos, tailRecords, tailBytes)
	s.sequencer = startSequencer(s.journal, s.tail, log, failed)
	if s.tail.end() == 0 {
		if err := s.seed(ctx); err != nil {
			return s, fmt.Errorf("write the first event: %w", err)
		}
	}
	return s, nil
}

// seed writes what a new node of a real cluster writes by itself: clients' test
// suites take an event in $users as the sign that the node is ready.
func (s *store) seed(ctx context.Context) error {
	_, err := s.do(ctx, &write{stream: "$users", expected: expectNoStream, events: []proposed{
		{id: uuid.New(), typ: "$User", json: true, data: []byte(`"admin"`)},
	}})
	return err
}

// close ends the sequencer and closes the files. Calls must have ended before.
func (s *store) close() error {
	var errs []error
	if s.sequencer != nil {
		s.end()
	}
	if s.reader != nil {
		errs = append(errs, s.reader.close())
	}
	if s.journal != nil {
		errs = append(errs, s.journal.close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
