// Package blobs keeps the content of files, each once, under the SHA-256 of its
// bytes: in a folder or in an S3 bucket. What the files are called, whose they
// are and who may read them it does not know; package files does.
package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Hash is the SHA-256 of a blob, in 64 small hexadecimal digits. It is its name.
type Hash string

// Valid tells whether h has the form of a hash. What has not is never used as a name.
func (h Hash) Valid() bool {
	return len(h) == 64 && strings.Trim(string(h), "0123456789abcdef") == ""
}

// Store keeps blobs. All its methods are safe for concurrent use, by several
// processes on the same folder or bucket too.
type Store interface {
	// Put keeps the content, which has the hash and the size, at least 1: whole, or not at all.
	// It writes whether or not the blob is there, so that its time does not tell.
	Put(ctx context.Context, hash Hash, size int64, content io.Reader) error
	// Open gives the content, which the caller closes, or ErrNotFound.
	Open(ctx context.Context, hash Hash) (io.ReadSeekCloser, error)
	// Delete takes the blob away. One that is not there is no error.
	Delete(ctx context.Context, hash Hash) error
	// List gives every blob that is there, in no order.
	List(ctx context.Context) iter.Seq2[Hash, error]
	// Check proves that blobs can be written, read and deleted.
	Check(ctx context.Context) error
	// Where tells people where the blobs are, without secrets.
	Where() string
}

// ErrNotFound is what Open answers for a blob that is not there.
var ErrNotFound = errors.New("there is no such blob")

// Open opens the store of the address: s3://… as OpenBucket reads it, or the path of a folder.
func Open(address string) (Store, error) {
	if strings.HasPrefix(address, bucketScheme) {
		return OpenBucket(address)
	}
	return OpenDir(address)
}

// probe is a blob that no file of people is likely to have, for Check.
const (
	probe     = "suivi asks whether blobs can be kept here\n"
	probeHash = Hash("b987116816703c16b8050d29864d4b5dea5d329386bccd005dfdd63790ce2daa")
)

func check(ctx context.Context, s Store) error {
	if err := s.Put(ctx, probeHash, int64(len(probe)), strings.NewReader(probe)); err != nil {
		return fmt.Errorf("write a blob: %w", err)
	}
	content, err := s.Open(ctx, probeHash)
	if err != nil {
		return fmt.Errorf("open a blob: %w", err)
	}
	text, err := io.ReadAll(content)
	if err := errors.Join(err, content.Close()); err != nil {
		return fmt.Errorf("read a blob: %w", err)
	}
	if string(text) != probe {
		return errors.New("what was read is not what was written")
	}
	if err := s.Delete(ctx, probeHash); err != nil {
		return fmt.Errorf("delete a blob: %w", err)
	}
	return nil
}
