package markdown_test

import (
	"strings"
	"testing"

	"suivi/markdown"
)

const (
	somebody = "usr_01H0000000000000000000ANNA"
	someFile = "att_ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	noFile   = "att_AAAAAAAAAAAAAAAAAAAAAAAAAA"
)

func TestTextileLooksAsTheMarkdownDid(t *testing.T) {
	t.Parallel()
	abroad := markdown.Abroad{Names: map[string]string{somebody: "Ann Bee"}, Files: map[string]string{someFile: "my shot.png"}}
	r := markdown.New()
	for from, want := range map[string]string{
		"":                            "",
		"one\ntwo\n\nthree":           "one\ntwo\n\nthree",
		"# Title\ntext":               "h1. Title\n\ntext",
		"*a* **b** ***c*** ~~d~~ `e`": "_a_ *b* _*c*_ -d- @e@",
		"`a@b`":                       "<code>a@b</code>",
		"a \\* b &amp; c":             "a * b & c",
		"* a\n* b\n  1. c\n  2. d\n":  "* a\n* b\n*# c\n*# d",
		"> a\n> b\n>\n> c":            "> a\n> b\n> \n> c",
		"```go\nx < y\n</pre>\n```":   "<pre><code class=\"go\">\nx < y\n<\u200b/pre>\n</code></pre>",
		"    code":                    "<pre>\ncode\n</pre>",
		"a\n\n---\n\nb":               "a\n\n---\n\nb",
		"[x](https://e.org/a) https://e.org <https://f.org>": "\"x\":https://e.org/a https://e.org https://f.org",
		"| a | b |\n|---|---|\n| 1 | *2* |":                  "|_. a |_. b |\n| 1 | _2_ |",
		"![shot](attachment:" + someFile + ")":               "!my%20shot.png!",
		"[log](/api/v1/attachments/" + someFile + ")":        "attachment:\"my shot.png\"",
		"![gone](attachment:" + noFile + ")":                 "gone",
		"![far](https://e.org/x.png)":                        "\"far\":https://e.org/x.png",
		"Hello @" + somebody + ".":                           "Hello @Ann Bee.",
		"{{toc}} [[Page]] <pre>":                             "!{{toc}} ![[Page]] &lt;pre>",
		"<b>bold</b>":                                        "<b>bold</b>",
		"état “x” 😀":                                         "état “x” 😀",
	} {
		if got := r.Textile(from, abroad); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", from, got, want)
		}
	}
	slow := strings.Repeat("[", 10_000)
	if got := r.Textile(slow, abroad); got != slow {
		t.Error("a slow text is not as it was")
	}
}

func TestMarkdownElsewhereNamesPeopleAndFilesAsThere(t *testing.T) {
	t.Parallel()
	abroad := markdown.Abroad{Names: map[string]string{somebody: "Ann Bee"}, Files: map[string]string{someFile: "my shot.png"}}
	from := "**x** @" + somebody + " a@" + somebody + " ![s](attachment:" + someFile + " \"t\") [l](/api/v1/attachments/" + someFile + ") ![g](attachment:" + noFile + ")"
	want := "**x** @Ann Bee a@" + somebody + " ![s](my%20shot.png \"t\") [l](my%20shot.png) ![g](attachment:" + noFile + ")"
	if got := markdown.New().Elsewhere(from, abroad); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func FuzzTextileTakesEveryText(f *testing.F) {
	f.Add("# a\n* b\n> c\n\n| a |\n|---|\n| b |")
	r := markdown.New()
	f.Fuzz(func(_ *testing.T, text string) { r.Textile(text, markdown.Abroad{}) })
}
