package lives

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/tracker"
)

// What the numbers of states are taken for must be what the domain says.
func TestStatesOfTheOpenListComeFirst(t *testing.T) {
	t.Parallel()
	for i, state := range tracker.States() {
		if open := i < firstResolved; open != (state.List() == tracker.OpenList) {
			t.Errorf("%s, the %dth, is taken for open: %t", state, i, open)
		}
	}
	if n := len(tracker.States()); n != len(Counts{}) || tracker.States()[0] != tracker.Posted {
		t.Errorf("there are %d states, of which %s is the first", n, tracker.States()[0])
	}
}

// Where a ticket has a word, its marks say so, of the word and of each of its beginnings; of other words they hardly ever do.
func TestMarksMissNoWord(t *testing.T) {
	t.Parallel()
	h := newHashes()
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zà-ÿ0-9]{1,12}`), 1, 60).Draw(r, "words")
		var all []uint64
		for _, word := range words {
			all = h.of(all, word)
		}
		m := newMarks(all)
		sought := rapid.SampledFrom(words).Draw(r, "sought")
		if !m.have(h.sought(Word{Words: []string{sought}})) {
			r.Fatalf("%q is missed", sought)
		}
		beginning := sought[:rapid.IntRange(1, len(sought)).Draw(r, "long")]
		if !m.have(h.sought(Word{Words: []string{words[0], beginning}, Beginning: true})) {
			r.Fatalf("the beginning %q of %q is missed", beginning, sought)
		}
	})
	random := rand.New(rand.NewPCG(3, 3))
	mistaken := 0
	for range 2_000 {
		var all []uint64
		for range 80 {
			all = h.of(all, fmt.Sprintf("w%dx", random.IntN(1_000_000)))
		}
		if newMarks(all).have(h.sought(Word{Words: []string{fmt.Sprintf("other%d", random.IntN(1_000_000))}})) {
			mistaken++
		}
	}
	if mistaken > 40 { // one in a hundred are 20
		t.Errorf("%d of 2,000 tickets seem to have a word that they have not", mistaken)
	}
	if (marks{}).have(h.sought(Word{Words: []string{"x"}})) {
		t.Error("a ticket without words seems to have one")
	}
}

// The median and the 90th percentile are those of the sorted durations.
func TestSpreadsAreThoseOfTheSorted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		lasted := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 1, 200).Draw(r, "lasted")
		d := &durations{}
		for _, long := range lasted {
			d.counts[0][class(long)]++
		}
		d.find()
		for _, long := range lasted {
			d.add(0, long)
		}
		slices.Sort(lasted)
		n := len(lasted)
		if want, got := (Spread{int64(n), lasted[(n+1)/2-1], lasted[(9*n+9)/10-1]}), d.spread(0); got != want {
			r.Fatalf("got %v, want %v", got, want)
		}
	})
}

// A calendar says of any moment which month it is in, also where days are longer or shorter than others.
func TestACalendarKnowsTheMonth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "Europe/Paris", "Pacific/Apia", "America/Sao_Paulo"}).Draw(r, "zone"))
		if err != nil {
			r.Fatal(err)
		}
		n := rapid.IntRange(1, MostMonths).Draw(r, "months")
		begin := make([]time.Time, n+1)
		for i := range begin {
			begin[i] = time.Date(2010, time.Month(1+i), 1, 0, 0, 0, 0, zone)
		}
		at := begin[rapid.IntRange(0, n).Draw(r, "near")].Add(time.Duration(rapid.Int64Range(-40*24*3600e6, 40*24*3600e6).Draw(r, "microseconds")) * time.Microsecond)
		want := 0
		for _, one := range begin {
			if !at.Before(one) {
				want++
			}
		}
		if got := newCalendar(begin).month(at.UnixMicro()); got != want {
			r.Fatalf("%s is in the month %d, want %d", at, got, want)
		}
	})
}

// Kept orders stay sorted whatever comes and changes, a few at a time or many.
func TestKeptOrdersStaySorted(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 9))
	a := newAll(1)
	for _, n := range []int{1, 200, 3, 150, 5, 100, 63} {
		var some news
		seen := map[int]bool{}
		for range n {
			i := random.IntN(300)
			if seen[i] {
				continue
			}
			seen[i] = true
			some.tickets = append(some.tickets, ticketRow{
				ID: domain.TicketID(fmt.Sprintf("HELP-%d", i)), Number: int64(i / 2), ReportedAt: time.UnixMicro(int64(i / 3)), UpdatedAt: time.UnixMicro(random.Int64N(50)), State: tracker.Open,
			})
		}
		a.take(some)
		for _, order := range a.orders() {
			if len(*order.places) != len(a.ids) || !slices.IsSortedFunc(*order.places, order.compare) {
				t.Fatalf("after %d more: %d of %d places, sorted: %t", n, len(*order.places), len(a.ids), slices.IsSortedFunc(*order.places, order.compare))
			}
		}
	}
}
