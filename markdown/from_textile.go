package markdown

import (
	"html"
	"regexp"
	"strconv"
	"strings"
)

// FromTextile is a text in Redmine's dialect of Textile as Markdown. What Textile made
// comes back with the same meaning; what Markdown cannot say, as its words.
func (r *Renderer) FromTextile(textile string, abroad Abroad) string {
	f := fromTextile{back: backwards(abroad)}
	return strings.TrimRight(f.blocks(lines(textile)), "\n ")
}

// FromElsewhere is the text of another place as Markdown of ours: the inverse of Elsewhere.
func (*Renderer) FromElsewhere(markdown string, abroad Abroad) string {
	b := backwards(abroad)
	markdown = destination.ReplaceAllStringFunc(strings.ReplaceAll(markdown, "\r\n", "\n"), func(found string) string {
		if id, ok := b.file(found[len("]("):]); ok {
			return "](" + fileScheme + id
		}
		return found
	})
	var out strings.Builder
	for at := 0; at < len(markdown); {
		if id, n := b.mention(markdown, at); n > 0 {
			out.WriteString("@" + id)
			at += n
			continue
		}
		out.WriteByte(markdown[at])
		at++
	}
	return out.String()
}

// destination is where a link or a picture leads, up to its end.
var destination = regexp.MustCompile(`\]\([^\s()]+`)

const fileScheme = "attachment:"

// fromTextile reads a text.
type fromTextile struct {
	back   back
	quotes int // in which the text stands
}

func lines(text string) []string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\x00", "")
	return strings.Split(text, "\n")
}

var (
	headForm   = regexp.MustCompile(`^h([1-6])(?:\([^)]*\))?[<>=]*\. +(.*)$`)
	quoteForm  = regexp.MustCompile(`^bq\. +(.*)$`)
	paraForm   = regexp.MustCompile(`^p(?:\([^)]*\)|\{[^}]*\})?[<>=]*\. +(.*)$`)
	codeForm   = regexp.MustCompile(`^(?:bc|pre)\. +(.*)$`)
	itemForm   = regexp.MustCompile(`^([*#]+) +(\S.*)$`)
	preForm    = regexp.MustCompile(`^\s*<pre>(?:<code(?: class="([^"]*)")?>)?`)
	preEndForm = regexp.MustCompile(`(?:</code>)?</pre>`)
	ruleForm   = regexp.MustCompile(`^---+$`)
)

// blocks are the blocks of the lines, with an empty line between them.
func (f fromTextile) blocks(of []string) string {
	var parts []string
	other := false // the block before is a list that this one must not become part of
	for len(of) > 0 {
		part, rest := f.block(of, other)
		if part != "" {
			parts = append(parts, part)
			other = !other && itemForm.MatchString(of[0])
		}
		of = rest
	}
	return strings.Join(parts, "\n\n")
}

// block is the first block, and the lines after it.
func (f fromTextile) block(of []string, other bool) (string, []string) {
	first := of[0]
	switch {
	case strings.TrimSpace(first) == "":
		return "", of[1:]
	case preForm.MatchString(first):
		return f.pre(of)
	case quoted(first) && f.quotes < mostNested:
		f.quotes++
		n := count(of, quoted)
		inner := make([]string, n)
		for i, line := range of[:n] {
			inner[i] = strings.TrimPrefix(strings.TrimPrefix(line, ">"), " ")
		}
		return quote(f.blocks(inner)), of[n:]
	case itemForm.MatchString(first):
		n := 1
		for n < len(of) && strings.TrimSpace(of[n]) != "" && !preForm.MatchString(of[n]) {
			n++
		}
		return f.list(of[:n], other), of[n:]
	case row(first):
		n := count(of, row)
		return f.table(of[:n]), of[n:]
	case ruleForm.MatchString(first):
		return "---", of[1:]
	}
	return f.paragraph(of)
}

func quoted(line string) bool { return strings.HasPrefix(line, ">") }

func row(line string) bool {
	line = strings.TrimSpace(line)
	return len(line) > 2 && strings.HasPrefix(line, "|") && strings.HasSuffix(line, "|")
}

// count tells how many of the first lines are so.
func count(of []string, is func(string) bool) int {
	n := 0
	for n < len(of) && is(of[n]) {
		n++
	}
	return n
}

func quote(text string) string { return "> " + strings.ReplaceAll(text, "\n", "\n> ") }

// begins tells whether the line begins another block than a paragraph.
func begins(line string) bool {
	return strings.TrimSpace(line) == "" || preForm.MatchString(line) || quoted(line) || itemForm.MatchString(line) || row(line) ||
		ruleForm.MatchString(line) || headForm.MatchString(line) || quoteForm.MatchString(line) || codeForm.MatchString(line)
}

// paragraph is a paragraph, or what Textile has instead of one by the word that it begins with.
func (f fromTextile) paragraph(of []string) (string, []string) {
	n := 1
	for n < len(of) && (!begins(of[n]) || quoted(of[n]) && f.quotes == mostNested) {
		n++
	}
	text, rest := strings.Join(of[:n], "\n"), of[n:]
	if m := headForm.FindStringSubmatch(of[0]); m != nil {
		level, _ := strconv.Atoi(m[1])
		return strings.Repeat("#", level) + " " + f.heading(m[2]), of[1:]
	}
	if m := quoteForm.FindStringSubmatch(of[0]); m != nil {
		return quote(f.inline(m[1] + text[len(of[0]):])), rest
	}
	if m := codeForm.FindStringSubmatch(of[0]); m != nil {
		return fence(m[1]+text[len(of[0]):], ""), rest
	}
	if m := paraForm.FindStringSubmatch(of[0]); m != nil {
		text = m[1] + text[len(of[0]):]
	}
	return f.inline(text), rest
}

// heading is a heading's text; a # at its end would be taken for its end.
func (f fromTextile) heading(text string) string {
	said := oneLine(f.inline(text))
	if strings.HasSuffix(said, "#") {
		said = said[:len(said)-1] + `\#`
	}
	return said
}

// pre is a block of code, up to its end or that of the text; then what stands after it.
func (f fromTextile) pre(of []string) (string, []string) {
	text := strings.Join(of, "\n")
	m := preForm.FindStringSubmatch(text)
	text = text[len(m[0]):]
	rest := ""
	if end := preEndForm.FindStringIndex(text); end != nil {
		text, rest = text[:end[0]], text[end[1]:]
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "\n"), "\n")
	// What stands in <code> or <pre> is HTML there.
	text = strings.ReplaceAll(text, "<\u200b/", "</")
	return fence(text, html.UnescapeString(m[1])), strings.Split(strings.TrimPrefix(rest, "\n"), "\n")
}

// fence is a block of code whose fence does not stand in it.
func fence(code, language string) string {
	mark := "```"
	for strings.Contains(code, mark) {
		mark += "`"
	}
	return mark + strings.Map(func(r rune) rune {
		if r == '`' || r == '\n' {
			return -1
		}
		return r
	}, language) + "\n" + code + "\n" + mark
}
