package commands

import (
	"context"
	"slices"
	"sync"

	"suivi/domain"
)

// numbers proposes the number of the next ticket of a tracker. It is only a
// guess kept in memory: the event store is the arbiter, since whoever writes the
// first event of the number's stream has it.
type numbers struct {
	taken func(context.Context, domain.TicketID) (bool, error)
	mu    sync.Mutex
	desks map[domain.TrackerKey]*deskNumbers
}

type deskNumbers struct {
	mu    sync.Mutex
	next  int64   // 0: not looked up yet
	given []int64 // proposed, then not used
}

func newNumbers(taken func(context.Context, domain.TicketID) (bool, error)) *numbers {
	return &numbers{taken: taken, desks: map[domain.TrackerKey]*deskNumbers{}}
}

func (n *numbers) desk(key domain.TrackerKey) *deskNumbers {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.desks[key]
	if d == nil {
		d = &deskNumbers{}
		n.desks[key] = d
	}
	return d
}

// take proposes a number that nobody else on this node has been given.
func (n *numbers) take(ctx context.Context, key domain.TrackerKey) (int64, error) {
	d := n.desk(key)
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.given) > 0 {
		number := slices.Min(d.given)
		d.given = slices.DeleteFunc(d.given, func(n int64) bool { return n == number })
		return number, nil
	}
	if d.next == 0 {
		free, err := n.search(ctx, key, 1)
		if err != nil {
			return 0, err
		}
		d.next = free
	}
	d.next++
	return d.next - 1, nil
}

// giveBack returns a number under which nothing was written, as far as we know.
func (n *numbers) giveBack(key domain.TrackerKey, number int64) {
	d := n.desk(key)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.given = append(d.given, number)
}

// leap moves on to the end of the tracker's numbers, when others are far ahead.
func (n *numbers) leap(ctx context.Context, key domain.TrackerKey) error {
	d := n.desk(key)
	d.mu.Lock()
	defer d.mu.Unlock()
	free, err := n.search(ctx, key, d.next)
	if err != nil {
		return err
	}
	d.next = max(d.next, free)
	return nil
}

// search finds a number at or above from that is free and whose predecessor is
// taken: by doubling steps, then halves. A hole in the numbers may be found
// before their end; the store's refusals then lead on.
func (n *numbers) search(ctx context.Context, key domain.TrackerKey, from int64) (int64, error) {
	low, step := from-1, int64(1) // low is taken, or before the first
	for {
		taken, err := n.taken(ctx, domain.NewTicketID(key, low+step))
		if err != nil {
			return 0, err
		}
		if !taken {
			break
		}
		low += step
		step *= 2
	}
	high := low + step // free
	for high-low > 1 {
		middle := low + (high-low)/2
		taken, err := n.taken(ctx, domain.NewTicketID(key, middle))
		if err != nil {
			return 0, err
		}
		if taken {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}
