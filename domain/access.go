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
type Right string

// The rights of product.md §4 that the present commands ask about.
const (
	Post               Right = "post"
	CommentOn          Right = "comment"
	Watch              Right = "watch"
	EditOwn            Right = "edit-own"
	SeeAll             Right = "see-all"
	BeAssignee         Right = "be-assignee"
	TakeUnassigned     Right = "take-unassigned"
	ChangeState        Right = "change-state"
	WriteResolution    Right = "write-resolution"
	Move               Right = "move"    // to the tracker's parent, or to one right below it
	Cascade            Right = "cascade" // send to the parent tracker, call back, hand back
	AssignAnybody      Right = "assign-anybody"
	EditAny            Right = "edit-any"
	SeeInternal        Right = "see-internal" // hidden fields and internal notes
	SeeRank            Right = "see-rank"
	ManageComments     Right = "manage-comments"
	ManageWatchers     Right = "manage-watchers"
	ManageDependencies Right = "manage-dependencies"
	ManagePriority     Right = "manage-priority"
	Delete             Right = "delete"
	Bulk               Right = "bulk"
	Configure          Right = "configure"
)

// Rights lists every right.
func Rights() []Right {
	return []Right{Post, CommentOn, Watch, EditOwn, SeeAll, BeAssignee, TakeUnassigned, ChangeState,
		WriteResolution, Move, Cascade, AssignAnybody, EditAny, SeeInternal, SeeRank, ManageComments, ManageWatchers,
		ManageDependencies, ManagePriority, Delete, Bulk, Configure}
}

// Valid tells whether r is one of the rights.
func (r Right) Valid() bool { return slices.Contains(Rights(), r) }

// RightChanges is how the rights of a role differ from the preset by hand. What
// is named in neither list is as the mode has it, now and after a change of mode.
type RightChanges struct {
	Granted []Right `json:"granted,omitempty"`
	Revoked []Right `json:"revoked,omitempty"`
}

// Policy says which rights the roles have in a tracker: the preset of its mode,
// and what was changed by hand.
type Policy struct {
	Mode    Mode
	Changes map[Role]RightChanges
}

// Holds tells whether any of the roles has the right.
func (p Policy) Holds(roles []Role, right Right) bool {
	return slices.ContainsFunc(roles, func(role Role) bool {
		switch by := p.Changes[role]; {
		case slices.Contains(by.Granted, right):
			return true
		case slices.Contains(by.Revoked, right):
			return false
		}
		return presetHolds(p.Mode, role, right)
	})
}

// presetHolds is the rights table of product.md §4; footnote ¹ and "mode" are SeeAll.
func presetHolds(mode Mode, role Role, right Right) bool {
	switch right {
	case Post, CommentOn, Watch, EditOwn:
		return role.Valid()
	case SeeAll:
		return seesAll(mode, role)
	case BeAssignee, TakeUnassigned, ChangeState, SeeInternal, SeeRank:
		return role == Developer || role == Resolver || role == Manager
	case WriteResolution, Move, Cascade:
		return role == Resolver || role == Manager
	case AssignAnybody, EditAny, ManageComments, ManageWatchers, ManageDependencies, ManagePriority, Delete, Bulk, Configure:
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

// May tells whether the actor, who holds the roles, has the right: an
// administrator of the site always, whatever was changed by hand.
func (a Actor) May(policy Policy, roles []Role, right Right) bool {
	return a.Admin || policy.Holds(roles, right)
}

// SeesTicket tells whether the actor may see a ticket of a tracker of the policy
// in which they hold the roles: all, or what they reported or are assigned to, or
// what they watch as long as they are members.
// readapi's SQL predicate says the same; a test holds the two together.
func (a Actor) SeesTicket(policy Policy, roles []Role, reporter, assignee UserID, watches bool) bool {
	return a.Admin || a.ID == reporter || a.ID == assignee && assignee != "" || policy.Holds(roles, SeeAll) ||
		watches && len(roles) > 0
}

// Topic is a kind of change that a watcher wants to hear of, or not. ticket.Topics lists them.
type Topic string
