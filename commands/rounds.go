package commands

import (
	"context"
	"sync"
	"time"
)

// rounds answers questions about a key with a read that began after the
// question: whoever asks while a read is under way shares the next one. So one
// read serves many askers, and each sees what was written before they asked.
type rounds[T any] struct {
	read  func(context.Context, string) (T, error)
	mu    sync.Mutex
	slots map[string]*slot[T]
}

type slot[T any] struct {
	running, next *round[T]
}

type round[T any] struct {
	done  chan struct{} // closed when value and err stand
	value T
	err   error
}

// roundTimeout bounds one shared read, which belongs to no single asker's context.
const roundTimeout = 5 * time.Second

func newRounds[T any](read func(context.Context, string) (T, error)) *rounds[T] {
	return &rounds[T]{read: read, slots: map[string]*slot[T]{}}
}

func (r *rounds[T]) get(ctx context.Context, key string) (T, error) {
	mine, before, lead := r.join(key)
	if lead {
		if before != nil {
			<-before.done // bounded by roundTimeout
		}
		r.run(ctx, key, mine)
	}
	select {
	case <-mine.done:
		return mine.value, mine.err
	case <-ctx.Done():
		var none T
		return none, storeError("read "+key, ctx.Err())
	}
}

// join finds the round that the asker shares. If lead, it is theirs to run,
// after the round before, if there is one.
func (r *rounds[T]) join(key string) (mine, before *round[T], lead bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.slots[key]
	if s == nil {
		s = &slot[T]{}
		r.slots[key] = s
	}
	if s.next != nil {
		return s.next, nil, false
	}
	mine = &round[T]{done: make(chan struct{})}
	if s.running == nil {
		s.running = mine
	} else {
		s.next = mine
	}
	if s.next == mine {
		return mine, s.running, true
	}
	return mine, nil, true
}

func (r *rounds[T]) run(ctx context.Context, key string, mine *round[T]) {
	r.mu.Lock()
	s := r.slots[key]
	s.running = mine
	if s.next == mine {
		s.next = nil // whoever asks from here on must not share this read
	}
	r.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), roundTimeout)
	defer cancel()
	mine.value, mine.err = r.read(ctx, key)

	r.mu.Lock()
	if s.next == nil {
		delete(r.slots, key)
	}
	r.mu.Unlock()
	close(mine.done)
}
