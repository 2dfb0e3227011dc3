package commands

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestWhoAsksDuringAReadSharesTheNextOne(t *testing.T) {
	t.Parallel()
	var reads atomic.Int64
	began, release := make(chan struct{}), make(chan struct{})
	r := newRounds(func(context.Context, string) (int64, error) {
		n := reads.Add(1)
		if n == 1 {
			close(began)
			<-release
		}
		return n, nil
	})
	first := make(chan int64)
	go func() {
		n, _ := r.get(t.Context(), "k")
		first <- n
	}()
	<-began
	const late = 20
	var joined, got sync.WaitGroup
	answers := make(chan int64, late)
	joined.Add(late)
	for range late {
		got.Go(func() {
			joined.Done()
			n, _ := r.get(t.Context(), "k")
			answers <- n
		})
	}
	joined.Wait()
	close(release)
	if n := <-first; n != 1 {
		t.Errorf("the first asker got read %d", n)
	}
	got.Wait()
	close(answers)
	for n := range answers {
		if n < 2 {
			t.Errorf("who asked during read 1 got its answer")
		}
	}
	if n := reads.Load(); n > late+1 {
		t.Errorf("%d reads for %d askers", n, late+1)
	}
	if len(r.slots) != 0 {
		t.Errorf("%d slots are left", len(r.slots))
	}
}

// Each asker writes before they ask, and must see what they wrote.
func TestNobodyReadsTheirPast(t *testing.T) {
	t.Parallel()
	var written atomic.Int64
	r := newRounds(func(context.Context, string) (int64, error) { return written.Load(), nil })
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 2000 {
				mine := written.Add(1)
				if seen, err := r.get(t.Context(), "k"); err != nil || seen < mine {
					t.Errorf("wrote %d, read %d, %v", mine, seen, err)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestAnAskerWhoGoesLeavesTheReadToTheOthers(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	began := make(chan struct{}, 2)
	r := newRounds(func(context.Context, string) (int, error) {
		began <- struct{}{}
		<-release
		return 7, nil
	})
	leader := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := r.get(ctx, "k")
		leader <- err
	}()
	<-began
	cancel()
	close(release)
	if err := <-leader; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n, err := r.get(t.Context(), "k"); n != 7 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}
