package ui

import (
	"context"
	"sync"
	"time"

	"suivi/domain"
)

// The kinds of chores.
const (
	rebuildChore = "rebuild"
	verifyChore  = "verify"
	collectChore = "collect"
)

// ChoreWork is what chores do. It ends when its context does.
type ChoreWork struct {
	Rebuild func(ctx context.Context, model string, progress func(done, total uint64)) error
	Verify  func(ctx context.Context, progress func(done, total uint64)) ([]VerifiedModel, error)
	Collect func(ctx context.Context) (Collected, error)
}

// VerifiedModel is what was found when a read model was held against the log.
type VerifiedModel struct {
	Name         string
	Events, Rows int64
	Differences  []string // the first few, in words; none: it is equal
}

// Collected is what was taken away because nothing needs it any more.
type Collected struct{ Uploads, Blobs int64 }

// Chore is a long work that an administrator has ordered on a page: a rebuild of a read
// model, a verification of all, a collection of blobs.
type Chore struct {
	Kind        string
	Model       string // of a rebuild
	By          domain.UserID
	Began       time.Time
	Ended       time.Time // zero: it goes on
	Done, Total uint64
	Err         error
	Verified    []VerifiedModel
	Collected   Collected
}

// Chores carries out one chore at a time, beside requests, and knows how far it is.
// It knows of this process alone, and since its start.
type Chores struct {
	work   ChoreWork
	orders chan Chore

	mu   sync.Mutex
	busy bool
	last map[string]Chore // of each kind
}

// NewChores makes the chores; Run carries them out.
func NewChores(work ChoreWork) *Chores {
	return &Chores{work: work, orders: make(chan Chore, 1), last: map[string]Chore{}}
}

// Order has the chore begun at once, or refuses it while another goes on.
func (c *Chores) Order(chore Chore) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy {
		return domain.Errorf(domain.Refused, "chore-running", "another work goes on; wait until it is done")
	}
	c.busy = true
	chore.Began = time.Now()
	c.last[chore.Kind] = chore
	c.orders <- chore // it has room for one, and there is no other
	return nil
}

// Last is the last chore of the kind; false when there was none.
func (c *Chores) Last(kind string) (Chore, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	chore, ok := c.last[kind]
	return chore, ok
}

// Run carries out what is ordered until ctx ends.
func (c *Chores) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case chore := <-c.orders:
			c.end(c.do(ctx, chore))
		}
	}
}

func (c *Chores) do(ctx context.Context, chore Chore) Chore {
	progress := func(done, total uint64) { c.tell(chore.Kind, done, total) }
	switch chore.Kind {
	case rebuildChore:
		chore.Err = c.work.Rebuild(ctx, chore.Model, progress)
	case verifyChore:
		chore.Verified, chore.Err = c.work.Verify(ctx, progress)
	case collectChore:
		chore.Collected, chore.Err = c.work.Collect(ctx)
	}
	return chore
}

func (c *Chores) tell(kind string, done, total uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	chore := c.last[kind]
	chore.Done, chore.Total = done, total
	c.last[kind] = chore
}

func (c *Chores) end(chore Chore) {
	c.mu.Lock()
	defer c.mu.Unlock()
	chore.Ended = time.Now()
	c.last[chore.Kind] = chore
	c.busy = false
}
