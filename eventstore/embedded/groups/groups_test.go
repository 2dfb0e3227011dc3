package groups

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"suivi/eventstore/embedded/eventlog"
)

const stream = "s"

var key = Key{stream, "g"}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func defaults() Settings {
	return Settings{
		MaxRetryCount: 3, BufferSize: 8, LiveBufferSize: 8, ReadBatchSize: 3,
		MinCheckpointCount: 1, MaxCheckpointCount: 2, Strategy: RoundRobin,
	}
}

// desk is a log with its groups, which can be closed and opened again.
type desk struct {
	path   string
	log    *eventlog.Log
	groups *Groups
}

// fataler is what a test and a property have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func (d *desk) open(t fataler) {
	t.Helper()
	ctx := context.Background()
	var err error
	if d.log, err = eventlog.Open(ctx, eventlog.Config{Path: d.path, Logger: quiet()}); err != nil {
		t.Fatal(err)
	}
	if d.groups, err = Open(ctx, d.log, quiet()); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) close(t fataler) {
	t.Helper()
	d.groups.Close()
	if err := d.log.Close(); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) write(t fataler, n int) {
	t.Helper()
	w := &eventlog.Write{Stream: stream, Expected: eventlog.ExpectAny}
	for range n {
		w.Events = append(w.Events, eventlog.Proposed{ID: uuid.New(), Type: "t", JSON: true, Data: []byte("{}")})
	}
	if _, err := d.log.Write(context.Background(), w); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) connect(t fataler, room int) *Consumer {
	t.Helper()
	c, err := d.groups.Connect(key, Client{}, room)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// next takes an event if one comes within a moment that is long enough for all but a
// machine that stands still.
func next(c *Consumer, within time.Duration) (Delivery, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	d, err := c.Next(ctx)
	return d, err == nil
}

func openDesk(t *testing.T, settings Settings) *desk {
	t.Helper()
	d := &desk{path: filepath.Join(t.TempDir(), "events.db")}
	d.open(t)
	t.Cleanup(func() { d.close(t) })
	if err := d.groups.Create(t.Context(), key, settings); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAGroupCatchesUpInPagesLargerThanItsBuffer(t *testing.T) {
	t.Parallel()
	d := &desk{path: filepath.Join(t.TempDir(), "events.db")}
	d.open(t)
	t.Cleanup(func() { d.close(t) })
	const events = 2*eventlog.PageRows + 7
	for range 5 {
		d.write(t, events/5+1)
	}
	all := Key{All, "g"}
	settings := defaults()
	settings.Filter = &Filter{Prefixes: []string{stream}}
	if err := d.groups.Create(t.Context(), all, settings); err != nil {
		t.Fatal(err)
	}
	c, err := d.groups.Connect(all, Client{}, 8)
	if err != nil {
		t.Fatal(err)
	}
	for rev := range int64(events) {
		got, ok := next(c, time.Minute)
		if !ok || got.Event.Rev != rev {
			t.Fatalf("got %+v, %t, want revision %d", got, ok, rev)
		}
		c.Ack([]uuid.UUID{got.Event.ID})
	}
}

func TestSingleGivesAllToTheFirstWhoHasRoom(t *testing.T) {
	t.Parallel()
	settings := defaults()
	settings.Strategy = DispatchToSingle
	d := openDesk(t, settings)
	first, second := d.connect(t, 3), d.connect(t, 8)
	d.write(t, 5)
	var got []int64
	for _, c := range []*Consumer{first, first, first, second, second} {
		e, ok := next(c, time.Minute)
		if !ok {
			t.Fatal("nothing came")
		}
		got = append(got, e.Event.Rev)
	}
	if diff := cmp.Diff([]int64{0, 1, 2, 3, 4}, got); diff != "" {
		t.Errorf("revisions (-want +got):\n%s", diff)
	}
}

func TestRoundRobinGivesInTurn(t *testing.T) {
	t.Parallel()
	d := openDesk(t, defaults())
	consumers := []*Consumer{d.connect(t, 8), d.connect(t, 8)}
	d.write(t, 6)
	for i, c := range consumers {
		for range 3 {
			if _, ok := next(c, time.Minute); !ok {
				t.Errorf("consumer %d got fewer than 3 of 6", i)
			}
		}
	}
}

// pinnedTo says which consumer a pinned strategy gives a message to.
func pinnedTo(s *pinned, r *eventlog.Record) *Consumer {
	c, _ := s.choose(&message{Delivery: Delivery{Event: r}})
	return c
}

func TestPinnedConsumersKeepMostOfTheirStreamsWhenOneJoinsOrLeaves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := newPinned(sourceStream)
		members := map[*Consumer]bool{}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			before := s.owners
			if len(members) > 1 && rapid.Bool().Draw(rt, "leaves") {
				leaving := rapid.SampledFrom(slices.Collect(maps.Keys(members))).Draw(rt, "who")
				delete(members, leaving)
				s.leave(leaving)
				for i, owner := range before {
					if owner != leaving && s.owners[i] != owner {
						rt.Fatal("a bucket moved that nobody left")
					}
				}
			} else {
				c := &Consumer{room: 1}
				members[c] = true
				s.join(c)
				for i, owner := range before {
					if s.owners[i] != owner && s.owners[i] != c {
						rt.Fatal("a bucket moved between those who were there")
					}
				}
			}
			for _, owner := range s.owners {
				if !members[owner] {
					rt.Fatal("a bucket belongs to nobody who is there")
				}
			}
		}
	})
}

func TestPinnedByCorrelationFollowsTheCorrelationElseTheStream(t *testing.T) {
	t.Parallel()
	s := newPinned(correlation)
	for range 8 {
		s.join(&Consumer{room: 1})
	}
	correlated := func(stream, id string) *eventlog.Record {
		return &eventlog.Record{Stream: stream, Proposed: eventlog.Proposed{Metadata: fmt.Appendf(nil, `{"$correlationId":%q}`, id)}}
	}
	owners := map[*Consumer]bool{}
	for i := range 50 {
		id := fmt.Sprint("c", i)
		if pinnedTo(s, correlated("a", id)) != pinnedTo(s, correlated("b", id)) {
			t.Errorf("%s is parted", id)
		}
		owners[pinnedTo(s, correlated("a", id))] = true
	}
	if len(owners) < 2 {
		t.Error("all correlations went to one consumer")
	}
	plain := &eventlog.Record{Stream: "a"}
	link := &eventlog.Record{Stream: "l", Proposed: eventlog.Proposed{Type: eventlog.LinkType, Data: []byte("0@a")}}
	if pinnedTo(s, plain) != pinnedTo(s, link) {
		t.Error("a link went elsewhere than its stream")
	}
}

func TestReplayStopsWhereItIsTold(t *testing.T) {
	t.Parallel()
	d := openDesk(t, defaults())
	c := d.connect(t, 8)
	d.write(t, 4)
	for range 4 {
		got, ok := next(c, time.Minute)
		if !ok {
			t.Fatal("nothing came")
		}
		c.Nack([]uuid.UUID{got.Event.ID}, Park, "later")
	}
	if err := d.groups.Replay(key, 2); err != nil {
		t.Fatal(err)
	}
	var got []int64
	for range 2 {
		e, ok := next(c, time.Minute)
		if !ok {
			t.Fatal("nothing came")
		}
		got = append(got, e.Event.Rev)
		c.Ack([]uuid.UUID{e.Event.ID})
	}
	if diff := cmp.Diff([]int64{0, 1}, got); diff != "" {
		t.Errorf("replayed (-want +got):\n%s", diff)
	}
	info, err := d.groups.Info(key)
	if err != nil || info.Parked != 2 || info.Buffered+info.Retrying+info.Outstanding != 0 {
		t.Errorf("got %+v, %v: want two parked, and nothing under way", info, err)
	}
}

// Whatever consumers do and whenever the store is closed, each event is delivered
// until it is settled, and none comes after it was acknowledged and noted.
func TestAGroupLosesNothingWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := &desk{path: filepath.Join(t.TempDir(), uuid.NewString())}
		d.open(rt)
		defer func() { d.close(rt) }()
		settings := defaults()
		settings.MaxCheckpointCount = rapid.IntRange(1, 4).Draw(rt, "checkpoint")
		settings.Strategy = rapid.SampledFrom([]string{RoundRobin, DispatchToSingle, Pinned, PinnedByCorrelation}).Draw(rt, "strategy")
		if err := d.groups.Create(t.Context(), key, settings); err != nil {
			rt.Fatal(err)
		}
		r := &run{desk: d, acked: map[int64]bool{}}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			r.step(rt)
		}
		r.drain(rt)
	})
}

// run is what a property has done to a group so far.
type run struct {
	*desk

	written   int64
	acked     map[int64]bool
	consumers []*Consumer
}

func (r *run) step(rt *rapid.T) {
	switch what := rapid.SampledFrom([]string{"write", "join", "leave", "consume", "replay", "reopen", "restart"}).Draw(rt, "step"); what {
	case "write":
		n := rapid.IntRange(1, 6).Draw(rt, "events")
		r.write(rt, n)
		r.written += int64(n)
	case "join":
		r.consumers = append(r.consumers, r.connect(rt, rapid.IntRange(1, 4).Draw(rt, "room")))
	case "leave":
		if len(r.consumers) > 0 {
			r.consumers[0].Leave()
			r.consumers = r.consumers[1:]
		}
	case "consume":
		for _, c := range r.consumers {
			if d, ok := next(c, 5*time.Millisecond); ok {
				r.deal(rt, c, d)
			}
		}
	case "replay":
		if err := r.groups.Replay(key, -1); err != nil {
			rt.Fatal(err)
		}
	case "reopen":
		r.close(rt)
		r.open(rt)
		r.consumers = nil
	case "restart":
		if err := r.groups.Restart(context.Background()); err != nil {
			rt.Fatal(err)
		}
		r.consumers = nil
	}
}

func (r *run) deal(rt *rapid.T, c *Consumer, d Delivery) {
	ids := []uuid.UUID{d.Event.ID}
	switch rapid.IntRange(0, 3).Draw(rt, "deal") {
	case 0:
		c.Nack(ids, Park, "for later")
	case 1:
		c.Nack(ids, Retry, "once more")
	case 2: // kept
	default:
		c.Ack(ids)
		r.acked[d.Event.Rev] = true
	}
}

// drain settles all that is left, the parked events too, and looks whether each event has been there.
func (r *run) drain(rt *rapid.T) {
	for _, c := range r.consumers {
		c.Leave()
	}
	if err := r.groups.Replay(key, -1); err != nil {
		rt.Fatal(err)
	}
	c := r.connect(rt, 8)
	for int64(len(r.acked)) < r.written {
		d, ok := next(c, 20*time.Second)
		if !ok {
			info, err := r.groups.Info(key)
			rt.Fatalf("%d of %d events were dealt with, and no more comes: %+v, %v", len(r.acked), r.written, info, err)
		}
		if d.Event.Rev >= r.written {
			rt.Fatalf("revision %d was never written", d.Event.Rev)
		}
		c.Ack([]uuid.UUID{d.Event.ID})
		r.acked[d.Event.Rev] = true
	}
}
