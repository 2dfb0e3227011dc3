package files

import (
	"context"
	"errors"
	"fmt"
	"time"

	"suivi/blobs"
)

// KeptFor is how long an upload waits to be claimed, and how long content stays
// that nothing names: long enough for a command under way, a read model that is
// behind, and a backup that has copied the events and not yet the blobs.
const KeptFor = 24 * time.Hour

// InUse tells which of the hashes an event names whose file has not been removed,
// or was removed after the moment. It must know every event of the last day but the latest minutes.
type InUse func(ctx context.Context, hashes []string, removedAfter time.Time) (map[string]bool, error)

// Collected is what a collection has taken away.
type Collected struct {
	Uploads int64 `json:"uploads"` // that nobody had claimed for a day
	Blobs   int64 `json:"blobs"`   // that nothing named any more
}

// batch is how many hashes are looked at together.
const batch = 500

// Collect takes away what is not needed any more. It may run at any time, on
// several nodes at once, beside uploads and claims: the row of a blob is locked
// while its content goes, and whoever uses a blob writes its row first.
func (f *Files) Collect(ctx context.Context, inUse InUse) (Collected, error) {
	var done Collected
	before := f.now().Add(-KeptFor)
	result, err := f.cfg.DB.Write.ExecContext(ctx, `DELETE FROM uploads WHERE used_at < $1`, before)
	if err != nil {
		return done, fmt.Errorf("collect uploads: %w", err)
	}
	if done.Uploads, err = result.RowsAffected(); err != nil {
		return done, fmt.Errorf("collect uploads: %w", err)
	}
	if err := f.adopt(ctx); err != nil {
		return done, err
	}
	for after := ""; ; {
		var hashes []string
		err := f.cfg.DB.Read.SelectContext(ctx, &hashes, `
			SELECT hash FROM blobs WHERE used_at < $1 AND hash > $2 ORDER BY hash LIMIT $3`, before, after, batch)
		if err != nil {
			return done, fmt.Errorf("list blobs to collect: %w", err)
		}
		if len(hashes) == 0 {
			return done, nil
		}
		after = hashes[len(hashes)-1]
		gone, err := f.removeUnused(ctx, hashes, inUse, before)
		done.Blobs += gone
		if err != nil {
			return done, err
		}
	}
}

// removeUnused removes those of the blobs that no event names, and counts them.
func (f *Files) removeUnused(ctx context.Context, hashes []string, inUse InUse, before time.Time) (removed int64, err error) {
	used, err := inUse(ctx, hashes, before)
	if err != nil {
		return 0, fmt.Errorf("ask which blobs are in use: %w", err)
	}
	for _, hash := range hashes {
		if used[hash] {
			continue
		}
		gone, err := f.remove(ctx, hash, before)
		if err != nil {
			return removed, err
		}
		if gone {
			removed++
		}
	}
	return removed, nil
}

// adopt notes blobs that have no row, as after a crash or the restoring of older
// accounts: a day later they are collected unless an event names them.
func (f *Files) adopt(ctx context.Context) error {
	for hash, err := range f.cfg.Blobs.List(ctx) {
		if err != nil {
			return err
		}
		var known bool
		if err := f.cfg.DB.Read.GetContext(ctx, &known, `SELECT EXISTS (SELECT 1 FROM blobs WHERE hash = $1)`, hash); err != nil {
			return fmt.Errorf("look for the blob %s: %w", hash, err)
		}
		if known {
			continue
		}
		if _, err := f.cfg.DB.Write.ExecContext(ctx, `INSERT INTO blobs (hash, used_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`, hash, f.now()); err != nil {
			return fmt.Errorf("note the blob %s: %w", hash, err)
		}
	}
	return nil
}

// remove deletes the row and, while it is locked, the content, unless the blob has been used meanwhile.
func (f *Files) remove(ctx context.Context, hash string, before time.Time) (gone bool, err error) {
	tx, err := f.cfg.DB.Write.BeginTxx(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("collect the blob %s: %w", hash, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("collect the blob %s: %w", hash, err), tx.Rollback())
		}
	}()
	result, err := tx.ExecContext(ctx, `DELETE FROM blobs WHERE hash = $1 AND used_at < $2`, hash, before)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, err
	}
	if n > 0 {
		if err := f.cfg.Blobs.Delete(ctx, blobs.Hash(hash)); err != nil {
			return false, err
		}
	}
	return n > 0, tx.Commit()
}
