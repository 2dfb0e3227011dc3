// Package projections keeps the read models: tables that are made of the events
// alone and can be thrown away. One subscription feeds them all. Each batch of
// events is one transaction, in which the checkpoint moves first and the rows
// follow, so that every event has its effect exactly once, whoever dies when.
//
// A projector has no effects outside its tables and never skips an event: what
// it cannot apply stops it, is told (Status, log), and is tried again.
//
// Downwards: run.go keeps the projections built and following; follow.go applies
// batches; build.go makes tables beside the live ones, which rebuild.go swaps in
// and verify.go compares. tickets.go, history.go, trackers.go, dependencies.go,
// search.go and attachments.go are the read models. Who may see which row is readapi's business.
package projections

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"suivi/database"
	"suivi/eventstore"
)

// Projections are the read models of one database, fed by one event store.
type Projections struct {
	db     *database.DB
	store  *eventstore.Store
	logger *slog.Logger
	peers  peers

	applying sync.Mutex // held while this process changes live tables
	reached  *reached
	health   health
	built    atomic.Bool // Run has found or made tables of this program's version
}

// New makes the projections; it starts nothing and touches no table before Run.
// A nil logger discards.
func New(db *database.DB, store *eventstore.Store, logger *slog.Logger) *Projections {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	p := &Projections{db: db, store: store, logger: logger, reached: newReached(), peers: alone{building: make(chan struct{}, 1)}}
	if db.Dialect == database.Postgres {
		p.peers = postgresPeers{db: db}
	}
	return p
}
