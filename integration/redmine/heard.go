package redmine

import (
	"cmp"
	"context"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// attribute hears of a new value of the issue itself. A new state is given back, as what is said belongs to it.
func (h *hearer) attribute(d Detail, j Journal) tracker.State {
	switch d.Name {
	case "status_id":
		return h.status(d.New, j)
	case "assigned_to_id":
		h.assignee(d.New)
	case "subject":
		h.does(ticket.Edit{Summary: &d.New})
	case "description":
		text := h.fromThere(h.withoutLine(d.New))
		h.does(ticket.Edit{Description: &text})
	case "priority_id":
		h.answerAs(AsPriority, d.New, h.at.Mirror.Fixed[FixedPriority])
	case "tracker_id":
		h.answerAs(AsTracker, d.New, h.at.Mirror.Fixed[FixedTracker])
	}
	return ""
}

// withoutLine is a description without the line that Suivi begins it with.
func (h *hearer) withoutLine(description string) string {
	if first, below, _ := strings.Cut(clean(description), "\n"); strings.HasPrefix(first, string(h.want.ID)+",") {
		return below
	}
	return description
}

// status is the state that the status stands for. Of several it is the first that the
// workflow lets the person choose now.
func (h *hearer) status(id string, j Journal) tracker.State {
	m := h.at.Mirror
	if m.States[h.state] == id {
		return ""
	}
	var fits []tracker.State
	for _, state := range tracker.States() {
		if m.States[state] == id && h.at.Tracker.Enabled(state) {
			fits = append(fits, state)
		}
	}
	if len(fits) == 0 {
		h.cannot("no state of %s has the status %s", h.at.Tracker.Key, id)
		return ""
	}
	// Nobody means that a ticket is unseen who sets the status that new ones have.
	slices.SortStableFunc(fits, func(a, b tracker.State) int {
		return cmp.Compare(strconv.FormatBool(a == tracker.Posted), strconv.FormatBool(b == tracker.Posted))
	})
	actor := domain.Actor{ID: h.actor}
	for _, state := range fits {
		if h.at.Tracker.CheckChange(tracker.Change{
			From: h.state, To: state, Roles: h.at.Tracker.RolesOf(actor), Own: h.actor == h.want.Reporter,
			Comment: j.Notes != "" && !j.Private, Resolution: h.want.Resolution != "", Assignee: h.want.Assignee != "",
		}) == nil {
			return state
		}
	}
	return fits[0]
}

func (h *hearer) assignee(id string) {
	user, known := h.at.Mirror.Person(id)
	switch {
	case id == "":
		h.does(ticket.Unassign{})
	case known:
		h.does(ticket.Assign{User: user})
	default:
		h.cannot("the person %s of Redmine, whom it was given to, is nobody here", id)
	}
}

// answerAs hears of a priority, or a tracker, that is the answer to a field; as all have it: to none.
func (h *hearer) answerAs(as, id, usual string) {
	for _, code := range sortedKeys(h.at.Mirror.Fields) {
		to := h.at.Mirror.Fields[code]
		if to.As != as {
			continue
		}
		for _, option := range sortedKeys(to.Answers) {
			if to.Answers[option] == id {
				h.answer(code, option)
				return
			}
		}
		if id == usual {
			h.answer(code, "")
			return
		}
	}
	if usual != "" && usual != id {
		h.cannot("no answer stands for the %s %s", as, id)
	}
}

func (h *hearer) answer(code, given string) {
	answers := map[string]string{}
	maps.Copy(answers, h.answers)
	answers[code] = given
	h.answers = answers
	h.does(ticket.Edit{Answers: map[string]string{code: given}})
}

// field hears of a new value of a custom field.
func (h *hearer) field(d Detail) {
	m := h.at.Mirror
	switch d.Name {
	case m.Fixed[FixedResolution]:
		text := h.fromThere(d.New)
		h.does(ticket.Edit{Resolution: &text})
		return
	case m.Fixed[FixedExternalID], m.Fixed[FixedReportedBy]:
		h.cannot("the field %s of Redmine is Suivi's to fill", d.Name)
		return
	}
	for _, code := range sortedKeys(m.Fields) {
		if to := m.Fields[code]; to.As == AsField && to.ID == d.Name {
			field, _ := h.at.Tracker.Ever(code)
			if given, ok := h.given(field, to, d); ok {
				h.answer(code, given)
			} else {
				h.cannot("no answer to %s stands for %q", code, d.New)
			}
			return
		}
	}
}

// given is the answer that the value stands for. Of several values a journal tells each that was added, or taken away.
func (h *hearer) given(field tracker.Field, to tracker.FieldMapping, d Detail) (string, bool) {
	code := func(value string) (string, bool) {
		i := slices.IndexFunc(field.Options, func(o tracker.Option) bool { return cmp.Or(to.Answers[o.Code], label(o.Label, o.Code)) == value })
		if i < 0 {
			return "", false
		}
		return field.Options[i].Code, true
	}
	switch {
	case field.Type == tracker.File:
		return "", d.New == ""
	case d.New == "" && !field.Type.Multiple():
		return "", true
	case field.Type == tracker.User:
		for _, user := range sortedKeys(h.at.Mirror.People) {
			if h.name(user) == d.New {
				return string(user), true
			}
		}
		return "", false
	case len(field.Options) == 0:
		return d.New, true
	case !field.Type.Multiple():
		return code(d.New)
	}
	codes := field.Type.Codes(h.answers[field.Code])
	changed, known := code(cmp.Or(d.New, d.Old))
	codes = slices.DeleteFunc(codes, func(c string) bool { return c == changed })
	if d.New != "" {
		codes = append(codes, changed)
	}
	return strings.Join(codes, ","), known
}

// file hears of a file that was added, or taken away.
func (h *hearer) file(d Detail, j Journal) {
	id, _ := number(d.Name)
	if d.New == "" {
		known := h.fileNamed(id, h.issue.adder(id, j.ID))
		if slices.ContainsFunc(h.want.Files, func(f ticket.FileAttached) bool { return f.ID == known }) {
			h.does(ticket.RemoveFile{Attachment: known})
		}
		return
	}
	i := slices.IndexFunc(h.issue.Files, func(f Attachment) bool { return f.ID == id })
	if i < 0 || h.issue.adder(id, math.MaxInt) != j.ID || h.sentByUs(h.issue.Files[i]) || h.isKnown(h.issue.Files[i]) {
		return
	}
	attachment := h.issue.Files[i]
	here := mirror.AttachmentOf(Name, h.Twin, h.change.ID, len(h.change.Files))
	h.calls(here, attachment.Name)
	h.change.Files = append(h.change.Files, mirror.File{Part: filePart + h.issue.fileKey(id), Name: attachment.Name, Open: func(ctx context.Context) (io.ReadCloser, error) {
		content, err := h.site.Download(ctx, attachment)
		if isMissing(err) {
			err = domain.Errorf(domain.Refused, "file-gone", "the file %q is no longer there", attachment.Name)
		}
		return content, err
	}})
}

// isKnown tells whether the attachment is a file that the ticket has.
func (h *hearer) isKnown(attachment Attachment) bool {
	known := h.fileOf(attachment)
	return known != "" && slices.ContainsFunc(h.want.Files, func(f ticket.FileAttached) bool { return f.ID == known })
}
