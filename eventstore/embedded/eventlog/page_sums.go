package eventlog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// pageSums is the file beside the log that holds a checksum of every page of the
// log's file, so that a byte that has changed is found wherever it is, also where
// no event is. Pages reach the file in checkpoints alone, out of the WAL, which
// has checksums of its own. A page's sum is on disk before the WAL may forget the
// page: after a crash, what the WAL still holds is summed again.
type pageSums struct {
	file     *os.File
	log      *os.File // closing any handle of it drops the locks that SQLite holds on it
	path     string   // of the log
	pageSize int
	salts    [8]byte // of the WAL as it was summed last
	summed   int     // how many of its frames
}

const (
	sumsMagic = "suivi page sums 1\n"
	sumSize   = 8 // the first bytes of SHA-256
	sumsHead  = 32
)

type pageSum = [sumSize]byte

func sumOf(page []byte) (sum pageSum) {
	all := sha256.Sum256(page)
	copy(sum[:], all[:])
	return sum
}

// SumsSuffix is what the name of the page sums adds to that of the log.
const SumsSuffix = ".sums"

func sumsPath(path string) string { return path + SumsSuffix }

// openPageSums opens the sums of the log at path, which exists, before SQLite has
// it open. Close them when SQLite has closed it.
func openPageSums(path string) (_ *pageSums, err error) {
	s := &pageSums{path: path, pageSize: defaultPageSize}
	if s.log, err = os.Open(path); err != nil {
		return nil, err
	}
	head, err := readHead(s.log)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), s.log.Close())
	}
	if head.pageSize > 0 {
		s.pageSize = head.pageSize
	}
	if s.file, err = os.OpenFile(sumsPath(path), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, errors.Join(err, s.log.Close())
	}
	return s, nil
}

// catchUp sums what has reached the file unsummed: what the WAL still holds after
// a crash, and everything when there were no sums. Nobody else may read or write.
func (s *pageSums) catchUp(ctx context.Context, conn *sql.Conn) error {
	whole, err := s.hasHead()
	if err == nil {
		err = s.checkpoint(ctx, conn)
	}
	if err == nil && !whole {
		err = s.sumAll()
	}
	if err != nil {
		return fmt.Errorf("page sums of %s: %w", s.path, err)
	}
	return nil
}

func (s *pageSums) head() []byte {
	head := make([]byte, sumsHead)
	copy(head, sumsMagic)
	binary.BigEndian.PutUint32(head[sumsHead-4:], uint32(s.pageSize))
	return head
}

func (s *pageSums) hasHead() (bool, error) {
	head := make([]byte, sumsHead)
	if _, err := s.file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return bytes.Equal(head, s.head()), nil
}

// sumAll sums the file as it is. Its head is written last: sums that were not
// finished are made anew.
func (s *pageSums) sumAll() error {
	sums := make(map[uint32]pageSum)
	err := eachPage(s.log, s.pageSize, func(number uint32, page []byte) error {
		sums[number] = sumOf(page)
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.file.Truncate(0); err != nil {
		return err
	}
	if err := s.write(sums); err != nil {
		return err
	}
	if _, err := s.file.WriteAt(s.head(), 0); err != nil {
		return err
	}
	return s.file.Sync()
}

// checkpoint moves pages from the WAL to the file and notes their sums.
func (s *pageSums) checkpoint(ctx context.Context, conn *sql.Conn) error {
	var busy, frames, moved int
	if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &frames, &moved); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if moved <= 0 {
		return nil
	}
	sums, err := s.sumFrames(moved)
	if err != nil {
		return fmt.Errorf("sum the pages of a checkpoint: %w", err)
	}
	if err := s.write(sums); err != nil {
		return fmt.Errorf("write page sums: %w", err)
	}
	return nil
}

// sumFrames sums the pages of the first frames of the WAL, as far as it has not
// yet. A page that was written often is summed once: as it is in the last of them.
func (s *pageSums) sumFrames(upTo int) (_ map[uint32]pageSum, err error) {
	w, err := openWAL(s.path, s.pageSize)
	if err != nil || w == nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if w.header.salts != s.salts {
		s.salts, s.summed = w.header.salts, 0
	}
	last := make(map[uint32]int) // frame of each page
	for number := s.summed + 1; number <= upTo; number++ {
		page, err := w.pageOf(number)
		if err != nil {
			return nil, fmt.Errorf("frame %d of %d: %w", number, upTo, err)
		}
		last[page] = number
	}
	sums := make(map[uint32]pageSum, len(last))
	for page, number := range last {
		content, err := w.contentOf(number)
		if err != nil {
			return nil, fmt.Errorf("frame %d of %d: %w", number, upTo, err)
		}
		sums[page] = sumOf(content)
	}
	s.summed = max(s.summed, upTo)
	return sums, nil
}

// write puts sums to disk.
func (s *pageSums) write(sums map[uint32]pageSum) error {
	if len(sums) == 0 {
		return nil
	}
	pages := make([]uint32, 0, len(sums))
	for page := range sums {
		pages = append(pages, page)
	}
	slices.Sort(pages)
	for len(pages) > 0 { // neighbours in one go
		run := 1
		for run < len(pages) && pages[run] == pages[0]+uint32(run) {
			run++
		}
		b := make([]byte, 0, run*sumSize)
		for _, page := range pages[:run] {
			sum := sums[page]
			b = append(b, sum[:]...)
		}
		if _, err := s.file.WriteAt(b, sumOffset(pages[0])); err != nil {
			return err
		}
		pages = pages[run:]
	}
	return s.file.Sync()
}

func sumOffset(page uint32) int64 { return sumsHead + int64(page-1)*sumSize }

func (s *pageSums) close() error { return errors.Join(s.file.Close(), s.log.Close()) }

// eachPage reads a file page by page; the first page has number 1.
func eachPage(file *os.File, pageSize int, do func(number uint32, page []byte) error) error {
	buffer := make([]byte, 256*pageSize)
	for number := uint32(1); ; {
		n, err := file.ReadAt(buffer, int64(number-1)*int64(pageSize))
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		for at := 0; at+pageSize <= n; at += pageSize {
			if err := do(number, buffer[at:at+pageSize]); err != nil {
				return err
			}
			number++
		}
		if n < len(buffer) {
			return nil
		}
	}
}

// fileHead is what the first page says of the file.
type fileHead struct {
	pageSize int   // 0 for an empty file
	pages    int64 // 0 when the file does not say
}

const (
	defaultPageSize = 4096
	fileMagic       = "SQLite format 3\x00"
)

// readHead reads it as https://www.sqlite.org/fileformat2.html §1.3 says.
func readHead(file *os.File) (fileHead, error) {
	b := make([]byte, 100)
	n, err := file.ReadAt(b, 0)
	if n == 0 && errors.Is(err, io.EOF) {
		return fileHead{}, nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fileHead{}, err
	}
	size := int(binary.BigEndian.Uint16(b[16:]))
	if size == 1 {
		size = 1 << 16
	}
	if n < len(b) || string(b[:16]) != fileMagic || size < 512 || size&(size-1) != 0 {
		return fileHead{}, errors.New("this is no event log, or its first bytes are damaged: restore the last backup")
	}
	return fileHead{pageSize: size, pages: int64(binary.BigEndian.Uint32(b[28:]))}, nil
}

// checkFile finds, before SQLite opens them, what SQLite would not tell: a log
// that has lost its end, and a WAL that is damaged amidst.
func (s *pageSums) checkFile() error {
	head, err := readHead(s.log)
	if err != nil {
		return fmt.Errorf("read %s: %w", s.path, err)
	}
	if err := checkWAL(s.path, s.pageSize); err != nil {
		return err
	}
	info, err := s.log.Stat()
	if err != nil {
		return err
	}
	if wal, err := os.Stat(s.path + "-wal"); err == nil && wal.Size() > 0 {
		return nil // the WAL may hold the end
	}
	if pages := info.Size() / int64(s.pageSize); pages < head.pages {
		return fmt.Errorf("%s is cut short: it has %d of its %d pages: restore the last backup", s.path, pages, head.pages)
	}
	return nil
}
