package ui

import (
	"fmt"
	"html/template"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
)

// parts are what templates make of values that come again and again, on a page and on the next one: states,
// people, and the tickets of lists and boards, of which most are as they were when the page is read again. Each is made once.
type parts struct {
	templates *template.Template
	made      *lru.Cache[part, template.HTML]
}

// part is the template of a part and its value, which is comparable.
type part struct {
	name string
	of   any
}

// keptParts is about how many rows, cards and people are seen on the pages of a busy hour; a row is about 2 kB.
const keptParts = 8192

// mostKept is how many bytes of a part are worth keeping: few texts are longer.
const mostKept = 8 << 10

// newParts remembers nothing yet.
func newParts(templates *template.Template) *parts {
	made, _ := lru.New[part, template.HTML](keptParts) // which fails for sizes below one alone
	return &parts{templates, made}
}

// of is what the template of the name makes of the value.
func (p *parts) of(name string, value any) (template.HTML, error) {
	key := part{name, value}
	if text, known := p.made.Get(key); known {
		return text, nil
	}
	var text strings.Builder
	if err := p.templates.ExecuteTemplate(&text, name, value); err != nil {
		return "", fmt.Errorf("write the part %s: %w", name, err)
	}
	made := template.HTML(text.String()) //nolint:gosec // the template has escaped it
	if len(made) <= mostKept {
		p.made.Add(key, made)
	}
	return made, nil
}
