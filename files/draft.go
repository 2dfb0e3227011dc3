package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// draft is content on its way to the blobs: in a file, as it may be large.
type draft struct {
	file *os.File
	sum  hash.Hash
	size int64
}

func newDraft(folder string) (*draft, error) {
	file, err := os.CreateTemp(folder, "upload-*")
	if err != nil {
		return nil, fmt.Errorf("begin to receive a file: %w", err)
	}
	_ = os.Remove(file.Name()) // at once, so that a crash leaves nothing; where that cannot be, close does it
	return &draft{file: file, sum: sha256.New()}, nil
}

// Write adds to the content.
func (d *draft) Write(p []byte) (int, error) {
	n, err := d.file.Write(p)
	d.sum.Write(p[:n])
	d.size += int64(n)
	return n, err
}

func (d *draft) hash() string { return hex.EncodeToString(d.sum.Sum(nil)) }

// reader reads it from its beginning.
func (d *draft) reader() io.ReadSeeker { return io.NewSectionReader(d.file, 0, d.size) }

func (d *draft) close() error {
	err := d.file.Close()
	if gone := os.Remove(d.file.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
