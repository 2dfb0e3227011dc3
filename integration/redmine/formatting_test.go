package redmine_test

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

func TestTextsAreFormattedAsRedmineFormatsThem(t *testing.T) {
	t.Parallel()
	for word, open := range map[string]func(t *testing.T) *testredmine.Server{
		redmine.Textile: func(t *testing.T) *testredmine.Server { t.Helper(); return testredmine.Shared(t) },
		redmine.Markdown: func(t *testing.T) *testredmine.Server {
			t.Helper()
			return testredmine.Start(t, testredmine.Config{Formatting: testredmine.CommonMark})
		},
	} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			t.Run("which way is found out", func(t *testing.T) { findsFormatting(t, s, word) })
			t.Run("they look as they were meant on both sides", func(t *testing.T) { looksAsMeant(t, s, word) })
		})
	}
}

// in is the place with texts that are formatted so.
func in(at mirror.Place, word string) mirror.Place {
	if at.Mirror.Fixed[redmine.FixedFormatting] = word; word == "" {
		delete(at.Mirror.Fixed, redmine.FixedFormatting)
	}
	return at
}

func findsFormatting(t *testing.T, s *testredmine.Server, word string) {
	t.Helper()
	project := s.NewProject(t)
	of := func(login string) string {
		t.Helper()
		return must[string](t)(client(t, s, login).Formatting(t.Context(), project))
	}
	told := word
	if s.Major < 6 {
		told = "" // before 6.0 it takes a page on which one can write
	}
	if got := of(testredmine.Manager); got != told {
		t.Errorf("without an issue: got %q, want %q", got, told)
	}
	createIn(t, client(t, s, testredmine.Manager), project, "S")
	for _, login := range []string{testredmine.Manager, testredmine.Admin, testredmine.Reporter} {
		if got := of(login); got != word {
			t.Errorf("%s: got %q, want %q", login, got, word)
		}
	}
	if got := must[mirror.Proposal](t)(newTool().Propose(t.Context(), place(t, s, project, testredmine.Manager), nil)); got.Mapping.Fixed[redmine.FixedFormatting] != word {
		t.Errorf("proposed: %q, want %q", got.Mapping.Fixed[redmine.FixedFormatting], word)
	}
	for _, chosen := range []string{redmine.Textile, redmine.Markdown, ""} {
		var want []string
		if (chosen == redmine.Markdown) != (word == redmine.Markdown) {
			want = []string{"formatting-differs fixed.formatting"}
		}
		var got []string
		for _, p := range must[[]mirror.Problem](t)(newTool().Check(t.Context(), in(place(t, s, project, testredmine.Manager), chosen))) {
			got = append(got, p.Code+" "+p.Where)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q is chosen: %s", chosen, diff)
		}
	}
}

func looksAsMeant(t *testing.T, s *testredmine.Server, word string) {
	t.Helper()
	at := in(place(t, s, s.NewProject(t), testredmine.Manager), word)
	at.Mirror.Direction = tracker.BothWays
	p := newPair(t, at, ticket.Posted{Summary: "S", Description: "# At all\n\nsince `today`", Reporter: zoe})
	p.mustHear()
	p.mustAlign()
	shot := p.attach(zoe, "shot.png", "first", ticket.FileAttached{})
	p.happens(zoe, ticket.Commented{Comment: 1, Body: "Since *when*, ~~or~~ **where**?\nSay\n\n- one\n- two\n\n> four\n\n[five](https://example.org/) 3 < 5 & `a_b`\n\n![it](attachment:" + string(shot) + ")"})
	p.mustAlign()
	id := strconv.Itoa(p.read().ID)
	page := shown(t, s, "/issues/"+id)
	for _, want := range []string{">At all<", "<code>today</code>", "<em>when</em>", "<del>or</del>", "<strong>where</strong>?<br", "<li>one</li>", "<blockquote>", `href="https://example.org/"`, "<code>a_b</code>",
		`src="/attachments/download/`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	theirs := map[string]string{redmine.Textile: "h2. So\r\n\r\n*it* _is_ @so@", redmine.Markdown: "## So\r\n\r\n**it** *is* `so`"}[word]
	succeed(t, client(t, s, testredmine.Developer).Update(t.Context(), p.read().ID, redmine.Change{"notes": theirs}))
	var got []ticket.Command
	for _, change := range p.mustHear() {
		got = append(got, change.Commands...)
	}
	want := map[string]string{redmine.Textile: "## So\n\n**it** _is_ `so`", redmine.Markdown: "## So\n\n**it** *is* `so`"}[word]
	if diff := cmp.Diff([]ticket.Command{ticket.Comment{Body: want}}, got); diff != "" {
		t.Error(diff)
	}
	if drifts, err := p.align(true); err != nil || slices.ContainsFunc(drifts, func(d mirror.Drift) bool { return d.Found != "not heard yet" }) {
		t.Errorf("got %+v, %v", drifts, err)
	}
}

// shown is a page of Redmine's, as the manager sees it.
func shown(t *testing.T, s *testredmine.Server, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	succeed(t, err)
	req.Header.Set("X-Redmine-Api-Key", testredmine.Key(testredmine.Manager))
	resp, err := http.DefaultClient.Do(req)
	succeed(t, err)
	text, err := io.ReadAll(resp.Body)
	succeed(t, err, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("got %d for %s", resp.StatusCode, path)
	}
	return string(text)
}
