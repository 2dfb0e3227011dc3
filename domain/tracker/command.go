package tracker

import "suivi/domain"

// Command is something that a person wants of a tracker. The types below are all there are.
type Command interface{ trackerCommand() }

// Settings are the parts of a tracker that Create and Configure set. A nil one is not named.
type Settings struct {
	Name            *string
	Mode            *domain.Mode
	Workflow        *Workflow
	States          *[]State
	Labels          map[State]Label
	DefaultAssignee *domain.UserID // "" for none
	Intro           *Label
	ThankYou        *Label
	ContactURL      *string
	CommentsOff     *bool
	Assignment      *Assignment
	Migrate         map[State]State // where the tickets go that are in states which this disables
	NewTickets      *StackEnd
	Course          *Course
	BackReport      *BackReport
	ReportComments  *bool
}

// Create makes a new tracker. Name is required; the mode is bugtracker and the
// workflow relaxed unless named. Members come with it, so that a default
// assignee can be one of them.
type Create struct {
	Key domain.TrackerKey
	Settings
	Members map[domain.UserID][]domain.Role
}

// Configure changes the named settings.
type Configure struct{ Settings }

// SetMember gives a person their roles, in place of those they had.
type SetMember struct {
	User  domain.UserID
	Roles []domain.Role
}

// RemoveMember takes all roles from a person.
type RemoveMember struct{ User domain.UserID }

// SetField adds a field or replaces the one with the same code.
type SetField struct{ Field Field }

// RemoveField takes a field out of use.
type RemoveField struct{ Code string }

// OrderFields says in which order the fields stand; it must name each field once.
type OrderFields struct{ Codes []string }

// Archive makes the tracker read only: no posts, no changes.
type Archive struct{}

// Unarchive opens an archived tracker again.
type Unarchive struct{}

// SetRights says how the rights of a role differ from the preset, in place of
// earlier differences.
type SetRights struct {
	Role domain.Role
	domain.RightChanges
}

// ResetRights brings the preset of the mode back for a role.
type ResetRights struct{ Role domain.Role }

// SetRules gives the strict workflow its rules, in place of all others.
type SetRules struct{ Rules []Rule }

// ResetRules brings the preset of the mode back.
type ResetRules struct{}

func (Create) trackerCommand()       {}
func (Configure) trackerCommand()    {}
func (SetMember) trackerCommand()    {}
func (RemoveMember) trackerCommand() {}
func (SetField) trackerCommand()     {}
func (RemoveField) trackerCommand()  {}
func (OrderFields) trackerCommand()  {}
func (SetRules) trackerCommand()     {}
func (ResetRules) trackerCommand()   {}
func (SetRights) trackerCommand()    {}
func (Archive) trackerCommand()      {}
func (Unarchive) trackerCommand()    {}
func (ResetRights) trackerCommand()  {}

// Facts are what Decide needs to know beside the tracker itself.
type Facts struct {
	Actor domain.Actor
	// UsedStates are the states that the tracker's tickets are in. It comes from
	// a read model: a ticket that enters a state just as it is disabled keeps it,
	// still has its label, and can be moved on.
	UsedStates []State
	// Answered tells whether tickets answer the field that is being set, and
	// UsedOptions which of the options that it loses they have. They come from a
	// read model: an option that is taken just as it is deleted is shown by its code.
	Answered    bool
	Shared      Shared // the library, for a tracker's use of it
	UsedOptions []string
	// SecretDenied tells that the mirror's secret is kept, and not for this tracker.
	SecretDenied bool
	// UnknownUsers are those of the command's people who have no account.
	UnknownUsers []domain.UserID
}
