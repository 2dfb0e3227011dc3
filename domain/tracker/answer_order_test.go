package tracker

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNumbersSortByTheirKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		draw := func(name string) (string, int) {
			n := rapid.IntRange(-99_999, 99_999).Draw(r, name)
			text, _ := checkNumber(fmt.Sprintf("%.3f", float64(n)/1000))
			return text, n
		}
		a, x := draw("a")
		b, y := draw("b")
		if got, want := strings.Compare(OrderKey(a), OrderKey(b)), cmp.Compare(x, y); got != want {
			r.Fatalf("%s and %s: got %d, want %d", a, b, got, want)
		}
	})
}

func TestFractionsSortByTheirKeys(t *testing.T) {
	t.Parallel()
	sorted := []string{"-999999999999999", "-10", "-9.5", "-9.25", "-0.0000000001", "0", "0.0000000001", "0.5", "9", "9.25", "9.5", "10", "999999999999999.5"}
	for i := range sorted[1:] {
		if OrderKey(sorted[i]) >= OrderKey(sorted[i+1]) {
			t.Errorf("%s has not a lower key than %s", sorted[i], sorted[i+1])
		}
	}
}

func TestDaysSortByTheirKeysAndOtherTextsHaveNone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
		a := day.AddDate(0, 0, rapid.IntRange(0, 3_000_000).Draw(r, "a"))
		b := day.AddDate(0, 0, rapid.IntRange(0, 3_000_000).Draw(r, "b"))
		if got := strings.Compare(OrderKey(a.Format(time.DateOnly)), OrderKey(b.Format(time.DateOnly))); got != a.Compare(b) {
			r.Fatalf("%s and %s: got %d", a, b, got)
		}
	})
	for _, text := range []string{"", "room", "07", "7,5", "+7", "7.50", "2026-1-3", "2026-02-29", "1e3"} {
		if got := OrderKey(text); got != "" {
			t.Errorf("%q has the key %q", text, got)
		}
	}
	for _, key := range []string{OrderKey("-1"), OrderKey("0"), OrderKey("1"), OrderKey("2026-11-23")} {
		if first, end := KeyBounds(key); key < first || key >= end {
			t.Errorf("%q is not from %q to %q", key, first, end)
		}
	}
}
