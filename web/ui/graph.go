package ui

import (
	"slices"
	"strconv"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// The measures of a drawn graph of dependencies, in pixels.
const (
	boxWidth, boxHeight = 190, 44
	gapAcross, gapDown  = 60, 16
	graphDepth          = 6
	mostLetters         = 24 // of a summary in a box
)

// graph is tickets as boxes in columns, with lines from each to what waits for it:
// prerequisites stand on the left of the ticket, dependents on its right.
type graph struct {
	Width, Height int
	Boxes         []box
	Lines         []line
}

// OuterWidth is the width with its edges.
func (g graph) OuterWidth() int { return g.Width + 4 }

// OuterHeight is the height with its edges.
func (g graph) OuterHeight() int { return g.Height + 4 }

// box is one ticket in a graph.
type box struct {
	X, Y    int
	ID      domain.TicketID
	Summary string // cut to the box
	Title   string // whole, with the state
	State   stateView
	Self    bool
}

// line leads from a prerequisite to what waits for it. It is drawn as a path.
type line struct {
	Path string
	Open bool // the prerequisite is not closed yet: it holds the other up
}

// graphView is the page of a ticket's dependencies: drawn, and as trees.
type graphView struct {
	*chrome

	ID      domain.TicketID
	Summary string
	Graph   graph
	Needs   []nodeView
	Holds   []nodeView
	More    bool
}

func graphPage(p *page) error {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	tree, err := p.cfg.Reads.Dependencies(p.ctx(), s, graphDepth)
	if err != nil {
		return err
	}
	t, in := s.Ticket(), s.Tracker()
	frame, around, err := p.frame(p.say("graph.title", "ticket", t.ID), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	v := graphView{chrome: frame, ID: t.ID, Summary: t.Summary, More: tree.More}
	v.Needs = p.nodes(tree.Prerequisites, in, func(b *readapi.Branch) []*readapi.Branch { return b.Prerequisites }, true)
	v.Holds = p.nodes(tree.Dependents, in, func(b *readapi.Branch) []*readapi.Branch { return b.Dependents }, true)
	d := drawing{placed: map[domain.TicketID]int{}}
	self := readapi.Branch{ID: t.ID, Tracker: t.Tracker, Summary: t.Summary, State: t.State, List: t.List}
	d.put(&self, 0)
	d.grow(&self, tree.Prerequisites, -1, func(b *readapi.Branch) []*readapi.Branch { return b.Prerequisites })
	d.grow(&self, tree.Dependents, 1, func(b *readapi.Branch) []*readapi.Branch { return b.Dependents })
	v.Graph = d.draw(func(b *readapi.Branch) box {
		desk := around.of(b.Tracker).Tracker
		state := p.state(b.State, desk)
		return box{ID: b.ID, Summary: cutText(b.Summary), Title: string(b.ID) + " · " + b.Summary + " · " + state.Label, State: state, Self: b.ID == t.ID}
	})
	return p.show("graph", v)
}

// drawing gathers tickets in columns: 0 is the ticket's own, those before it are
// prerequisites. A ticket that is reached in several ways stands once, where it is farthest.
type drawing struct {
	all    []*readapi.Branch
	placed map[domain.TicketID]int
	edges  [][2]domain.TicketID // from a prerequisite to what waits for it
}

func (d *drawing) put(b *readapi.Branch, column int) {
	at, known := d.placed[b.ID]
	if !known {
		d.all = append(d.all, b)
	}
	if !known || column*column > at*at {
		d.placed[b.ID] = column
	}
}

func (d *drawing) grow(from *readapi.Branch, branches []*readapi.Branch, column int, below func(*readapi.Branch) []*readapi.Branch) {
	step := 1
	if column < 0 {
		step = -1
	}
	for _, b := range branches {
		d.put(b, column)
		edge := [2]domain.TicketID{from.ID, b.ID}
		if column < 0 {
			edge = [2]domain.TicketID{b.ID, from.ID}
		}
		if !slices.Contains(d.edges, edge) {
			d.edges = append(d.edges, edge)
		}
		d.grow(b, below(b), column+step, below)
	}
}

func (d *drawing) draw(show func(*readapi.Branch) box) graph {
	var columns []int
	rows := map[int]int{}
	for _, column := range d.placed {
		rows[column]++
		columns = append(columns, column)
	}
	first, last, highest := slices.Min(columns), slices.Max(columns), 0
	for _, n := range rows {
		highest = max(highest, n)
	}
	g := graph{Width: (last-first+1)*(boxWidth+gapAcross) - gapAcross, Height: highest*(boxHeight+gapDown) - gapDown}
	next, at := map[int]int{}, map[domain.TicketID]box{}
	for _, b := range d.all {
		column := d.placed[b.ID]
		shown := show(b)
		above := (highest - rows[column]) * (boxHeight + gapDown) / 2 // a short column stands in the middle
		shown.X, shown.Y = (column-first)*(boxWidth+gapAcross), above+next[column]*(boxHeight+gapDown)
		next[column]++
		at[b.ID] = shown
		g.Boxes = append(g.Boxes, shown)
	}
	for _, edge := range d.edges {
		from, to := at[edge[0]], at[edge[1]]
		g.Lines = append(g.Lines, line{curve(from, to), from.State.List == tracker.OpenList})
	}
	return g
}

// curve is the path of a line from the right side of one box to the left side of the other.
func curve(from, to box) string {
	x1, y1, x2, y2 := from.X+boxWidth, from.Y+boxHeight/2, to.X-6, to.Y+boxHeight/2
	bend := max(gapAcross/2, (x2-x1)/2)
	n := strconv.Itoa
	return "M" + n(x1) + " " + n(y1) + "C" + n(x1+bend) + " " + n(y1) + " " + n(x2-bend) + " " + n(y2) + " " + n(x2) + " " + n(y2)
}

func cutText(text string) string {
	letters := []rune(text)
	if len(letters) <= mostLetters {
		return text
	}
	return string(letters[:mostLetters-1]) + "…"
}
