package helpdesk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxOption is the longest code of an option.
const maxOption = 64

// names gathers the texts of one column that become codes.
type names struct {
	column, becomes string
	limit           int // of the code, in bytes; 0 for none
	byCode          map[string]string
}

func newNames(column, becomes string, limit int) *names {
	return &names{column: column, becomes: becomes, limit: limit, byCode: map[string]string{}}
}

func (n *names) add(line int, name string) error {
	if name == "" {
		return nil
	}
	code := slug(name)
	other, seen := n.byCode[code]
	switch {
	case code == "" || n.limit > 0 && len(code) > n.limit:
		return fmt.Errorf("line %d: %s %q cannot become an %s; use letters and digits (a to z), at most %d", line, n.column, name, n.becomes, maxOption)
	case seen && other != name:
		return fmt.Errorf("line %d: %s %q and %q would become the same %s %q; write them alike, or further apart", line, n.column, name, other, n.becomes, code)
	}
	n.byCode[code] = name
	return nil
}

// sorted are the names as people order them: "Value 2" before "Value 10".
func (n *names) sorted() []string {
	list := make([]string, 0, len(n.byCode))
	for _, name := range n.byCode {
		list = append(list, name)
	}
	slices.SortFunc(list, func(a, b string) int {
		aWord, aNumber := trailingNumber(a)
		bWord, bNumber := trailingNumber(b)
		return cmp.Or(cmp.Compare(aWord, bWord), cmp.Compare(len(aNumber), len(bNumber)), cmp.Compare(aNumber, bNumber))
	})
	return list
}

func trailingNumber(name string) (word, number string) {
	word = strings.TrimRight(name, "0123456789")
	return word, name[len(word):]
}

// slug is the name in small letters, digits and single hyphens.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}
