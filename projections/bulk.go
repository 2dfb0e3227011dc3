package projections

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

// mostParameters is SQLite's limit for one statement; Postgres takes twice as many.
const mostParameters = 32_766

// insert writes the rows with one statement, or a few. The text has one group of
// VALUES, with the rows' :names.
func insert[Row any](ctx context.Context, tx *sqlx.Tx, text string, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	most := mostParameters / max(strings.Count(text, ":"), 1)
	for start := 0; start < len(rows); start += most {
		chunk := rows[start:min(start+most, len(rows))]
		if _, err := tx.NamedExecContext(ctx, text, chunk); err != nil {
			return err
		}
	}
	return nil
}

// selectIn reads the rows that text finds for the keys, which it has as (?).
func selectIn[Row any, Key ~string](ctx context.Context, tx *sqlx.Tx, text string, keys []Key) ([]Row, error) {
	var rows []Row
	for start := 0; start < len(keys); start += mostParameters {
		query, args, err := sqlx.In(text, keys[start:min(start+mostParameters, len(keys))])
		if err != nil {
			return nil, err
		}
		var some []Row
		if err := tx.SelectContext(ctx, &some, tx.Rebind(query), args...); err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// deleteIn deletes the rows that text finds for the keys, which it has as (?).
func deleteIn[Key ~string](ctx context.Context, tx *sqlx.Tx, text string, keys []Key) error {
	query, args, err := sqlx.In(text, keys)
	if err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	_, err = tx.ExecContext(ctx, tx.Rebind(query), args...)
	return err
}
