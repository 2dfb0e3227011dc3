package rank

// Move is where a ticket is to go in its stack. Exactly one of the three is named.
type Move struct {
	Step   Step
	Before string // the ticket that it is to stand directly above
	After  string // the ticket that it is to stand directly below
}

// Step is a move that names no other ticket.
type Step string

// The four steps.
const (
	Raise    Step = "raise" // by one place
	Lower    Step = "lower"
	ToTop    Step = "top"
	ToBottom Step = "bottom"
)

// Steps lists the four steps.
func Steps() []Step { return []Step{Raise, Lower, ToTop, ToBottom} }
