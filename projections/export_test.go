package projections

import (
	"context"

	"suivi/eventstore"
)

// Apply applies events as a message of the subscriber would.
func (p *Projections) Apply(ctx context.Context, recorded []eventstore.Recorded) error {
	return p.apply(ctx, recorded)
}

// Filter is what the projections subscribe to.
func Filter() eventstore.Filter { return filter() }

// Statistics are those that SQLite is told of.
func Statistics() map[string]map[string]string { return statistics() }
