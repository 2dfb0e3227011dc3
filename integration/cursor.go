package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Cursor is up to where something outside was heard; "": it never was.
func (r *Reactors) Cursor(ctx context.Context, name string) (string, error) {
	var value string
	err := r.cfg.DB.Read.GetContext(ctx, &value, `SELECT value FROM cursors WHERE name = $1`, name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read how far %s is: %w", name, err)
	}
	return value, nil
}

// SetCursor keeps it.
func (r *Reactors) SetCursor(ctx context.Context, name, value string) error {
	_, err := r.cfg.DB.Write.ExecContext(ctx, `INSERT INTO cursors (name, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, name, value, r.now())
	if err != nil {
		return fmt.Errorf("keep how far %s is: %w", name, err)
	}
	return nil
}
