package projections

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/jmoiron/sqlx"

	"suivi/database"
)

// analyze lets SQLite learn what the live tables are like, each time that they
// have doubled. Postgres does so by itself.
func (p *Projections) analyze(ctx context.Context, before map[string]checkpoint, applied []event) error {
	if p.db.Dialect != database.SQLite {
		return nil
	}
	for _, model := range models() {
		c := before[model.name()]
		was, is := uint64(c.Events), uint64(c.Events)+uint64(len(c.new(applied)))
		if is < 1024 || bits.Len64(was) == bits.Len64(is) {
			continue
		}
		if err := c.place().analyze(ctx, p.db.Write, []projection{model}); err != nil {
			return err
		}
	}
	return nil
}

// analyze renews what the databases know of the tables' contents, by which they
// choose among indexes.
func (p place) analyze(ctx context.Context, tx sqlx.ExecerContext, models []projection) error {
	for _, model := range models {
		for _, t := range model.tables() {
			if _, err := tx.ExecContext(ctx, p.sql("ANALYZE "+t.name+"@")); err != nil {
				return fmt.Errorf("analyze the table %s%s: %w", t.name, p.suffix, err)
			}
		}
	}
	return nil
}
