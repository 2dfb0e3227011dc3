package main

import (
	"bytes"
	"testing"
	"time"
)

func TestProgressWithoutATerminalIsALineNowAndThen(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newProgress(&out, "import HELP", 1000)
	for range 100 {
		p.add(1)
	}
	if out.Len() > 0 {
		t.Errorf("too early: %s", out.String())
	}
	p.printed = time.Now().Add(-progressEvery)
	p.add(150)
	p.add(1)
	p.end()
	if got := bytes.Count(out.Bytes(), []byte("\n")); got != 1 {
		t.Errorf("got %d lines want 1: %s", got, out.String())
	}
}

func TestProgressLineTellsRateAndTimeLeft(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"import: 250 of 1000 (25 %), 50/s, about 15s left": progressLine("import", 250, 1000, 5*time.Second),
		"verify: 250 done, 50/s":                           progressLine("verify", 250, 0, 5*time.Second),
		"verify: 0 done, 0/s":                              progressLine("verify", 0, 10, 5*time.Second),
	} {
		if got != want {
			t.Errorf("got %q want %q", got, want)
		}
	}
}
