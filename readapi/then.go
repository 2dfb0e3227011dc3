package readapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/library"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// deskThen is a tracker as it was, folded from its own stream and the library's
// as one goes along. It goes forward only.
type deskThen struct {
	events  []deskEvent // those to come, in the order of the log
	tracker tracker.Tracker
	library library.Library
}

// deskEvent is an event of the tracker or of the library.
type deskEvent struct {
	position eventstore.Position
	meta     domain.Meta
	tracker  tracker.Event
	library  library.Event
}

// deskThen reads the streams of the tracker; that of the library only if it shares fields.
func (a *API) deskThen(ctx context.Context, now tracker.Tracker) (*deskThen, error) {
	d := &deskThen{}
	streams := []string{now.Key.Stream()}
	if now.UsesShared() {
		streams = append(streams, library.Stream)
	}
	for _, stream := range streams {
		for recorded, err := range a.store.Read(ctx, stream, 0) {
			if errors.Is(err, eventstore.ErrStreamNotFound) {
				break
			}
			if err != nil {
				return nil, readStreamError(stream, err)
			}
			e, err := decodeDeskEvent(recorded)
			if err != nil {
				return nil, err
			}
			d.events = append(d.events, e)
		}
	}
	slices.SortStableFunc(d.events, func(a, b deskEvent) int { return a.position.Compare(b.position) })
	return d, nil
}

func decodeDeskEvent(r eventstore.Recorded) (e deskEvent, err error) {
	e.position = r.Position
	if r.Stream == library.Stream {
		e.library, err = library.Decode(r.Type, r.Data)
	} else {
		e.tracker, err = tracker.Decode(r.Type, r.Data)
	}
	if err != nil {
		return e, fmt.Errorf("read %s at revision %d: %w", r.Stream, r.Revision, err)
	}
	e.meta, err = decodeMeta(r)
	return e, err
}

// at is the tracker as it was when the log had come to the position.
func (d *deskThen) at(position eventstore.Position) tracker.Tracker {
	return d.until(func(e deskEvent) bool { return e.position.Compare(position) <= 0 })
}

// atMoment is the tracker as it was at the moment of a ticket whose last event
// until then has the position. By a time: also what occurred after that event,
// and at any rate what was there before it was written, as with imports.
func (d *deskThen) atMoment(m moment, last eventstore.Position) tracker.Tracker {
	return d.until(func(e deskEvent) bool {
		return e.position.Compare(last) <= 0 || m.version == 0 && !e.meta.OccurredAt.After(m.time)
	})
}

func (d *deskThen) until(included func(deskEvent) bool) tracker.Tracker {
	for len(d.events) > 0 && included(d.events[0]) {
		switch e := d.events[0]; {
		case e.tracker != nil:
			d.tracker = tracker.Evolve(d.tracker, e.tracker, e.meta)
		case e.library != nil:
			d.library = library.Evolve(d.library, e.library, e.meta)
		}
		d.events = d.events[1:]
	}
	return d.tracker.With(d.library.Shared())
}

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
