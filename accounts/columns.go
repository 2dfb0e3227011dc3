package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"suivi/domain"
)

// ColumnSets are the columns that a person has chosen for lists of tickets, by tracker;
// "" stands for lists of all trackers. Which columns there are is the caller's business.
type ColumnSets map[domain.TrackerKey][]string

// MaxColumnSets is for how many lists a person may choose columns.
const MaxColumnSets = 200

// ColumnSets are all that the person has chosen.
func (a *Accounts) ColumnSets(ctx context.Context, person domain.UserID) (ColumnSets, error) {
	var rows []struct {
		Tracker domain.TrackerKey `db:"tracker"`
		Columns string            `db:"columns"`
	}
	err := a.db.Read.SelectContext(ctx, &rows, `
		SELECT tracker, columns FROM list_columns WHERE person = $1 ORDER BY tracker LIMIT $2`, person, MaxColumnSets)
	if err != nil {
		return nil, fmt.Errorf("read the columns of lists: %w", err)
	}
	sets := ColumnSets{}
	for _, row := range rows {
		sets[row.Tracker] = columnsIn(row.Columns)
	}
	return sets, nil
}

// Columns are those that the person has chosen for the lists of a tracker, or with
// "" of all; chosen is false when they have chosen nothing.
func (a *Accounts) Columns(ctx context.Context, person domain.UserID, key domain.TrackerKey) (columns []string, chosen bool, err error) {
	var text string
	err = a.db.Read.GetContext(ctx, &text, `SELECT columns FROM list_columns WHERE person = $1 AND tracker = $2`, person, key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the columns of a list: %w", err)
	}
	return columnsIn(text), true, nil
}

func columnsIn(text string) []string { return append([]string{}, strings.Fields(text)...) }

// SetColumns puts the columns, which have been checked, in place of those that the
// person had chosen for the lists of a tracker. Who has chosen for MaxColumnSets lists
// already is Refused for another one.
func (a *Accounts) SetColumns(ctx context.Context, person domain.UserID, key domain.TrackerKey, columns []string) error {
	var n int
	err := a.db.Read.GetContext(ctx, &n, `SELECT COUNT(*) FROM list_columns WHERE person = $1 AND tracker <> $2`, person, key)
	if err != nil {
		return fmt.Errorf("count the columns of lists: %w", err)
	}
	if n >= MaxColumnSets {
		return domain.Errorf(domain.Refused, "too-many-lists", "you have chosen columns for %d lists; reset some first", n)
	}
	_, err = a.db.Write.ExecContext(ctx, `
		INSERT INTO list_columns (person, tracker, columns) VALUES ($1, $2, $3)
		ON CONFLICT (person, tracker) DO UPDATE SET columns = excluded.columns`, person, key, strings.Join(columns, " "))
	if err != nil {
		return fmt.Errorf("set the columns of a list: %w", err)
	}
	return nil
}

// ResetColumns forgets what the person has chosen for the lists of a tracker.
func (a *Accounts) ResetColumns(ctx context.Context, person domain.UserID, key domain.TrackerKey) error {
	if _, err := a.db.Write.ExecContext(ctx, `DELETE FROM list_columns WHERE person = $1 AND tracker = $2`, person, key); err != nil {
		return fmt.Errorf("reset the columns of a list: %w", err)
	}
	return nil
}
