package readapi

import (
	"context"
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// AnsweredField is a field that a ticket answers, as it is called, or was then.
type AnsweredField struct {
	Code    string            `json:"code"`
	Type    tracker.FieldType `json:"type,omitempty"` // absent: the tracker has never had it
	Label   tracker.Label     `json:"label"`
	Answer  string            `json:"answer"`
	Options []AnsweredOption  `json:"options,omitempty"` // that the answer names
	File    *Attachment       `json:"file,omitempty"`    // that the answer is, if it is still there
	From    domain.TrackerKey `json:"from,omitempty"`    // the tracker whose field it is, if the ticket brought the answer from there
}

// AnsweredOption is an option that an answer names.
type AnsweredOption struct {
	Code  string        `json:"code"`
	Label tracker.Label `json:"label"`
}

// answeredFields are the fields of the answers in the order of the tracker, then
// those out of use. What it had not yet is as it is now.
func answeredFields(answers map[string]string, then, now tracker.Tracker) []AnsweredField {
	shown := []AnsweredField{}
	seen := map[string]bool{}
	for _, f := range slices.Concat(then.Fields, then.Former, now.Fields, now.Former) {
		if answer, ok := answers[f.Code]; ok && !seen[f.Code] {
			seen[f.Code] = true
			shown = append(shown, newAnsweredField(f, answer))
		}
	}
	for _, code := range slices.Sorted(maps.Keys(answers)) {
		if !seen[code] {
			shown = append(shown, AnsweredField{Code: code, Answer: answers[code]})
		}
	}
	return shown
}

func newAnsweredField(f tracker.Field, answer string) AnsweredField {
	return AnsweredField{Code: f.Code, Type: f.Type, Label: f.Label, Answer: answer, Options: answeredOptions(f, answer)}
}

// fieldsOf are the fields that the ticket answers, now or as it was when its
// tracker was as in then: those of its tracker, and after them those that it brought.
func (s Sight) fieldsOf(t ticket.Ticket, then tracker.Tracker) []AnsweredField {
	shown := answeredFields(t.Answers, then, s.now(t.Tracker))
	for _, b := range t.Brought {
		field, _ := s.now(b.From).Ever(b.Code)
		field.Code = b.Code
		brought := newAnsweredField(field, b.Answer)
		brought.From = b.From
		shown = append(shown, brought)
	}
	return shown
}

// fillFiles tells of the files that are answers what they are called.
func (a *API) fillFiles(ctx context.Context, s Sight, fields []AnsweredField) error {
	if !slices.ContainsFunc(fields, func(f AnsweredField) bool { return f.Type == tracker.File }) {
		return nil
	}
	files, err := a.Attachments(ctx, s)
	if err != nil {
		return err
	}
	for i, f := range fields {
		for _, file := range files {
			if f.Type == tracker.File && f.Answer == string(file.ID) {
				fields[i].File = &file
			}
		}
	}
	return nil
}

func answeredOptions(f tracker.Field, answer string) []AnsweredOption {
	if !f.Type.HasOptions() || answer == "" {
		return nil
	}
	var options []AnsweredOption
	for _, code := range f.Type.Codes(answer) {
		label := tracker.Label{}
		if i := slices.IndexFunc(f.Options, func(o tracker.Option) bool { return o.Code == code }); i >= 0 {
			label = f.Options[i].Label
		}
		options = append(options, AnsweredOption{code, label})
	}
	return options
}

// fieldsTold tells the fields of one event after another, in the order of the
// log. It reads the tracker's past when an event first needs it.
type fieldsTold struct {
	api  *API
	in   tracker.Tracker // now
	desk *deskThen
}

// of are the fields that the event answers, and the tracker as it was then.
func (f *fieldsTold) of(ctx context.Context, event ticket.Event, position eventstore.Position) ([]AnsweredField, tracker.Tracker, error) {
	answers := ticket.AnswersIn(event)
	if len(answers) == 0 {
		return nil, f.in, nil
	}
	if f.desk == nil {
		var err error
		if f.desk, err = f.api.deskThen(ctx, f.in); err != nil {
			return nil, f.in, err
		}
	}
	then := f.desk.at(position)
	return answeredFields(answers, then, f.in), then, nil
}
