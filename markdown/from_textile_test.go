package markdown_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"suivi/markdown"
)

func TestMarkdownSaysWhatTheTextileDid(t *testing.T) {
	t.Parallel()
	abroad := markdown.Abroad{Names: map[string]string{somebody: "Ann Bee"}, Files: map[string]string{someFile: "my shot.png"}}
	r := markdown.New()
	for from, want := range map[string]string{
		"":                                "",
		"one\r\ntwo\r\n\r\nthree":         "one\ntwo\n\nthree",
		"h2. Title\n\ntext":               "## Title\n\ntext",
		"_a_ *b* _*c*_ -d- @e@ +f+ ??g??": "_a_ **b** _**c**_ ~~d~~ `e` f ??g??",
		"* a\n* b\n*# c\n*# d\n* e":       "* a\n* b\n  1. c\n  2. d\n* e",
		"bq. a\nb\n\nc":                   "> a\n> b\n\nc",
		"> a\n> b\n> \n> c":               "> a\n> b\n> \n> c",
		"<pre><code class=\"go\">\nx < y\n</code></pre>\nafter": "```go\nx < y\n```\n\nafter",
		"<pre>\n* no list": "```\n* no list\n```",
		"\"x\":https://e.org/a, https://e.org/a_b_c.":          "[x](https://e.org/a), https://e.org/a_b_c.",
		"|_. a |_. b |\n| 1 | _2_ |":                           "| a | b |\n|---|---|\n| 1 | _2_ |",
		"!my%20shot.png! attachment:\"my shot.png\" !far.png!": "![my shot.png](attachment:" + someFile + ") [my shot.png](attachment:" + someFile + ") !far.png!",
		"!https://e.org/x.png(far)!":                           "![far](https://e.org/x.png)",
		"Hello @Ann Bee. @Ann Beetle a@Ann Bee":                "Hello @" + somebody + ". @Ann Beetle a@Ann Bee",
		"a * b, snake_case, 2*3*4, #12, -v":                    "a * b, snake_case, 2\\*3\\*4, #12, -v",
		"- a\n1. b\n# c":                                       "\\- a\n1\\. b\n\n1. c",
		"[x] `y` ~~z~~ <u@e.org> &amp; &lt;":                   "\\[x\\] \\`y\\` \\~\\~z\\~\\~ \\<u@e.org> \\& \\<",
		"!{{toc}} ![[Page]] {{x}} [[Y]]":                       "{{toc}} \\[\\[Page\\]\\] {{x}} \\[\\[Y\\]\\]",
		"état “x” 😀":                                           "état “x” 😀",
	} {
		if got := r.FromTextile(from, abroad); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", from, got, want)
		}
	}
}

func TestMarkdownFromElsewhereNamesPeopleAndFilesAsHere(t *testing.T) {
	t.Parallel()
	abroad := markdown.Abroad{Names: map[string]string{somebody: "Ann Bee"}, Files: map[string]string{someFile: "my shot.png"}}
	r := markdown.New()
	text := "**x** @" + somebody + " a@b.org ![s](attachment:" + someFile + " \"t\") [l](https://e.org)"
	if got := r.FromElsewhere(r.Elsewhere(text, abroad), abroad); got != text {
		t.Errorf("got  %q\nwant %q", got, text)
	}
}

// Of several files of one name, Redmine shows the newest: another try would be another text, and so another command.
func TestOfFilesOfOneNameTheNewestIsMeant(t *testing.T) {
	t.Parallel()
	other := "att_" + strings.Repeat("B", 26)
	abroad := markdown.Abroad{Files: map[string]string{someFile: "a.txt", other: "a.txt"}, Newest: map[string]string{"a.txt": other}}
	for range 20 { // as maps have no order
		if got := markdown.New().FromTextile("See attachment:a.txt", abroad); got != "See [a.txt](attachment:"+other+")" {
			t.Fatalf("got %q", got)
		}
	}
}

// sample is Markdown as people write it, with all that Textile can say.
func sample(t *rapid.T) string {
	word := rapid.SampledFrom([]string{
		"alpha", "état", "a_b", "2\\*3", "C++", "#12", "e.g.", "(so)", "\"q\"", "5", "\\*lit\\*", "\\_u\\_", "\\`t\\`", "\\-v-", "a@b.org",
		"https://e.org/a_b", "@" + somebody, "{{m}}", "\\[\\[P\\]\\]", "\\~", "\\!bang!", "x\\&lt;", "\\<pre>", "i < j", "\\\\", "+p+", "%q%", "\\@z@", "\"l\":https://e.org/",
	})
	some := func(most int) string { return strings.Join(rapid.SliceOfN(word, 1, most).Draw(t, "words"), " ") }
	phrase := rapid.Custom(func(t *rapid.T) string {
		words := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"one", "zwei", "trois!", "4", "(five)"}), 1, 3).Draw(t, "phrase"), " ")
		return rapid.SampledFrom([]string{"**" + words + "**", "_" + words + "_", "_**" + words + "**_", "~~" + words + "~~", "`" + words + "`", "[" + words + "](https://e.org/x)", words}).Draw(t, "mark")
	})
	line := func() string {
		return rapid.SampledFrom([]string{"", "\\- ", "\\# ", "1\\. ", "\\* ", "\\> ", "h1. ", "bq. ", "\\| "}).Draw(t, "start") + "w " + some(3) + " " + phrase.Draw(t, "phrase") + " " + some(2)
	}
	block := func() string {
		switch rapid.IntRange(0, 6).Draw(t, "block") {
		case 0:
			return strings.Repeat("#", rapid.IntRange(1, 6).Draw(t, "level")) + " w " + some(3)
		case 1:
			return "* " + line() + "\n  1. " + line() + "\n  2. " + line() + "\n* " + line()
		case 2:
			return "> " + line() + "\n> " + line()
		case 3:
			return "```go\nif a < b && *c {\n\n* d }\n```"
		case 4:
			return "| w " + phrase.Draw(t, "cell") + " | b |\n|---|---|\n| 1 | w |"
		case 5:
			return "---"
		}
		return line() + "\n" + line()
	}
	var all []string
	for range rapid.IntRange(1, 4).Draw(t, "blocks") {
		all = append(all, block(), "between")
	}
	return strings.Join(all, "\n\n")
}

var blanks = regexp.MustCompile(`\s+`)

func TestWhatCameFromMarkdownComesBackWithItsMeaning(t *testing.T) {
	t.Parallel()
	r := markdown.New()
	abroad := markdown.Abroad{Names: map[string]string{somebody: "Ann Bee"}}
	shown := func(text string) string { return blanks.ReplaceAllString(r.HTML(text, markdown.Known{}), " ") }
	rapid.Check(t, func(t *rapid.T) {
		text := sample(t)
		textile := r.Textile(text, abroad)
		back := r.FromTextile(textile, abroad)
		if got, want := shown(back), shown(text); got != want {
			t.Fatalf("%s\nbecame\n%s\nand came back as\n%s\ngot  %s\nwant %s", text, textile, back, got, want)
		}
	})
}

func TestNoTextileIsSlow(t *testing.T) {
	t.Parallel()
	r := markdown.New()
	for _, piece := range []string{">", "*", "* ", "*a ", "\"", "!{", "<pre>\n", "<pre></pre>\n", "|a|\n", "_*-", "h1. ", "@a ", "&"} {
		text := strings.Repeat(piece, 20_000/len(piece))
		began := time.Now()
		r.FromTextile(text, markdown.Abroad{})
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%q took %v", piece, took)
		}
	}
}

func FuzzFromTextileTakesEveryText(f *testing.F) {
	f.Add("h1. a\n* b\n*# c\n> d\n\n|_. a |\n| b |\n<pre>x</pre> \"y\":https://z.org !w.png! @v@ &amp; *u _t_*")
	r := markdown.New()
	f.Fuzz(func(t *testing.T, text string) {
		began := time.Now()
		back := r.FromTextile(text, markdown.Abroad{})
		r.Textile(back, markdown.Abroad{})
		if took := time.Since(began); len(text) < 10_000 && took > 5*time.Second {
			t.Errorf("%d bytes took %v", len(text), took)
		}
	})
}
