// Package markdown turns the Markdown that people write into HTML that is safe
// to show. It is the one place where that happens: the API answers with it, the
// pages and the mails show it. It knows nothing of tickets.
//
// Raw HTML in a text is no HTML but text. What remains is held against a strict
// list of elements and attributes, so that a mistake in the first step harms nobody.
package markdown

import (
	"bytes"
	"html"
	"regexp"
	"strconv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	markup "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// Renderer renders texts. It is safe for concurrent use.
type Renderer struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
	abroad   goldmark.Markdown // for texts that go elsewhere
	rendered *lru.Cache[string, string]
}

// Short texts that name nothing are the same for every reader: so many of them are rendered once.
const (
	keptTexts   = 4096
	mostToKeep  = 4 << 10 // bytes
	mayBeNaming = "@"     // people
	mayBeShown  = "att_"  // files
)

// New makes a Renderer.
func New() *Renderer {
	rendered, _ := lru.New[string, string](keptTexts) // which fails for sizes below one alone
	return &Renderer{markdown: newMarkdown(), policy: newPolicy(), abroad: newAbroad(), rendered: rendered}
}

// Known is what is known of whom and what a text names. The zero Known is nothing.
type Known struct {
	// Names are people's names by their ids; one who has none is shown as the id.
	Names map[string]string
	// Files are the files that the reader may see where the text stands, by their
	// ids, and whether each is a picture that may be shown.
	Files map[string]bool
}

// HTML is the text as HTML.
//
// A text that is made to be slow is shown as it was typed.
func (r *Renderer) HTML(text string, about Known) string {
	if len(text) > mostToKeep || strings.Contains(text, mayBeNaming) || strings.Contains(text, mayBeShown) {
		return r.render(text, about)
	}
	if known, ok := r.rendered.Get(text); ok {
		return known
	}
	fresh := r.render(text, about)
	r.rendered.Add(text, fresh)
	return fresh
}

func (r *Renderer) render(text string, about Known) string {
	if slow(text) {
		return "<pre>" + html.EscapeString(text) + "</pre>\n"
	}
	known := parser.NewContext()
	known.Set(namesKey, about.Names)
	known.Set(filesKey, about.Files)
	var out bytes.Buffer
	if err := r.markdown.Convert([]byte(text), &out, parser.WithContext(known)); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	return r.policy.SanitizeReader(&out).String()
}

// Beyond these goldmark's time grows with the square of the text. No text that
// is meant to be read comes near them.
const (
	mostNested   = 32   // quotes and lists in one another
	mostBrackets = 2000 // beginnings of links, and of emphasis
	mostStars    = 10_000
)

var nested = regexp.MustCompile(`(?m)^[ \t]*(?:(?:>|[-+*][ \t]|[0-9]{1,9}[.)][ \t])[ \t]*){` + strconv.Itoa(mostNested+1) + `}`)

func slow(text string) bool {
	return strings.Count(text, "[") > mostBrackets || strings.Count(text, "*")+strings.Count(text, "_") > mostStars ||
		nested.MatchString(text)
}

func newMarkdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(blockParsers()...),
			parser.WithInlineParsers(inlineParsers()...),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
			parser.WithASTTransformers(util.Prioritized(pictures{}, 1000)),
		)),
		goldmark.WithRendererOptions(
			markup.WithHardWraps(), // a line that people end is a line
			renderer.WithNodeRenderers(util.Prioritized(mentionRenderer{}, 500)),
		),
		goldmark.WithExtensions(newTable(), extension.Strikethrough, extension.Linkify),
	)
}

// newTable is for tables whose cells say where they stand by an attribute: pages forbid styles in texts.
func newTable() goldmark.Extender {
	return extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))
}

// blockParsers are goldmark's without raw HTML.
func blockParsers() []util.PrioritizedValue {
	return []util.PrioritizedValue{
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	}
}

// inlineParsers are goldmark's without raw HTML, and mentions.
func inlineParsers() []util.PrioritizedValue {
	return []util.PrioritizedValue{
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(mentionParser{}, 400),
		util.Prioritized(parser.NewEmphasisParser(), 500),
	}
}

// newPolicy is the list of what may stand in a page. Pictures come from this
// server alone: one from elsewhere would tell its owner who reads.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "del", "blockquote",
		"ul", "ol", "li", "pre", "code", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^language-[A-Za-z0-9+#_.-]{1,40}$`)).OnElements("code")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(?:left|center|right)$`)).OnElements("th", "td")
	p.AllowAttrs("href", "title").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^/api/v1/attachments/[A-Za-z0-9_-]{1,64}$`)).OnElements("img")
	p.AllowAttrs("alt", "title").OnElements("img")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^mention$`)).OnElements("span")
	p.AllowAttrs("data-user").Matching(regexp.MustCompile(`^usr_[0-9A-Z]{26}$`)).OnElements("span")
	return p
}
