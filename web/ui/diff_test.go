package ui

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// marked writes pieces as [-gone-] and {+new+}.
func marked(pieces []piece) string {
	var text strings.Builder
	for _, p := range pieces {
		text.WriteString(map[string]string{"same": p.Text, "gone": "[-" + p.Text + "-]", "new": "{+" + p.Text + "+}"}[p.Kind])
	}
	return text.String()
}

func TestADifferenceIsOfWordsAndLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ before, after, want string }{
		{"", "", ""},
		{"the lamp is broken", "the lamp is broken", "the lamp is broken"},
		{"the lamp is broken", "the bulb is broken", "the [-lamp-]{+bulb+} is broken"},
		{"salle B12", "salle B12, étage 2", "salle B12{+, étage 2+}"},
		{"one\ntwo\nthree\n", "one\nthree\n", "one\n[-two\n-]three\n"},
		{"", "all new", "{+all new+}"},
		{"all gone", "", "[-all gone-]"},
	} {
		if got := marked(differ(c.before, c.after)); got != c.want {
			t.Errorf("from %q to %q: got %q, want %q", c.before, c.after, got, c.want)
		}
	}
}

func TestADifferenceHasBothTextsInIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([ab](,| |\n)?){0,30}`)
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		holds(t, before, after)
	})
}

func TestLongTextsAreComparedWithinBounds(t *testing.T) {
	t.Parallel()
	long := func(word string) string {
		var text strings.Builder
		for i := range 12_000 {
			fmt.Fprintf(&text, "%s%d\n", word, i)
		}
		return text.String()
	}
	holds(t, long("a"), long("b"))
	pieces := differ(long("a")+"end\n", strings.Replace(long("a"), "a5\n", "b5\n", 1)+"end\n")
	if len(pieces) != 4 {
		t.Errorf("got %d pieces of a long text with one change, want 4", len(pieces))
	}
}

func holds(t interface{ Errorf(string, ...any) }, before, after string) {
	var a, b strings.Builder
	for _, p := range differ(before, after) {
		if p.Kind != "new" {
			a.WriteString(p.Text)
		}
		if p.Kind != "gone" {
			b.WriteString(p.Text)
		}
	}
	if a.String() != before || b.String() != after {
		t.Errorf("from %q to %q: the pieces say %q and %q", before, after, a.String(), b.String())
	}
}
