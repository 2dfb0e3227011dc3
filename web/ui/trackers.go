package ui

import (
	"slices"

	"suivi/domain"
	"suivi/readapi"
)

// trackersView is all trackers that the person sees, as a tree, archived ones too.
type trackersView struct {
	*chrome

	Tree   []trackerNode
	IsMore bool
	CanNew bool
}

type trackerNode struct {
	navTracker

	Archived   bool
	Configures bool
	Below      []trackerNode
}

func trackersPage(p *page) error {
	frame, _, err := p.frame(p.say("trackers.title"), "trackers")
	if err != nil {
		return err
	}
	all, err := p.cfg.Reads.EveryTracker(p.ctx(), p.actor(), mostTrackers)
	if err != nil {
		return err
	}
	v := trackersView{chrome: frame, CanNew: p.who.Admin, IsMore: len(all) == mostTrackers}
	for _, t := range all {
		if !slices.ContainsFunc(all, func(o readapi.ListedTracker) bool { return o.Key == t.Parent }) {
			v.Tree = append(v.Tree, p.trackerNode(t, all))
		}
	}
	return p.show("trackers", v)
}

// trackerNode is the tracker with those below it. The tree has no circles.
func (p *page) trackerNode(t readapi.ListedTracker, all []readapi.ListedTracker) trackerNode {
	node := trackerNode{navTracker: navTracker{t.Key, t.Name}, Archived: t.Archived, Configures: t.May(p.actor(), domain.Configure)}
	for _, child := range all {
		if child.Parent == t.Key {
			node.Below = append(node.Below, p.trackerNode(child, all))
		}
	}
	return node
}
