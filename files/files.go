// Package files takes in the files that people send and knows what has become of
// them until an event says so: an upload belongs to whoever sent it, a command
// claims it, and what nobody claims or no event names any more is taken away.
//
// What is attached to which ticket, and who may read it, the events and the
// domain say. Where content lies, package blobs says. The tables here are for the
// time in between; like the accounts they are the truth and are never rebuilt.
package files

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"time"

	"suivi/blobs"
	"suivi/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Config is what Files are made of. Now may be nil; the rest is required.
type Config struct {
	DB    *database.DB // opened Durable
	Blobs blobs.Store
	// Drafts is a folder for what is being received. Nothing in it outlives its process.
	Drafts  string
	MaxSize int64 // of a file, in bytes
	Now     func() time.Time
}

// Files takes in files. It is safe for concurrent use, by several processes on
// the same database and blobs too.
type Files struct {
	cfg      Config
	decoding chan struct{} // holds one token: pictures take much memory, so one at a time
}

// Open brings the tables up to date. The caller closes the database.
func Open(ctx context.Context, cfg Config) (*Files, error) {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations of files: %w", err)
	}
	if err := cfg.DB.Migrate(ctx, steps, "files_migrations"); err != nil {
		return nil, fmt.Errorf("migrate the files: %w", err)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Files{cfg: cfg, decoding: make(chan struct{}, 1)}, nil
}

// MaxSize is how many bytes a file has at most.
func (f *Files) MaxSize() int64 { return f.cfg.MaxSize }

// Content opens what has the hash. The caller has checked that the asker may read it.
func (f *Files) Content(ctx context.Context, hash string) (io.ReadSeekCloser, error) {
	content, err := f.cfg.Blobs.Open(ctx, blobs.Hash(hash))
	if err != nil {
		return nil, fmt.Errorf("open the content %s: %w", hash, err)
	}
	return content, nil
}

func (f *Files) now() time.Time { return f.cfg.Now().UTC().Truncate(time.Microsecond) }
