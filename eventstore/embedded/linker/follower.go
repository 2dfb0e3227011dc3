package linker

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"suivi/eventstore/embedded/eventlog"
)

const (
	// A projection notes where it is after so many positions. It must be more than
	// all projections write to note it.
	passedPerCheckpoint = 1000
	// How long it lets events gather after one has come, so that the links of many
	// share a commit, and a lone writer does not wait for one after each append.
	gatherFor = 5 * time.Millisecond
	// How often it tries again when it could not read or write.
	retryAfter = 100 * time.Millisecond
	// How often it tells how far it is while it catches up, and from how far behind.
	tellEvery   = 10 * time.Second
	worthSaying = 10_000
	// How many link streams it remembers; others cost two queries. More than a page
	// has events, so that none is forgotten while a page is at work.
	rememberedStreams = 1 << 14
)

// follower is a projection at work. All but the atomic fields belongs to the goroutine run.
type follower struct {
	name     Projection
	rule     rule
	log      *eventlog.Log
	logger   *slog.Logger
	position atomic.Int64 // up to which all is linked
	links    atomic.Int64

	noted   int64 // position in the newest checkpoint
	bare    bool  // there is no checkpoint yet
	targets *simplelru.LRU[string, *target]
	failing bool // what is wrong was said

	catchUpTo int64 // position that is worth telling; 0 when it is not
	told      time.Time
}

func newFollower(p Projection, log *eventlog.Log, logger *slog.Logger) (*follower, error) {
	f := &follower{name: p, rule: p.rule(), log: log, logger: logger.With("projection", p)}
	var err error
	f.targets, err = simplelru.NewLRU[string, *target](rememberedStreams, nil)
	return f, err
}

// run follows the log until ctx ends. After an error nobody knows what has reached
// the disk: it begins anew with what the log says.
func (f *follower) run(ctx context.Context) {
	for {
		err := f.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if !f.failing {
			f.logger.Error("a system projection cannot go on; it tries again", "error", err)
			f.failing = true
		}
		select {
		case <-time.After(retryAfter):
		case <-ctx.Done():
			return
		}
	}
}

// follow links from where the log says that the projection is, until something fails.
func (f *follower) follow(ctx context.Context) error {
	// While the disk fails, what was written last may be there or not, and readers
	// do not see it. Only after it is known must we look.
	if err := f.log.Failing(); err != nil {
		return err
	}
	if err := f.load(ctx); err != nil {
		return err
	}
	f.begin(time.Now())
	for {
		if err := f.step(ctx); err != nil {
			return err
		}
		if f.failing {
			f.logger.Info("a system projection goes on", "position", f.position.Load())
			f.failing = false
		}
	}
}

// step links the next page, or waits for it.
func (f *follower) step(ctx context.Context) error {
	end := f.log.End()
	page, grown, err := f.log.Following(ctx, f.position.Load())
	if err != nil {
		return err
	}
	if len(page) == 0 && grown == nil { // what was there is scavenged
		f.position.Store(end)
		return nil
	}
	if len(page) == 0 {
		return await(ctx, grown)
	}
	if err := f.link(ctx, page); err != nil {
		return err
	}
	f.tell(time.Now())
	return nil
}

// await waits for events, and for those that come right after.
func await(ctx context.Context, grown <-chan struct{}) error {
	select {
	case <-grown:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-time.After(gatherFor):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// link writes what a page gives, all at once: links, what their streams need, and
// the checkpoint when it is due.
func (f *follower) link(ctx context.Context, page []*eventlog.Record) error {
	var events []eventlog.Placed
	var links int64
	for _, r := range page {
		if !passes(r.Stream) {
			continue
		}
		l, ok := f.rule(r)
		if !ok {
			continue
		}
		placed, err := f.place(ctx, r, l)
		if err != nil {
			return err
		}
		if len(placed) > 0 {
			events = append(events, placed...)
			links++
		}
	}
	last := page[len(page)-1].Pos
	due := last-f.noted >= passedPerCheckpoint
	if due {
		checkpoint, err := f.checkpoint(last)
		if err != nil {
			return err
		}
		events = append(events, checkpoint...)
	}
	if len(events) > 0 {
		// Not ctx: Close waits, so that nothing is still on its way after it.
		if _, err := f.log.Write(context.WithoutCancel(ctx), &eventlog.Write{Kind: eventlog.Scatter, Placed: events}); err != nil {
			return fmt.Errorf("write links up to position %d: %w", last, err)
		}
	}
	if due {
		f.noted, f.bare = last, false
	}
	f.links.Add(links)
	f.position.Store(last)
	return nil
}

// place is a link's event, after the metadata of a stream that begins with it; none
// when the log has the link, or its stream has ended for ever.
func (f *follower) place(ctx context.Context, r *eventlog.Record, l link) ([]eventlog.Placed, error) {
	t, err := f.target(ctx, l.stream)
	if err != nil || r.Pos <= t.linked {
		return nil, err
	}
	metadata, err := tagOf(r, l).encode()
	if err != nil {
		return nil, err
	}
	event := eventlog.Placed{Stream: l.stream, Proposed: eventlog.Proposed{
		ID: uuid.NewSHA1(f.log.ID(), fmt.Appendf(nil, "%s %d", f.name, r.Pos)), Type: l.typ, Data: []byte(l.data), Metadata: metadata,
	}}
	if !t.bare {
		return []eventlog.Placed{event}, nil
	}
	t.bare = false
	return []eventlog.Placed{metadataOf(l.stream, readableByAll), event}, nil
}

// begin remembers whether there is much to catch up with.
func (f *follower) begin(now time.Time) {
	end := f.log.End()
	if f.catchUpTo = 0; end-f.position.Load() >= worthSaying {
		f.catchUpTo, f.told = end, now
		f.logger.Info("a system projection catches up", "position", f.position.Load(), "end", end)
	}
}

// tell says how far it is, while there is much to catch up with.
func (f *follower) tell(now time.Time) {
	switch at := f.position.Load(); {
	case f.catchUpTo == 0:
	case at >= f.catchUpTo:
		f.logger.Info("a system projection has caught up", "position", at)
		f.catchUpTo = 0
	case now.Sub(f.told) >= tellEvery:
		f.logger.Info("a system projection catches up", "position", at, "end", f.log.End())
		f.told = now
	}
}
