package projections

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/dependency"
)

// dependencies is which ticket depends on which. It serves readers alone: that
// there is no cycle, the stream has decided.
type dependencies struct{}

func (dependencies) name() string { return "dependencies" }
func (dependencies) version() int { return 2 }

func (dependencies) tables() []table {
	return []table{{
		name: "dependencies",
		create: `CREATE TABLE dependencies@ (
			ticket TEXT NOT NULL,
			prerequisite TEXT NOT NULL,
			PRIMARY KEY (ticket, prerequisite)
		)`,
		indexes: []string{`CREATE INDEX dependencies_dependents@@ ON dependencies@ (prerequisite, ticket)`},
		key:     []string{"ticket", "prerequisite"},
		columns: []string{"ticket", "prerequisite"},
	}}
}

type dependencyRow struct {
	Ticket       domain.TicketID `db:"ticket"`
	Prerequisite domain.TicketID `db:"prerequisite"`
}

func (dependencies) apply(ctx context.Context, tx *sqlx.Tx, at place, events []event) error {
	last := map[dependencyRow]bool{} // whether the batch leaves it there
	var order []dependencyRow
	for _, e := range events {
		var row dependencyRow
		added := false
		switch change := e.dependencyEvent.(type) {
		case dependency.Added:
			row, added = dependencyRow(change), true
		case dependency.Removed:
			row = dependencyRow(change)
		default:
			continue
		}
		if _, seen := last[row]; !seen {
			order = append(order, row)
		}
		last[row] = added
	}
	var added []dependencyRow
	for _, row := range order {
		if last[row] {
			added = append(added, row)
			continue
		}
		_, err := tx.ExecContext(ctx, at.sql(`DELETE FROM dependencies@ WHERE ticket = $1 AND prerequisite = $2`), row.Ticket, row.Prerequisite)
		if err != nil {
			return fmt.Errorf("remove a dependency: %w", err)
		}
	}
	err := insert(ctx, tx, at.sql(`INSERT INTO dependencies@ (ticket, prerequisite) VALUES (:ticket, :prerequisite)
		ON CONFLICT (ticket, prerequisite) DO NOTHING`), added)
	if err != nil {
		return fmt.Errorf("write dependencies: %w", err)
	}
	return nil
}
