package ui

import (
	"fmt"
	"strings"
)

// The drawing of months, in its own units.
const (
	monthsWidth, monthsHeight = 960, 300
	plotLeft, plotTop         = 48, 12
	plotWidth, plotHeight     = monthsWidth - plotLeft - 8, monthsHeight - plotTop - 36
	gridLines                 = 4
)

// monthsChart is columns side by side for each month, and a line through all of them.
type monthsChart struct {
	Width, Height int
	Left, Right   int // of the plot
	Base          int // where columns stand
	Lines         []gridLine
	Columns       []chartColumn
	Labels        []chartLabel
	Line          string // the points of the line
	Points        []chartPoint
}

type gridLine struct {
	Y     int
	Label string
}

type chartColumn struct {
	X, Y, Width, Height int
	Class               string
	Title, URL          string
}

type chartLabel struct {
	X    int
	Text string
}

type chartPoint struct {
	X, Y  int
	Title string
}

// charted is what the chart shows of a month: two columns and a point.
type charted struct {
	Label   string // below; "" where there is no room
	Columns [2]chartedColumn
	Value   int64
	Title   string
}

type chartedColumn struct {
	Value      int64
	Class      string
	Title, URL string
}

func newMonthsChart(months []charted, say func(int64) string) monthsChart {
	top := int64(1)
	for _, m := range months {
		top = max(top, m.Value, m.Columns[0].Value, m.Columns[1].Value)
	}
	top = roundUp(top)
	c := monthsChart{Width: monthsWidth, Height: monthsHeight, Left: plotLeft, Right: plotLeft + plotWidth, Base: plotTop + plotHeight}
	for i := int64(0); i <= gridLines; i++ {
		c.Lines = append(c.Lines, gridLine{c.y(top*i/gridLines, top), say(top * i / gridLines)})
	}
	var line strings.Builder
	step := plotWidth / len(months)
	width := max(step*3/8, 1)
	for i, m := range months {
		left := plotLeft + i*plotWidth/len(months)
		for j, column := range m.Columns {
			y := c.y(column.Value, top)
			if column.Value > 0 {
				c.Columns = append(c.Columns, chartColumn{left + step/8 + j*width, y, width - 1, c.Base - y, column.Class, column.Title, column.URL})
			}
		}
		point := chartPoint{left + step/2, c.y(m.Value, top), m.Title}
		c.Points = append(c.Points, point)
		fmt.Fprintf(&line, "%d,%d ", point.X, point.Y)
		if m.Label != "" {
			c.Labels = append(c.Labels, chartLabel{point.X, m.Label})
		}
	}
	c.Line = strings.TrimSpace(line.String())
	return c
}

func (c monthsChart) y(value, top int64) int { return c.Base - int(value*plotHeight/top) }

// roundUp is the next number that is divided by the lines of the grid into round ones.
func roundUp(n int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, step := range []int64{4, 8, 12, 16, 20, 24, 32} {
			if n <= step*unit {
				return step * unit
			}
		}
	}
}
