package ui

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// replayView is the history of one ticket, step by step: what happened, and the
// ticket as it was then.
type replayView struct {
	*chrome

	Sections []tab
	ID       domain.TicketID
	Deleted  bool
	Step     int // from 1
	Steps    []stepView
	Now      stepView // the step that is shown
	Earliest string   // the addresses of steps; "": it is this one
	Earlier  string
	Later    string
	Latest   string
	More     bool // what came after the steps is not shown
	Was      []wasRow
}

// stepView is one event of a ticket.
type stepView struct {
	Number  int
	URL     string
	Actor   personView
	At      when
	Words   string
	Icon    string
	Type    string
	Source  string
	Inside  bool
	Version int64
	Data    string // as it is stored, laid out
}

// wasRow is one part of the ticket as it was, and whether the step changed it.
type wasRow struct {
	Name, Value string
	Changed     bool
}

// mostReplayed is how many events of a ticket can be gone through.
const mostReplayed = 10_000

func replayPage(p *page) error {
	s, err := p.cfg.Reads.AuditedTicket(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	events, more, err := p.cfg.Reads.WholeHistory(p.ctx(), s, p.code == "fr", mostReplayed)
	if err != nil {
		return err
	}
	step := stepOf(events, p.query().Get("at"))
	if step < 0 {
		return domain.Errorf(domain.NotFound, "no-such-step", "%s has no event there", s.Ticket().ID)
	}
	id := s.Ticket().ID
	frame, _, err := p.frame(p.say("replay.title", "ticket", id), "admin")
	if err != nil {
		return err
	}
	v := &replayView{chrome: frame, Sections: p.adminSections("/admin/audit"), ID: id, Deleted: s.Deleted(), Step: step + 1, More: more}
	if err := p.replaySteps(v, events, step); err != nil {
		return err
	}
	if v.Was, err = p.was(s, events, step); err != nil {
		return err
	}
	return p.show("replay", v)
}

// stepOf is the event at the position, the last for ""; -1 when there is none.
func stepOf(events []readapi.Happened, at string) int {
	if at == "" {
		return len(events) - 1
	}
	for i, e := range events {
		if e.Position == at {
			return i
		}
	}
	return -1
}

// stepsAround is how many steps before and after the present one are listed.
const stepsAround = 6

func (p *page) replaySteps(v *replayView, events []readapi.Happened, step int) error {
	first, last := max(0, step-stepsAround), min(len(events), step+stepsAround+1)
	shown, err := p.people(p.ctx(), namedIn(events[first:last])...)
	if err != nil {
		return err
	}
	address := func(i int) string {
		if i < 0 || i >= len(events) || i == step {
			return ""
		}
		return "/admin/audit/" + string(v.ID) + "?at=" + url.QueryEscape(events[i].Position)
	}
	for i := first; i < last; i++ {
		e := events[i]
		row := p.event(e, shown)
		v.Steps = append(v.Steps, stepView{i + 1, address(i), row.Actor, row.At, row.Words, row.Icon, e.Type,
			p.say("source." + string(e.Source)), e.Internal, e.Version, laidOut(e.Data)})
	}
	v.Now = v.Steps[step-first]
	v.Earliest, v.Earlier, v.Later, v.Latest = address(0), address(step-1), address(step+1), address(len(events)-1)
	return nil
}

// laidOut is JSON on several lines.
func laidOut(data []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, data, "", "  ") != nil {
		return string(data)
	}
	return out.String()
}

// was is the ticket after the step, held against how it was before. Internal events and
// dependencies leave the ticket itself as it is.
func (p *page) was(s readapi.Sight, events []readapi.Happened, step int) ([]wasRow, error) {
	version := int64(0)
	for _, e := range events[:step+1] {
		version = max(version, e.Version)
	}
	now, err := p.wasRows(s, version)
	if err != nil {
		return nil, err
	}
	changes := events[step].Version == version && !events[step].Internal
	if !changes || version == 1 {
		return now, nil
	}
	before, err := p.wasRows(s, version-1)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, row := range before {
		values[row.Name] = row.Value
	}
	for i, row := range now {
		value, had := values[row.Name]
		now[i].Changed = !had || value != row.Value
		delete(values, row.Name)
	}
	for _, row := range before {
		if _, gone := values[row.Name]; gone {
			now = append(now, wasRow{row.Name, "", true})
		}
	}
	return now, nil
}

func (p *page) wasRows(s readapi.Sight, version int64) ([]wasRow, error) {
	t, err := p.cfg.Reads.ReadVersion(p.ctx(), s, uint64(version))
	if err != nil {
		return nil, err
	}
	ids := []domain.UserID{t.Reporter, t.Assignee}
	for _, f := range t.Fields {
		if f.Type == tracker.User {
			ids = append(ids, domain.UserID(f.Answer))
		}
	}
	shown, err := p.people(p.ctx(), ids...)
	if err != nil {
		return nil, err
	}
	assignee := p.say("person.nobody")
	if t.Assignee != "" {
		assignee = shown[t.Assignee].Name
	}
	rows := []wasRow{
		{Name: p.say("edit.summary"), Value: t.Summary},
		{Name: p.say("column.state"), Value: p.state(t.State, s.Tracker()).Label},
		{Name: p.say("column.assignee"), Value: assignee},
		{Name: p.say("column.reporter"), Value: shown[t.Reporter].Name},
		{Name: p.say("chip.tracker"), Value: string(t.Tracker)},
	}
	for _, f := range t.Fields {
		rows = append(rows, wasRow{Name: p.label(f.Label), Value: p.wasAnswer(f, shown)})
	}
	rows = append(rows, wasRow{Name: p.say("replay.comments"), Value: p.shapes.number(int64(t.Comments))},
		wasRow{Name: p.say("edit.description"), Value: t.Description})
	if t.Resolution != "" {
		rows = append(rows, wasRow{Name: p.say("edit.resolution"), Value: t.Resolution})
	}
	if t.Inner.Deleted {
		rows = append(rows, wasRow{Name: p.say("replay.deleted"), Value: p.say("replay.yes")})
	}
	return rows, nil
}

// wasAnswer is what the ticket answered, as people read it.
func (p *page) wasAnswer(f readapi.AnsweredField, shown people) string {
	switch {
	case f.Type == tracker.User && shown[domain.UserID(f.Answer)].Name != "":
		return shown[domain.UserID(f.Answer)].Name
	case f.Type == tracker.File && f.File != nil:
		return f.File.Name
	case len(f.Options) > 0:
		var labels []string
		for _, o := range f.Options {
			label := p.label(o.Label)
			if label == "" {
				label = o.Code
			}
			labels = append(labels, label)
		}
		return strings.Join(labels, ", ")
	}
	return f.Answer
}
