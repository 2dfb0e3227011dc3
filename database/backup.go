package database

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Backup writes a copy of a SQLite database, as it is at the moment of the call,
// to a new file that only its owner can read, while others go on writing.
func Backup(ctx context.Context, db *DB, to string) error {
	if db.Dialect != SQLite {
		return errors.New("a Postgres database is backed up with pg_dump")
	}
	if _, err := os.Lstat(to); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already: name another file", to)
	}
	if err := createFile(to); err != nil { // SQLite wants it empty, and keeps its rights
		return err
	}
	if _, err := db.Write.ExecContext(ctx, "VACUUM INTO $1", to); err != nil {
		return errors.Join(fmt.Errorf("copy the database: %w", err), os.Remove(to))
	}
	file, err := os.OpenFile(to, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
