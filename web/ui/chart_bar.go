package ui

// barWidth is how many units wide the longest bar is drawn.
const barWidth = 1000

// bar is a bar that lies in a row of a table, of one part or of several side by
// side. Its parts stretch with the page; what they say stands in the row too.
type bar struct{ Parts []barPart }

// barPart is a part of a bar: where it begins, how wide it is, what it says, and the list that it opens.
type barPart struct {
	X, Width   int64
	Class      string
	Title, URL string
}

// add puts a part behind the others; most is what the longest bar stands for. A part
// of something is never too thin to be seen.
func (b *bar) add(n, most int64, class, title, url string) {
	if n <= 0 || most <= 0 {
		return
	}
	x := int64(0)
	if len(b.Parts) > 0 {
		last := b.Parts[len(b.Parts)-1]
		x = last.X + last.Width
	}
	width := min(max(n*barWidth/most, 4), barWidth-x)
	if width > 0 {
		b.Parts = append(b.Parts, barPart{x, width, class, title, url})
	}
}
