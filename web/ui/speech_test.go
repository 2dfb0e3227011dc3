package ui

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"golang.org/x/net/html"
)

// families are the keys that are put together from a prefix and a word of the program.
func families() []string {
	return []string{"fold.", "site.panel.", "error.", "failure.", "said.", "scope.", "desk.none.", "chip.", "column.", "edit.", "remark.title.", "revisions.title.",
		"right.", "role.", "mode.", "type.", "assign.", "compare.", "compare.by.", "need.", "role.short.", "source.", "topic.", "scope.token.", "kind.", "doing.", "chore.",
		"direction.", "direction.short.", "deletion.", "standing.", "work.", "found.", "problem.", "mirror.fixed.", "mirror.kind.", "mirror.part."}
}

func TestBothCataloguesSayTheSameThings(t *testing.T) {
	t.Parallel()
	all := speeches(t)
	en, fr := all[0], all[1]
	if !slices.Equal(en.keys(), fr.keys()) {
		t.Errorf("the catalogues have different keys:\n%v\n%v", en.keys(), fr.keys())
	}
	names := regexp.MustCompile(`\{[a-z]+\}`)
	for key, m := range en.texts {
		if got, want := len(fr.texts[key].forms), len(m.forms); got != want {
			t.Errorf("%s has %d plural forms in French and %d in English", key, got, want)
		}
		for form, text := range m.forms {
			got, want := names.FindAllString(fr.texts[key].forms[form], -1), names.FindAllString(text, -1)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s takes %v in French and %v in English", key, got, want)
			}
		}
	}
}

func TestFrenchHasItsSpaces(t *testing.T) {
	t.Parallel()
	wrong := regexp.MustCompile(`[^\x{202f}][;!?»]|[^\x{202f}:/]:(?:[^/]|$)|«[^\x{202f}]| [;:!?»]|'`)
	for key, m := range speeches(t)[1].texts {
		for _, text := range m.forms {
			if found := wrong.FindString(text); found != "" {
				t.Errorf("%s: %q in %q: a narrow no-break space before ; : ! ? and inside « », and ’", key, found, text)
			}
		}
	}
}

func TestEveryTextIsUsedAndEveryUsedTextIsThere(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	direct := regexp.MustCompile(`(?:\bt|\.say\(|\bsay\() ?"([a-z][a-zA-Z0-9.-]*)"`)
	through := regexp.MustCompile(`"([a-z][a-z-]*(?:\.[a-z-]+)+)"`) // given to a helper
	for _, file := range sources(t) {
		for _, found := range direct.FindAllStringSubmatch(file, -1) {
			used[found[1]] = true
		}
		for _, found := range through.FindAllStringSubmatch(file, -1) {
			used[found[1]] = true
		}
	}
	en := speeches(t)[0]
	inFamily := func(key string) bool {
		return slices.ContainsFunc(families(), func(prefix string) bool { return strings.HasPrefix(key, prefix) })
	}
	for _, key := range en.keys() {
		if !used[key] && !inFamily(key) {
			t.Errorf("the text %s is never shown", key)
		}
	}
	for _, file := range sources(t) {
		for _, found := range direct.FindAllStringSubmatch(file, -1) {
			if key := found[1]; !en.has(key) && !slices.Contains(families(), key) {
				t.Errorf("there is no text %s", key)
			}
		}
	}
}

func TestEveryWordAfterADeedIsThere(t *testing.T) {
	t.Parallel()
	en := speeches(t)[0]
	said := regexp.MustCompile(`(?m)(?:p\.deed\(|p\.ended\(|p\.settled\(|p\.redirect\(|p\.changeRemark\(|said :?= ).*"([a-z][a-z-]*)"(?:, func.*)?\)*$`)
	told := map[string]bool{"late": true}
	for _, file := range sources(t) {
		for _, found := range said.FindAllStringSubmatch(file, -1) {
			told[found[1]] = true
		}
	}
	if len(told) < 15 {
		t.Fatalf("found only %v", slices.Sorted(maps.Keys(told)))
	}
	for word := range told {
		if !en.has("said." + word) {
			t.Errorf("there is no text said.%s", word)
		}
	}
}

// TestNoTemplateHasBareText: what people read comes from the catalogues, the text
// between elements and that of attributes.
func TestNoTemplateHasBareText(t *testing.T) {
	t.Parallel()
	letters := regexp.MustCompile(`\pL{2,}`)
	allowed := []string{"Français", "English", "↵"} // a language is named in itself
	for _, name := range templates(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		trees, err := parse.Parse(name, string(text), "{{", "}}", dummyFunctions())
		if err != nil {
			t.Fatal(err)
		}
		var bare strings.Builder
		for _, key := range slices.Sorted(maps.Keys(trees)) {
			if key != "described" { // it is attributes, and no text
				writeText(&bare, trees[key].Root)
			}
		}
		tokens := html.NewTokenizer(strings.NewReader(strings.ReplaceAll(bare.String(), "noscript", "div")))
		for tokens.Next() != html.ErrorToken {
			token := tokens.Token()
			if token.Type == html.TextToken {
				rest := token.Data
				for _, word := range allowed {
					rest = strings.ReplaceAll(rest, word, "")
				}
				if letters.MatchString(rest) {
					t.Errorf("%s: bare text %q", name, strings.TrimSpace(token.Data))
				}
			}
			for _, a := range token.Attr {
				if slices.Contains([]string{"title", "alt", "placeholder", "aria-label"}, a.Key) && letters.MatchString(a.Val) {
					t.Errorf("%s: bare text in %s=%q", name, a.Key, a.Val)
				}
			}
		}
	}
}

// writeText writes what a template says by itself, with a mark for what is put in.
func writeText(to *strings.Builder, node parse.Node) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, one := range n.Nodes {
				writeText(to, one)
			}
		}
	case *parse.TextNode:
		to.Write(n.Text)
	case *parse.IfNode:
		writeText(to, n.List)
		writeText(to, n.ElseList)
	case *parse.RangeNode:
		writeText(to, n.List)
		writeText(to, n.ElseList)
	case *parse.WithNode:
		writeText(to, n.List)
		writeText(to, n.ElseList)
	}
}

func dummyFunctions() map[string]any {
	functions := map[string]any{}
	maps.Copy(functions, (&speech{}).functions(&static{}))
	for _, name := range []string{"print", "eq", "or", "and", "not", "len", "ge", "index"} { // templates' own
		functions[name] = func() string { return "" }
	}
	return functions
}

// What is put into a text is not looked at again, and what no argument is for stays.
func TestArgumentsAreTakenAsTheyAre(t *testing.T) {
	t.Parallel()
	en := speeches(t)[0]
	args := []any{"a", "{b}", "b", 1234, "c", ""}
	for text, want := range map[string]string{
		"": "", "plain": "plain", "{a}": "{b}", "{a}{b}": "{b}1,234", "x {c}y {d} {a": "x y {d} {a", "{{b}}": "{1,234}", "}{": "}{",
	} {
		if got := en.fill(text, args); got != want {
			t.Errorf("%q: got %q want %q", text, got, want)
		}
	}
}

func TestPluralsAndArguments(t *testing.T) {
	t.Parallel()
	en, fr := speeches(t)[0], speeches(t)[1]
	for _, c := range []struct {
		s    *speech
		key  string
		n    any
		want string
	}{
		{en, "row.comments", 0, "0 comments"}, {en, "row.comments", 1, "1 comment"}, {en, "row.comments", 2000, "2,000 comments"},
		{fr, "row.comments", 0, "0 commentaire"}, {fr, "row.comments", int64(1), "1 commentaire"}, {fr, "row.comments", uint64(2000), "2\u202f000 commentaires"},
	} {
		if got := c.s.say(c.key, "n", c.n); got != c.want {
			t.Errorf("%s %s of %v: got %q, want %q", c.s.code, c.key, c.n, got, c.want)
		}
	}
	if got := en.say("chip.remove", "name", "{name}"); got != "Remove the filter “{name}”" {
		t.Errorf("an argument is not looked into: got %q", got)
	}
	if got := en.say("no.such.key"); got != "no.such.key" {
		t.Errorf("got %q", got)
	}
}

func speeches(t *testing.T) []*speech {
	t.Helper()
	all, err := readSpeeches()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func templates(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("templates/*.html")
	if err != nil || len(names) < 10 {
		t.Fatalf("got %d templates, %v", len(names), err)
	}
	return names
}

// sources are the texts of this package's files and templates, but for tests.
func sources(t *testing.T) []string {
	t.Helper()
	var texts []string
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && path != "templates":
			return fs.SkipDir
		case entry.IsDir() || strings.HasSuffix(path, "_test.go"), !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html"):
			return nil
		}
		text, err := os.ReadFile(path)
		texts = append(texts, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
