package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Backup writes a copy of the log at path to a new file, as the log is at the
// moment of the call, while a service writes it or not. The copy is checked from
// its first event to its last before Backup returns; the report is of the copy.
func Backup(ctx context.Context, path, to string, progress Progress) (_ Report, err error) {
	if _, err := os.Stat(path); err != nil {
		return Report{}, fmt.Errorf("back up the event log: %w", err)
	}
	for _, file := range []string{to, sumsPath(to)} {
		if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
			return Report{}, fmt.Errorf("back up the event log: %s is there already: name another", file)
		}
	}
	if err := settle(ctx, path); err != nil {
		return Report{}, fmt.Errorf("back up the event log: %w", err)
	}
	if err := copyLog(ctx, path, to, progress); err != nil {
		return Report{}, errors.Join(fmt.Errorf("back up %s: %w", path, err), os.Remove(to))
	}
	if err := sumCopy(ctx, to); err != nil {
		return Report{}, fmt.Errorf("sum the copy %s: %w", to, err)
	}
	report, err := Verify(ctx, to, nil, nil)
	if err != nil {
		return report, fmt.Errorf("the copy is not good: %w", err)
	}
	return report, nil
}

// copyLog has SQLite write the copy: it holds one moment of the log until it is done.
func copyLog(ctx context.Context, path, to string, progress Progress) (err error) {
	db, err := sql.Open("sqlite", dsn(path, "busy_timeout(5000)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := makeFile(to); err != nil { // SQLite wants it empty, and keeps its rights
		return err
	}
	stop := watchSize(path, to, progress)
	defer stop()
	if _, err := db.ExecContext(ctx, "VACUUM INTO $1", to); err != nil {
		return err
	}
	return settle(ctx, path)
}

// watchSize reports how far a file has grown towards the size of another, until it is stopped.
func watchSize(of, to string, progress Progress) (stop func()) {
	if progress == nil {
		return func() {}
	}
	var watching sync.WaitGroup
	done := make(chan struct{})
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(200 * time.Millisecond):
			}
			whole, err := os.Stat(of)
			part, err2 := os.Stat(to)
			if err == nil && err2 == nil {
				progress(min(part.Size(), whole.Size()), whole.Size())
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

// sumCopy makes a copy what a log is, WAL mode and page sums, and brings it to disk.
func sumCopy(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, "journal_mode(WAL)"))
	if err != nil {
		return err
	}
	if err := errors.Join(db.PingContext(ctx), db.Close()); err != nil {
		return err
	}
	sums, err := openPageSums(path)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return errors.Join(err, sums.close())
	}
	return errors.Join(file.Sync(), sums.sumAll(), file.Close(), sums.close())
}
