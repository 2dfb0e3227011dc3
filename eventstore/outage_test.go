package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"suivi/eventstore"
)

func TestServerLostForSeconds(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	server := startProcess(t)
	s := open(t, server.connectionString())
	mustAppend(t, s, "read", newEvents("a", 5)...)

	writers := make([]writer, 16)
	load := newCallers(t)
	load.run(len(writers), 2*time.Second, func(ctx context.Context, i int) {
		writers[i].stream = fmt.Sprintf("writer-%d", i)
		if err := writers[i].append(ctx, s); err != nil && !errors.Is(err, eventstore.ErrUnavailable) {
			t.Errorf("append: %v", err)
		}
	})
	var reads atomic.Int64
	load.run(64, 500*time.Millisecond, func(ctx context.Context, _ int) {
		got, err := collect(s.Read(ctx, "read", 0))
		switch {
		case err == nil && len(got) == 5:
			reads.Add(1)
		case !errors.Is(err, eventstore.ErrUnavailable):
			t.Errorf("read: %d events, %v", len(got), err)
		}
	})

	allAdvance(t, writers, &reads)
	server.kill()
	<-time.After(4 * time.Second)
	if err := server.start(); err != nil {
		t.Fatal(err)
	}
	allAdvance(t, writers, &reads)
	load.wait()

	for i := range writers {
		got, err := collect(s.Read(t.Context(), writers[i].stream, 0))
		if err != nil {
			t.Fatal(err)
		}
		ids, acked := idsOf(got), writers[i].acked
		// One more may be there: written, but its answer was lost.
		if len(ids) < len(acked) || len(ids) > len(acked)+1 || !slices.Equal(ids[:len(acked)], acked) {
			t.Errorf("%s: got %d events, %d were acknowledged; lost, doubled or out of order", writers[i].stream, len(ids), len(acked))
		}
	}
}

func TestDeadPortFailsInTime(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	failInTime(t, open(t, "esdb://"+dead+"?tls=false"))
}

// A server that is there but never answers, as behind a broken network.
func TestSilentServerFailsInTime(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	failInTime(t, open(t, "esdb://"+listener.Addr().String()+"?tls=false&gossipTimeout=1"))
}

func TestFrozenServerFailsInTimeAndComesBack(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	server := startProcess(t)
	s := open(t, server.connectionString())
	mustAppend(t, s, "a", newEvent("a"))
	if err := server.signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	failInTime(t, s)
	if err := server.signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, "a", newEvent("a"))
}

func failInTime(t *testing.T, s *eventstore.Store) {
	t.Helper()
	var running sync.WaitGroup
	for i := range 16 {
		running.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			begin := time.Now()
			var err error
			switch i % 3 {
			case 0:
				_, err = s.Append(ctx, "a", eventstore.AnyRevision(), newEvent("a"))
			case 1:
				_, err = collect(s.Read(ctx, "a", 0))
			default:
				_, err = s.Head(ctx, eventstore.Filter{})
			}
			wantError(t, err, eventstore.ErrUnavailable)
			wantError(t, err, context.DeadlineExceeded)
			if took := time.Since(begin); took > 300*time.Millisecond+slack {
				t.Errorf("took %v", took)
			}
		})
	}
	running.Wait()
}

func TestServerRestartsAgainAndAgain(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	server := startProcess(t)
	s := open(t, server.connectionString())
	var done atomic.Int64
	load := newCallers(t)
	load.run(32, longest, func(ctx context.Context, i int) {
		if _, err := s.Append(ctx, fmt.Sprintf("s-%d", i), eventstore.AnyRevision(), newEvent("a")); err != nil {
			t.Error(err)
		}
		done.Add(1)
	})
	for range 5 {
		before := done.Load()
		eventually(t, "appends go on", func() bool { return done.Load() > before+100 })
		server.kill()
		if err := server.start(); err != nil {
			t.Fatal(err)
		}
	}
	load.wait()
}

func TestCloseUnderLoad(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	server := startEmbedded(t)
	for range 20 {
		s := open(t, server.ConnectionString())
		var done atomic.Int64
		load := newCallers(t)
		load.run(32, longest, func(ctx context.Context, i int) {
			var err error
			if i%2 == 0 {
				_, err = s.Append(ctx, fmt.Sprintf("s-%d", i), eventstore.AnyRevision(), newEvent("a"))
			} else {
				_, err = s.Head(ctx, eventstore.Filter{})
			}
			if err != nil && (!errors.Is(err, eventstore.ErrClosed) || !errors.Is(err, eventstore.ErrUnavailable)) {
				t.Errorf("got %v, want it to say closed", err)
			}
			done.Add(1)
		})
		eventually(t, "calls go on", func() bool { return done.Load() > 50 })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		load.wait()
	}
}
