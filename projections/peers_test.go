package projections_test

import (
	"testing"

	"suivi/internal/testdb"
	"suivi/projections"
)

// Two processes on one Postgres: one projects, both know how far it is, and the
// other takes over.
func TestProjectingIsHandedOver(t *testing.T) {
	t.Parallel()
	url := testdb.Postgres(t)
	w := newWorld(t, url)
	first, stop := w.run(t)
	w.write(t, 1, 3)
	w.settle(t, first)
	second := projections.New(openDB(t, url), w.store, nil)
	start(t, second)
	eventually(t, "standing by", func() bool { return state(t, second) == "standby" })
	w.write(t, 4, 6)
	w.settle(t, second) // hears of it
	stop()
	w.write(t, 7, 9)
	w.settle(t, second)
	if got := state(t, second); got != "running" {
		t.Errorf("got %q, want running", got)
	}
	verified(t, second)
}

func TestALostLockIsNoHarm(t *testing.T) {
	t.Parallel()
	url := testdb.Postgres(t)
	w := newWorld(t, url)
	first, _ := w.run(t)
	second := projections.New(openDB(t, url), w.store, nil)
	start(t, second)
	for round := range int64(3) {
		w.write(t, 10*round+1, 10*round+9)
		// All sessions, those that hold locks and those that listen.
		w.exec(t, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		w.settle(t, first)
		w.settle(t, second)
	}
	verified(t, second)
}

func TestTwoProcessesStartAtOnce(t *testing.T) {
	t.Parallel()
	url := testdb.Postgres(t)
	w := newWorld(t, url)
	w.write(t, 1, 20)
	var all []*projections.Projections
	for range 3 {
		p := projections.New(openDB(t, url), w.store, nil)
		start(t, p)
		all = append(all, p)
	}
	for _, p := range all {
		w.settle(t, p)
	}
	verified(t, all[2])
}
