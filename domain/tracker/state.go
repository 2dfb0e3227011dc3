package tracker

import "slices"

// State is where a ticket stands in its life cycle (product.md §3).
type State string

// The eleven states.
const (
	Posted      State = "posted"
	Open        State = "open"
	Working     State = "working"
	Blocked     State = "blocked"
	Waiting     State = "waiting"
	Testing     State = "testing"
	Published   State = "published"
	Resolved    State = "resolved"
	Validated   State = "validated"
	Abandoned   State = "abandoned"
	Transferred State = "transferred"
)

// List is which of the two lists a ticket stands in. It follows from the state
// alone, and is the one meaning of open and closed everywhere.
type List string

// The two lists.
const (
	OpenList     List = "open"
	ResolvedList List = "resolved"
)

// States lists all eleven states in the order of the life cycle.
func States() []State {
	return []State{Posted, Open, Working, Blocked, Waiting, Testing, Published,
		Resolved, Validated, Abandoned, Transferred}
}

// Valid tells whether s is one of the eleven states.
func (s State) Valid() bool { return slices.Contains(States(), s) }

// List tells in which list tickets of the state stand.
func (s State) List() List {
	switch s {
	case Resolved, Validated, Abandoned, Transferred:
		return ResolvedList
	default:
		return OpenList
	}
}

// StackEnd is an end of a tracker's priority stack. The zero one is the bottom.
type StackEnd string

// The two ends.
const (
	AtTop    StackEnd = "top"
	AtBottom StackEnd = "bottom"
)

// Valid tells whether e is one of the two ends.
func (e StackEnd) Valid() bool { return e == AtTop || e == AtBottom }

// EntersAt is the end of the stack at which new and reopened tickets enter.
func (t Tracker) EntersAt() StackEnd {
	if t.NewTickets == "" {
		return AtBottom
	}
	return t.NewTickets
}

// Label is a text in both languages of the product. An empty one means that the
// built-in text is shown.
type Label struct {
	FR string `json:"fr,omitempty"`
	EN string `json:"en,omitempty"`
}

// DefaultLabel is the built-in name of the state.
func (s State) DefaultLabel() Label {
	switch s {
	case Posted:
		return Label{"Posté", "Posted"}
	case Open:
		return Label{"Ouvert", "Open"}
	case Working:
		return Label{"En travail", "In progress"}
	case Blocked:
		return Label{"Bloqué", "Blocked"}
	case Waiting:
		return Label{"En attente de données", "Waiting for data"}
	case Testing:
		return Label{"En test", "Being tested"}
	case Published:
		return Label{"Publié", "Published"}
	case Resolved:
		return Label{"Résolu", "Resolved"}
	case Validated:
		return Label{"Validé", "Validated"}
	case Abandoned:
		return Label{"Abandonné", "Abandoned"}
	case Transferred:
		return Label{"Transféré", "Transferred"}
	}
	return Label{string(s), string(s)}
}
