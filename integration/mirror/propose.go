package mirror

import (
	"context"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Proposer is a Tool that can say how a mirror's mapping might begin.
type Proposer interface {
	// Form is what there is to fill in of a mapping.
	Form() Form
	// Projects lists those that the secret's person sees, by the word that a mirror has for one. It only reads.
	Projects(ctx context.Context, at Place) ([]Choice, error)
	// Propose reads what there is and maps what is called alike. people are the tracker's
	// members, whose names may be compared with names there. It only reads.
	Propose(ctx context.Context, at Place, people []domain.UserID) (Proposal, error)
}

// Proposal is a mapping to begin with, and what there is to choose from instead.
type Proposal struct {
	Mapping tracker.Mapping     `json:"mapping"`
	Choices map[string][]Choice `json:"choices"` // by a word of the tool: status, field
}

// Form is what there is to fill in of the mapping of a tool, beside states and people.
type Form struct {
	Fixed []Blank `json:"fixed"` // what every twin has, the most needed first
	Kinds []Blank `json:"kinds"` // what fields can be there
	// Statuses and People are the words of the choices for these.
	Statuses string `json:"statuses"`
	People   string `json:"people"`
}

// Blank is one thing to fill in.
type Blank struct {
	Word    string `json:"word"`              // the tool's, as in Mapping.Fixed and FieldMapping.As
	Choices string `json:"choices,omitempty"` // the word of what there is to choose from
	Needed  bool   `json:"needed,omitempty"`
	// Answers is the word of what each option of such a field is there; "": a text. Where
	// Options is true only fields with options can be it.
	Answers string `json:"answers,omitempty"`
	Options bool   `json:"options,omitempty"`
}

// Choice is something on the other side.
type Choice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}
