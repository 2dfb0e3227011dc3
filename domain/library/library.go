// Package library is the aggregate of the definitions of fields that all trackers
// of a site share: one stream. How a tracker uses one (mandatory, hidden, …) is
// the tracker's own affair and lives in domain/tracker.
package library

import (
	"fmt"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Stream is where the library's events are kept.
const Stream = "fields"

// Library is the definitions as folded from their events. The zero Library is empty.
type Library struct {
	Definitions []Definition `json:"definitions"` // in the order in which they were first made
}

// Definition is a field as all trackers share it. A deleted one is offered to
// none; a tracker that came to use it at that very moment keeps it as it was last.
type Definition struct {
	tracker.Field
	Mandatory *struct{} `json:"mandatory,omitempty"` // takes the place of the field's, which is how a tracker uses it; nil
	Deleted   bool      `json:"deleted,omitempty"`
}

// Definition is the one with the code, deleted or not, if there ever was one.
func (l Library) Definition(code string) (Definition, bool) {
	i := slices.IndexFunc(l.Definitions, func(d Definition) bool { return d.Code == code })
	if i < 0 {
		return Definition{}, false
	}
	return l.Definitions[i], true
}

// Shared is what trackers take from the library.
func (l Library) Shared() tracker.Shared {
	shared := tracker.Shared{}
	for _, d := range l.Definitions {
		shared[d.Code] = tracker.SharedField{Field: d.Field, Deleted: d.Deleted}
	}
	return shared
}

// Event is a fact about the library. The types below are all there are.
type Event interface{ libraryEvent() }

// Defined adds a definition, or replaces the one with the same code.
type Defined struct {
	Field tracker.Field `json:"field"`
}

// Deleted takes a definition from the offer.
type Deleted struct {
	Code string `json:"code"`
}

func (Defined) libraryEvent() {}
func (Deleted) libraryEvent() {}

// Evolve is the library after one more event. It changes nothing that l shares.
func Evolve(l Library, event Event, _ domain.Meta) Library {
	l.Definitions = slices.Clone(l.Definitions)
	place := func(code string) int {
		return slices.IndexFunc(l.Definitions, func(d Definition) bool { return d.Code == code })
	}
	switch e := event.(type) {
	case Defined:
		if i := place(e.Field.Code); i >= 0 {
			l.Definitions[i] = Definition{Field: e.Field}
		} else {
			l.Definitions = append(l.Definitions, Definition{Field: e.Field})
		}
	case Deleted:
		if i := place(e.Code); i >= 0 {
			l.Definitions[i].Deleted = true
		}
	}
	return l
}

// Command is something that a person wants of the library. The types below are all there are.
type Command interface{ libraryCommand() }

// Define adds a definition or changes the one with its code, everywhere.
type Define struct{ Field tracker.Field }

// Delete takes a definition that no tracker uses from the offer.
type Delete struct{ Code string }

func (Define) libraryCommand() {}
func (Delete) libraryCommand() {}

// Facts are what Decide needs to know beside the library. What trackers and
// tickets have comes from read models; domain/tracker says why that is harmless.
type Facts struct {
	Actor       domain.Actor
	UsedBy      []domain.TrackerKey // the trackers that use the command's field
	Answered    bool                // tickets of trackers that share it answer it
	UsedOptions []string            // of the options that it loses, those that tickets have
}

// Decide turns a command into events, or says why not. No events means that the
// library already is as the command wants it.
func Decide(l Library, command Command, facts Facts) ([]Event, error) {
	if !facts.Actor.Admin {
		return nil, domain.Errorf(domain.Forbidden, "admin-only", "only administrators of the site change the shared fields")
	}
	switch c := command.(type) {
	case Define:
		return define(l, c, facts)
	case Delete:
		return remove(l, c, facts)
	}
	return nil, fmt.Errorf("library: no decision for %T", command)
}

func define(l Library, c Define, facts Facts) ([]Event, error) {
	old, had := l.Definition(c.Field.Code)
	field, err := tracker.CheckDefinition(c.Field, old.Field, tracker.Facts{
		Answered: had && (facts.Answered || len(facts.UsedBy) > 0), UsedOptions: facts.UsedOptions,
	})
	if err != nil {
		return nil, err
	}
	if had && !old.Deleted && old.Same(field) {
		return nil, nil
	}
	return []Event{Defined{field}}, nil
}

func remove(l Library, c Delete, facts Facts) ([]Event, error) {
	d, had := l.Definition(c.Code)
	switch {
	case !had || d.Deleted:
		return nil, domain.Errorf(domain.NotFound, "field-not-found", "the library has no field %q", c.Code)
	case len(facts.UsedBy) > 0:
		return nil, domain.Errorf(domain.Refused, "field-in-use", "these trackers use the field %s: %v", c.Code, facts.UsedBy)
	}
	return []Event{Deleted(c)}, nil
}
