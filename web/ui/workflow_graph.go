package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// flowGraph is a workflow as a drawing: states in a row, in the order of a life, with
// changes forward as arcs above and changes back as arcs below. Arcs of one state are
// nested and do not cross each other.
type flowGraph struct {
	Width, Height int
	Nodes         []flowNode
	Arcs          []flowArc
}

type flowNode struct {
	State         stateView
	X, Y, Mid     int
	Width, Height int
	Lines         []flowLine
}

type flowLine struct {
	Text string
	Y    int
}

// flowArc is a change of state: a line, and its head.
type flowArc struct {
	From       stateView
	Title      string
	Own        bool // only reporters, on their own tickets
	Line, Head string
}

// flowChange is an arc to draw, between places in the row.
type flowChange struct {
	From, To int
	Title    string
	Own      bool
}

// Sizes of the drawing, in its own units.
const (
	nodeWidth, nodeHeight, nodeGap = 100, 44, 14
	arcRise                        = 26 // for each place that an arc spans
	graphEdge                      = 6
	headHalf, headLong             = 3.5, 7.0
	lineLetters                    = 14
)

func drawFlow(states []stateView, changes []flowChange) flowGraph {
	above, below := 0, 0
	for _, c := range changes {
		above, below = max(above, c.To-c.From), max(below, c.From-c.To)
	}
	// A cubic curve comes to three quarters of the way to its handles.
	top := graphEdge + rise(above)*3/4
	g := flowGraph{Width: len(states)*(nodeWidth+nodeGap) - nodeGap + 2*graphEdge, Height: top + nodeHeight + rise(below)*3/4 + graphEdge}
	for i, s := range states {
		g.Nodes = append(g.Nodes, newFlowNode(s, graphEdge+i*(nodeWidth+nodeGap), top))
	}
	for _, c := range changes {
		g.Arcs = append(g.Arcs, g.arc(c, changes))
	}
	return g
}

func rise(span int) int {
	if span == 0 {
		return 0
	}
	return arcRise * (span + 1)
}

func newFlowNode(s stateView, x, y int) flowNode {
	const small = 14
	n := flowNode{State: s, X: x, Y: y, Mid: x + nodeWidth/2, Width: nodeWidth, Height: nodeHeight}
	lines := twoLines(s.Label)
	first := y + nodeHeight/2 + 4 - (len(lines)-1)*small/2
	for i, line := range lines {
		n.Lines = append(n.Lines, flowLine{line, first + i*small})
	}
	return n
}

// twoLines breaks a name between words, and ends it with … where it does not fit.
func twoLines(text string) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := len(lines) - 1
		switch longer := strings.TrimSpace(lines[last] + " " + word); {
		case utf8.RuneCountInString(longer) <= lineLetters || lines[last] == "":
			lines[last] = longer
		case last == 0:
			lines = append(lines, word)
		default:
			lines[last] += "…"
			return cutLines(lines)
		}
	}
	return cutLines(lines)
}

func cutLines(lines []string) []string {
	for i, line := range lines {
		if letters := []rune(line); len(letters) > lineLetters {
			lines[i] = string(letters[:lineLetters-1]) + "…"
		}
	}
	return lines
}

// arc leaves its state on the side that it goes to, and comes in on the other half.
func (g flowGraph) arc(c flowChange, all []flowChange) flowArc {
	from, to := g.Nodes[c.From], g.Nodes[c.To]
	forward := c.To > c.From
	side, y, way := 1.0, float64(from.Y), -1.0
	if !forward {
		side, y, way = -1, float64(from.Y+from.Height), 1
	}
	x1 := float64(from.Mid) + side*port(c, all, func(o flowChange) bool { return o.From == c.From && (o.To > o.From) == forward })
	x2 := float64(to.Mid) - side*port(c, all, func(o flowChange) bool { return o.To == c.To && (o.To > o.From) == forward })
	handle := y + way*float64(rise(span(c)))
	return flowArc{
		From: from.State, Title: c.Title, Own: c.Own,
		Line: fmt.Sprintf("M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", x1, y, x1, handle, x2, handle, x2, y+way*headLong),
		Head: fmt.Sprintf("M%.1f %.1fL%.1f %.1fL%.1f %.1fZ", x2-headHalf, y+way*headLong, x2, y, x2+headHalf, y+way*headLong),
	}
}

func span(c flowChange) int { return max(c.To-c.From, c.From-c.To) }

// port is how far from the middle of its state an arc stands: of those at the same
// half, the nearer one's end is farther out, so that they are nested.
func port(c flowChange, all []flowChange, together func(flowChange) bool) float64 {
	const inner, outer = 6.0, nodeWidth/2 - 8.0
	count, place := 0, 0
	for _, o := range all {
		if together(o) {
			count++
			if span(o) > span(c) {
				place++
			}
		}
	}
	return inner + (outer-inner)*(float64(place)+0.5)/float64(count)
}
