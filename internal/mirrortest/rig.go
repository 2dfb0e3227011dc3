package mirrortest

import (
	"testing"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// Rig is a tool with a site of its own.
type Rig struct {
	Site   string // the base URL; what the tool asks for goes through a proxy before it
	Secret string // that the site takes
	// Tool makes the tool as a new process would.
	Tool func() mirror.Tool
	// Mirror is the mirror of a tracker whose people are known to the site, but for Site and Secret.
	// Internal notes go there, and its policy is to delete.
	Mirror func(t testing.TB, people []domain.UserID) tracker.Mirror
	// Look reads all that the site has for the ticket, round the tool: every twin.
	Look func(t testing.TB, id domain.TicketID) []Seen
	// Lose deletes the ticket's twin as a person there.
	Lose func(t testing.TB, id domain.TicketID)
	// Spoil changes the summary of the ticket's twin as a person there.
	Spoil func(t testing.TB, id domain.TicketID)
	// People act on twins there; nil: the tool does not hear of it.
	People *People
	// Poison is a summary that the site will not take.
	Poison string
	// Stride is how many steps are passed over between two at which a process dies: for sites that are slow.
	Stride int
}

// People act on twins, with each their own account there.
type People struct {
	Staff, Stranger string // outside ids: of the second of the mirror's people, and of somebody who is nobody here
	// Say adds a text, Attach a file, Close closes the twin.
	Say    func(t testing.TB, id domain.TicketID, as, text string)
	Attach func(t testing.TB, id domain.TicketID, as, name, content string)
	Close  func(t testing.TB, id domain.TicketID, as string)
	// Tie has the twin of the ticket depend on the one of the prerequisite, or no longer; nil: the tool does not hear of it.
	Tie func(t testing.TB, id, prerequisite domain.TicketID, as string, end bool)
}

// Seen is a twin as somebody sees it there.
type Seen struct {
	Summary       string
	Closed        bool
	Said          []string // texts in their order, without what the tool adds; internal ones begin with "internal: "
	Files         []string // "name content", sorted
	Prerequisites []string // the tickets' ids, sorted
}
