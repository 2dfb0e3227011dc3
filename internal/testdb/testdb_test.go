package testdb_test

import (
	"testing"

	"suivi/internal/testdb"
)

func TestEachDatabaseIsItsOwn(t *testing.T) {
	t.Parallel()
	a, b := testdb.Postgres(t), testdb.Postgres(t)
	if a == b {
		t.Errorf("two tests got the same database %s", a)
	}
	if a, b := testdb.SQLite(t), testdb.SQLite(t); a == b {
		t.Errorf("two tests got the same file %s", a)
	}
}
