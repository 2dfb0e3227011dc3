package projections

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"suivi/domain/library"
)

// foldedLibrary is the library of shared fields in a batch.
type foldedLibrary struct {
	library.Library
	version uint64
	changed bool
}

func readLibrary(ctx context.Context, tx *sqlx.Tx, at place) (*foldedLibrary, error) {
	var row struct {
		Document string `db:"document"`
		Version  uint64 `db:"version"`
	}
	err := tx.GetContext(ctx, &row, at.sql(`SELECT document, version FROM library@ WHERE stream = $1`), libraryStream)
	if errors.Is(err, sql.ErrNoRows) {
		return &foldedLibrary{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the library: %w", err)
	}
	l := &foldedLibrary{version: row.Version}
	if err := json.Unmarshal([]byte(row.Document), &l.Library); err != nil {
		return nil, fmt.Errorf("read the library: %w", err)
	}
	return l, nil
}

func (l *foldedLibrary) apply(events []event) error {
	for _, e := range events {
		if e.libraryEvent == nil {
			continue
		}
		if l.version != e.Revision {
			return fmt.Errorf("the library is at version %d and cannot take event %d of its stream", l.version, e.Revision)
		}
		l.Library = library.Evolve(l.Library, e.libraryEvent, e.meta)
		l.version++
		l.changed = true
	}
	return nil
}

// write writes the library, and gives the fields of trackers the types of their definitions.
func (l *foldedLibrary) write(ctx context.Context, tx *sqlx.Tx, at place) error {
	if l.changed {
		document, err := json.Marshal(l.Library)
		if err != nil {
			return fmt.Errorf("write the library: %w", err)
		}
		_, err = tx.ExecContext(ctx, at.sql(`INSERT INTO library@ (stream, document, version) VALUES ($1, $2, $3)
			ON CONFLICT (stream) DO UPDATE SET document = excluded.document, version = excluded.version`), libraryStream, string(document), l.version)
		if err != nil {
			return fmt.Errorf("write the library: %w", err)
		}
	}
	for _, d := range l.Definitions {
		_, err := tx.ExecContext(ctx, at.sql(`UPDATE fields@ SET type = $1 WHERE code = $2 AND shared AND type <> $1`), d.Type, d.Code)
		if err != nil {
			return fmt.Errorf("write the types of shared fields: %w", err)
		}
	}
	return nil
}
