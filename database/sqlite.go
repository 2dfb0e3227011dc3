package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// readers is how many connections read a SQLite file at the same time.
const readers = 8

func openSQLite(ctx context.Context, u *url.URL, durable bool) (*DB, error) {
	if u.Host != "" || !filepath.IsAbs(u.Path) {
		return nil, errors.New("the file needs an absolute path: sqlite:///path/to/file")
	}
	if err := createFile(u.Path); err != nil {
		return nil, err
	}
	synchronous := "NORMAL"
	if durable {
		synchronous = "FULL"
	}
	write, err := connectSQLite(ctx, u.Path, url.Values{
		"_txlock": {"immediate"}, "_synchronous": {synchronous}, "_journal_mode": {"WAL"},
	})
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := connectSQLite(ctx, u.Path, url.Values{"_query_only": {"true"}})
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &DB{Dialect: SQLite, Read: read, Write: write}, nil
}

// createFile makes the file with rights for its owner alone; SQLite gives its
// side files (-wal, -shm) the same rights.
func createFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make the file: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("make the file: %w", err)
	}
	return nil
}

func connectSQLite(ctx context.Context, path string, settings url.Values) (*sqlx.DB, error) {
	settings.Set("_busy_timeout", "10000")
	settings.Set("_foreign_keys", "true")
	// Text that sorts like the times it stands for, as all are in UTC.
	settings.Set("_time_format", "sqlite")
	settings.Set("_timezone", "UTC")
	settings.Add("_pragma", "cache_size(-65536)")        // KiB
	settings.Add("_pragma", "wal_autocheckpoint(10000)") // pages; a page that changes often is copied home less often
	settings.Add("_pragma", "temp_store(MEMORY)")
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}
	plain, err := sql.Open("sqlite", dsn.String()) // for its driver; it connects to nothing
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(keeping{plain.Driver(), dsn.String()})
	if err := errors.Join(plain.Close(), db.PingContext(ctx)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	// sqlx knows the placeholders of SQLite under its other driver's name.
	return sqlx.NewDb(db, "sqlite3"), nil
}
