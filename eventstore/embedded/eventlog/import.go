package eventlog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
)

// Import writes a new log at path from records that had their places elsewhere:
// Pos, Stream, Rev, Created and Proposed are kept as they are; StreamID is not
// read. Positions and the revisions of each stream must rise; they may have gaps.
// The log is there as a whole or not at all.
func Import(ctx context.Context, path string, records iter.Seq2[*Record, error]) (err error) {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("import into %s: there is a file already: name another", path)
	}
	lock, err := lockFile(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	draft := path + ".importing"
	if err := os.RemoveAll(draft); err != nil {
		return fmt.Errorf("import into %s: %w", path, err)
	}
	if err := importInto(ctx, draft, records); err != nil {
		return errors.Join(fmt.Errorf("import into %s: %w", path, err), os.RemoveAll(draft))
	}
	return os.Rename(draft, path)
}

func importInto(ctx context.Context, path string, records iter.Seq2[*Record, error]) (err error) {
	if err := makeFile(path); err != nil {
		return err
	}
	writer, err := openWriter(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, writer.Close()) }()
	j, err := newJournal(ctx, writer)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	if err := j.begin(ctx); err != nil {
		return err
	}
	for r, err := range records {
		if err != nil {
			return err
		}
		if err := j.importRecord(ctx, r); err != nil {
			return err
		}
	}
	_, err = j.commit(ctx)
	return err
}

func (j *journal) importRecord(ctx context.Context, r *Record) error {
	h, err := j.head(ctx, r.Stream)
	if err != nil {
		return err
	}
	if r.Pos <= j.lastPos || r.Rev <= h.last {
		return fmt.Errorf("event %s of stream %q at position %d, revision %d: it does not follow position %d, revision %d",
			r.ID, r.Stream, r.Pos, r.Rev, j.lastPos, h.last)
	}
	kept := *r
	j.place(h, &kept)
	if len(j.group) < groupedWrites {
		return nil
	}
	if err := j.flush(ctx); err != nil {
		return err
	}
	j.group, j.flushed = j.group[:0], 0
	return nil
}
