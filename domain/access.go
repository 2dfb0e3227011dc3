package domain

import "slices"

// Role is what a person is in a tracker; one may hold several (product.md §4).
type Role string

// The four roles of a tracker. Administrators of the site hold all of them everywhere.
const (
	Reporter  Role = "reporter"
	Developer Role = "developer"
	Resolver  Role = "resolver"
	Manager   Role = "manager"
)

// Roles lists every role, the one with the fewest rights first.
func Roles() []Role { return []Role{Reporter, Developer, Resolver, Manager} }

// Valid tells whether r is one of the four roles.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Mode is the preset that a tracker starts from (product.md §4).
type Mode string

// The four modes.
const (
	Bugtracker Mode = "bugtracker" // reporters see every ticket
	Ticketing  Mode = "ticketing"  // reporters see their own
	Taskspread Mode = "taskspread" // developers see what is assigned to them
	Custom     Mode = "custom"     // everything chosen by hand
)

// Modes lists every mode.
func Modes() []Mode { return []Mode{Bugtracker, Ticketing, Taskspread, Custom} }

// Valid tells whether m is one of the four modes.
func (m Mode) Valid() bool { return slices.Contains(Modes(), m) }

// Right is one thing that a role may do in a tracker.
type Right int

// The rights of product.md §4 that the present commands ask about.
const (
	Post Right = iota
	CommentOn
	Watch
	EditOwn
	SeeAll
	BeAssignee
	TakeUnassigned
	ChangeState
	WriteResolution
	AssignAnybody
	EditAny
	SeeInternal
	ManageComments
	ManageWatchers
	Delete
	Bulk
	Configure
)

// Holds tells whether any of the roles has the right in a tracker of the mode.
// It is the rights table of product.md §4; footnote ¹ and "mode" are SeeAll.
func Holds(mode Mode, roles []Role, right Right) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return roleHolds(mode, r, right) })
}

func roleHolds(mode Mode, role Role, right Right) bool {
	switch right {
	case Post, CommentOn, Watch, EditOwn:
		return role.Valid()
	case SeeAll:
		return seesAll(mode, role)
	case BeAssignee, TakeUnassigned, ChangeState, SeeInternal:
		return role == Developer || role == Resolver || role == Manager
	case WriteResolution:
		return role == Resolver || role == Manager
	case AssignAnybody, EditAny, ManageComments, ManageWatchers, Delete, Bulk, Configure:
		return role == Manager
	}
	return false
}

func seesAll(mode Mode, role Role) bool {
	switch role {
	case Reporter:
		return mode == Bugtracker
	case Developer:
		return mode != Taskspread
	case Resolver, Manager:
		return true
	}
	return false
}

// Actor is who asks: a person, and whether they administer the site.
type Actor struct {
	ID    UserID
	Admin bool
}

// SeesTicket tells whether the actor may see a ticket of a tracker of the mode
// in which they hold the roles: all, or what they reported or are assigned to, or
// what they watch as long as they are members.
// readapi's SQL predicate says the same; a test holds the two together.
func (a Actor) SeesTicket(mode Mode, roles []Role, reporter, assignee UserID, watches bool) bool {
	return a.Admin || a.ID == reporter || a.ID == assignee && assignee != "" || Holds(mode, roles, SeeAll) ||
		watches && len(roles) > 0
}

// Topic is a kind of change that a watcher wants to hear of, or not. ticket.Topics lists them.
type Topic string
