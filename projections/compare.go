package projections

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
)

// mostDifferences is how many differences of a table are named.
const mostDifferences = 10

// compare compares the live table with the one built to verify it, both ways, and
// counts the live rows.
func (t table) compare(ctx context.Context, tx *sqlx.Tx) (rows int64, differences []string, err error) {
	if err := tx.GetContext(ctx, &rows, `SELECT COUNT(*) FROM `+t.name); err != nil {
		return 0, nil, err
	}
	var keys [][]any
	for _, pair := range [][2]string{{live, verify}, {verify, live}} {
		some, err := t.onlyIn(ctx, tx, pair[0], pair[1])
		if err != nil {
			return 0, nil, err
		}
		keys = append(keys, some...)
	}
	for _, key := range distinct(keys) {
		said, err := t.difference(ctx, tx, key)
		if err != nil {
			return 0, nil, err
		}
		differences = append(differences, said)
	}
	return rows, differences, nil
}

// onlyIn is the keys of the first rows that stand in one table as they do not in the other.
func (t table) onlyIn(ctx context.Context, tx *sqlx.Tx, suffix, other string) ([][]any, error) {
	columns, key := strings.Join(t.columns, ", "), strings.Join(t.key, ", ")
	rows, err := tx.QueryxContext(ctx, fmt.Sprintf(
		`SELECT %s FROM (SELECT %s FROM %s EXCEPT SELECT %s FROM %s) AS different ORDER BY %s LIMIT %d`,
		key, columns, t.name+suffix, columns, t.name+other, key, mostDifferences))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells
	var keys [][]any
	for rows.Next() {
		values, err := rows.SliceScan()
		if err != nil {
			return nil, err
		}
		keys = append(keys, values)
	}
	return keys, rows.Err()
}

func distinct(keys [][]any) [][]any {
	seen := map[string]bool{}
	return slices.DeleteFunc(keys, func(key []any) bool {
		text := words(key)
		defer func() { seen[text] = true }()
		return seen[text]
	})
}

func words(key []any) string {
	said := make([]string, len(key))
	for i, k := range key {
		said[i] = text(k)
	}
	return strings.Join(said, "/")
}

// difference words what is different about a row.
func (t table) difference(ctx context.Context, tx *sqlx.Tx, key []any) (string, error) {
	is, err := t.row(ctx, tx, live, key)
	if err != nil {
		return "", err
	}
	should, err := t.row(ctx, tx, verify, key)
	if err != nil {
		return "", err
	}
	name := t.name + " " + words(key)
	switch {
	case is == nil:
		return name + ": the row is missing", nil
	case should == nil:
		return name + ": there is a row that no event tells of", nil
	}
	var said []string
	for _, column := range t.columns {
		if a, b := text(is[column]), text(should[column]); a != b {
			said = append(said, fmt.Sprintf("%s is %s, the events say %s", column, quote(a), quote(b)))
		}
	}
	return name + ": " + strings.Join(said, "; "), nil
}

// row is one row by column, nil if there is none.
func (t table) row(ctx context.Context, tx *sqlx.Tx, suffix string, key []any) (map[string]any, error) {
	where := make([]string, len(t.key))
	for i, column := range t.key {
		where[i] = fmt.Sprintf("%s = $%d", column, i+1)
	}
	rows, err := tx.QueryxContext(ctx, fmt.Sprintf(`SELECT %s FROM %s WHERE %s LIMIT 1`,
		strings.Join(t.columns, ", "), t.name+suffix, strings.Join(where, " AND ")), key...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells
	if !rows.Next() {
		return nil, rows.Err()
	}
	found := map[string]any{}
	return found, rows.MapScan(found)
}

func text(value any) string {
	if raw, ok := value.([]byte); ok {
		return string(raw)
	}
	return fmt.Sprint(value)
}

// quote shortens a text so that a line can show it.
func quote(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
