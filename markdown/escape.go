package markdown

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escaped are words as Markdown shows them: what would be a mark of Markdown's is none. Addresses stay as they are.
func escaped(words string) string {
	var b strings.Builder
	for at := 0; at < len(words); {
		r, size := utf8.DecodeRuneInString(words[at:])
		if special(words, at, r) {
			b.WriteByte('\\')
		}
		b.WriteString(words[at : at+size])
		at += size
	}
	return b.String()
}

// special tells whether the character at the place would be more than itself.
func special(words string, at int, r rune) bool {
	rest := words[at+1:]
	switch r {
	case '`', '[', ']':
		return true
	case '\\':
		return rest == "" || isPunctuation(rest[0]) || rest[0] == '\n'
	case '*', '~':
		return !free(words, at)
	case '_':
		before, _ := utf8.DecodeLastRuneInString(words[:at])
		after, _ := utf8.DecodeRuneInString(rest)
		return !free(words, at) && (!alphanumeric(before) || !alphanumeric(after))
	case '<':
		return rest != "" && (alphanumeric(rune(rest[0])) || rest[0] == '/')
	case '&':
		return entityForm.MatchString(words[at:])
	}
	return false
}

// free tells whether blanks stand on both sides.
func free(words string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(words[:at])
	after, _ := utf8.DecodeRuneInString(words[at+1:])
	return at > 0 && at+1 < len(words) && unicode.IsSpace(before) && unicode.IsSpace(after)
}

func alphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func isPunctuation(c byte) bool {
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~'
}

// escapeAll has each sign of the words be itself.
func escapeAll(words string) string {
	var b strings.Builder
	for _, r := range words {
		if r < utf8.RuneSelf && isPunctuation(byte(r)) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// startForm is what would make a line another block than a paragraph's.
var startForm = regexp.MustCompile(`^(?:(#{1,6})(?:[ \t]|$)|(>)|([-+])(?:[ \t]|$)|(\*)(?:[ \t]|$)|[0-9]{1,9}([.)])(?:[ \t]|$)|(=+)[ \t]*$|(-)[ -]*$|(\+)$)`)

// delimiterForm is the line that makes a table of the one above.
var delimiterForm = regexp.MustCompile(`^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$`)

// lineStarts has every line be a paragraph's.
func lineStarts(text string) string {
	all := strings.Split(text, "\n")
	for i, line := range all {
		line = strings.TrimLeft(line, " \t")
		at := -1
		if m := startForm.FindStringSubmatchIndex(line); m != nil {
			for group := 2; group < len(m); group += 2 {
				if m[group] >= 0 {
					at = m[group]
					break
				}
			}
		} else if strings.ContainsAny(line, "|:-") && delimiterForm.MatchString(line) {
			at = strings.IndexAny(line, "|:-")
		}
		if at >= 0 {
			line = line[:at] + `\` + line[at:]
		}
		all[i] = line
	}
	return strings.Join(all, "\n")
}

// back is Abroad the other way round.
type back struct {
	files  map[string]string // ids by names
	people map[string]string
	names  []string // the longest first
}

func backwards(abroad Abroad) back {
	b := back{files: map[string]string{}, people: map[string]string{}}
	for id, name := range abroad.Files {
		b.files[name] = id
	}
	maps.Copy(b.files, abroad.Newest)
	twice := map[string]bool{}
	for id, name := range abroad.Names {
		_, had := b.people[name]
		twice[name] = twice[name] || had
		b.people[name] = id
	}
	for name := range b.people {
		if name != "" && !twice[name] { // of two people of one name neither is meant for certain
			b.names = append(b.names, name)
		}
	}
	slices.SortFunc(b.names, func(x, y string) int { return len(y) - len(x) })
	return b
}

// file is the id of the file that is called so there.
func (b back) file(name string) (id string, ok bool) {
	if id, ok = b.files[name]; ok {
		return id, true
	}
	id, ok = b.files[strings.ReplaceAll(name, "%20", " ")]
	return id, ok
}

// mention is who is named as @name at the place, and the length of that; 0: nobody.
func (b back) mention(words string, at int) (id string, n int) {
	if words[at] != '@' || inWord(words, at) {
		return "", 0
	}
	for _, name := range b.names {
		if rest, ok := strings.CutPrefix(words[at+1:], name); ok && !startsWord(rest) {
			return b.people[name], 1 + len(name)
		}
	}
	return "", 0
}

func startsWord(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return alphanumeric(first)
}
