package ui

import (
	"slices"

	"suivi/domain/tracker"
	"suivi/readapi"
)

// changeRow is what other rules would change for some.
type changeRow struct {
	From              stateView
	Tickets           int64
	Who               string
	Appear, Disappear []stateView
}

// flowChanges is what the proposal would change for whom. Where it is the same for
// one's own tickets and those of others, that is one row.
func (p *page) flowChanges(in tracker.Tracker, proposal readapi.Proposal) ([]changeRow, error) {
	changes, err := p.cfg.Reads.PreviewWorkflow(p.ctx(), p.actor(), in.Key, proposal)
	if err != nil {
		return nil, err
	}
	var rows []changeRow
	for i := 0; i < len(changes); i++ {
		c := changes[i]
		if !in.Enabled(c.From) && c.Tickets == 0 {
			continue
		}
		who := p.say("role." + string(c.Role))
		switch {
		case i+1 < len(changes) && sameButOwn(c, changes[i+1]):
			i++
		case c.Own:
			who = p.say("workflow.own-of", "who", who)
		default:
			who = p.say("workflow.others-of", "who", who)
		}
		rows = append(rows, changeRow{p.state(c.From, in), c.Tickets, who, p.states(c.Appear, in), p.states(c.Disappear, in)})
	}
	return rows, nil
}

func sameButOwn(a, b readapi.WorkflowChange) bool {
	return a.From == b.From && a.Role == b.Role && slices.Equal(a.Appear, b.Appear) && slices.Equal(a.Disappear, b.Disappear)
}

func (p *page) states(all []tracker.State, in tracker.Tracker) []stateView {
	var shown []stateView
	for _, s := range all {
		shown = append(shown, p.state(s, in))
	}
	return shown
}
