package ui

import (
	"regexp"
	"strings"
)

// piece is a part of a text beside an earlier one: it stands in both, is new, or is gone.
type piece struct {
	Text string
	Kind string // same, new or gone
}

// mostSteps bounds the work of a comparison word by word; longer ones go line by
// line, and those that are longer still are shown as gone and new.
const mostSteps = 1_000_000

var (
	wordParts = regexp.MustCompile(`\s+|[^\s\pL\pN]|[\pL\pN]+`)
	lineParts = regexp.MustCompile(`[^\n]*\n|[^\n]+$`)
)

// differ tells how one text became the other.
func differ(before, after string) []piece {
	for _, parts := range []*regexp.Regexp{wordParts, lineParts} {
		a, b := parts.FindAllString(before, -1), parts.FindAllString(after, -1)
		first, last := alike(a, b)
		if inA, inB := a[first:len(a)-last], b[first:len(b)-last]; len(inA)*len(inB) <= mostSteps {
			var d differences
			d.add("same", a[:first]...)
			d.compare(inA, inB)
			d.add("same", a[len(a)-last:]...)
			return d.pieces
		}
	}
	var d differences
	d.add("gone", before)
	d.add("new", after)
	return d.pieces
}

// alike is how many parts are the same at the beginning and, of the rest, at the end.
func alike(a, b []string) (first, last int) {
	for first < len(a) && first < len(b) && a[first] == b[first] {
		first++
	}
	for last < len(a)-first && last < len(b)-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	return first, last
}

// differences gathers pieces; neighbours of one kind are one.
type differences struct{ pieces []piece }

func (d *differences) add(kind string, parts ...string) {
	text := strings.Join(parts, "")
	if text == "" {
		return
	}
	if n := len(d.pieces); n > 0 && d.pieces[n-1].Kind == kind {
		d.pieces[n-1].Text += text
		return
	}
	d.pieces = append(d.pieces, piece{text, kind})
}

// compare walks along the longest sequence that both have in common.
func (d *differences) compare(a, b []string) {
	common := make([][]int32, len(a)+1) // of a[i:] and b[j:]
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			d.add("same", a[i])
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			d.add("gone", a[i])
			i++
		default:
			d.add("new", b[j])
			j++
		}
	}
	d.add("gone", a[i:]...)
	d.add("new", b[j:]...)
}
