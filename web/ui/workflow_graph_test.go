package ui

import (
	"fmt"
	"slices"
	"testing"

	"suivi/domain/tracker"
)

func TestArcsOfOneStateAreNestedAndPointTheRightWay(t *testing.T) {
	t.Parallel()
	var states []stateView
	for _, s := range tracker.States()[:5] {
		states = append(states, stateView{Key: s, Label: string(s)})
	}
	g := drawFlow(states, []flowChange{{From: 0, To: 1}, {From: 0, To: 3}, {From: 2, To: 3}, {From: 3, To: 0}, {From: 3, To: 2}})
	type ends struct{ x1, y1, x2, y2 float64 }
	var all []ends
	for _, a := range g.Arcs {
		var e ends
		var h1, hy1, h2, hy2 float64
		if _, err := fmt.Sscanf(a.Line, "M%f %fC%f %f %f %f %f %f", &e.x1, &e.y1, &h1, &hy1, &h2, &hy2, &e.x2, &e.y2); err != nil {
			t.Fatalf("%s: %v", a.Line, err)
		}
		if top := hy1*0.75 + e.y1*0.25; top < 0 || top > float64(g.Height) {
			t.Errorf("%s leaves the drawing, which is %d high", a.Line, g.Height)
		}
		all = append(all, e)
	}
	near, far, late, back, step := all[0], all[1], all[2], all[3], all[4]
	if far.x1 >= near.x1 || far.x2 <= late.x2 {
		t.Errorf("the far arc is not around the near ones: %v, %v, %v", far, near, late)
	}
	if back.x1 <= step.x1 || near.x2 <= near.x1 || back.x2 >= back.x1 {
		t.Errorf("arcs go the wrong way: %v, %v, %v", near, back, step)
	}
	if node := g.Nodes[0]; near.y1 != float64(node.Y) || back.y1 != float64(node.Y+node.Height) {
		t.Errorf("forward is above and back below: %v, %v, %+v", near, back, node)
	}
}

func TestNamesOfStatesFitIntoTheirNodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Open":                                 {"Open"},
		"En attente de données":                {"En attente de", "données"},
		"Anticonstitutionnellement":            {"Anticonstitut…"},
		"a name that is much longer than fits": {"a name that is", "much longer…"},
	} {
		if got := twoLines(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
