package embedded_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"suivi/eventstore/embedded"
	"suivi/eventstore/embedded/linker"
)

func projecting(t testing.TB, projections ...linker.Projection) *fixture {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "events.db"), projections...)
}

// said is an event with its link in words that tests compare.
func said(e *esdb.ResolvedEvent) string {
	place := func(r *esdb.RecordedEvent) string {
		if r == nil {
			return "nothing"
		}
		return fmt.Sprintf("%d@%s", r.EventNumber, r.StreamID)
	}
	if e.Link == nil {
		return place(e.Event)
	}
	return place(e.Link) + " → " + place(e.Event)
}

// linked reads a link stream; nothing is there when there is no such stream.
func linked(t testing.TB, client *esdb.Client, stream string) (got []string) {
	t.Helper()
	read, err := client.ReadStream(within(t), stream, esdb.ReadStreamOptions{ResolveLinkTos: true}, math.MaxUint64)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	for {
		e, err := read.Recv()
		var refused *esdb.Error
		if errors.Is(err, io.EOF) || errors.As(err, &refused) && refused.Code() == esdb.ErrorCodeResourceNotFound {
			return got
		}
		if err != nil {
			t.Fatalf("read %s: %v", stream, err)
		}
		got = append(got, said(e))
	}
}

// wantLinked waits for a link stream to be as wanted.
func wantLinked(t *testing.T, client *esdb.Client, stream string, want ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s has %d events", stream, len(want)), func() bool { return len(linked(t, client, stream)) >= len(want) })
	if diff := cmp.Diff(want, linked(t, client, stream)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", stream, diff)
	}
}

// measured is a metric of the server by its labels' values.
func measured(t testing.TB, server *embedded.Server, name string) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(server)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && len(m.GetLabel()) == 1 {
				got[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return got
}

// caughtUp waits until all projections are at the end of the log.
func (f *fixture) caughtUp(t *testing.T) {
	t.Helper()
	eventually(t, "the projections catch up", func() bool {
		end := f.readAll(t, esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1)[0].Position.Commit
		for _, at := range measured(t, f.server, "suivi_eventstore_projection_position") {
			if at != float64(end) {
				return false
			}
		}
		return true
	})
}

func TestTheOfficialClientReadsLinkStreams(t *testing.T) {
	t.Parallel()
	f := projecting(t, linker.All()...)
	f.append(t, "order-1", esdb.NoStream{}, event("placed"), event("paid"))
	f.append(t, "order-2-b", esdb.NoStream{}, event("placed"))
	f.append(t, "plain", esdb.NoStream{}, event("paid"))
	f.append(t, "order-1", esdb.Revision(1), event("sent"))
	wantLinked(t, f.Client, "$ce-order", "0@$ce-order → 0@order-1", "1@$ce-order → 1@order-1", "2@$ce-order → 0@order-2-b", "3@$ce-order → 2@order-1")
	wantLinked(t, f.Client, "$et-placed", "0@$et-placed → 0@order-1", "1@$et-placed → 0@order-2-b")
	wantLinked(t, f.Client, "$et-paid", "0@$et-paid → 1@order-1", "1@$et-paid → 0@plain")
	wantLinked(t, f.Client, "$streams", "0@$streams → 0@order-1", "1@$streams → 0@order-2-b", "2@$streams → 0@plain")
	wantLinked(t, f.Client, "$category-order", "0@$category-order", "1@$category-order")
	names, err := f.readStream(t, "$category-order", esdb.ReadStreamOptions{}, 10)
	if err != nil || len(names) != 2 || string(names[0].Data) != "order-1" || string(names[1].Data) != "order-2-b" {
		t.Errorf("the streams of the category: got %v, %v", names, err)
	}
	f.caughtUp(t)
	want := map[string]float64{"by_category": 4, "by_event_type": 5, "streams": 3, "stream_by_category": 2}
	if diff := cmp.Diff(want, measured(t, f.server, "suivi_eventstore_projection_links_total")); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestACategoryIsFollowedLive(t *testing.T) {
	t.Parallel()
	f := projecting(t, linker.ByCategory)
	f.append(t, "a-1", esdb.NoStream{}, event("old"))
	wantLinked(t, f.Client, "$ce-a", "0@$ce-a → 0@a-1")
	sub, err := f.SubscribeToStream(within(t), "$ce-a", esdb.SubscribeToStreamOptions{From: esdb.Start{}, ResolveLinkTos: true})
	must(t, err)
	t.Cleanup(func() { _ = sub.Close() })
	for i := range 100 {
		f.append(t, fmt.Sprintf("a-%d", i%2), esdb.Any{}, event("new"))
		f.append(t, "b-1", esdb.Any{}, event("new"))
	}
	got, want := []string{}, []string{"0@$ce-a → 0@a-1"}
	for i := range 100 {
		want = append(want, fmt.Sprintf("%d@$ce-a → %d@a-%d", i+1, i/2+i%2, i%2))
	}
	for len(got) < len(want) {
		switch heard := sub.Recv(); {
		case heard.EventAppeared != nil:
			got = append(got, said(heard.EventAppeared))
		case heard.SubscriptionDropped != nil:
			t.Fatal(heard.SubscriptionDropped.Error)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("subscription (-want +got):\n%s", diff)
	}
}

func TestProjectionsAreSwitchedOnAndOff(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.append(t, "a-1", esdb.NoStream{}, events(3)...)
	for _, e := range f.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64) {
		if strings.HasPrefix(e.StreamID, "$ce-") || strings.HasPrefix(e.StreamID, "$projections-") {
			t.Errorf("without projections there is an event in %s", e.StreamID)
		}
	}
	must(t, f.server.Close())

	f = openAt(t, f.path, linker.ByCategory) // from the beginning
	wantLinked(t, f.Client, "$ce-a", "0@$ce-a → 0@a-1", "1@$ce-a → 1@a-1", "2@$ce-a → 2@a-1")
	must(t, f.server.Close())

	f = openAt(t, f.path) // they stay, and there are no more
	last := f.append(t, "a-1", esdb.Revision(2), event("while it is off"))
	if got := linked(t, f.Client, "$ce-a"); len(got) != 3 {
		t.Errorf("got %v", got)
	}
	must(t, f.server.Close())

	f = openAt(t, f.path, linker.ByCategory, linker.ByCategory) // where it was
	wantLinked(t, f.Client, "$ce-a", "0@$ce-a → 0@a-1", "1@$ce-a → 1@a-1", "2@$ce-a → 2@a-1", "3@$ce-a → 3@a-1")
	f.caughtUp(t)
	if got := f.readAll(t, esdb.ReadAllOptions{From: esdb.Position{Commit: last.CommitPosition, Prepare: last.PreparePosition}}, 100); len(got) != 2 {
		t.Errorf("%d events since the last one, want it and its link", len(got))
	}
}

func TestLinksToEventsThatAreGoneStay(t *testing.T) {
	t.Parallel()
	f := projecting(t, linker.ByCategory)
	f.append(t, "a-1", esdb.NoStream{}, events(2)...)
	f.append(t, "a-2", esdb.NoStream{}, event("x"))
	f.caughtUp(t)
	one := esdb.StreamMetadata{}
	one.SetMaxCount(1)
	_, err := f.SetStreamMetadata(within(t), "a-1", esdb.AppendToStreamOptions{}, one)
	must(t, err)
	_, err = f.TombstoneStream(within(t), "a-2", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
	must(t, err)
	wantLinked(t, f.Client, "$ce-a", "0@$ce-a → nothing", "1@$ce-a → 1@a-1", "2@$ce-a → nothing", "3@$ce-a → nothing")
}

func TestAGroupConsumesACategory(t *testing.T) {
	t.Parallel()
	f := projecting(t, linker.ByCategory)
	f.append(t, "a-1", esdb.NoStream{}, event("old"))
	s := settings(func(s *esdb.PersistentSubscriptionSettings) { s.ResolveLinkTos = true })
	must(t, f.CreatePersistentSubscription(within(t), "$ce-a", group, esdb.PersistentStreamSubscriptionOptions{Settings: s, StartFrom: esdb.Start{}}))
	sub, err := f.SubscribeToPersistentSubscription(within(t), "$ce-a", group, esdb.SubscribeToPersistentSubscriptionOptions{BufferSize: 10})
	must(t, err)
	t.Cleanup(func() { _ = sub.Close() })
	for i := range uint64(20) {
		got := delivered(t, sub).Event
		if want := fmt.Sprintf("%d@$ce-a → %d@a-1", i, i); said(got) != want {
			t.Fatalf("got %s, want %s", said(got), want)
		}
		must(t, sub.Ack(got))
		f.append(t, "a-1", esdb.Revision(i), event("new"))
	}
}

// Everybody may read links. What they stand for is for those who may read it.
func TestAUserReadsACategoryAsFarAsItsEventsAreTheirs(t *testing.T) {
	t.Parallel()
	s := openSecure(t, func(c *embedded.Config) { c.Projections = linker.All() })
	s.append(t, "a-1", esdb.NoStream{}, event("open"))
	s.append(t, "a-2", esdb.NoStream{}, event("secret"))
	acl := esdb.Acl{}
	acl.AddReadRoles("bob")
	metadata := esdb.StreamMetadata{}
	metadata.SetAcl(acl)
	_, err := s.SetStreamMetadata(within(t), "a-2", esdb.AppendToStreamOptions{}, metadata)
	must(t, err)
	s.caughtUp(t)
	ada, bob := s.user(t, "ada"), s.user(t, "bob")
	wantLinked(t, ada, "$ce-a", "0@$ce-a → 0@a-1", "1@$ce-a → nothing")
	wantLinked(t, bob, "$ce-a", "0@$ce-a → 0@a-1", "1@$ce-a → 0@a-2")
	wantLinked(t, ada, "$et-open", "0@$et-open → 0@a-1")
	wantLinked(t, ada, "$category-a", "0@$category-a", "1@$category-a")
	_, err = ada.AppendToStream(within(t), "$ce-a", esdb.AppendToStreamOptions{}, event("forged"))
	wantCode(t, err, esdb.ErrorCodeAccessDenied)
	for _, stream := range []string{"$users", "$ce-none"} {
		read, err := ada.ReadStream(within(t), stream, esdb.ReadStreamOptions{}, 1)
		_, err = drain(t, read, err)
		wantCode(t, err, esdb.ErrorCodeAccessDenied)
	}
}

func TestKillMinusNineNeitherLosesNorDoublesLinks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events.db")
	writers := make([]*writer, 32)
	for i := range writers {
		writers[i] = &writer{stream: fmt.Sprintf("%c-%d", 'a'+rune(i%3), i)}
	}
	for range roundsToCrash() {
		address, kill := startServer(t, path, "all")
		t.Cleanup(kill)
		writeUntilKilled(t, address, writers, 1+rand.Int64N(1500), kill)
	}
	f := openAt(t, path, linker.All()...)
	f.caughtUp(t)
	got, want := map[string][]string{}, map[string][]string{}
	for _, e := range f.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64) {
		if !strings.HasPrefix(e.StreamID, "$") {
			link := fmt.Sprintf("%d@%s", e.EventNumber, e.StreamID)
			to := []string{"$ce-" + e.StreamID[:1], "$et-" + e.EventType}
			if e.EventNumber == 0 {
				to = append(to, "$streams")
				want["$category-"+e.StreamID[:1]] = append(want["$category-"+e.StreamID[:1]], e.StreamID)
			}
			for _, stream := range to {
				want[stream] = append(want[stream], link)
			}
		}
		if slices.Contains([]string{"$>", "$@"}, e.EventType) {
			if e.EventNumber != uint64(len(got[e.StreamID])) {
				t.Fatalf("%s: revision %d at place %d", e.StreamID, e.EventNumber, len(got[e.StreamID]))
			}
			got[e.StreamID] = append(got[e.StreamID], string(e.Data))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("link streams (-want +got):\n%s", diff)
	}
	if len(want["$streams"]) != len(writers) {
		t.Errorf("%d of %d writers have written", len(want["$streams"]), len(writers))
	}
}
