package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// auditEntry is one event of a ticket, as GET /tickets/{id}/history tells it.
type auditEntry struct {
	Version    uint64          `json:"version"`
	Type       string          `json:"type"`
	Words      string          `json:"words"`
	Actor      domain.UserID   `json:"actor"`
	Source     domain.Source   `json:"source"`
	OccurredAt time.Time       `json:"occurredAt"`
	RecordedAt time.Time       `json:"recordedAt"`
	Position   string          `json:"position"`
	Data       json.RawMessage `json:"data"`
}

// mentioned are the people that the ticket and its history name.
func (a *audit) mentioned() map[domain.UserID]bool {
	people := map[domain.UserID]bool{a.Ticket.Reporter: true, a.Ticket.Assignee: true}
	for _, e := range a.History {
		people[e.Actor] = true
		var data struct {
			Reporter domain.UserID `json:"reporter"`
			Assignee domain.UserID `json:"assignee"`
			Previous domain.UserID `json:"previous"`
			User     domain.UserID `json:"user"`
		}
		if json.Unmarshal(e.Data, &data) == nil {
			people[data.Reporter], people[data.Assignee], people[data.Previous], people[data.User] = true, true, true, true
		}
	}
	delete(people, "")
	return people
}

// auditText writes an audit for people.
type auditText struct {
	*audit
	french bool
	out    strings.Builder
}

func (a *audit) write(out io.Writer, french bool) error {
	t := &auditText{audit: a, french: french}
	t.head()
	t.facts()
	t.texts()
	t.history()
	_, err := io.WriteString(out, t.out.String())
	return err
}

func (t *auditText) say(fr, en string) string {
	if t.french {
		return fr
	}
	return en
}

func (t *auditText) head() {
	fmt.Fprintf(&t.out, "%s  %s\n", t.Ticket.ID, printable(t.Ticket.Summary))
	if t.Ticket.Version < t.latest {
		fmt.Fprintf(&t.out, t.say("Tel qu'il était à la version %d sur %d.\n", "As it was at version %d of %d.\n"), t.Ticket.Version, t.latest)
	}
}

func (t *auditText) facts() {
	table := tabwriter.NewWriter(&t.out, 0, 0, 2, ' ', 0)
	line := func(name, value string) { fmt.Fprintf(table, "%s\t%s\n", name, value) }
	line("", "")
	line(t.say("État", "State"), t.label(t.tracker.Label(t.Ticket.State)))
	line(t.say("Rapporteur", "Reporter"), t.person(t.Ticket.Reporter))
	line(t.say("Responsable", "Assignee"), t.person(t.Ticket.Assignee))
	line(t.say("Posté le", "Reported"), moment(t.Ticket.ReportedAt))
	line(t.say("Modifié le", "Changed"), moment(t.Ticket.UpdatedAt))
	for _, field := range t.tracker.Fields {
		if answer, ok := t.Ticket.Answers[field.Code]; ok {
			line(t.field(field.Code), t.answer(field.Code, answer))
		}
	}
	for _, code := range slices.Sorted(maps.Keys(t.Ticket.Answers)) {
		if _, ok := t.tracker.Field(code); !ok { // no longer in use
			line(code, printable(t.Ticket.Answers[code]))
		}
	}
	for _, b := range t.Ticket.Brought {
		line(b.Code+t.say(" (de ", " (from ")+string(b.From)+")", printable(b.Answer))
	}
	_ = table.Flush() // a strings.Builder takes everything
}

func (t *auditText) texts() {
	t.text(t.say("Description", "Description"), t.Ticket.Description)
	t.text(t.say("Résolution", "Resolution"), t.Ticket.Resolution)
}

func (t *auditText) text(name, text string) {
	if text != "" {
		fmt.Fprintf(&t.out, "\n%s\n%s\n", name, indent(text))
	}
}

func (t *auditText) history() {
	fmt.Fprintf(&t.out, "\n%s\n", t.say("Historique", "History"))
	for _, e := range t.History {
		recorded := ""
		if e.Source != domain.SourceAPI {
			recorded = fmt.Sprintf(t.say(" [%s, enregistré le %s]", " [%s, recorded %s]"), e.Source, moment(e.RecordedAt))
		}
		fmt.Fprintf(&t.out, "%4d  %s  %s: %s%s\n", e.Version, moment(e.OccurredAt), t.person(e.Actor), t.names(printable(e.Words)), recorded)
		if more := t.details(e); more != "" {
			fmt.Fprintln(&t.out, indent(more))
		}
	}
}

// details is what an event says beyond its sentence.
func (t *auditText) details(e auditEntry) string {
	event, err := ticket.Decode(e.Type, e.Data)
	if err != nil {
		return string(e.Data) // of a newer service; better than nothing
	}
	switch event := event.(type) {
	case ticket.Commented:
		return event.Body
	case ticket.CommentEdited:
		return event.Body
	case ticket.NoteAdded:
		return event.Body
	case ticket.NoteEdited:
		return event.Body
	case ticket.ResolutionWritten:
		return event.Resolution
	case ticket.Edited:
		var lines []string
		if event.Summary != nil {
			lines = append(lines, t.say("Résumé", "Summary")+": "+*event.Summary)
		}
		if event.Description != nil {
			lines = append(lines, "Description: "+*event.Description)
		}
		for _, code := range slices.Sorted(maps.Keys(event.Answers)) {
			lines = append(lines, t.field(code)+": "+t.answer(code, event.Answers[code]))
		}
		return strings.Join(lines, "\n")
	}
	return ""
}

func (t *auditText) person(id domain.UserID) string {
	switch name := t.People[id]; {
	case id == "":
		return "–"
	case name == "":
		return string(id)
	default:
		return printable(name)
	}
}

// names puts names where the text has ids.
func (t *auditText) names(text string) string {
	for id, name := range t.People {
		text = strings.ReplaceAll(text, string(id), printable(name))
	}
	return text
}

func (t *auditText) label(l tracker.Label) string {
	if t.french && l.FR != "" || l.EN == "" {
		return printable(l.FR)
	}
	return printable(l.EN)
}

func (t *auditText) field(code string) string {
	field, _ := t.tracker.Field(code)
	if label := t.label(field.Label); label != "" {
		return label
	}
	return code
}

// answer is an option's label, or the text.
func (t *auditText) answer(code, answer string) string {
	field, _ := t.tracker.Field(code)
	for _, option := range field.Options {
		if label := t.label(option.Label); option.Code == answer && label != "" {
			return label
		}
	}
	return printable(answer)
}

func moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

func indent(text string) string {
	return "      " + strings.ReplaceAll(printable(strings.TrimRight(text, "\n")), "\n", "\n      ")
}

// printable takes out what could command a terminal: what people wrote is shown, never obeyed.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
