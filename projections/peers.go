package projections

import (
	"context"

	"github.com/jmoiron/sqlx"

	"suivi/eventstore"
)

// peers are the other processes that work on the same database.
type peers interface {
	// lead waits until no other process projects. The context that it returns
	// ends when that is no longer sure; release lets another one lead.
	lead(ctx context.Context) (leading context.Context, release func(), err error)
	// lockBuilds waits until no other build with the suffix is under way.
	lockBuilds(ctx context.Context, suffix string) (release func(), err error)
	// hold keeps all other processes from changing the live tables of the projections.
	hold(ctx context.Context, names []string) (release func(), err error)
	// announce tells all processes, when tx commits, that the live tables have reached p.
	announce(ctx context.Context, tx *sqlx.Tx, p eventstore.Position) error
	// listen hears what others announce until ctx ends. A zero position means that
	// something may have been missed.
	listen(ctx context.Context, heard func(eventstore.Position))
}

// alone has no peers: a SQLite file belongs to one process.
type alone struct {
	building chan struct{} // one place: one build at a time
}

func (alone) lead(ctx context.Context) (context.Context, func(), error) {
	leading, cancel := context.WithCancel(ctx)
	return leading, cancel, nil
}

func (a alone) lockBuilds(ctx context.Context, _ string) (func(), error) {
	select {
	case a.building <- struct{}{}:
		return func() { <-a.building }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (alone) hold(context.Context, []string) (func(), error) { return func() {}, nil }

func (alone) announce(context.Context, *sqlx.Tx, eventstore.Position) error { return nil }

func (alone) listen(ctx context.Context, _ func(eventstore.Position)) { <-ctx.Done() }
