package markdown

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/util"
)

// unescaped takes Markdown's backslashes away.
func unescaped(words []byte, raw bool) string {
	if raw {
		return string(words)
	}
	var b strings.Builder
	for at := 0; at < len(words); {
		n := 1
		switch found := entityForm.Find(words[at:min(len(words), at+reach)]); {
		case words[at] == '\\' && at+1 < len(words) && util.IsPunct(words[at+1]):
			n = 2
			b.WriteByte(words[at+1])
		case found != nil:
			n = len(found)
			b.WriteString(html.UnescapeString(string(found)))
		default:
			b.WriteByte(words[at])
		}
		at += n
	}
	return b.String()
}

// plain are words that Redmine must not take for anything else. It shows a character
// reference as its character, and takes it for no mark.
func plain(words string) string {
	words = strings.NewReplacer("<pre", "&lt;pre", "<code", "&lt;code", "<notextile", "&lt;notextile").Replace(reserved(words))
	return strings.NewReplacer("{{", "!{{", "[[", "![[").Replace(words)
}

// reserved are the words with a reference for each character that begins something of Textile's.
func reserved(words string) string {
	var b strings.Builder
	for at := 0; at < len(words); {
		_, size := utf8.DecodeRuneInString(words[at:])
		if size == 1 && means(words, at) {
			b.WriteString(reference(words[at]))
		} else {
			b.WriteString(words[at : at+size])
		}
		at += size
	}
	return b.String()
}

// means tells whether something other than words begins there.
func means(words string, at int) bool {
	rest := words[at:min(len(words), at+reach)]
	switch rest[0] {
	case '&':
		return entityForm.MatchString(rest)
	case '"':
		return linkForm.MatchString(rest) && !inWord(words, at)
	case '!':
		return strings.HasPrefix(rest, "!{{") || strings.HasPrefix(rest, "![[") || pictureForm.MatchString(rest) && !inWord(words, at)
	}
	return phraseLength(words, at) > 0
}

func reference(c byte) string {
	if c == '&' {
		return "&amp;"
	}
	return "&#" + strconv.Itoa(int(c)) + ";"
}

// plainLines has no line of a paragraph begin a block of another kind.
func plainLines(text string) string {
	all := strings.Split(text, "\n")
	for i, line := range all {
		switch {
		case itemForm.MatchString(line), quoted(line), row(line), ruleForm.MatchString(line):
			all[i] = reference(line[0]) + line[1:]
		case headForm.MatchString(line), quoteForm.MatchString(line), paraForm.MatchString(line), codeForm.MatchString(line):
			all[i] = strings.Replace(line, ". ", "&#46; ", 1)
		}
	}
	return strings.Join(all, "\n")
}
