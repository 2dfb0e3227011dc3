package blobs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

// checked reads what ought to have the hash and the size, and ends in an error if it has not.
type checked struct {
	content io.Reader
	want    Hash
	left    int64
	sum     hash.Hash
}

func newChecked(content io.Reader, want Hash, size int64) *checked {
	return &checked{content: content, want: want, left: size, sum: sha256.New()}
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.content.Read(p)
	c.sum.Write(p[:n])
	c.left -= int64(n)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	if got := Hash(hex.EncodeToString(c.sum.Sum(nil))); got != c.want || c.left != 0 {
		return n, fmt.Errorf("the content of the blob %s has the hash %s and %d bytes less than it was said to have", c.want, got, c.left)
	}
	return n, io.EOF
}
