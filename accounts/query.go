package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/oklog/ulid/v2"

	"suivi/domain"
)

// Query is a saved query. What it asks, and who else may see it when it is shared, is the
// caller's business; here are its words, its owner and its place.
type Query struct {
	ID          string            `db:"id"          json:"id"` // "qry_<ulid>"
	Owner       domain.UserID     `db:"owner"       json:"owner"`
	Name        string            `db:"name"        json:"name"`
	Description string            `db:"description" json:"description"`
	Tracker     domain.TrackerKey `db:"tracker"     json:"tracker,omitempty"` // "": of the whole site
	Shared      bool              `db:"shared"      json:"shared"`            // with the members of the tracker
	Query       string            `db:"query"       json:"query"`             // as GET /tickets takes it
	Columns     []string          `db:"-"           json:"columns"`
	CreatedAt   time.Time         `db:"created_at"  json:"createdAt"`
	UpdatedAt   time.Time         `db:"updated_at"  json:"updatedAt"`
}

// The limits of saved queries.
const (
	MaxQueries     = 200 // of one person
	MaxQueryName   = 100 // characters
	MaxDescription = 255 // characters
)

type queryRow struct {
	Query
	Stored string `db:"columns"`
}

func (r queryRow) query() Query {
	r.Columns = append([]string{}, strings.Fields(r.Stored)...)
	r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC()
	return r.Query
}

const selectQueries = `SELECT id, owner, name, description, tracker, shared, query, columns, created_at, updated_at FROM queries `

func errNoQuery() error {
	return domain.Errorf(domain.NotFound, "query-not-found", "there is no such query")
}

// Check tidies the words of a query and notes what is wrong with them.
func (q *Query) Check(problems *domain.Problems) {
	q.Name, q.Description = strings.TrimSpace(q.Name), strings.TrimSpace(q.Description)
	checkLine("name", q.Name, MaxQueryName, problems)
	if q.Description != "" {
		checkLine("description", q.Description, MaxDescription, problems)
	}
}

// SaveQuery keeps a new query of its owner, which has been checked, and answers it
// with its id. Who has MaxQueries already is Refused.
func (a *Accounts) SaveQuery(ctx context.Context, q Query) (Query, error) {
	var n int
	if err := a.db.Read.GetContext(ctx, &n, `SELECT COUNT(*) FROM queries WHERE owner = $1`, q.Owner); err != nil {
		return Query{}, fmt.Errorf("count queries: %w", err)
	}
	if n >= MaxQueries {
		return Query{}, domain.Errorf(domain.Refused, "too-many-queries", "you have %d saved queries; delete some first", n)
	}
	q.ID, q.CreatedAt = "qry_"+ulid.Make().String(), a.now()
	q.UpdatedAt = q.CreatedAt
	_, err := a.db.Write.NamedExecContext(ctx, `
		INSERT INTO queries (id, owner, name, description, tracker, shared, query, columns, created_at, updated_at)
		VALUES (:id, :owner, :name, :description, :tracker, :shared, :query, :columns, :created_at, :updated_at)`, rowOf(q))
	if err != nil {
		return Query{}, fmt.Errorf("save a query: %w", err)
	}
	return q, nil
}

func rowOf(q Query) queryRow { return queryRow{q, strings.Join(q.Columns, " ")} }

// QueryByID is domain.NotFound, query-not-found, when there is none.
func (a *Accounts) QueryByID(ctx context.Context, id string) (Query, error) {
	var row queryRow
	err := a.db.Read.GetContext(ctx, &row, selectQueries+`WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Query{}, errNoQuery()
	}
	if err != nil {
		return Query{}, fmt.Errorf("read a query: %w", err)
	}
	return row.query(), nil
}

// ChangeQuery puts everything but owner and time of birth in place of what the query had.
func (a *Accounts) ChangeQuery(ctx context.Context, q Query) (Query, error) {
	q.UpdatedAt = a.now()
	result, err := a.db.Write.NamedExecContext(ctx, `
		UPDATE queries SET name = :name, description = :description, tracker = :tracker, shared = :shared, query = :query,
			columns = :columns, updated_at = :updated_at WHERE id = :id`, rowOf(q))
	return q, touched(result, err)
}

// DeleteQuery deletes a query for good.
func (a *Accounts) DeleteQuery(ctx context.Context, id string) error {
	return touched(a.db.Write.ExecContext(ctx, `DELETE FROM queries WHERE id = $1`, id))
}

func touched(result sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("change a query: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return fmt.Errorf("change a query: %w", err)
	} else if n == 0 {
		return errNoQuery()
	}
	return nil
}

// QueryPage says which queries are asked for.
type QueryPage struct {
	Owner    domain.UserID       // theirs, shared or not
	Trackers []domain.TrackerKey // and those that are shared within one of these
	All      bool                // or within any
	Tracker  domain.TrackerKey   // of one tracker alone; "": of all, and of the site
	After    string              // the id before the page
	Limit    int
}

// Queries lists queries in the order in which they were saved.
func (a *Accounts) Queries(ctx context.Context, p QueryPage) ([]Query, error) {
	text, args, err := sqlx.In(selectQueries+`
		WHERE (owner = ? OR shared AND (? OR tracker IN (?))) AND (? = '' OR tracker = ?) AND id > ? ORDER BY id LIMIT ?`,
		p.Owner, p.All, append([]domain.TrackerKey{""}, p.Trackers...), p.Tracker, p.Tracker, p.After, p.Limit)
	if err != nil {
		return nil, fmt.Errorf("list queries: %w", err)
	}
	var rows []queryRow
	if err := a.db.Read.SelectContext(ctx, &rows, a.db.Read.Rebind(text), args...); err != nil {
		return nil, fmt.Errorf("list queries: %w", err)
	}
	queries := make([]Query, len(rows))
	for i, row := range rows {
		queries[i] = row.query()
	}
	return queries, nil
}
