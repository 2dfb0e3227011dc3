package markdown

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// table is a table. Textile's need no head, Markdown's do: the first row is it.
func (f fromTextile) table(of []string) string {
	var out []string
	for i, line := range of {
		line = strings.TrimSpace(line)
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
		for j, cell := range cells {
			cells[j] = strings.ReplaceAll(oneLine(f.inline(strings.TrimSpace(cellForm.ReplaceAllString(cell, "")))), "|", `\|`)
		}
		out = append(out, "| "+strings.Join(cells, " | ")+" |")
		if i == 0 {
			out = append(out, strings.Repeat("|---", len(cells))+"|")
		}
	}
	return strings.Join(out, "\n")
}

// cellForm is what a cell begins with that says how it looks.
var cellForm = regexp.MustCompile(`^[_<>=^~]*(?:[\\/]\d+)?[_<>=^~]*\. `)

// inline is a text within a block, with the marks of Markdown.
func (f fromTextile) inline(text string) string { return f.within(text, 0) }

// mostWithin is how many marks may stand in one another. Deeper ones are shown.
const mostWithin = 6

func (f fromTextile) within(text string, depth int) string {
	var out, words strings.Builder
	say := func() {
		out.WriteString(escaped(words.String()))
		words.Reset()
	}
	for at := 0; at < len(text); {
		if made, n := f.mark(text, at, depth); n > 0 {
			say()
			out.WriteString(made)
			at += n
			continue
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		words.WriteString(text[at : at+size])
		at += size
	}
	say()
	return lineStarts(out.String())
}

var (
	addressForm  = regexp.MustCompile(`^(?:https?|ftp)://[^\s<>"]*[^\s<>".,;:!?)\]}'*_-]`)
	linkForm     = regexp.MustCompile(`^"([^"\s](?:[^"\n]*[^"\s])?)":((?:https?://|mailto:|ftp://|/|#|attachment:)[^\s<>"|]*[^\s<>"|.,;:!?)\]}'])`)
	fileLinkForm = regexp.MustCompile(`^attachment:(?:"([^"\n]+)"|([^\s"<>|]*[^\s"<>|.,;:!?)]))`)
	pictureForm  = regexp.MustCompile(`^!(?:\{[^}\n]*\})?[<>=]?([^\s!"()<>]+)(?:\(([^)\n]*)\))?!(?::(https?://[^\s<>"]*[^\s<>".,;:!?)]))?`)
	codeTagForm  = regexp.MustCompile(`^<code(?: class="[^"]*")?>([^\n]*?)</code>`)
	plainTagForm = regexp.MustCompile(`^<notextile>((?s:.*?))</notextile>`)
	entityForm   = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
)

// mark is what begins at the place and is no plain words, as Markdown, and its length; 0: nothing does.
func (f fromTextile) mark(text string, at, depth int) (string, int) {
	rest := text[at:min(len(text), at+reach)]
	made, n := "", 0
	switch rest[0] {
	case '!':
		made, n = f.exclaimed(rest, inWord(text, at))
	case '<':
		made, n = tagged(rest)
	case '&':
		if found := entityForm.FindString(rest); found != "" {
			return escapeAll(html.UnescapeString(found)), len(found)
		}
	default:
		if !inWord(text, at) {
			made, n = f.leading(rest, depth)
		}
	}
	if n > 0 {
		return made, n
	}
	return f.phrase(text, at, depth)
}

// leading is what leads somewhere: to a person, a page or a file.
func (f fromTextile) leading(rest string, depth int) (string, int) {
	switch rest[0] {
	case '@':
		if id, n := f.back.mention(rest, 0); n > 0 {
			return "@" + id, n
		}
	case 'h', 'f':
		found := addressForm.FindString(rest)
		return found, len(found)
	case '"':
		if m := linkForm.FindStringSubmatch(rest); m != nil {
			return f.link(m[1], m[2], depth), len(m[0])
		}
	case 'a':
		if m := fileLinkForm.FindStringSubmatch(rest); m != nil {
			if id, ok := f.back.file(m[1] + m[2]); ok {
				return "[" + escaped(m[1]+m[2]) + "](" + fileScheme + id + ")", len(m[0])
			}
		}
	}
	return "", 0
}

// exclaimed is a picture, or what must not be taken for a macro or a page.
func (f fromTextile) exclaimed(rest string, within bool) (string, int) {
	if strings.HasPrefix(rest, "!{{") || strings.HasPrefix(rest, "![[") {
		return escaped(rest[1:3]), 3
	}
	if m := pictureForm.FindStringSubmatch(rest); m != nil && !within {
		return f.picture(m), len(m[0])
	}
	return "", 0
}

// tagged is what stands between tags.
func tagged(rest string) (string, int) {
	if m := codeTagForm.FindStringSubmatch(rest); m != nil {
		return code(strings.ReplaceAll(m[1], "<\u200b/", "</")), len(m[0])
	}
	if m := plainTagForm.FindStringSubmatch(rest); m != nil {
		return escaped(m[1]), len(m[0])
	}
	return "", 0
}

// phrase is words between two equal marks.
func (f fromTextile) phrase(text string, at, depth int) (string, int) {
	n := phraseLength(text, at)
	if n == 0 || depth == mostWithin {
		return "", 0
	}
	inner := text[at+1 : at+n-1]
	switch text[at] {
	case '@':
		return code(inner), n
	case '*':
		return "**" + f.within(inner, depth+1) + "**", n
	case '_':
		return "_" + f.within(inner, depth+1) + "_", n
	case '-':
		return "~~" + f.within(inner, depth+1) + "~~", n
	}
	return f.within(inner, depth+1), n // +, ^, ~, %: Markdown has no such thing
}

// reach is how far away the end of a mark is looked for, so that no text is slow.
const reach = 2000

// phraseLength is how long the phrase is that begins there; 0: none does. Its marks
// stand at the edges of words and touch the words between them.
func phraseLength(text string, at int) int {
	mark := text[at]
	if strings.IndexByte("*_-+^~%@", mark) < 0 || inWord(text, at) || at+2 >= len(text) || at > 0 && text[at-1] == mark {
		return 0
	}
	if first, _ := utf8.DecodeRuneInString(text[at+1:]); unicode.IsSpace(first) || byte(first) == mark && first < utf8.RuneSelf {
		return 0
	}
	end := min(len(text), at+reach)
	for i := at + 2; i < end && text[i] != '\n'; i++ {
		if text[i] != mark {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+1:])
		if !unicode.IsSpace(before) && !alphanumeric(after) && after != rune(mark) {
			return i + 1 - at
		}
	}
	return 0
}

// inWord tells whether a letter or digit stands right before the place.
func inWord(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	return alphanumeric(before)
}

func (f fromTextile) link(words, to string, depth int) string {
	words = strings.ReplaceAll(words, "”", `"`)
	return "[" + f.within(words, depth+1) + "](" + strings.NewReplacer("(", "%28", ")", "%29").Replace(to) + ")"
}

func (f fromTextile) picture(m []string) string {
	name := strings.ReplaceAll(m[1], "%20", " ")
	words := m[2]
	if words == "" {
		words = name
	}
	id, ok := f.back.file(m[1])
	switch {
	case ok:
		return "![" + escaped(words) + "](" + fileScheme + id + ")"
	case webForm.MatchString(m[1]):
		return "![" + escaped(words) + "](" + m[1] + ")"
	}
	return escaped(m[0])
}

// code is a code span whose marks do not stand in it.
func code(words string) string {
	if words == "" {
		return ""
	}
	mark := "`"
	for strings.Contains(words, mark) {
		mark += "`"
	}
	if strings.HasPrefix(words, "`") || strings.HasSuffix(words, "`") {
		words = " " + words + " "
	}
	return mark + words + mark
}
