package ui

import (
	"slices"

	"suivi/accounts"
)

// closedPanels are the panels of tickets' pages that the site has closed at first.
type closedPanels []string

func (c closedPanels) has(panel string) bool { return slices.Contains(c, panel) }

// Watchers tells whether that panel is closed.
func (c closedPanels) Watchers() bool { return c.has(accounts.PanelWatchers) }

// Dependencies tells whether that panel is closed.
func (c closedPanels) Dependencies() bool { return c.has(accounts.PanelDependencies) }

// fold is a run of the timeline's entries of one panel: open as they are, or closed
// behind a line that tells how many there are.
type fold struct {
	ID      int // of the run on this page
	Closed  bool
	Said    string
	Entries []entry
}

// folds parts the timeline where a closed panel begins or ends. Its order stays, so that one
// reads on where it is opened.
func (p *page) folds(entries []entry, closed closedPanels) []fold {
	var all []fold
	last := ""
	for i, e := range entries {
		panel := accounts.PanelComments
		if e.Kind == "event" {
			panel = accounts.PanelHistory
		}
		if !closed.has(panel) {
			panel = ""
		}
		if len(all) == 0 || panel != last {
			all = append(all, fold{ID: i, Closed: panel != ""})
		}
		last = panel
		run := &all[len(all)-1]
		if run.Entries = append(run.Entries, e); run.Closed {
			run.Said = p.say("fold."+panel, "n", len(run.Entries))
		}
	}
	return all
}
