// Package tracker is the aggregate of one desk: its settings, members, fields
// and workflow. Decide turns a command into events, Evolve folds them; tickets
// obey the folded Tracker. Tickets themselves live in domain/ticket.
package tracker

import (
	"maps"
	"slices"
	"time"

	"suivi/domain"
)

// Tracker is a tracker as folded from its events. The zero Tracker does not exist yet.
// Its JSON is what the API shows.
type Tracker struct {
	Key             domain.TrackerKey                   `json:"key"`
	Name            string                              `json:"name"`
	Mode            domain.Mode                         `json:"mode"`
	Workflow        Workflow                            `json:"workflow"`
	Chosen          []State                             `json:"chosenStates,omitempty"` // set by hand; empty: the mode's
	Migrations      map[State]Migration                 `json:"migrations,omitempty"`   // by the disabled state
	ChosenRules     *[]Rule                             `json:"chosenRules,omitempty"`  // set by hand; nil: the preset
	RoleRights      map[domain.Role]domain.RightChanges `json:"roleRights,omitempty"`   // changed by hand
	Labels          map[State]Label                     `json:"labels"`
	DefaultAssignee domain.UserID                       `json:"defaultAssignee,omitempty"`
	Assignment      Assignment                          `json:"assignment"`            // of new tickets
	Intro           Label                               `json:"intro"`                 // Markdown, for people who come to post
	ThankYou        Label                               `json:"thankYou"`              // Markdown, set by hand; empty: the mode's
	ContactURL      string                              `json:"contactUrl,omitempty"`  // where else to turn to
	CommentsOff     bool                                `json:"commentsOff,omitempty"` // no comments are taken
	NewTickets      StackEnd                            `json:"newTickets,omitempty"`  // where they enter the stack; empty: at the bottom
	Members         map[domain.UserID][]domain.Role     `json:"members"`
	Fields          []Field                             `json:"fields"`           // in the order that people see
	Former          []Field                             `json:"former,omitempty"` // out of use, as they were last
	Course          Course                              `json:"course,omitzero"`
	BackReport      BackReport                          `json:"backReport,omitempty"`     // what a cascaded ticket hears from above; empty: inform
	ReportComments  bool                                `json:"reportComments,omitempty"` // and whether it hears the comments
	Mirrors         []Mirror                            `json:"mirrors,omitempty"`        // for who configures the tracker; one of each tool
	Parent          domain.TrackerKey                   `json:"parent,omitempty"`         // from the Hierarchy, not from the tracker's own events
	Archived        bool                                `json:"archived,omitempty"`       // it can be read, and nothing in it changed
	CreatedAt       time.Time                           `json:"createdAt"`
	UpdatedAt       time.Time                           `json:"updatedAt"`
}

// Exists tells whether the tracker has been created.
func (t Tracker) Exists() bool { return t.Key != "" }

// EnabledStates are the states that tickets may be put in: those chosen by hand,
// else the mode's; posted always, transferred if and only if there is a parent.
func (t Tracker) EnabledStates() []State {
	return slices.DeleteFunc(States(), func(s State) bool { return !t.Enabled(s) })
}

// Enabled tells whether tickets may be put in the state.
func (t Tracker) Enabled(s State) bool {
	switch {
	case s == Posted:
		return true
	case s == Transferred:
		return t.Parent != ""
	case len(t.Chosen) > 0:
		return slices.Contains(t.Chosen, s)
	}
	return slices.Contains(modeStates(t.Mode), s)
}

// modeStates is mod_tracker.md §4 with blocked beside waiting.
func modeStates(mode domain.Mode) []State {
	switch mode {
	case domain.Ticketing:
		return []State{Posted, Open, Working, Blocked, Waiting, Resolved, Validated, Abandoned}
	case domain.Taskspread:
		return []State{Posted, Open, Blocked, Waiting, Resolved, Abandoned}
	default:
		return States()
	}
}

// Label is the name of the state in this tracker, in both languages.
func (t Tracker) Label(s State) Label {
	label, own := s.DefaultLabel(), t.Labels[s]
	if own.FR != "" {
		label.FR = own.FR
	}
	if own.EN != "" {
		label.EN = own.EN
	}
	return label
}

// Rules are the rules that a strict tracker judges state changes by: those set
// by hand, else the mode's preset.
func (t Tracker) Rules() []Rule {
	if t.ChosenRules != nil {
		return *t.ChosenRules
	}
	return StrictPreset(t.Mode)
}

// Policy says which rights the roles have here.
func (t Tracker) Policy() domain.Policy { return domain.Policy{Mode: t.Mode, Changes: t.RoleRights} }

// RolesOf tells which roles the person holds here; an administrator of the site holds all.
func (t Tracker) RolesOf(a domain.Actor) []domain.Role {
	if a.Admin {
		return domain.Roles()
	}
	return t.Members[a.ID]
}

// May tells whether the person has the right here.
func (t Tracker) May(a domain.Actor, right domain.Right) bool {
	return a.May(t.Policy(), t.RolesOf(a), right)
}

// Sees tells whether the person may know that the tracker exists.
func (t Tracker) Sees(a domain.Actor) bool {
	return t.Exists() && (a.Admin || len(t.Members[a.ID]) > 0)
}

// CanBeAssigned tells whether tickets of the tracker may be given to the person:
// they are a member whose roles say so.
func (t Tracker) CanBeAssigned(user domain.UserID) bool {
	return t.Policy().Holds(t.Members[user], domain.BeAssignee)
}

// Field is the field with the code, if the tracker has it.
func (t Tracker) Field(code string) (Field, bool) {
	i := t.fieldIndex(code)
	if i < 0 {
		return Field{}, false
	}
	return t.Fields[i], true
}

func (t Tracker) fieldIndex(code string) int {
	return slices.IndexFunc(t.Fields, func(f Field) bool { return f.Code == code })
}

// Evolve is the tracker after one more event. It changes nothing that t shares.
func Evolve(t Tracker, event Event, meta domain.Meta) Tracker {
	t.UpdatedAt = meta.OccurredAt
	switch e := event.(type) {
	case Created:
		return Tracker{Key: e.Key, Name: e.Name, Mode: e.Mode, Workflow: e.Workflow,
			Labels: map[State]Label{}, Members: map[domain.UserID][]domain.Role{}, Fields: []Field{},
			CreatedAt: meta.OccurredAt, UpdatedAt: meta.OccurredAt}
	case Configured:
		return configure(t, e, meta)
	case MemberSet:
		t.Members = maps.Clone(t.Members)
		t.Members[e.User] = e.Roles
	case MemberRemoved:
		t.Members = maps.Clone(t.Members)
		delete(t.Members, e.User)
		if t.DefaultAssignee == e.User {
			t.DefaultAssignee = ""
		}
	case Archived:
		t.Archived = true
	case Unarchived:
		t.Archived = false
	case RightsSet:
		t.RoleRights = maps.Clone(t.RoleRights)
		if t.RoleRights == nil {
			t.RoleRights = map[domain.Role]domain.RightChanges{}
		}
		t.RoleRights[e.Role] = e.RightChanges
	case RightsReset:
		t.RoleRights = maps.Clone(t.RoleRights)
		delete(t.RoleRights, e.Role)
	case RulesSet:
		t.ChosenRules = &e.Rules
	case RulesReset:
		t.ChosenRules = nil
	case FieldSet:
		t = t.withField(e.Field)
	case FieldRemoved:
		t = t.withoutField(e.Code)
	case MirrorSet:
		t = t.withMirror(e.Mirror)
	case MirrorRemoved:
		t = t.withoutMirror(e.Tool)
	case FieldsOrdered:
		fields := make([]Field, 0, len(t.Fields))
		for _, code := range e.Codes {
			f, _ := t.Field(code)
			fields = append(fields, f)
		}
		t.Fields = fields
	}
	return t
}
