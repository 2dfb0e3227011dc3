package rank_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"suivi/domain/rank"
)

var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// aKey is one that some ticket has: as it came, or after any moves.
func aKey(r *rapid.T, name string) rank.Key {
	at := now.Add(time.Duration(rapid.IntRange(-1000, 1000).Draw(r, name+" at")) * time.Microsecond)
	number := rapid.Int64Range(1, 100_000).Draw(r, name+" number")
	k := rank.Bottom(at, number)
	if rapid.Bool().Draw(r, name+" top") {
		k = rank.Top(at, number)
	}
	for range rapid.IntRange(0, 5).Draw(r, name+" moves") {
		gap := rank.Gap{Above: k}
		if rapid.Bool().Draw(r, name+" up") {
			gap = rank.Gap{Below: k}
		}
		k = gap.Key(number)
	}
	return k
}

func TestBetweenAnyTwoKeysThereIsAnother(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		a, b := aKey(r, "a"), aKey(r, "b")
		if a == b {
			return
		}
		gap := rank.Gap{Above: min(a, b), Below: max(a, b)}
		for range rapid.IntRange(1, 40).Draw(r, "moves") {
			k := gap.Key(rapid.Int64Range(1, 1_000_000).Draw(r, "number"))
			if !gap.Valid() || !gap.Holds(k) || strings.HasSuffix(string(k), "0") {
				r.Fatalf("in %q there is %q", gap, k)
			}
			if rapid.Bool().Draw(r, "go up") {
				gap.Below = k
			} else {
				gap.Above = k
			}
		}
	})
}

func TestThereIsRoomAboveTheFirstAndBelowTheLastForEver(t *testing.T) {
	t.Parallel()
	first, last := rank.Bottom(now, 1), rank.Bottom(now, 1)
	for n := range int64(2000) {
		top, bottom := rank.Gap{Below: first}.Key(n+1), rank.Gap{Above: last}.Key(n+1)
		if top >= first || bottom <= last {
			t.Fatalf("move %d: %q is not above %q, or %q not below %q", n, top, first, bottom, last)
		}
		first, last = top, bottom
	}
	if len(first) > 16 || len(last) > 16 {
		t.Errorf("2000 moves to the ends made keys of %d and %d bytes", len(first), len(last))
	}
}

// The number in a key sets it apart, and is not handed on to the next key.
func TestKeysStayShortUnderMovesThatPeopleMake(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		const tickets = 60
		var stack []rank.Key
		for n := range int64(tickets) {
			stack = append(stack, rank.Bottom(now.Add(time.Duration(n)*time.Hour), n+1))
		}
		seed := rapid.SliceOfN(rapid.IntRange(0, tickets*tickets-1), 400, 400).Draw(r, "moves")
		for _, move := range seed {
			from, to := move/tickets, move%tickets
			stack = slices.Delete(stack, from, from+1)
			var gap rank.Gap
			if to > 0 {
				gap.Above = stack[to-1]
			}
			if to < len(stack) {
				gap.Below = stack[to]
			}
			k := gap.Key(int64(from + 1))
			stack = slices.Insert(stack, to, k)
			if len(k) > 60 {
				r.Fatalf("a key of %d bytes: %q", len(k), k)
			}
		}
		if !slices.IsSorted(stack) {
			r.Fatal("the stack is not in order")
		}
	})
}

func TestLaterTicketsEnterBelowEarlierOnesOrAboveThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		at := func(name string) time.Time {
			return time.UnixMicro(rapid.Int64Range(-62135596800000000, 253402300799999999).Draw(r, name))
		}
		a, b := at("a"), at("b")
		n, m := rapid.Int64Range(1, 1<<40).Draw(r, "n"), rapid.Int64Range(1, 1<<40).Draw(r, "m")
		if rapid.Bool().Draw(r, "at once") {
			b = a
		}
		before := a.Before(b) || a.Equal(b) && n < m
		same := a.Equal(b) && n == m
		if (rank.Bottom(a, n) < rank.Bottom(b, m)) != before || (rank.Top(a, n) > rank.Top(b, m)) != before {
			r.Errorf("%v %d and %v %d: bottom %q %q, top %q %q", a, n, b, m, rank.Bottom(a, n), rank.Bottom(b, m), rank.Top(a, n), rank.Top(b, m))
		}
		if same != (rank.Bottom(a, n) == rank.Bottom(b, m)) || rank.Top(a, n) >= rank.Bottom(b, m) {
			r.Error("two tickets share a key, or what enters at the top is not above what enters at the bottom")
		}
		for _, k := range []rank.Key{rank.Bottom(a, n), rank.Top(a, n)} {
			if strings.HasSuffix(string(k), "0") || len(k) > 20 || strings.Trim(string(k), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
				r.Errorf("a bad key: %q", k)
			}
		}
	})
}

func TestWhoEntersAfterAMoveToTheEndComesBehindIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		at := now
		first, last := rank.Top(at, 1), rank.Bottom(at, 1)
		for n := range int64(30) {
			at = at.Add(time.Millisecond)
			if rapid.Bool().Draw(r, "move") {
				first, last = rank.Gap{Below: first}.Key(n+1), rank.Gap{Above: last}.Key(n+1)
				continue
			}
			if rank.Top(at, n) >= first || rank.Bottom(at, n) <= last {
				r.Fatalf("%q is not above %q, or %q not below %q", rank.Top(at, n), first, rank.Bottom(at, n), last)
			}
			first, last = rank.Top(at, n), rank.Bottom(at, n)
		}
	})
}

func TestThereIsNoRoomBetweenEqualKeysOrTheWrongWayRound(t *testing.T) {
	t.Parallel()
	for gap, want := range map[rank.Gap]bool{
		{}: true, {Above: "A1"}: true, {Below: "A1"}: true, {Above: "A1", Below: "A2"}: true, {Above: "A", Below: "A1"}: true,
		{Above: "A1", Below: "A1"}: false, {Above: "A2", Below: "A1"}: false, {Above: "A", Below: "A0"}: false, {Below: "0"}: false,
	} {
		if got := gap.Valid(); got != want {
			t.Errorf("%q: got %t, want %t", gap, got, want)
		}
	}
}

func TestTwoNodesMakeDifferentKeysForOneGap(t *testing.T) {
	t.Parallel()
	gap := rank.Gap{Above: rank.Bottom(now, 1), Below: rank.Bottom(now, 2)}
	if a, b := gap.Key(7), gap.Key(8); a == b {
		t.Errorf("both are %q", a)
	}
}
