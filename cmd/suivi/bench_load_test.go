package main

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestQuantiles(t *testing.T) {
	t.Parallel()
	var all []time.Duration
	for i := range 200 {
		all = append(all, time.Duration(i+1))
	}
	for q, want := range map[float64]time.Duration{0.5: 100, 0.99: 198, 1: 200, 0: 1} {
		if got := quantile(all, q); got != want {
			t.Errorf("quantile %v: got %d want %d", q, got, want)
		}
	}
	if got := quantile([]time.Duration{7}, 0.99); got != 7 {
		t.Errorf("of one: got %d want 7", got)
	}
}

func TestSustainCountsWhatSucceedsAndWhatFails(t *testing.T) {
	t.Parallel()
	n := 0
	measured, err := sustain(t.Context(), "work", 1, time.Minute, func(context.Context, int) error {
		n++
		switch {
		case n > 10:
			return errEnough
		case n%5 == 0:
			return errors.New("no")
		}
		return nil
	})
	if err != nil || measured.Done != 8 || measured.Failed != 2 {
		t.Errorf("got %+v, %v want 8 done and 2 failed", measured, err)
	}
	broken := errors.New("broken")
	n = 0
	_, err = sustain(t.Context(), "work", 1, time.Minute, func(context.Context, int) error {
		n++
		if n > 3 {
			return errEnough
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v want the first failure", err)
	}
}

func TestCeilingsAreMeasured(t *testing.T) {
	t.Parallel()
	for _, ceiling := range []func(context.Context, string, time.Duration) (load, error){diskCeiling, grpcCeiling, httpCeiling} {
		measured, err := ceiling(t.Context(), t.TempDir(), 50*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if measured.Done == 0 || measured.Failed > 0 {
			t.Errorf("got %+v", measured)
		}
	}
}
