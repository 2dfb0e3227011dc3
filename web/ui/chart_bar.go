package ui

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// barWidth is how many units wide the longest bar is drawn.
const barWidth = 1000

// bar is a bar that lies in a row of a table, of one part or of several side by
// side. Its parts stretch with the page; what they say stands in the row too.
type bar struct{ parts []barPart }

// barPart is a part of a bar: where it begins, how wide it is, what it says, and the list that it opens.
type barPart struct {
	x, width   int64
	class      string
	title, url string
}

// add puts a part behind the others; most is what the longest bar stands for. A part
// of something is never too thin to be seen.
func (b *bar) add(n, most int64, class, title, url string) {
	if n <= 0 || most <= 0 {
		return
	}
	x := int64(0)
	if len(b.parts) > 0 {
		last := b.parts[len(b.parts)-1]
		x = last.x + last.width
	}
	width := min(max(n*barWidth/most, 4), barWidth-x)
	if width > 0 {
		b.parts = append(b.parts, barPart{x, width, class, title, url})
	}
}

// drawn is the bar as a picture, in the table of a report.
func (s *speech) drawn(b bar) template.HTML {
	var text strings.Builder
	fmt.Fprintf(&text, `<svg class="drawn" viewBox="0 0 %d 10" preserveAspectRatio="none" role="group" aria-label="%s">`, barWidth, template.HTMLEscapeString(s.say("report.bar")))
	for _, part := range b.parts {
		end := "</g>"
		if part.url == "" {
			text.WriteString("<g>")
		} else {
			text.WriteString(`<a href="` + template.HTMLEscapeString(part.url) + `" tabindex="-1">`)
			end = "</a>"
		}
		text.WriteString(`<title>` + template.HTMLEscapeString(part.title) + `</title><rect class="` + part.class + `" x="`)
		text.WriteString(strconv.FormatInt(part.x, 10) + `" y="0" width="` + strconv.FormatInt(part.width, 10) + `" height="10"/>` + end)
	}
	text.WriteString("</svg>")
	return template.HTML(text.String()) //nolint:gosec // names and addresses are escaped, all else is ours
}
