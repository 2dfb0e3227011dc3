package markdown

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	markup "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Own renders a document that is part of the program. It is not held against the
// list of what people may write. at says where its links and pictures lead; a link
// that leads nowhere ("") is its words alone. title is its first heading, in words.
func Own(document []byte, at func(destination string) string) (html, title string, err error) {
	aims := &aims{at: at}
	rendering := goldmark.New(
		goldmark.WithParserOptions(parser.WithAutoHeadingID(), parser.WithASTTransformers(util.Prioritized(aims, 1000))),
		goldmark.WithRendererOptions(markup.WithUnsafe()), // places that links lead to
		goldmark.WithExtensions(newTable(), extension.Strikethrough),
	)
	var out bytes.Buffer
	if err := rendering.Convert(document, &out); err != nil {
		return "", "", fmt.Errorf("render a document: %w", err)
	}
	return reachable().Replace(out.String()), aims.title, nil
}

// reachable makes code that is wider than the page one that the keyboard comes to,
// and no headers of cells without a word.
func reachable() *strings.Replacer {
	return strings.NewReplacer("<pre>", `<pre tabindex="0">`, "<th></th>", "<td></td>")
}

// aims sends links and pictures where they lead.
type aims struct {
	at    func(string) string
	title string
}

// Transform implements parser.ASTTransformer.
func (a *aims) Transform(document *ast.Document, reader text.Reader, _ parser.Context) {
	var dead []*ast.Link
	_ = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if a.title == "" {
				a.title = string(wordsIn(n, reader.Source()))
			}
		case *ast.Image:
			n.Destination = []byte(a.at(string(n.Destination)))
		case *ast.Link:
			if n.Destination = []byte(a.at(string(n.Destination))); len(n.Destination) == 0 {
				dead = append(dead, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, link := range dead {
		for child := link.FirstChild(); child != nil; child = link.FirstChild() {
			link.Parent().InsertBefore(link.Parent(), link, child)
		}
		link.Parent().RemoveChild(link.Parent(), link)
	}
}

// wordsIn is the text of a node without its marks.
func wordsIn(n ast.Node, source []byte) []byte {
	var words []byte
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		if said, ok := child.(*ast.Text); ok {
			words = append(words, said.Segment.Value(source)...)
			continue
		}
		words = append(words, wordsIn(child, source)...)
	}
	return words
}
