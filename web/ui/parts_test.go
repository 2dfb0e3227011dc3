package ui

import (
	"html/template"
	"strings"
	"testing"

	"suivi/domain/tracker"
)

func TestPartsAreKeptByAllThatIsInThem(t *testing.T) {
	t.Parallel()
	made := 0
	count := func(text string) string { made++; return text }
	p := newParts(template.Must(template.New("").Funcs(template.FuncMap{"count": count}).Parse(`{{define "one"}}<b>{{count .}}</b>{{end}}{{define "other"}}<i>{{count .}}</i>{{end}}`)))
	long := strings.Repeat("x", mostKept)
	for _, want := range []struct {
		name, of, text string
		made           int
	}{
		{"one", "a<", "<b>a&lt;</b>", 1}, {"one", "a<", "<b>a&lt;</b>", 1}, {"one", "b", "<b>b</b>", 2}, {"other", "b", "<i>b</i>", 3},
		{"one", long, "<b>" + long + "</b>", 4}, {"one", long, "<b>" + long + "</b>", 5}, {"one", "b", "<b>b</b>", 5},
	} {
		got, err := p.of(want.name, want.of)
		if err != nil || string(got) != want.text || made != want.made {
			t.Errorf("%s of %.5s: got %.20s, %v, made %d times, want %d", want.name, want.of, got, err, made, want.made)
		}
	}
}

func TestAMenuHasRoomForAllStates(t *testing.T) {
	t.Parallel()
	if n := len(tracker.States()); n > mostMoves {
		t.Errorf("there are %d states, and a menu has room for %d", n, mostMoves)
	}
}
