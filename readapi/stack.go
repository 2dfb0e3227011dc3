package readapi

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	"suivi/domain"
	"suivi/domain/rank"
)

// What commands asks about a stack. It acts for nobody, but for the ticket that
// one wants to be next to, which the actor must see.

const placeOf = `SELECT o.tracker, o.rank, o.id FROM tickets o WHERE o.id = $1 AND o.list = 'open'`

const visiblePlaceOf = `SELECT t.tracker, t.rank, t.id FROM tickets t WHERE t.id = $3 AND t.list = 'open' AND ` + seesTicket

const nextAbove = `SELECT o.tracker, o.rank, o.id FROM tickets o
WHERE o.tracker = $1 AND o.list = 'open' AND o.id <> $2 AND (o.rank, o.id) < ($3, $4)
ORDER BY o.rank DESC, o.id DESC LIMIT 1`

const nextBelow = `SELECT o.tracker, o.rank, o.id FROM tickets o
WHERE o.tracker = $1 AND o.list = 'open' AND o.id <> $2 AND (o.rank, o.id) > ($3, $4)
ORDER BY o.rank, o.id LIMIT 1`

// spot is a ticket's place in a stack.
type spot struct {
	Tracker domain.TrackerKey `db:"tracker"`
	Rank    []byte            `db:"rank"`
	ID      domain.TicketID   `db:"id"`
}

// Gap is where a move puts the ticket among the others of its tracker's stack;
// nil when there is no such place that the actor may name. Its ends are never
// equal, also where two tickets share a rank. The empty one means that the
// ticket stands at that end, or alone.
func (a *API) Gap(ctx context.Context, actor domain.Actor, id domain.TicketID, move rank.Move) (*rank.Gap, error) {
	own, err := a.spot(ctx, placeOf, id)
	if own == nil || err != nil {
		return nil, err
	}
	switch move.Step {
	case rank.ToTop:
		first, err := a.next(ctx, nextBelow, *own, spot{Rank: []byte{}})
		return &rank.Gap{Below: first.key()}, err
	case rank.ToBottom:
		last, err := a.next(ctx, nextAbove, *own, spot{Rank: []byte{math.MaxUint8}})
		return &rank.Gap{Above: last.key()}, err
	case rank.Raise:
		up, err := a.next(ctx, nextAbove, *own, *own)
		if up == nil || err != nil {
			return &rank.Gap{}, err
		}
		return a.above(ctx, *own, *up)
	case rank.Lower:
		down, err := a.next(ctx, nextBelow, *own, *own)
		if down == nil || err != nil {
			return &rank.Gap{}, err
		}
		return a.below(ctx, *own, *down)
	}
	other, err := a.spot(ctx, visiblePlaceOf, actor.ID, actor.Admin, move.Before+move.After)
	switch {
	case other == nil || err != nil || other.Tracker != own.Tracker:
		return nil, err
	case move.Before != "":
		return a.above(ctx, *own, *other)
	}
	return a.below(ctx, *own, *other)
}

// above is the gap directly above the other; of those that share its rank, above all.
func (a *API) above(ctx context.Context, own, other spot) (*rank.Gap, error) {
	up, err := a.next(ctx, nextAbove, own, spot{Rank: other.Rank})
	return &rank.Gap{Above: up.key(), Below: other.key()}, err
}

func (a *API) below(ctx context.Context, own, other spot) (*rank.Gap, error) {
	down, err := a.next(ctx, nextBelow, own, spot{Rank: append(slices.Clone(other.Rank), 0)}) // the least that is greater
	return &rank.Gap{Above: other.key(), Below: down.key()}, err
}

// next is the nearest ticket of the stack but for own, by the query; nil when there is none.
func (a *API) next(ctx context.Context, query string, own, from spot) (*spot, error) {
	return a.spot(ctx, query, own.Tracker, own.ID, from.Rank, from.ID)
}

func (a *API) spot(ctx context.Context, query string, args ...any) (*spot, error) {
	var s spot
	err := a.db.Read.GetContext(ctx, &s, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // nobody stands there, which is a value here
	}
	if err != nil {
		return nil, fmt.Errorf("look into a stack: %w", err)
	}
	return &s, nil
}

// key is "" for nobody.
func (s *spot) key() rank.Key {
	if s == nil {
		return ""
	}
	return rank.Key(s.Rank)
}
