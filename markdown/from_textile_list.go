package markdown

import (
	"strconv"
	"strings"
)

// list is a list with those below it: each is as far in as the words of the item above.
func (f fromTextile) list(of []string, other bool) string {
	var out []string
	var in []string // how far in the words of the items are, by level
	var kinds []byte
	var numbers []int
	for _, line := range of {
		m := itemForm.FindStringSubmatch(line)
		if m == nil { // one more line of the item
			out = append(out, in[len(in)-1]+f.inline(line))
			continue
		}
		level := min(len(m[1]), len(in)+1, mostNested)
		kind, above := m[1][len(m[1])-1], ""
		if level > 1 {
			above = in[level-2]
		}
		number := 1
		if len(kinds) >= level && kinds[level-1] == kind {
			number = numbers[level-1] + 1
		}
		mark := marker(kind, number, other && level == 1)
		out = append(out, above+mark+f.inline(m[2]))
		in, kinds, numbers = append(in[:level-1], above+strings.Repeat(" ", len(mark))), append(kinds[:level-1], kind), append(numbers[:level-1], number)
	}
	return strings.Join(out, "\n")
}

// marker begins an item. Two lists of one kind side by side have different ones, or they would be one.
func marker(kind byte, number int, other bool) string {
	switch {
	case kind == '#' && other:
		return strconv.Itoa(number) + ") "
	case kind == '#':
		return strconv.Itoa(number) + ". "
	case other:
		return "- "
	}
	return "* "
}
