package markdown_test

import (
	"strings"
	"testing"

	"suivi/markdown"
)

func TestADocumentOfOursHasItsHeadingsLinksAndPictures(t *testing.T) {
	t.Parallel()
	at := func(destination string) string {
		switch {
		case strings.HasPrefix(destination, "adr/"):
			return ""
		case strings.HasPrefix(destination, "#"):
			return destination
		}
		return "/help/" + destination
	}
	got, title, err := markdown.Own([]byte("# The *first* `one`\n\n## Where to go\n\n![A picture](p.png), [there](b.md#x), [why *so*](adr/1.md), [below](#where-to-go).\n\n|a|b|\n|:-:|---|\n|1|2|\n\n<a id=\"x\"></a>**Here.**\n\n    code\n\n||b|\n|---|---|\n|1|2|\n"), at)
	if err != nil {
		t.Fatal(err)
	}
	if title != "The first one" {
		t.Errorf("got the title %q", title)
	}
	for _, want := range []string{
		`<h2 id="where-to-go">`, `<img src="/help/p.png" alt="A picture">`, `<a href="/help/b.md#x">there</a>`, `, why <em>so</em>, `, `<a href="#where-to-go">below</a>`, `<th align="center">a</th>`, `<a id="x"></a><strong>Here.</strong>`, `<pre tabindex="0">`, "<td></td>\n<th>b</th>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "style=") {
		t.Errorf("a style, which pages forbid:\n%s", got)
	}
}
