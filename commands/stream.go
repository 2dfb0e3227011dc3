package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"suivi/domain"
	"suivi/eventstore"
)

// load gives the fold of the stream and whether it comes from the cache
// unchecked; with fresh it never does. A stream that does not exist folds to the zero state.
func (r *road[S, E]) load(ctx context.Context, stream string, fresh bool) (f folded[S], cached bool, err error) {
	if !fresh {
		if f, ok := r.cache.Get(stream); ok {
			return f, true, nil
		}
	}
	f, err = r.refresh(ctx, stream)
	return f, false, err
}

// refresh is the fold of the stream as of now.
func (r *road[S, E]) refresh(ctx context.Context, stream string) (folded[S], error) {
	known, _ := r.cache.Get(stream)
	f, err := r.read(ctx, stream, known, ^uint64(0))
	if err != nil {
		return f, err
	}
	if f.version > known.version {
		r.cache.Add(stream, f)
	}
	return f, nil
}

// read folds on from f until the stream ends or version is reached.
func (r *road[S, E]) read(ctx context.Context, stream string, f folded[S], version uint64) (folded[S], error) {
	f = f.mine()
	for e, err := range r.store.Read(ctx, stream, f.version) {
		if errors.Is(err, eventstore.ErrStreamNotFound) {
			return f, nil
		}
		if err != nil {
			return f, storeError("read "+stream, err)
		}
		if f, err = r.fold(f, e); err != nil {
			return f, err
		}
		if f.version == version {
			break
		}
	}
	return f, nil
}

// replay answers a command that the stream has taken in as it was answered then.
func (r *road[S, E]) replay(ctx context.Context, stream string, req Request, prior applied) (Outcome[S], error) {
	if prior.hash != req.Hash {
		return Outcome[S]{}, domain.Errorf(domain.Invalid, "idempotency-key-reused",
			"the Idempotency-Key %q was used for another request; take a new one", req.Key)
	}
	then, err := r.read(ctx, stream, folded[S]{}, prior.version)
	if err != nil {
		return Outcome[S]{}, err
	}
	return Outcome[S]{State: then.state, Version: r.shown(then), Position: prior.position, Replayed: true}, nil
}

// append writes the events after the fold's revision.
func (r *road[S, E]) append(ctx context.Context, stream string, f folded[S], events []E, meta domain.Meta) (Outcome[S], error) {
	metadata, err := json.Marshal(meta)
	if err != nil {
		return Outcome[S]{}, fmt.Errorf("write metadata: %w", err)
	}
	proposed := make([]eventstore.Event, len(events))
	for i, event := range events {
		name, data, err := r.encode(event)
		if err != nil {
			return Outcome[S]{}, err
		}
		id := uuid.NewSHA1(meta.CommandID, []byte(stream+"/"+strconv.Itoa(i)))
		proposed[i] = eventstore.Event{ID: id, Type: name, Data: data, Metadata: metadata}
	}
	expected := eventstore.NoStream()
	if f.version > 0 {
		expected = eventstore.Exactly(f.version - 1)
	}
	written, err := r.store.Append(ctx, stream, expected, proposed...)
	if err != nil {
		return Outcome[S]{}, storeError("append to "+stream, err)
	}
	f = f.mine()
	for _, event := range events {
		f = f.with(r.evolve(f.state, event, meta), meta, written.Position)
	}
	r.cache.Add(stream, f)
	return Outcome[S]{State: f.state, Version: r.shown(f), Position: written.Position}, nil
}

func exists(ctx context.Context, store *eventstore.Store, stream string) (bool, error) {
	for _, err := range store.Read(ctx, stream, 0) {
		if errors.Is(err, eventstore.ErrStreamNotFound) {
			return false, nil
		}
		return err == nil, storeError("look for "+stream, err)
	}
	return true, nil // it is there, and its events have expired
}

// storeError gives the store's errors the kind that callers act on; ErrWrongRevision passes through.
func storeError(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, eventstore.ErrTooLarge):
		return domain.Errorf(domain.Invalid, "too-large", "this is more than the event store takes at once")
	case errors.Is(err, eventstore.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return errors.Join(domain.Errorf(domain.Unavailable, "event-store-unavailable",
			"the event store does not answer; try again, with the same Idempotency-Key if you gave one"),
			fmt.Errorf("%s: %w", doing, err))
	}
	return fmt.Errorf("%s: %w", doing, err)
}
