package commands

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"suivi/domain"
	"suivi/eventstore"
)

// maxTries is how often a command is decided anew when others write its stream at the same time.
const maxTries = 8

// road is the one way of a command into the streams of one kind of aggregate.
type road[S, E any] struct {
	store  *eventstore.Store
	cache  *lru.Cache[string, folded[S]]
	encode func(E) (string, []byte, error)
	decode func(string, []byte) (E, error)
	evolve func(S, E, domain.Meta) S
	shown  func(folded[S]) uint64 // the version that people know, which may leave events out
}

func newRoad[S, E any](store *eventstore.Store, cached int, encode func(E) (string, []byte, error),
	decode func(string, []byte) (E, error), evolve func(S, E, domain.Meta) S, shown func(folded[S]) uint64,
) *road[S, E] {
	cache, err := lru.New[string, folded[S]](cached)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &road[S, E]{store: store, cache: cache, encode: encode, decode: decode, evolve: evolve, shown: shown}
}

// Outcome is an aggregate after a command.
type Outcome[S any] struct {
	State    S
	Version  uint64              // of the aggregate, as people know it
	Position eventstore.Position // of the command's last event; read models that have it show the outcome
	Replayed bool                // the command had been carried out before; this is its first answer
}

// decision judges a state: the events to append, with their metadata.
type decision[S, E any] func(context.Context, S) ([]E, domain.Meta, error)

// execute carries out a command on the aggregate of the stream. A decision made
// on a cached fold is only believed when the append confirms its revision; a
// refusal is made again on a fresh one.
func (r *road[S, E]) execute(ctx context.Context, stream string, req Request, decide decision[S, E]) (Outcome[S], error) {
	fresh := false
	for try := 0; try < maxTries; {
		f, cached, err := r.load(ctx, stream, fresh)
		if err != nil {
			return Outcome[S]{}, err
		}
		if prior, ok := f.find(req.Command); ok {
			return r.replay(ctx, stream, req, prior)
		}
		events, meta, err := r.judge(ctx, f, req, decide)
		if (err != nil || len(events) == 0) && cached {
			fresh = true
			continue
		}
		if err != nil {
			return Outcome[S]{}, err
		}
		if len(events) == 0 {
			return Outcome[S]{State: f.state, Version: r.shown(f), Position: f.position}, nil
		}
		out, err := r.append(ctx, stream, f, events, meta)
		if !errors.Is(err, eventstore.ErrWrongRevision) {
			return out, err
		}
		fresh = true
		try++
		if err := pause(ctx, try); err != nil {
			return Outcome[S]{}, err
		}
	}
	return Outcome[S]{}, tooBusy(stream)
}

func tooBusy(stream string) error {
	return domain.Errorf(domain.Unavailable, "too-busy", "%s is being changed by many at once; try again", stream)
}

// pause waits a random while, up to 2ⁿ ms before the n-th new try.
func pause(ctx context.Context, try int) error {
	wait := time.NewTimer(rand.N(time.Millisecond << try)) //nolint:gosec // only to spread tries
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return storeError("wait for another try", ctx.Err())
	}
}

func (r *road[S, E]) judge(ctx context.Context, f folded[S], req Request, decide decision[S, E]) ([]E, domain.Meta, error) {
	if version := r.shown(f); req.IfMatch != nil && *req.IfMatch != version {
		if _, _, err := decide(ctx, f.state); domain.KindOf(err) == domain.NotFound {
			return nil, domain.Meta{}, err // whoever may not see it is not told its version
		}
		return nil, domain.Meta{}, errStale(version, *req.IfMatch)
	}
	return decide(ctx, f.state)
}

func errStale(version, wanted uint64) error {
	return domain.Errorf(domain.Stale, "stale-version", "it is at version %d by now, not %d; read it again", version, wanted)
}
