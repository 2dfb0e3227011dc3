package markdown

import (
	"path"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extended "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Abroad is how people and files are called where a text goes: names by people's
// ids, and file names by files' ids. What it does not know is called by its words
// in the text, or by its id.
type Abroad struct {
	Names map[string]string
	Files map[string]string
	// Newest is, by its name, the file that people there mean where several are called so. Without it any of them may be taken.
	Newest map[string]string
}

// Textile is the text as Textile, in the dialect of Redmine, for what people have
// written. It looks the same; a text that is made to be slow stays as it is.
func (r *Renderer) Textile(markdown string, abroad Abroad) string {
	if slow(markdown) {
		return markdown
	}
	source := []byte(markdown)
	known := parser.NewContext()
	known.Set(namesKey, abroad.Names)
	t := textile{source: source, files: abroad.Files}
	return strings.TrimSpace(t.blocks(r.abroad.Parser().Parse(text.NewReader(source), parser.WithContext(known))))
}

// Elsewhere is the text as Markdown for another place: people and files are called
// as they are there.
func (*Renderer) Elsewhere(markdown string, abroad Abroad) string {
	markdown = fileInText.ReplaceAllStringFunc(markdown, func(found string) string {
		if name, ok := abroad.Files[found[strings.LastIndex(found, "att_"):]]; ok {
			return "](" + strings.ReplaceAll(name, " ", "%20")
		}
		return found
	})
	return personInText.ReplaceAllStringFunc(markdown, func(found string) string {
		at := strings.IndexByte(found, '@') + 1
		if name, ok := abroad.Names[found[at:]]; ok {
			return found[:at] + name
		}
		return found
	})
}

// newAbroad parses as newMarkdown does, and leaves files and pictures as they are named.
func newAbroad() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(blockParsers()...),
			parser.WithInlineParsers(inlineParsers()...),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		)),
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify),
	)
}

// textile writes a parsed text.
type textile struct {
	source []byte
	files  map[string]string
}

// blocks are the blocks below the node, with an empty line between them.
func (t textile) blocks(of ast.Node) string {
	var parts []string
	for node := of.FirstChild(); node != nil; node = node.NextSibling() {
		if part := strings.Trim(t.block(node), "\n"); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\n\n")
}

func (t textile) block(node ast.Node) string {
	switch n := node.(type) {
	case *ast.Heading:
		return "h" + strconv.Itoa(n.Level) + ". " + oneLine(t.inline(n))
	case *ast.FencedCodeBlock:
		return pre(t.lines(n), string(n.Language(t.source)))
	case *ast.CodeBlock:
		return pre(t.lines(n), "")
	case *ast.Blockquote:
		return "> " + strings.ReplaceAll(t.blocks(n), "\n", "\n> ")
	case *ast.List:
		return t.list(n, "")
	case *ast.ThematicBreak:
		return "---"
	case *extended.Table:
		return t.table(n)
	}
	return plainLines(t.inline(node))
}

func (t textile) lines(node ast.Node) string {
	var b strings.Builder
	for i := range node.Lines().Len() {
		line := node.Lines().At(i)
		b.Write(line.Value(t.source))
	}
	return b.String()
}

// pre is a block of code. Redmine shows what stands in it as it is, up to its end.
func pre(code, language string) string {
	code = strings.ReplaceAll(strings.TrimSuffix(code, "\n"), "</", "<\u200b/")
	if language == "" {
		return "<pre>\n" + code + "\n</pre>"
	}
	language = strings.Map(func(r rune) rune {
		if r == '"' || r == '<' || r == '>' {
			return -1
		}
		return r
	}, language)
	return `<pre><code class="` + language + "\">\n" + code + "\n</code></pre>"
}

// list writes the items, with one mark for each level.
func (t textile) list(list *ast.List, above string) string {
	mark := above + "*"
	if list.IsOrdered() {
		mark = above + "#"
	}
	var lines []string
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		var words, below []string
		for node := item.FirstChild(); node != nil; node = node.NextSibling() {
			if inner, ok := node.(*ast.List); ok {
				below = append(below, t.list(inner, mark))
			} else {
				words = append(words, t.block(node))
			}
		}
		lines = append(append(lines, mark+" "+strings.Join(words, "\n")), below...)
	}
	return strings.Join(lines, "\n")
}

func (t textile) table(table *extended.Table) string {
	var rows []string
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var b strings.Builder
		_, head := row.(*extended.TableHeader)
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			b.WriteByte('|')
			if head {
				b.WriteString("_.")
			}
			b.WriteString(" " + strings.ReplaceAll(oneLine(t.inline(cell)), "|", "&#124;") + " ")
		}
		rows = append(rows, b.String()+"|")
	}
	return strings.Join(rows, "\n")
}

// inline joins words that stand side by side before it looks at them: the parser
// ends one at each sign that might have meant something.
func (t textile) inline(of ast.Node) string {
	var b, words strings.Builder
	for node := of.FirstChild(); node != nil; node = node.NextSibling() {
		if part, isWords := t.words(node); isWords {
			words.WriteString(part)
			continue
		}
		b.WriteString(plain(words.String()))
		words.Reset()
		b.WriteString(t.marked(node))
	}
	return b.String() + plain(words.String())
}

func (t textile) words(node ast.Node) (words string, isWords bool) {
	switch n := node.(type) {
	case *ast.Text:
		words = unescaped(n.Value(t.source), n.IsRaw())
		if n.SoftLineBreak() || n.HardLineBreak() {
			words += "\n"
		}
		return words, true
	case *ast.String:
		return string(n.Value), true
	}
	return "", false
}

func (t textile) marked(node ast.Node) string {
	switch n := node.(type) {
	case *ast.CodeSpan:
		return codeSpan(t.raw(n))
	case *ast.Emphasis:
		return between(t.inline(n), map[int]string{1: "_", 2: "*"}[n.Level])
	case *extended.Strikethrough:
		return between(t.inline(n), "-")
	case *ast.AutoLink:
		return string(n.URL(t.source))
	case *ast.Link:
		return t.link(t.inline(n), string(n.Destination))
	case *ast.Image:
		return t.picture(t.inline(n), string(n.Destination))
	case *mention:
		return "@" + n.name
	}
	return t.inline(node)
}

// raw are the words of a code span, as they stand.
func (t textile) raw(of ast.Node) string {
	var b strings.Builder
	for node := of.FirstChild(); node != nil; node = node.NextSibling() {
		if words, ok := node.(*ast.Text); ok {
			b.Write(words.Value(t.source))
			if words.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}

func codeSpan(code string) string {
	if strings.Contains(code, "@") {
		return "<code>" + strings.ReplaceAll(code, "</", "<\u200b/") + "</code>"
	}
	return "@" + code + "@"
}

// between puts marks round words; Textile wants them to touch the words.
func between(words, mark string) string {
	inner := strings.TrimSpace(words)
	if inner == "" {
		return words
	}
	before, after, _ := strings.Cut(words, inner)
	return before + mark + inner + mark + after
}

func (t textile) link(words, to string) string {
	name, named := t.file(to)
	switch {
	case named && name == "":
		return words
	case named:
		return `attachment:"` + name + `"`
	case words == "" || words == to:
		return to
	}
	return `"` + strings.ReplaceAll(oneLine(words), `"`, "”") + `":` + strings.ReplaceAll(to, " ", "%20")
}

// picture shows a file of the issue. One from elsewhere becomes a link: it would tell its owner who reads.
func (t textile) picture(words, from string) string {
	name, named := t.file(from)
	switch {
	case named && name == "":
		return words
	case named && shows(name):
		return "!" + strings.ReplaceAll(name, " ", "%20") + "!"
	}
	return t.link(words, from)
}

// shows tells whether Redmine shows a file of the name as a picture.
func shows(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp":
		return true
	}
	return false
}

// file is the name there of the file that the destination names, if it names one.
func (t textile) file(destination string) (name string, named bool) {
	form := fileForm.FindStringSubmatch(destination)
	if form == nil {
		return "", false
	}
	return t.files[form[1]], true
}

func oneLine(words string) string { return strings.Join(strings.Fields(words), " ") }
