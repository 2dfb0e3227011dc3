package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"suivi/blobs"
	"suivi/eventstore"
	"suivi/files"
)

// collectEvery is how often a service takes away content that nothing needs any more.
const collectEvery = time.Hour

// blobsFolder is the folder of attachments in the data folder, and in a backup.
const blobsFolder = "blobs"

// blobsAddress is where the content of attachments is: a folder, or a bucket.
func (c *config) blobsAddress() string {
	if c.blobs != "" {
		return c.blobs
	}
	return filepath.Join(c.data, blobsFolder)
}

// inBucket tells whether blobs have a server of their own.
func (c *config) inBucket() bool { return strings.Contains(c.blobs, "://") }

func (s *service) openFiles(ctx context.Context) error {
	store, err := blobs.Open(s.cfg.blobsAddress())
	if err != nil {
		return err
	}
	drafts := filepath.Join(s.cfg.data, "incoming")
	if err := os.MkdirAll(drafts, 0o700); err != nil {
		return fmt.Errorf("make the folder of what is being received: %w", err)
	}
	s.files, err = files.Open(ctx, files.Config{DB: s.people, Blobs: store, Drafts: drafts, MaxSize: s.cfg.maxFileSize()})
	return err
}

// collectBlobs lets the read models have every event first, as they say what is in use.
func (s *service) collectBlobs(ctx context.Context) (files.Collected, error) {
	if err := s.projections.Built(); err != nil {
		return files.Collected{}, err
	}
	head, err := s.store.Head(ctx, eventstore.Filter{StreamPrefixes: []string{"ticket-"}})
	if err != nil {
		return files.Collected{}, fmt.Errorf("read the head: %w", err)
	}
	within, cancel := context.WithTimeout(ctx, catchUpTimeout)
	defer cancel()
	if err := s.projections.Wait(within, head); err != nil {
		return files.Collected{}, fmt.Errorf("wait for the read models before collecting blobs: %w", err)
	}
	return s.files.Collect(ctx, s.api.BlobsInUse)
}

// catchUpTimeout bounds how long a collection waits for the read models. The next one tries again.
const catchUpTimeout = time.Minute

// keepCollecting collects until ctx ends. What fails is logged, and tried again an hour later.
func (s *service) keepCollecting(ctx context.Context) error {
	tick := time.NewTicker(collectEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		done, err := s.collectBlobs(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.logger.Warn("attachments that nothing needs were not collected", "error", err)
		case done != files.Collected{}:
			s.logger.Info("collected attachments that nothing needs", "uploads", done.Uploads, "blobs", done.Blobs)
		}
	}
}

func newBlobsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "blobs", Short: "The content of attachments of a running service"}
	cmd.AddCommand(newBlobsCollectCommand())
	return cmd
}

func newBlobsCollectCommand() *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "Take away uploads that nobody has attached for a day, and content that nothing names any more",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			var done files.Collected
			if err := longWork(cmd.Context(), c, "/admin/blobs/collect", func(int64, int64) {}, &done); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "took away %d uploads and %d blobs\n", done.Uploads, done.Blobs)
			return nil
		},
	}
	f.addFlags(cmd.Flags())
	return cmd
}

func checkBlobs(ctx context.Context, cfg config) (string, error) {
	if _, err := os.Stat(cfg.blobsAddress()); !cfg.inBucket() && errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s does not exist; `suivi serve` creates it, or name another with --blobs", cfg.blobsAddress())
	}
	store, err := blobs.Open(cfg.blobsAddress())
	if err == nil {
		err = store.Check(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("%w; does it exist, and is --blobs right?", err)
	}
	return store.Where() + " can be written", nil
}

// copyBlobs copies every blob and holds each against its hash. One that is
// collected meanwhile is none.
func copyBlobs(ctx context.Context, from, to blobs.Store) (copied int, err error) {
	for hash, err := range from.List(ctx) {
		if err != nil {
			return copied, err
		}
		err = copyBlob(ctx, from, to, hash)
		if errors.Is(err, blobs.ErrNotFound) {
			continue
		}
		if err != nil {
			return copied, err
		}
		copied++
	}
	return copied, nil
}

func copyBlob(ctx context.Context, from, to blobs.Store, hash blobs.Hash) (err error) {
	content, err := from.Open(ctx, hash)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	size, err := content.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return to.Put(ctx, hash, size, content)
}

// copyBlobFolders copies the blobs of one folder to another, which is made.
func copyBlobFolders(ctx context.Context, from, to string) (copied int, err error) {
	source, err := blobs.OpenDir(from)
	if err != nil {
		return 0, err
	}
	target, err := blobs.OpenDir(to)
	if err != nil {
		return 0, err
	}
	return copyBlobs(ctx, source, target)
}
