package tracker

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"suivi/domain"
)

// HierarchyStream is the one stream of all parents of the site. Whoever appends
// to it has seen all of the tree, so that no two appends make a circle (ADR 0008).
const HierarchyStream = "hierarchy-trackers"

// Hierarchy is the tree of the site's trackers. The zero Hierarchy has no parents.
type Hierarchy struct {
	Parents   map[domain.TrackerKey]domain.TrackerKey // by the child
	UpdatedAt time.Time
}

// ParentSet puts a tracker below another one, in place of an earlier parent.
type ParentSet struct {
	Tracker domain.TrackerKey `json:"tracker"`
	Parent  domain.TrackerKey `json:"parent,omitempty"` // "": it stands alone from now on
}

// ParentFacts are what DecideParent needs to know beside the tree.
type ParentFacts struct {
	Actor         domain.Actor
	Child, Parent Tracker // as they are; the parent is zero when none is named or there is none
	// UsedStates are the states that the child's tickets are in.
	UsedStates []State
}

// DecideParent tells whether a tracker may be put below another, or be taken
// from its parent. No events means that it stands there already.
func DecideParent(tree Hierarchy, c ParentSet, facts ParentFacts) ([]ParentSet, error) {
	switch {
	case !facts.Child.Sees(facts.Actor):
		return nil, domain.ErrNoTracker(c.Tracker)
	case !facts.Child.May(facts.Actor, domain.Configure):
		return nil, domain.Errorf(domain.Forbidden, "right-missing", "only managers configure the tracker %s", c.Tracker)
	case facts.Child.Archived:
		return nil, ErrArchived(c.Tracker)
	case tree.Parents[c.Tracker] == c.Parent:
		return nil, nil
	case c.Parent == "" && slices.Contains(facts.UsedStates, Transferred):
		return nil, domain.Errorf(domain.Refused, "state-in-use",
			"tickets of %s are transferred to its parent; bring them back first", c.Tracker)
	case c.Parent == "":
		return []ParentSet{c}, nil
	case !facts.Parent.Sees(facts.Actor):
		var problems domain.Problems
		problems.Add("parent", "unknown-tracker", "there is no tracker %s", c.Parent)
		return nil, problems.Err()
	case facts.Parent.Archived:
		return nil, ErrArchived(c.Parent)
	case tree.leads(c.Parent, c.Tracker):
		return nil, domain.Errorf(domain.Refused, "hierarchy-cycle", "%s stands above %s, or is it", c.Tracker, c.Parent)
	}
	return []ParentSet{c}, nil
}

// leads tells whether the way up from one tracker comes to the other. The tree has no circles, so it ends.
func (h Hierarchy) leads(from, to domain.TrackerKey) bool {
	for key := from; key != ""; key = h.Parents[key] {
		if key == to {
			return true
		}
	}
	return false
}

// EvolveHierarchy is the tree after one more event. It changes nothing that h shares.
func EvolveHierarchy(h Hierarchy, e ParentSet, meta domain.Meta) Hierarchy {
	parents := maps.Clone(h.Parents)
	if parents == nil {
		parents = map[domain.TrackerKey]domain.TrackerKey{}
	}
	if e.Parent == "" {
		delete(parents, e.Tracker)
	} else {
		parents[e.Tracker] = e.Parent
	}
	return Hierarchy{Parents: parents, UpdatedAt: meta.OccurredAt}
}

const parentSetV1 = "hierarchy.parent_set.v1"

// EncodeHierarchy gives the stored name and the JSON of an event of the tree.
func EncodeHierarchy(e ParentSet) (name string, data []byte, err error) {
	data, err = json.Marshal(e)
	return parentSetV1, data, err
}

// DecodeHierarchy reads a stored event of the tree.
func DecodeHierarchy(name string, data []byte) (ParentSet, error) {
	var e ParentSet
	if name != parentSetV1 {
		return e, fmt.Errorf("tracker: unknown event %q of the hierarchy", name)
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return e, fmt.Errorf("tracker: read %s: %w", name, err)
	}
	return e, nil
}
