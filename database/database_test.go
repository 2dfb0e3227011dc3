package database_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"suivi/database"
	"suivi/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func migrations() fstest.MapFS {
	return fstest.MapFS{"00001_things.sql": {Data: []byte(`-- +goose Up
CREATE TABLE things (name TEXT PRIMARY KEY, number BIGINT NOT NULL, seen BOOLEAN NOT NULL, at TIMESTAMP NOT NULL, data JSONB NOT NULL);
`)}}
}

type thing struct {
	Name   string
	Number int64
	Seen   bool
	At     time.Time
	Data   string
}

func TestOneTextServesBoth(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		if err := db.Migrate(t.Context(), migrations(), "things_version"); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 23, 20, 0, 0, 123456000, time.UTC)
		want := []thing{{"a", 1, true, at, `{"k": "v"}`}, {"b", 2, false, at.Add(time.Second), `{}`}}
		const insert = `INSERT INTO things (name, number, seen, at, data) VALUES (:name, :number, :seen, :at, :data)
			ON CONFLICT (name) DO UPDATE SET number = excluded.number`
		if _, err := db.Write.NamedExecContext(t.Context(), insert, want); err != nil {
			t.Fatal(err)
		}
		var got []thing
		err := db.Read.SelectContext(t.Context(), &got,
			`SELECT name, number, seen, at, data FROM things WHERE number < $2 AND (at, name) >= ($1, 'a') ORDER BY at LIMIT 10`, at, 3)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTimesSortAsText(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		if err := db.Migrate(t.Context(), migrations(), "things_version"); err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for _, offset := range []time.Duration{0, 100 * time.Millisecond, 120 * time.Millisecond, time.Microsecond, time.Second} {
			if _, err := db.Write.ExecContext(t.Context(), `INSERT INTO things (name, number, seen, at, data) VALUES ($1, $2, $3, $4, '{}')`,
				offset.String(), offset.Microseconds(), true, start.Add(offset)); err != nil {
				t.Fatal(err)
			}
		}
		var got []int64
		if err := db.Read.SelectContext(t.Context(), &got, `SELECT number FROM things ORDER BY at LIMIT 10`); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int64{0, 1, 100_000, 120_000, 1_000_000}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSeveralMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := testdb.Postgres(t)
	var group errgroup.Group
	for range 3 {
		db := open(t, url)
		group.Go(func() error { return db.Migrate(t.Context(), migrations(), "things_version") })
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

func TestReadOfSQLiteRefusesToWrite(t *testing.T) {
	t.Parallel()
	db := open(t, testdb.SQLite(t))
	if _, err := db.Read.ExecContext(t.Context(), `CREATE TABLE t (a BIGINT)`); err == nil {
		t.Error("a write on the read pool went through")
	}
}

func TestErrorsNameTheAddressWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"postgres://me:secret@127.0.0.1:1/none?sslmode=disable",
		"mysql://me:secret@host/none",
		"postgres://me:secret@host:port/none",
		"sqlite:///no/such/folder/file.db",
		"sqlite://relative.db",
	} {
		_, err := database.Open(t.Context(), database.Config{URL: url})
		if err == nil {
			t.Errorf("%s opened", url)
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
		t.Log(err)
	}
}
