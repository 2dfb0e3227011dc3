package commands

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// migrating is how many tickets are moved at the same time.
const migrating = 8

// FinishMigrations moves every ticket that is in a state which its tracker has
// disabled and told where its tickets go, and says how many it has moved. The
// command that disables states does so by itself; this finishes what was cut
// off. It may run on several nodes at once and be cut off at any step: a ticket
// that has moved stays, and the others are found again.
func (h *Handler) FinishMigrations(ctx context.Context) (int, error) {
	moved, _, err := h.migrate(ctx, "")
	return moved, err
}

// migrate moves the tickets of one tracker, or of all for the key "".
func (h *Handler) migrate(ctx context.Context, key domain.TrackerKey) (moved int, last eventstore.Position, err error) {
	for {
		head, err := h.cfg.Store.Head(ctx, eventstore.Filter{StreamPrefixes: []string{"ticket-", "tracker-"}})
		if err != nil {
			return moved, last, storeError("read the head", err)
		}
		if err := h.cfg.Wait(ctx, head); err != nil {
			return moved, last, err
		}
		stranded, err := h.cfg.Stranded(ctx, key)
		if err != nil {
			return moved, last, err
		}
		if len(stranded) == 0 {
			return moved, head, nil
		}
		n, err := h.migrateAll(ctx, stranded) // none, where others were faster; there may be more all the same
		moved += n
		if err != nil {
			return moved, head, err
		}
	}
}

func (h *Handler) migrateAll(ctx context.Context, ids []domain.TicketID) (int, error) {
	var moved atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(migrating)
	for _, id := range ids {
		group.Go(func() error {
			_, did, err := h.migrateTicket(ctx, id)
			if did {
				moved.Add(1)
			}
			return err
		})
	}
	err := group.Wait()
	return int(moved.Load()), err
}

// migrateTicket moves the ticket on if it has to move, in the name of whom told
// so. What was decided on an older state of the ticket or its tracker is decided again.
func (h *Handler) migrateTicket(ctx context.Context, id domain.TicketID) (out Outcome[ticket.Ticket], did bool, err error) {
	req := Request{Command: uuid.New()}
	out, err = h.tickets.execute(ctx, id.Stream(), req, func(ctx context.Context, t ticket.Ticket) ([]ticket.Event, domain.Meta, error) {
		desk, err := h.desks.get(ctx, t.Tracker.Stream())
		if err != nil {
			return nil, domain.Meta{}, err
		}
		_, by, _ := desk.MigratesTo(t.State)
		c := Caller{Actor: domain.Actor{ID: by}, Source: domain.SourceSystem, RequestID: req.Command.String()}
		at := later(h.occurredAt(c), t.Inner.LastAt)
		events, err := ticket.Decide(t, ticket.Migrate{}, ticket.Facts{Tracker: desk, Actor: c.Actor, OccurredAt: at})
		did = len(events) > 0
		return events, req.meta(c, at), err
	})
	return out, did && err == nil, err
}

// migrateLate moves a ticket on whose change of state was under way when the
// tracker disabled that state: its tracker is read once more, after the change.
// So either the migration finds the ticket in the state, or this finds the migration.
func (h *Handler) migrateLate(ctx context.Context, out Outcome[ticket.Ticket]) (Outcome[ticket.Ticket], error) {
	desk, err := h.desks.get(ctx, out.State.Tracker.Stream())
	if err != nil {
		return out, err
	}
	if _, _, must := desk.MigratesTo(out.State.State); !must {
		return out, nil
	}
	moved, did, err := h.migrateTicket(ctx, out.State.ID)
	if did {
		return moved, nil
	}
	return out, err
}

// migrateAfter moves the tickets of a tracker whose settings have just been
// changed; the outcome's position is then one that shows them moved.
func (h *Handler) migrateAfter(ctx context.Context, out Outcome[tracker.Tracker]) (Outcome[tracker.Tracker], error) {
	if len(out.State.Migrations) == 0 {
		return out, nil
	}
	moved, last, err := h.migrate(ctx, out.State.Key)
	if err != nil {
		return out, errors.Join(domain.Errorf(domain.Unavailable, "migration-unfinished",
			"the settings are changed, and some tickets have still to move; they will, and the same request sent again waits for them"),
			fmt.Errorf("migrate the tickets of %s: %w", out.State.Key, err))
	}
	if moved > 0 {
		out.Position = last
	}
	return out, nil
}
