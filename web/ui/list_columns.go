package ui

import (
	"context"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// rowView is a ticket in a list.
type rowView struct {
	ID        domain.TicketID
	Summary   string
	State     stateView
	Reporter  personView
	Assignee  personView
	Updated   when
	Comments  int
	Rank      int64
	Cells     []string // of the fields that are columns
	CanChange bool     // its state
	CanAssign bool
	CanRank   bool
}

// mostCells is how many fields are columns: more would push the summary aside.
const mostCells = 4

// cells are the fields that are columns of a tracker's list.
func cells(in tracker.Tracker) []tracker.Field {
	var fields []tracker.Field
	for _, f := range in.Fields {
		if f.Listable && f.Type != tracker.Textarea && len(fields) < mostCells {
			fields = append(fields, f)
		}
	}
	return fields
}

func (a asked) columns(in tracker.Tracker) []column {
	sort := a.query.Get("sort")
	if sort == "" {
		sort = "-updatedAt"
	}
	of := func(name, by, label string) column {
		c := column{Name: name, Label: label}
		switch {
		case by == "":
			return c
		case sort == by:
			c.Sorted, c.URL = "ascending", a.with("sort", "-"+by)
		case sort == "-"+by:
			c.Sorted, c.URL = "descending", a.with("sort", by)
		default:
			c.URL = a.with("sort", firstWay(by))
		}
		return c
	}
	var all []column
	if strings.TrimPrefix(sort, "-") == "rank" {
		all = append(all, of("rank", "rank", a.page.say("column.rank")))
	}
	all = append(all, of("number", "number", a.page.say("column.number")), of("summary", "", a.page.say("column.summary")),
		of("state", "state", a.page.say("column.state")))
	for _, f := range cells(in) {
		all = append(all, of("cell", fieldPrefix+f.Code, a.page.fieldLabel(f)))
	}
	return append(all, of("assignee", "assignee", a.page.say("column.assignee")), of("updated", "updatedAt", a.page.say("column.updated")))
}

// firstWay is how people want a column sorted first: the newest, else from the start.
func firstWay(by string) string {
	if by == "updatedAt" || by == "reportedAt" || by == "number" {
		return "-" + by
	}
	return by
}

// rows shows tickets. in is the tracker of the list, where it has one.
func (p *page) rows(ctx context.Context, tickets []readapi.Listed, in tracker.Tracker, around surroundings) ([]rowView, error) {
	ids := []domain.UserID{}
	for _, t := range tickets {
		ids = append(ids, t.Reporter)
		if t.Assignee != "" {
			ids = append(ids, t.Assignee)
		}
		for _, f := range cells(in) {
			if f.Type == tracker.User && t.Answers[f.Code] != "" {
				ids = append(ids, domain.UserID(t.Answers[f.Code]))
			}
		}
	}
	shown, err := p.people(ctx, ids...)
	if err != nil {
		return nil, err
	}
	rows := make([]rowView, len(tickets))
	for i, t := range tickets {
		desk := in
		if !in.Exists() {
			desk = around.of(t.Tracker).Tracker
		}
		rows[i] = p.row(t, desk, shown)
		for _, f := range cells(in) {
			rows[i].Cells = append(rows[i].Cells, p.answerText(f, t.Answers[f.Code], shown))
		}
	}
	return rows, nil
}

func (p *page) row(t readapi.Listed, in tracker.Tracker, shown people) rowView {
	me := p.actor()
	return rowView{
		ID: t.ID, Summary: t.Summary, State: p.state(t.State, in), Reporter: shown[t.Reporter], Assignee: shown[t.Assignee],
		Updated: p.when(t.UpdatedAt, p.now, p.zone), Comments: t.Comments, Rank: t.Rank,
		CanChange: in.Exists() && !in.Archived && in.May(me, domain.ChangeState),
		CanAssign: in.Exists() && !in.Archived && (in.May(me, domain.AssignAnybody) || in.May(me, domain.TakeUnassigned) && t.Assignee == ""),
		CanRank:   in.Exists() && !in.Archived && in.May(me, domain.ManagePriority),
	}
}

// answerText is an answer in words.
func (p *page) answerText(f tracker.Field, answer string, shown people) string {
	switch {
	case answer == "":
		return ""
	case f.Type.HasOptions():
		var labels []string
		for _, code := range f.Type.Codes(answer) {
			labels = append(labels, p.optionLabel(f, code))
		}
		return strings.Join(labels, ", ")
	case f.Type == tracker.User:
		return shown[domain.UserID(answer)].Name
	case f.Type == tracker.Number:
		return p.shapes.decimal(answer)
	case f.Type == tracker.Date:
		return p.dayText(answer)
	}
	return answer
}

func (p *page) optionLabel(f tracker.Field, code string) string {
	for _, o := range f.Options {
		if o.Code == code {
			if label := p.label(o.Label); label != "" {
				return label
			}
		}
	}
	return code
}

func (p *page) fieldLabel(f tracker.Field) string {
	if label := p.label(f.Label); label != "" {
		return label
	}
	return f.Code
}
