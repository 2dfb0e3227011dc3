package eventlog

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// The write-ahead log of SQLite, as https://www.sqlite.org/fileformat2.html §4
// describes it. SQLite itself reads it; we read it too, because SQLite silently
// forgets what follows a damaged frame, and because its frames tell which pages
// of the file a checkpoint has changed.
const (
	walHeaderSize = 32
	frameHeader   = 24
	walMagic      = 0x377f0682 // or with the lowest bit set: checksums over big-endian words
)

// walHeader is the beginning of a WAL.
type walHeader struct {
	pageSize int
	salts    [8]byte // of every frame that belongs to this header
	words    binary.ByteOrder
	sum      [2]uint32
	valid    bool // the header's own checksum is right
}

// frame is a page as a transaction has written it.
type frame struct {
	number  int // from 1
	page    uint32
	commit  bool // the last one of its transaction
	salts   [8]byte
	sum     [2]uint32 // over all frames up to this one
	content []byte
}

func parseWALHeader(b []byte) walHeader {
	h := walHeader{words: binary.LittleEndian, pageSize: int(binary.BigEndian.Uint32(b[8:]))}
	magic := binary.BigEndian.Uint32(b)
	if magic&1 == 1 {
		h.words = binary.BigEndian
	}
	copy(h.salts[:], b[16:24])
	h.sum = walSum(h.words, [2]uint32{}, b[:24])
	h.valid = magic&^1 == walMagic && h.sum == [2]uint32{binary.BigEndian.Uint32(b[24:]), binary.BigEndian.Uint32(b[28:])}
	return h
}

// walSum goes on with a checksum over 8-byte steps.
func walSum(words binary.ByteOrder, sum [2]uint32, b []byte) [2]uint32 {
	for ; len(b) >= 8; b = b[8:] {
		sum[0] += words.Uint32(b) + sum[1]
		sum[1] += words.Uint32(b[4:]) + sum[0]
	}
	return sum
}

// walReader reads the frames of a WAL one after the other. The content of a frame
// is good until the next one is read.
type walReader struct {
	header walHeader
	file   *os.File
	in     *bufio.Reader
	buffer []byte
	number int
}

// openWAL opens the WAL of the database at path. There is none, and no error,
// when the file is missing or has no whole header.
func openWAL(path string, pageSize int) (*walReader, error) {
	file, err := os.Open(path + "-wal")
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // there is no WAL
	}
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(file, 1<<16)
	head := make([]byte, walHeaderSize)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, errors.Join(onlyTruncated(err), file.Close())
	}
	return &walReader{header: parseWALHeader(head), file: file, in: in, buffer: make([]byte, frameHeader+pageSize)}, nil
}

// onlyTruncated hides that a file ends early: that is how an interrupted write looks.
func onlyTruncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// next reads a frame; ok is false at the end of the file.
func (w *walReader) next() (f frame, ok bool, err error) {
	if _, err := io.ReadFull(w.in, w.buffer); err != nil {
		return f, false, onlyTruncated(err)
	}
	w.number++
	f = frame{
		number: w.number, page: binary.BigEndian.Uint32(w.buffer),
		commit: binary.BigEndian.Uint32(w.buffer[4:]) > 0, content: w.buffer[frameHeader:],
	}
	copy(f.salts[:], w.buffer[8:16])
	f.sum = [2]uint32{binary.BigEndian.Uint32(w.buffer[16:]), binary.BigEndian.Uint32(w.buffer[20:])}
	return f, true, nil
}

// pageOf is the page that a frame has, and contentOf its content, wherever next is;
// the content is good until the next call of any of them.
func (w *walReader) pageOf(number int) (uint32, error) {
	_, err := w.file.ReadAt(w.buffer[:4], w.offset(number))
	return binary.BigEndian.Uint32(w.buffer), err
}

func (w *walReader) contentOf(number int) ([]byte, error) {
	content := w.buffer[frameHeader:]
	_, err := w.file.ReadAt(content, w.offset(number)+frameHeader)
	return content, err
}

func (w *walReader) offset(number int) int64 {
	return walHeaderSize + int64(number-1)*int64(len(w.buffer))
}

func (w *walReader) close() error { return w.file.Close() }

// checkWAL finds out whether SQLite can bring back all that the WAL holds. A last
// transaction that is not whole is what a crash leaves, and was never
// acknowledged. But a commit is on disk before the next one is begun: when a later
// transaction follows a damaged one, acknowledged events are lost.
func checkWAL(path string, pageSize int) (err error) {
	w, err := openWAL(path, pageSize)
	if err != nil || w == nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	broken, commits, err := w.findDamage()
	if err != nil || commits < 2 {
		return err
	}
	offset := w.offset(broken)
	return fmt.Errorf("%s-wal is damaged at or after byte %d (frame %d), and %d transactions from there on cannot be brought back: "+
		"restore the last backup; or, to go on without them, make a copy of the data folder and `truncate -s %d %s-wal`",
		path, offset, broken, commits, offset, path)
}

// findDamage returns the number of the first frame that SQLite will not read, and
// how many commits of the same use of the file stand from there on. What an
// earlier use of the file has left has other salts.
func (w *walReader) findDamage() (broken, commits int, err error) {
	salts, sum := w.header.salts, w.header.sum
	for {
		f, ok, err := w.next()
		if err != nil || !ok {
			return broken, commits, err
		}
		if f.number == 1 && !w.header.valid {
			salts, broken = f.salts, 1
		}
		if broken == 0 {
			sum = walSum(w.header.words, walSum(w.header.words, sum, w.buffer[:8]), f.content)
			if f.salts != salts || sum != f.sum {
				broken = f.number
			}
		}
		if broken > 0 && f.commit && f.salts == salts {
			commits++
		}
	}
}
