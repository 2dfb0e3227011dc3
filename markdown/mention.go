package markdown

import (
	"regexp"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mention is a person named in a text as @usr_…
type mention struct {
	ast.BaseInline
	user, name string
}

// goldmark gives a kind out once per program.
var kindMention = ast.NewNodeKind("Mention") //nolint:gochecknoglobals // never changed

// Kind is goldmark's word for the node's type.
func (*mention) Kind() ast.NodeKind { return kindMention }

// Dump is for goldmark's debugging.
func (m *mention) Dump(source []byte, level int) {
	ast.DumpHelper(m, source, level, map[string]string{"user": m.user}, nil)
}

// namesKey is where the parser finds the names.
var namesKey = parser.NewContextKey() //nolint:gochecknoglobals // never changed; goldmark counts its keys

type mentionParser struct{}

var mentionForm = regexp.MustCompile(`^@(usr_[0-9A-HJKMNP-TV-Z]{26})\b`)

// Trigger is where a mention may begin.
func (mentionParser) Trigger() []byte { return []byte{'@'} }

// Parse reads a mention, which does not begin inside a word.
func (mentionParser) Parse(_ ast.Node, block text.Reader, known parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	if before == '@' || before == '_' || unicode.IsLetter(before) || unicode.IsDigit(before) {
		return nil
	}
	line, _ := block.PeekLine()
	found := mentionForm.FindSubmatch(line)
	if found == nil {
		return nil
	}
	block.Advance(len(found[0]))
	m := &mention{user: string(found[1])}
	if names, ok := known.Get(namesKey).(map[string]string); ok {
		m.name = names[m.user]
	}
	if m.name == "" {
		m.name = m.user
	}
	return m
}

type mentionRenderer struct{}

// RegisterFuncs tells goldmark how mentions are shown.
func (mentionRenderer) RegisterFuncs(to renderer.NodeRendererFuncRegisterer) {
	to.Register(kindMention, renderMention)
}

func renderMention(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	m, ok := node.(*mention)
	if !ok || !entering {
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<span class="mention" data-user="` + m.user + `">@`)
	_, _ = w.Write(util.EscapeHTML([]byte(m.name)))
	_, err := w.WriteString(`</span>`)
	return ast.WalkContinue, err
}
