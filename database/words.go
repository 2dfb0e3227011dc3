package database

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longestWord is after how many letters words are cut off, in texts and in what is
// looked for alike.
const longestWord = 64

// Words are the words of a text as a WordIndex has them, in order: runs of letters
// and digits, small, without accents (É is e, œ is oe). It is done here, rather than
// by the databases, so that both find the same.
func Words(text string) []string {
	var words []string
	var word strings.Builder
	length := 0
	end := func() {
		if length > 0 {
			words = append(words, word.String())
		}
		word.Reset()
		length = 0
	}
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Cf): // accents, and what no eye sees, as a soft hyphen
		case !unicode.In(r, unicode.L, unicode.N, unicode.M):
			end()
		case length < longestWord:
			word.WriteString(small(r))
			length++
		}
	}
	end()
	return words
}

// small is the letter in small; some letters that people without them write as others do.
func small(r rune) string {
	r = unicode.ToLower(unicode.ToUpper(r)) // both, for letters with two small forms
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	}
	return string(r)
}
