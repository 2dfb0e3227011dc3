package ui

import (
	"context"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// rowView is a ticket in a list.
type rowView struct {
	ID        domain.TicketID
	Summary   string
	State     stateView
	Assignee  personView
	Updated   when
	Comments  int
	Rank      int64
	Cells     []cellView // of the list's columns, beside rank, ticket and summary
	URL       string     // of its page
	CanChange bool       // its state
	CanAssign bool
	CanRank   bool
}

// cellView is what a ticket has in a column: a state or a person, a time or a text.
type cellView struct {
	Name  string
	Part  string // the template of what it has, state or person; "": it has a time or a text
	Of    any    // the state or person
	When  when
	Text  string
	Quick string // the address where it is changed at once; "": it is not
	Hint  string // what is done there
}

// lineView is a row of a table of tickets. It is comparable: a row is made once for all who see the
// same, and anew when something of it changes.
type lineView struct {
	ID       domain.TicketID
	URL      string
	Summary  string
	Comments int
	Rank     int64
	Pick     bool          // it can be picked, for bulk changes
	Ranked   bool          // places are shown
	CanRank  bool          // and can be changed
	Cells    template.HTML // of the list's columns
}

// lines are the rows as the table has them.
func (p *page) lines(rows []rowView, pick, ranked bool) ([]lineView, error) {
	lines := make([]lineView, len(rows))
	for i, row := range rows {
		var cells strings.Builder
		for _, cell := range row.Cells {
			text, err := p.parts.of("cell", cell)
			if err != nil {
				return nil, err
			}
			cells.WriteString(string(text))
		}
		lines[i] = lineView{
			ID: row.ID, URL: row.URL, Summary: row.Summary, Comments: row.Comments, Rank: row.Rank, Pick: pick, Ranked: ranked, CanRank: row.CanRank,
			Cells: template.HTML(cells.String()), //nolint:gosec // the templates have escaped them
		}
	}
	return lines, nil
}

// idsOf is the class of a table of the tickets whose ids are long: they are never cut, and a
// table's columns know nothing of what stands in them.
func idsOf(rows []rowView) string {
	longest := 0
	for _, row := range rows {
		longest = max(longest, len(row.ID))
	}
	switch {
	case longest > len("BUGTRACKER-999"):
		return " ids-longest"
	case longest > len("HELP-99999"):
		return " ids-long"
	}
	return ""
}

// column is a column of a list; those with a URL sort by it. Their names are those
// of saved queries without an "At" at the end, but that "cell" stands for all fields.
type column struct {
	Name, Label, URL string
	Sorted           string // ascending, descending or ""
	field            tracker.Field
}

// mostCells is how many fields are columns at first: more would push the summary aside.
const mostCells = 4

// listable are the fields that can be columns of the list: those of its tracker, or of
// all that the person sees, one of each code.
func (p *page) listable(in tracker.Tracker, around surroundings) []tracker.Field {
	trackers := []tracker.Tracker{in}
	if !in.Exists() {
		trackers = nil
		for _, t := range around.trackers {
			trackers = append(trackers, t.SeenAs(p.actor()))
		}
	}
	var fields []tracker.Field
	for _, t := range trackers {
		for _, f := range t.Fields {
			known := slices.ContainsFunc(fields, func(other tracker.Field) bool { return other.Code == f.Code })
			if f.Listable && f.Type != tracker.Textarea && !known {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

// firstColumns are those of a list for which a person has chosen none.
func firstColumns(in tracker.Tracker, fields []tracker.Field) []string {
	names := []string{"state"}
	if in.Exists() {
		for _, f := range fields[:min(len(fields), mostCells)] {
			names = append(names, fieldPrefix+f.Code)
		}
	}
	return append(names, "assignee", "updatedAt")
}

// offeredColumns are those that can be chosen, in the order in which they are offered.
func offeredColumns(in tracker.Tracker, fields []tracker.Field) []string {
	names := []string{"state"}
	if !in.Exists() {
		names = append(names, "tracker")
	}
	for _, f := range fields {
		names = append(names, fieldPrefix+f.Code)
	}
	return append(names, "reporter", "assignee", "comments", "reportedAt", "updatedAt")
}

// columns are the columns with the names, those of them that there are, after the ticket
// and its summary, and in a stack its rank.
func (a asked) columns(names []string, in tracker.Tracker, fields []tracker.Field) []column {
	var all []column
	if strings.TrimPrefix(a.query.Get("sort"), "-") == "rank" {
		all = append(all, a.column("rank", "rank", tracker.Field{}))
	}
	all = append(all, a.column("number", "number", tracker.Field{}), a.column("summary", "", tracker.Field{}))
	offered := offeredColumns(in, fields)
	for _, name := range names {
		if !slices.Contains(offered, name) {
			continue
		}
		by := name
		if slices.Contains([]string{"tracker", "reporter", "comments"}, name) {
			by = ""
		}
		i := slices.IndexFunc(fields, func(f tracker.Field) bool { return fieldPrefix+f.Code == name })
		if i < 0 {
			all = append(all, a.column(strings.TrimSuffix(name, "At"), by, tracker.Field{}))
		} else {
			all = append(all, a.column("cell", by, fields[i]))
		}
	}
	return all
}

// column is one that sorts by a parameter; "": by none.
func (a asked) column(name, by string, field tracker.Field) column {
	c := column{Name: name, field: field}
	if name == "cell" {
		c.Label = a.page.fieldLabel(field)
	} else {
		c.Label = a.page.say("column." + name)
	}
	sort := a.query.Get("sort")
	if sort == "" {
		sort = "-updatedAt"
	}
	switch {
	case by == "":
	case sort == by:
		c.Sorted, c.URL = "ascending", a.with("sort", "-"+by)
	case sort == "-"+by:
		c.Sorted, c.URL = "descending", a.with("sort", by)
	default:
		c.URL = a.with("sort", firstWay(by))
	}
	return c
}

// firstWay is how people want a column sorted first: the newest, else from the start.
func firstWay(by string) string {
	if by == "updatedAt" || by == "reportedAt" || by == "number" {
		return "-" + by
	}
	return by
}

// rows shows tickets in the columns. in is the tracker of the list, where it has one.
func (p *page) rows(ctx context.Context, tickets []readapi.Listed, in tracker.Tracker, around surroundings, columns []column) ([]rowView, error) {
	ids := []domain.UserID{}
	for _, t := range tickets {
		ids = append(ids, t.Reporter)
		if t.Assignee != "" {
			ids = append(ids, t.Assignee)
		}
		for _, c := range columns {
			if c.field.Type == tracker.User && t.Answers[c.field.Code] != "" {
				ids = append(ids, domain.UserID(t.Answers[c.field.Code]))
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
		for _, c := range columns {
			switch c.Name {
			case "rank", "number", "summary": // which each row has
			default:
				rows[i].Cells = append(rows[i].Cells, p.cell(c, t, desk, shown))
			}
		}
	}
	return rows, nil
}

func (p *page) row(t readapi.Listed, in tracker.Tracker, shown people) rowView {
	me := p.actor()
	return rowView{
		ID: t.ID, URL: "/tickets/" + string(t.ID), Summary: t.Summary, State: p.state(t.State, in), Assignee: shown[t.Assignee],
		Updated: p.when(t.UpdatedAt, p.now, p.zone), Comments: t.Comments, Rank: t.Rank,
		CanChange: in.Exists() && !in.Archived && in.May(me, domain.ChangeState),
		CanAssign: in.Exists() && !in.Archived && (in.May(me, domain.AssignAnybody) || in.May(me, domain.TakeUnassigned) && t.Assignee == ""),
		CanRank:   in.Exists() && !in.Archived && in.May(me, domain.ManagePriority),
	}
}

// cell is what the ticket, which is in the tracker, has in the column.
func (p *page) cell(c column, t readapi.Listed, in tracker.Tracker, shown people) cellView {
	cell := cellView{Name: c.Name}
	switch c.Name {
	case "tracker":
		cell.Text = string(t.Tracker)
	case "state":
		cell.Part, cell.Of = "state", p.state(t.State, in)
	case "reporter":
		cell.Part, cell.Of = "person", shown[t.Reporter]
	case "assignee":
		cell.Part, cell.Of = "person", shown[t.Assignee]
	case "comments":
		cell.Text = p.shapes.number(int64(t.Comments))
	case "reported":
		cell.When = p.when(t.ReportedAt, p.now, p.zone)
	case "updated":
		cell.When = p.when(t.UpdatedAt, p.now, p.zone)
	case "cell":
		field, ok := in.Field(c.field.Code) // as this ticket's tracker has it
		if !ok {
			field = c.field
		}
		cell.Text = p.answerText(field, t.Answers[c.field.Code], shown)
	}
	return cell
}

// quick lets rows be changed where they stand, by who may.
func (p *page) quick(rows []rowView) {
	back := "?back=" + url.QueryEscape(p.here())
	for _, row := range rows {
		for i := range row.Cells {
			switch cell := &row.Cells[i]; {
			case cell.Name == "state" && row.CanChange:
				cell.Quick, cell.Hint = row.URL+"/state"+back, p.say("row.change-state")
			case cell.Name == "assignee" && row.CanAssign:
				cell.Quick, cell.Hint = row.URL+"/assignee"+back, p.say("row.change-assignee")
			}
		}
	}
}

// text is the cell in a table for spreadsheets.
func (c cellView) text(t readapi.Listed, zone *time.Location) string {
	switch of := c.Of.(type) {
	case stateView:
		return of.Label
	case personView:
		return of.Name
	}
	switch c.Name {
	case "reported":
		return t.ReportedAt.In(zone).Format(time.DateTime)
	case "updated":
		return t.UpdatedAt.In(zone).Format(time.DateTime)
	}
	return c.Text
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
