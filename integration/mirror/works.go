package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"suivi/domain"
	"suivi/integration"
)

// The kinds of works on the mirror of a tracker.
const (
	LookWork   = "look"   // compare all tickets with their twins: Look
	VerifyWork = "verify" // the same by other means: Verify
	ImportWork = "import" // bring all twins into step, and make those that are missing
)

// WorkBase is what works keep outside the log: *integration.Reactors.
type WorkBase interface {
	BeginWork(ctx context.Context, w integration.Work) (integration.Work, error)
	KeepWork(ctx context.Context, w integration.Work) (goesOn bool, err error)
	EndWork(ctx context.Context, w integration.Work) error
}

// Works carries out long works on mirrors beside requests, one at a time on each. How far
// each is stands in the database, so that every node can tell, also after a restart.
type Works struct {
	mirrors map[string]*Mirror // by tool
	base    func() WorkBase
	orders  chan integration.Work
}

// NewWorks makes them; Run carries them out.
func NewWorks(mirrors map[string]*Mirror, base func() WorkBase) *Works {
	return &Works{mirrors: mirrors, base: base, orders: make(chan integration.Work)}
}

// Order has a work begun at once, or refuses it: while another one goes on there, or
// where it could not come to an end.
func (w *Works) Order(ctx context.Context, tool string, key domain.TrackerKey, kind string, by domain.UserID) (integration.Work, error) {
	m, ok := w.mirrors[tool]
	if !ok {
		return integration.Work{}, domain.Errorf(domain.NotFound, "tool-not-found", "Suivi mirrors tickets in no tool of the name %q", tool)
	}
	if err := m.takes(ctx, key, kind); err != nil {
		return integration.Work{}, err
	}
	work, err := w.base().BeginWork(ctx, integration.Work{Reactor: tool, Tracker: key, Kind: kind, By: by})
	if err != nil {
		return work, err
	}
	select {
	case w.orders <- work:
		return work, nil
	case <-ctx.Done():
		work.Failure = integration.Interrupted
		return work, errors.Join(ctx.Err(), w.end(ctx, work))
	}
}

// takes tells why a work cannot be begun.
func (m *Mirror) takes(ctx context.Context, key domain.TrackerKey, kind string) error {
	place, err := m.mirrored(ctx, key)
	if err != nil {
		return err
	}
	switch _, verifies := m.cfg.Tool.(Verifier); {
	case kind == VerifyWork && !verifies:
		return errNoVerifier(m.name)
	case kind == ImportWork && place.Mirror.Paused:
		return domain.Errorf(domain.Refused, "mirror-paused", "the mirror of %s in %s is paused; turn it on first", key, m.name)
	case kind != VerifyWork && kind != ImportWork && kind != LookWork:
		var problems domain.Problems
		problems.Add("kind", "unknown-work", "%s, %s or %s, not %q", LookWork, VerifyWork, ImportWork, kind)
		return problems.Err()
	}
	_, _, err = m.cfg.Base().SecretFor(ctx, place.Mirror.Secret, place.Tracker.Key, place.Mirror.Site)
	return err
}

// Run carries out what is ordered until ctx ends, and then waits for the works to end, which are
// interrupted by it.
func (w *Works) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case work := <-w.orders:
			all.Go(func() { w.carryOut(ctx, work) })
		}
	}
}

// keepEvery is how often it is noted how far a work is, and asked whether it is to go on.
const keepEvery = time.Second

func (w *Works) carryOut(ctx context.Context, work integration.Work) {
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	var done, total atomic.Uint64
	var result any
	var failed error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		result, failed = w.do(working, work, func(d, t uint64) { done.Store(d); total.Store(t) })
	}()
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for going := true; going; {
		select {
		case <-ended:
			going = false
		case <-tick.C:
			work.Done, work.Total = done.Load(), total.Load()
			if goesOn, err := w.base().KeepWork(ctx, work); err == nil && !goesOn {
				cancel()
			}
		}
	}
	work.Done, work.Total = done.Load(), total.Load()
	work.Failure, work.Result = outcome(ctx, result, failed)
	if err := w.end(ctx, work); err != nil {
		w.mirrors[work.Reactor].cfg.Logger.Warn("the end of a work is not noted; it counts as interrupted soon", "tool", work.Reactor, "tracker", work.Tracker, "error", err)
	}
}

func outcome(ctx context.Context, result any, failed error) (failure string, document json.RawMessage) {
	switch {
	case ctx.Err() != nil:
		return integration.Interrupted, nil
	case failed != nil:
		return failed.Error(), nil
	}
	document, err := json.Marshal(result)
	if err != nil {
		return err.Error(), nil
	}
	return "", document
}

const endTimeout = 5 * time.Second

// end notes the end of a work, also when the process is ending.
func (w *Works) end(ctx context.Context, work integration.Work) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	return w.base().EndWork(ctx, work)
}

func (w *Works) do(ctx context.Context, work integration.Work, progress func(done, total uint64)) (result any, err error) {
	m := w.mirrors[work.Reactor]
	defer func() {
		if panicked := recover(); panicked != nil {
			err = errors.New("a mistake in Suivi ended it; the log says more")
			m.cfg.Logger.Error("a work on a mirror ended in a panic", "tool", work.Reactor, "tracker", work.Tracker, "panic", fmt.Sprint(panicked), "stack", string(debug.Stack()))
		}
	}()
	if work.Kind == ImportWork {
		return m.Import(ctx, work.Tracker, progress)
	}
	total := uint64(0)
	err = m.walk(ctx, work.Tracker, func(_ context.Context, ids []domain.TicketID) error { total += uint64(len(ids)); return nil })
	if err != nil {
		return nil, err
	}
	shown := func(done, _ uint64) { progress(done, total) }
	shown(0, 0)
	if work.Kind == VerifyWork {
		return m.Verify(ctx, work.Tracker, shown)
	}
	return m.Look(ctx, work.Tracker, shown)
}
