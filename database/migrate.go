package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migrate brings the caller's tables up to date: the goose files at the root of
// files that table does not name yet, in order. Each caller has a table of its
// own. Several processes may call it at the same time.
func (db *DB) Migrate(ctx context.Context, files fs.FS, table string) error {
	options := []goose.ProviderOption{goose.WithTableName(table), goose.WithDisableGlobalRegistry(true)}
	dialect := goose.DialectSQLite3
	if db.Dialect == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // each second, for 5 minutes
		if err != nil {
			return fmt.Errorf("migrate %s: %w", table, err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	migrations, err := goose.NewProvider(dialect, db.Write.DB, files, options...)
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("migrate %s: %w", table, err)
	}
	if _, err := migrations.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", table, err)
	}
	return nil
}
