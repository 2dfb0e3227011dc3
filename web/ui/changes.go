package ui

import (
	"slices"

	"suivi/domain/tracker"
	"suivi/readapi"
)

// changeView is how something of a ticket differs between two moments: in pieces
// where it is a text, else by what it was and what it became.
type changeView struct {
	Label  string
	Before string
	After  string
	Pieces []piece
}

// changesBetween are the differences of two moments, in the order of the page.
func (p *page) changesBetween(before, after readapi.Then, shown stands) []changeView {
	var all []changeView
	text := func(label, was, is string) {
		if was != is {
			all = append(all, changeView{Label: label, Pieces: differ(was, is)})
		}
	}
	value := func(label, was, is string) {
		if was != is {
			all = append(all, changeView{Label: label, Before: was, After: is})
		}
	}
	text(p.say("edit.summary"), before.Summary, after.Summary)
	value(p.say("chip.tracker"), string(before.ReadTicket.Tracker), string(after.ReadTicket.Tracker))
	if before.State != after.State {
		value(p.say("column.state"), p.state(before.State, before.Tracker).Label, p.state(after.State, after.Tracker).Label)
	}
	if before.Assignee != after.Assignee {
		value(p.say("column.assignee"), shown.people[before.Assignee].Name, shown.people[after.Assignee].Name)
	}
	text(p.say("edit.description"), before.Description, after.Description)
	all = append(all, p.answerChanges(before, after, shown)...)
	text(p.say("edit.resolution"), before.Resolution, after.Resolution)
	remarks := func(key string, was, is []readapi.Remark) {
		for _, now := range is {
			then := readapi.Remark{}
			if i := slices.IndexFunc(was, func(r readapi.Remark) bool { return r.Number == now.Number }); i >= 0 {
				then = was[i]
			}
			switch {
			case now.DeletedAt != nil && then.DeletedAt == nil:
				value(p.say(key, "n", now.Number), then.Body, p.say("past.deleted"))
			default:
				text(p.say(key, "n", now.Number), then.Body, now.Body)
			}
		}
	}
	remarks("past.comment", remarksOf(before.Comments), remarksOf(after.Comments))
	remarks("past.note", notesOf(before.Notes), notesOf(after.Notes))
	return all
}

func remarksOf(comments []readapi.Comment) (all []readapi.Remark) {
	for _, c := range comments {
		all = append(all, c.Remark)
	}
	return all
}

func notesOf(notes []readapi.Note) (all []readapi.Remark) {
	for _, n := range notes {
		all = append(all, n.Remark)
	}
	return all
}

// answerChanges are the fields that are answered otherwise, in the order of the
// later moment, then those that are no longer answered.
func (p *page) answerChanges(before, after readapi.Then, shown stands) []changeView {
	var all []changeView
	was, is := p.answerViews(before.Fields, before.Tracker, shown), p.answerViews(after.Fields, after.Tracker, shown)
	differs := func(f readapi.AnsweredField, label, was, is string) {
		switch {
		case was == is:
		case f.Type == tracker.Textarea:
			all = append(all, changeView{Label: label, Pieces: differ(was, is)})
		default:
			all = append(all, changeView{Label: label, Before: was, After: is})
		}
	}
	place := func(fields []readapi.AnsweredField, f readapi.AnsweredField) int {
		return slices.IndexFunc(fields, func(other readapi.AnsweredField) bool { return other.Code == f.Code && other.From == f.From })
	}
	for i, f := range after.Fields {
		earlier := ""
		if at := place(before.Fields, f); at >= 0 {
			earlier = was[at].Text
			if before.Fields[at].Answer == f.Answer {
				continue // the field is called otherwise, the answer is the same
			}
		}
		differs(f, is[i].Label, earlier, is[i].Text)
	}
	for i, f := range before.Fields {
		if place(after.Fields, f) < 0 {
			differs(f, was[i].Label, was[i].Text, "")
		}
	}
	return all
}
