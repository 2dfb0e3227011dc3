package projections

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"suivi/database"
)

// projection is one read model: some tables, and how events change them. It
// touches nothing but its tables, in the transaction that it is given.
//
// In its SQL every table of its own carries the marker @, as in "tickets@": the
// same text serves the live table, the one being built beside it and the one
// built to verify. Index names carry @@.
type projection interface {
	name() string
	// version goes up by one whenever the tables, or what events do to them,
	// change. The projection is then built anew at the next start.
	version() int
	tables() []table
	// apply applies events in order. Each is applied exactly once.
	apply(ctx context.Context, tx *sqlx.Tx, at place, events []event) error
}

// table is one table of a projection.
type table struct {
	name    string   // without marker
	create  string   // one statement
	indexes []string // one statement each; made after the bulk of a build
	key     []string // the columns of the primary key
	columns []string // all of them, but for those that two builds may have otherwise
	words   bool     // it is the table of a database.WordIndex, made with the indexes
}

// wordIndexes is the table's index of words at the place of the marker, if it has one.
func (t table) wordIndexes() []database.WordIndex {
	if !t.words {
		return nil
	}
	return []database.WordIndex{database.WordIndex(t.name + "@")}
}

// models is every projection, in the order in which they are applied. Each is a
// name in the HTTP API and for operators.
func models() []projection {
	return []projection{tickets{}, history{}, trackers{}, dependencies{}, search{}, attachments{}, settings{}}
}

func find(name string) (projection, bool) {
	for _, p := range models() {
		if p.name() == name {
			return p, true
		}
	}
	return nil, false
}

// place is which build of the tables a statement is for.
type place struct {
	suffix string // of the table names
	build  int64  // tells the names of this build's indexes from all others
}

// The suffixes that tables carry; readers know the live ones alone.
const (
	live   = ""
	next   = "_next"
	verify = "_verify"
)

// sql is the statement for this place.
func (p place) sql(text string) string {
	text = strings.ReplaceAll(text, "@@", "_"+strconv.FormatInt(p.build, 36))
	return strings.ReplaceAll(text, "@", p.suffix)
}

// create makes the tables of the place, in place of older ones.
func (p place) create(ctx context.Context, tx *sqlx.Tx, model projection) error {
	if err := p.drop(ctx, tx, model); err != nil {
		return err
	}
	for _, t := range model.tables() {
		if _, err := tx.ExecContext(ctx, p.sql(t.create)); err != nil {
			return fmt.Errorf("create the table %s%s: %w", t.name, p.suffix, err)
		}
	}
	return nil
}

func (p place) drop(ctx context.Context, tx *sqlx.Tx, model projection) error {
	for _, t := range model.tables() {
		if _, err := tx.ExecContext(ctx, p.sql("DROP TABLE IF EXISTS "+t.name+"@")); err != nil {
			return fmt.Errorf("drop the table %s%s: %w", t.name, p.suffix, err)
		}
		for _, words := range t.wordIndexes() {
			if err := p.exec(ctx, tx, words.Drop(database.DialectOf(tx))); err != nil {
				return fmt.Errorf("drop the words of %s%s: %w", t.name, p.suffix, err)
			}
		}
	}
	return nil
}

func (p place) index(ctx context.Context, tx *sqlx.Tx, model projection) error {
	for _, t := range model.tables() {
		for _, text := range t.indexes {
			if _, err := tx.ExecContext(ctx, p.sql(text)); err != nil {
				return fmt.Errorf("index the table %s%s: %w", t.name, p.suffix, err)
			}
		}
		for _, words := range t.wordIndexes() {
			if err := p.exec(ctx, tx, words.Create(database.DialectOf(tx))); err != nil {
				return fmt.Errorf("index the words of %s%s: %w", t.name, p.suffix, err)
			}
		}
	}
	return nil
}

func (p place) exec(ctx context.Context, tx *sqlx.Tx, texts []string) error {
	for _, text := range texts {
		if _, err := tx.ExecContext(ctx, p.sql(text)); err != nil {
			return err
		}
	}
	return nil
}

func names(models []projection) []string {
	all := make([]string, len(models))
	for i, m := range models {
		all[i] = m.name()
	}
	return slices.Clip(all)
}
