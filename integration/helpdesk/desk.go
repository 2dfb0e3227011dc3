package helpdesk

import (
	"errors"
	"fmt"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Desk is what a tracker needs before the cases of a log can be sent to it.
type Desk struct {
	People []Person        // everybody who acts in the log
	Fields []tracker.Field // one per attribute column, in the order of the file
}

// Person is somebody who acts in a log.
type Person struct {
	Resource string // their name there, and here
	Email    string // made from the name; it is how they are found again
}

// Roles are what the people of a log need to be: they assign, resolve and comment.
func Roles() []domain.Role { return []domain.Role{domain.Developer, domain.Resolver, domain.Manager} }

// NewDesk finds the people and the fields' options in the log. Its error names
// two texts that would become the same e-mail address or option.
func NewDesk(log *Log) (Desk, error) {
	people, options, err := gather(log)
	if err != nil {
		return Desk{}, err
	}
	var desk Desk
	for _, name := range people.sorted() {
		desk.People = append(desk.People, Person{Resource: name, Email: slug(name) + "@helpdesk.example"})
	}
	for _, c := range columns() {
		if field, ok := c.field(options[c.code].sorted()); ok {
			desk.Fields = append(desk.Fields, field)
		}
	}
	return desk, nil
}

// gather finds the names in the log: of people, and by field code of each dropdown's options.
func gather(log *Log) (people *names, options map[string]*names, err error) {
	people, options = newNames("Resource", "e-mail address", 0), map[string]*names{}
	columns := columns()
	for _, c := range columns {
		options[c.code] = newNames(c.code, "option", maxOption)
	}
	for _, one := range log.Cases {
		for _, row := range one.Rows {
			errs := []error{people.add(row.Line, row.Resource)}
			for _, c := range columns {
				if c.kind == tracker.Dropdown {
					errs = append(errs, options[c.code].add(row.Line, row.Values[c.code]))
				}
			}
			if err := errors.Join(errs...); err != nil {
				return nil, nil, err
			}
		}
	}
	return people, options, nil
}

// field is the column's field; false for a dropdown without any option.
func (c column) field(options []string) (tracker.Field, bool) {
	field := tracker.Field{Code: c.code, Type: c.kind, Label: c.label}
	if c.kind == tracker.Text {
		return field, true
	}
	for _, name := range options {
		field.Options = append(field.Options, tracker.Option{Code: slug(name), Label: tracker.Label{FR: name, EN: name}})
	}
	return field, len(options) > 0
}

// Missing are the fields that the tracker must be given, each whole: new ones,
// and its own with the options that it lacks added behind. The error says what
// of the tracker stands in the way of an import.
func (d Desk) Missing(in tracker.Tracker) ([]tracker.Field, error) {
	if err := d.fits(in); err != nil {
		return nil, err
	}
	var missing []tracker.Field
	for _, want := range d.Fields {
		have, ok := in.Field(want.Code)
		if !ok {
			missing = append(missing, want)
			continue
		}
		grown, err := grow(have, want)
		if err != nil {
			return nil, fmt.Errorf("the tracker %s: %w; import into another one with --tracker", in.Key, err)
		}
		if len(grown.Options) > len(have.Options) {
			missing = append(missing, grown)
		}
	}
	return missing, nil
}

// fits tells why cases cannot be imported into the tracker as it is.
func (d Desk) fits(in tracker.Tracker) error {
	if in.Workflow != tracker.Relaxed {
		return fmt.Errorf("the tracker %s has the workflow %s, which would refuse some of the log's changes; set it to relaxed while you import", in.Key, in.Workflow)
	}
	for _, state := range states() {
		if !in.Enabled(state) {
			return fmt.Errorf("the tracker %s does not use the state %s, which the log needs; enable it", in.Key, state)
		}
	}
	for _, field := range in.Fields {
		ours := slices.ContainsFunc(d.Fields, func(f tracker.Field) bool { return f.Code == field.Code })
		if field.Mandatory && !ours {
			return fmt.Errorf("the tracker %s wants an answer to its field %q, which the log has no column for; make it optional while you import", in.Key, field.Code)
		}
	}
	return nil
}

// states are those that the log's activities lead to.
func states() []tracker.State {
	return []tracker.State{tracker.Posted, tracker.Open, tracker.Working, tracker.Waiting, tracker.Blocked,
		tracker.Resolved, tracker.Validated, tracker.Abandoned}
}

func grow(have, want tracker.Field) (tracker.Field, error) {
	switch {
	case have.Type != want.Type:
		return have, fmt.Errorf("its field %q is a %s field and the log needs a %s", have.Code, have.Type, want.Type)
	case have.Mandatory:
		return have, fmt.Errorf("its field %q is mandatory and the log may leave it empty", have.Code)
	}
	have.Options = slices.Clone(have.Options)
	for _, option := range want.Options {
		i := slices.IndexFunc(have.Options, func(o tracker.Option) bool { return o.Code == option.Code })
		switch {
		case i < 0:
			have.Options = append(have.Options, option)
		case have.Options[i].Retired:
			return have, fmt.Errorf("the option %q of its field %q is retired and the log uses it", option.Code, have.Code)
		}
	}
	return have, nil
}
