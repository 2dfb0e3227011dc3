package commands

import (
	"context"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"suivi/domain"
)

func TestSearchFindsAFreeNumberAfterATakenOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		last := rapid.Int64Range(0, 5000).Draw(t, "last")
		holes := rapid.SliceOfN(rapid.Int64Range(1, 5000), 0, 5).Draw(t, "holes")
		from := rapid.Int64Range(1, last+1).Draw(t, "from")
		taken := func(n int64) bool {
			for _, hole := range holes {
				if n == hole && n >= from {
					return false
				}
			}
			return n >= 1 && n <= last
		}
		asked := 0
		n := newNumbers(func(_ context.Context, id domain.TicketID) (bool, error) {
			asked++
			return taken(id.Number()), nil
		})
		got, err := n.search(t.Context(), "HELP", from)
		if err != nil || taken(got) || got < from || got > from && !taken(got-1) {
			t.Fatalf("search from %d with %d taken but %v: got %d, %v", from, last, holes, got, err)
		}
		if asked > 30 {
			t.Fatalf("asked the store %d times", asked)
		}
	})
}

func TestNumbersAreProposedOnceAndUsedAgainWhenGivenBack(t *testing.T) {
	t.Parallel()
	n := newNumbers(func(_ context.Context, id domain.TicketID) (bool, error) { return id.Number() <= 10, nil })
	var mu sync.Mutex
	seen := map[int64]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				number, err := n.take(t.Context(), "HELP")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				seen[number]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for number := int64(11); number <= 810; number++ {
		if seen[number] != 1 {
			t.Errorf("%d was proposed %d times", number, seen[number])
		}
	}
	n.giveBack("HELP", 40)
	n.giveBack("HELP", 20)
	for _, want := range []int64{20, 40, 811} {
		if got, _ := n.take(t.Context(), "HELP"); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}
