package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"
)

// Dir keeps blobs as files of a folder: ab/ab… by the beginning of the hash. A
// file is written beside its place and renamed, so that what has the name of a
// blob is always whole, also after the loss of power.
type Dir struct{ folder string }

// unfinished is the folder of what is being written; maxUnfinished how long that can take.
const (
	unfinished    = "unfinished"
	maxUnfinished = 24 * time.Hour
)

// OpenDir makes the folder if it is missing, readable by its owner alone, and
// takes away what a crash has left half written.
func OpenDir(folder string) (*Dir, error) {
	d := &Dir{folder}
	if err := os.MkdirAll(filepath.Join(folder, unfinished), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of blobs: %w", err)
	}
	drafts, err := os.ReadDir(filepath.Join(folder, unfinished))
	if err != nil {
		return nil, fmt.Errorf("look for unfinished blobs: %w", err)
	}
	for _, draft := range drafts {
		info, err := draft.Info()
		if err == nil && time.Since(info.ModTime()) > maxUnfinished {
			err = os.Remove(filepath.Join(folder, unfinished, draft.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("take away an unfinished blob: %w", err)
		}
	}
	return d, nil
}

// Where is the folder.
func (d *Dir) Where() string { return d.folder }

func (d *Dir) path(hash Hash) string { return filepath.Join(d.folder, string(hash[:2]), string(hash)) }

// Put writes the file, brings it to disk and gives it its name.
func (d *Dir) Put(_ context.Context, hash Hash, size int64, content io.Reader) (err error) {
	if !hash.Valid() {
		return fmt.Errorf("%q is no hash", hash)
	}
	draft, err := os.CreateTemp(filepath.Join(d.folder, unfinished), string(hash)+"-*")
	if err != nil {
		return fmt.Errorf("begin the blob %s: %w", hash, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write the blob %s: %w", hash, err), os.Remove(draft.Name()))
		}
	}()
	_, err = io.Copy(draft, newChecked(content, hash, size))
	if err == nil {
		err = draft.Sync()
	}
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	home := filepath.Dir(d.path(hash))
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), d.path(hash)); err != nil {
		return err
	}
	if err := syncFolder(home); err != nil {
		return fmt.Errorf("bring the name of the blob %s to disk: %w", hash, err)
	}
	return syncFolder(d.folder)
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Open opens the file.
func (d *Dir) Open(_ context.Context, hash Hash) (io.ReadSeekCloser, error) {
	if !hash.Valid() {
		return nil, ErrNotFound
	}
	file, err := os.Open(d.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("open the blob %s: %w", hash, err)
	}
	return file, nil
}

// Delete removes the file.
func (d *Dir) Delete(_ context.Context, hash Hash) error {
	if !hash.Valid() {
		return nil
	}
	if err := os.Remove(d.path(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete the blob %s: %w", hash, err)
	}
	return nil
}

// List walks through the folder.
func (d *Dir) List(ctx context.Context) iter.Seq2[Hash, error] {
	return func(yield func(Hash, error) bool) {
		homes, err := os.ReadDir(d.folder)
		if err != nil {
			yield("", fmt.Errorf("list blobs: %w", err))
			return
		}
		for _, home := range homes {
			if !home.IsDir() || home.Name() == unfinished {
				continue
			}
			files, err := os.ReadDir(filepath.Join(d.folder, home.Name()))
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield("", fmt.Errorf("list blobs: %w", err))
				return
			}
			for _, file := range files {
				if hash := Hash(file.Name()); hash.Valid() && !yield(hash, nil) {
					return
				}
			}
		}
	}
}

// Check proves that blobs can be kept in the folder.
func (d *Dir) Check(ctx context.Context) error { return check(ctx, d) }
