package eventlog

import (
	"context"
	"database/sql"
	"fmt"
)

// all reads a page of the log: events after one position up to and including another.
func (r *reader) all(ctx context.Context, after, upTo int64, backwards bool, limit int) ([]*Record, error) {
	stmt := r.allForwards
	if backwards {
		stmt = r.allBackwards
	}
	records, err := page(ctx, stmt, limit, after, upTo)
	if err != nil {
		return nil, fmt.Errorf("read $all: %w", err)
	}
	return records, nil
}

// revisions reads a page of one stream: events from one revision to another, both included.
func (r *reader) revisions(ctx context.Context, st StreamState, from, to int64, backwards bool, limit int) ([]*Record, error) {
	stmt := r.forwards
	if backwards {
		stmt = r.backwards
	}
	records, err := page(ctx, stmt, limit, st.Name, st.id, from, to)
	if err != nil {
		return nil, fmt.Errorf("read stream %s: %w", st.Name, err)
	}
	return records, nil
}

// page runs a query to the end of a page. It is short, so it is not interrupted:
// watching ctx would cost a goroutine per query.
func page(ctx context.Context, stmt *sql.Stmt, limit int, args ...any) ([]*Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	limit = min(limit, PageRows)
	rows, err := stmt.QueryContext(context.WithoutCancel(ctx), append(args, limit)...)
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

// query reads a page within a transaction.
func query(ctx context.Context, tx *sql.Tx, text string, args ...any) ([]*Record, error) {
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

// collect reads rows up to the size of a page and closes them.
func collect(rows *sql.Rows) ([]*Record, error) {
	defer rows.Close()
	records := make([]*Record, 0, 64)
	for bytes := 0; bytes < pageBytes && rows.Next(); {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
		bytes += r.Size()
	}
	return records, rows.Err()
}

func scan(rows *sql.Rows) (*Record, error) {
	r := &Record{}
	var id sql.RawBytes
	err := rows.Scan(&r.Pos, &r.StreamID, &r.Stream, &r.Rev, &r.Created, &id, &r.Type, &r.JSON, &r.Data, &r.Metadata)
	copy(r.ID[:], id)
	return r, err
}
