package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"
)

// newestChecked is how many of the newest events are checked when a log is opened.
const newestChecked = 1000

// checkEnd checks the newest events against their chain: a cheap sign that the
// file is what it was.
func (l *Log) checkEnd(ctx context.Context) error {
	tx, err := l.reader.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it has only read
	var from int64
	err = tx.QueryRowContext(ctx, `SELECT coalesce(min(pos), 0) FROM (SELECT pos FROM events ORDER BY pos DESC LIMIT $1)`, newestChecked).Scan(&from)
	if err != nil {
		return err
	}
	walk := &chainWalk{tx: tx}
	if err := walk.startAt(ctx, from); err != nil {
		return err
	}
	if err := walk.run(ctx, nil); err != nil {
		return fmt.Errorf("%w\n`suivi audit verify` checks the whole log; restore the last backup, or start from a copy of it", err)
	}
	return nil
}

// Report is what Verify has found a log to be.
type Report struct {
	LogID     uuid.UUID `json:"log_id"`
	Position  int64     `json:"position"` // of the newest event
	Link      []byte    `json:"link"`     // of the chain, up to and with it
	Events    int64     `json:"events"`
	Scavenged int64     `json:"scavenged"`
	Pages     int64     `json:"pages"`     // of the file, checked
	InWAL     int64     `json:"pages_wal"` // changed since the last checkpoint: the WAL's own checksums hold for them
	Newest    time.Time `json:"newest"`    // when the newest event was appended
}

// Anchor is a place in the chain: with it, nobody who has only the log can change
// what was written up to there unnoticed.
type Anchor struct {
	LogID    uuid.UUID
	Position int64
	Link     []byte
}

// Anchor is the place at the end of the log that was checked.
func (r Report) Anchor() Anchor { return Anchor{LogID: r.LogID, Position: r.Position, Link: r.Link} }

// Progress is told how much of how much is done; it may be nil.
type Progress func(done, total int64)

// DamageError says what does not fit in a log. It is the first that was found.
type DamageError struct{ What string }

func (e *DamageError) Error() string { return e.What }

func damaged(format string, args ...any) error {
	return &DamageError{What: fmt.Sprintf(format, args...)}
}

// Verify checks a whole log, while a service writes it or not, as it is at the
// moment of the call: every page of the file against its checksum, SQLite's own
// rules, and every event against the chain. A *DamageError names the first thing
// that does not fit. anchor, unless nil, is what the chain must be at a position:
// a checkpoint that was kept elsewhere.
func Verify(ctx context.Context, path string, anchor *Anchor, progress Progress) (_ Report, err error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	if err := settle(ctx, path); err != nil {
		return Report{}, err
	}
	sums, err := openForChecks(path)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, sums.close()) }()
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)", "busy_timeout(5000)"))
	if err != nil {
		return Report{}, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Report{}, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { _ = tx.Rollback() }() // it has only read
	v := &verification{tx: tx, sums: sums, anchor: anchor, progress: progress}
	if err := v.run(ctx); err != nil {
		return v.report, fmt.Errorf("%s: %w", path, err)
	}
	if err := tx.Rollback(); err != nil {
		return v.report, err
	}
	return v.report, settle(ctx, path)
}

// settle brings into the file what a crashed service has left in the WAL: SQLite
// would do so when the last connection closes, but without a word to the page sums.
// A log that a service has open is left alone.
func settle(ctx context.Context, path string) error {
	wal, err := os.Stat(path + "-wal")
	if err != nil || wal.Size() == 0 {
		return nil //nolint:nilerr // there is no WAL
	}
	inUse, err := InUse(path)
	if err != nil || inUse {
		return err
	}
	l, err := Open(ctx, Config{Path: path})
	if err != nil {
		return err
	}
	return l.Close()
}

// openForChecks opens the files for reading alone: a check changes nothing.
func openForChecks(path string) (_ *pageSums, err error) {
	s := &pageSums{path: path, pageSize: defaultPageSize}
	if s.log, err = os.Open(path); err != nil {
		return nil, err
	}
	head, err := readHead(s.log)
	if err == nil && head.pageSize == 0 {
		err = errors.New("the file is empty")
	}
	if err != nil {
		return nil, errors.Join(damaged("%s: %v", path, err), s.log.Close())
	}
	s.pageSize = head.pageSize
	if s.file, err = os.Open(sumsPath(path)); err != nil {
		return nil, errors.Join(fmt.Errorf("the checksums of the pages: %w; a service that opens the log makes them anew", err), s.log.Close())
	}
	return s, nil
}

// verification is one run of Verify.
type verification struct {
	tx       *sql.Tx
	sums     *pageSums
	anchor   *Anchor
	progress Progress
	report   Report
}

func (v *verification) run(ctx context.Context) error {
	// The transaction begins with its first query. From then on pages of the file
	// change only where the WAL has the page already.
	var version int
	if err := v.tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return readDamage(err)
	}
	if err := v.checkPages(); err != nil {
		return err
	}
	if version != len(migrations()) {
		return fmt.Errorf("the log has schema %d, and checks are for %d: start the service once", version, len(migrations()))
	}
	if err := v.checkStructure(ctx); err != nil {
		return err
	}
	return v.checkChain(ctx)
}

// readDamage says that what SQLite cannot read is damage.
func readDamage(err error) error { return damaged("the file cannot be read: %v", err) }

// checkPages compares every page with its checksum, but for those that the WAL has.
func (v *verification) checkPages() error {
	whole, err := v.sums.hasHead()
	if err != nil {
		return err
	}
	if !whole {
		return damaged("the checksums of the pages in %s are not whole; a service that opens the log makes them anew", v.sums.file.Name())
	}
	inWAL, err := v.pagesInWAL()
	if err != nil {
		return err
	}
	info, err := v.sums.log.Stat()
	if err != nil {
		return err
	}
	if odd := info.Size() % int64(v.sums.pageSize); odd != 0 {
		return damaged("the file ends amidst a page: %d bytes too many", odd)
	}
	v.report.InWAL = int64(len(inWAL))
	total := info.Size() / int64(v.sums.pageSize)
	sums, err := v.readSums(total)
	if err != nil {
		return err
	}
	return eachPage(v.sums.log, v.sums.pageSize, func(number uint32, page []byte) error {
		if int64(number) > total || inWAL[number] {
			return nil
		}
		v.report.Pages++
		v.progress(v.report.Pages, total)
		if sums(number) == sumOf(page) || sums(number) == (pageSum{}) && allZero(page) {
			return nil
		}
		return damaged("page %d (bytes %d to %d of the file) does not fit its checksum: it was changed by something else than the event store",
			number, int64(number-1)*int64(v.sums.pageSize), int64(number)*int64(v.sums.pageSize)-1)
	})
}

func allZero(page []byte) bool {
	for _, b := range page {
		if b != 0 {
			return false
		}
	}
	return true
}

// readSums reads the checksums of so many pages.
func (v *verification) readSums(pages int64) (func(uint32) pageSum, error) {
	b := make([]byte, pages*sumSize)
	if _, err := v.sums.file.ReadAt(b, sumsHead); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return func(page uint32) pageSum { return pageSum(b[int64(page-1)*sumSize:]) }, nil
}

func (v *verification) pagesInWAL() (_ map[uint32]bool, err error) {
	pages := make(map[uint32]bool)
	w, err := openWAL(v.sums.path, v.sums.pageSize)
	if err != nil || w == nil {
		return pages, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for {
		f, ok, err := w.next()
		if err != nil || !ok || f.salts != w.header.salts {
			return pages, err
		}
		pages[f.page] = true
	}
}

// checkStructure has SQLite check its trees, and that the indexes say what the tables say.
func (v *verification) checkStructure(ctx context.Context) error {
	var says string
	if err := v.tx.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&says); err != nil {
		return readDamage(err)
	}
	if says != "ok" {
		return damaged("the database is not whole: %s", says)
	}
	return nil
}

func (v *verification) checkChain(ctx context.Context) error {
	walk := &chainWalk{tx: v.tx, anchor: v.anchor}
	if err := walk.startAt(ctx, 0); err != nil {
		return err
	}
	if v.anchor != nil && v.anchor.LogID != walk.logID {
		return damaged("the checkpoint is of the log %s, and this is the log %s", v.anchor.LogID, walk.logID)
	}
	var total int64
	if err := v.tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM scavenged)").Scan(&total); err != nil {
		return readDamage(err)
	}
	err := walk.run(ctx, func(done int64) { v.progress(done, total) })
	v.report.LogID, v.report.Position, v.report.Link = walk.logID, walk.pos, walk.link[:]
	v.report.Events, v.report.Scavenged = walk.events, walk.scavenged
	v.report.Newest = time.Unix(0, walk.created*100).UTC()
	return err
}
