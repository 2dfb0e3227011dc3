package tracker

import "suivi/domain"

// Event is a fact about a tracker. The types below are all there are.
type Event interface{ trackerEvent() }

// Created starts a tracker.
type Created struct {
	Key      domain.TrackerKey `json:"key"`
	Name     string            `json:"name"`
	Mode     domain.Mode       `json:"mode"`
	Workflow Workflow          `json:"workflow"`
}

// Configured changes the settings it names and leaves the others.
type Configured struct {
	Name            *string         `json:"name,omitempty"`
	Mode            *domain.Mode    `json:"mode,omitempty"`
	Workflow        *Workflow       `json:"workflow,omitempty"`
	States          *[]State        `json:"states,omitempty"` // empty: what the mode gives
	Labels          map[State]Label `json:"labels,omitempty"` // an empty label: the built-in one
	DefaultAssignee *domain.UserID  `json:"defaultAssignee,omitempty"`
	Intro           *Label          `json:"intro,omitempty"`
	ThankYou        *Label          `json:"thankYou,omitempty"` // an empty text: the mode's
	ContactURL      *string         `json:"contactUrl,omitempty"`
	CommentsOff     *bool           `json:"commentsOff,omitempty"`
	Assignment      *Assignment     `json:"assignment,omitempty"`
	Migrate         map[State]State `json:"migrate,omitempty"` // from a disabled state to an enabled one
	NewTickets      *StackEnd       `json:"newTickets,omitempty"`
	Course          *Course         `json:"course,omitempty"`
	BackReport      *BackReport     `json:"backReport,omitempty"`
	ReportComments  *bool           `json:"reportComments,omitempty"`
}

// MemberSet gives a person their roles, in place of those they had.
type MemberSet struct {
	User  domain.UserID `json:"user"`
	Roles []domain.Role `json:"roles"`
}

// MemberRemoved takes all roles from a person.
type MemberRemoved struct {
	User domain.UserID `json:"user"`
}

// FieldSet adds a field, or replaces the one with the same code in its place.
type FieldSet struct {
	Field Field `json:"field"`
}

// FieldRemoved takes a field out of use. Answers already given stay.
type FieldRemoved struct {
	Code string `json:"code"`
}

// FieldsOrdered says in which order the fields stand; all codes are named.
type FieldsOrdered struct {
	Codes []string `json:"codes"`
}

// Archived makes the tracker read only.
type Archived struct{}

// Unarchived opens an archived tracker again.
type Unarchived struct{}

// RightsSet says how the rights of a role differ from the preset, in place of
// earlier differences.
type RightsSet struct {
	Role domain.Role `json:"role"`
	domain.RightChanges
}

// RightsReset brings the preset of the mode back for a role.
type RightsReset struct {
	Role domain.Role `json:"role"`
}

// RulesSet gives the strict workflow its rules, in place of all earlier ones.
type RulesSet struct {
	Rules []Rule `json:"rules"`
}

// RulesReset brings the preset of the mode back as the rules.
type RulesReset struct{}

func (Created) trackerEvent()       {}
func (Configured) trackerEvent()    {}
func (MemberSet) trackerEvent()     {}
func (MemberRemoved) trackerEvent() {}
func (FieldSet) trackerEvent()      {}
func (FieldRemoved) trackerEvent()  {}
func (FieldsOrdered) trackerEvent() {}
func (RulesSet) trackerEvent()      {}
func (RulesReset) trackerEvent()    {}
func (RightsSet) trackerEvent()     {}
func (Archived) trackerEvent()      {}
func (Unarchived) trackerEvent()    {}
func (RightsReset) trackerEvent()   {}
