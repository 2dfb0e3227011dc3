package redmine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// News is what people did to the issue and is not known yet: its journals, then notes
// that were edited or taken away, of which there is no journal.
func (t *Tool) News(ctx context.Context, at mirror.Place, job mirror.Job) ([]mirror.Change, error) {
	a, err := t.open(ctx, at, job)
	if err != nil {
		return nil, err
	}
	if err := a.begin(ctx); err != nil {
		return nil, err
	}
	news, err := a.news(ctx)
	return news, ofMirror(err)
}

// unheard tells as drift what people did and the ticket does not have yet.
func (a *aligner) unheard(ctx context.Context) error {
	if _, known := a.since(); !known || !a.both() {
		return nil
	}
	news, err := a.news(ctx)
	for _, change := range news {
		a.drift(difference{what: change.ID, want: "on the ticket", found: "not heard yet"}, "")
	}
	return err
}

// heardAll is ErrUnheard when people have done something since the issue was heard.
func (a *aligner) heardAll(ctx context.Context) error {
	if _, known := a.since(); !known || !a.both() || a.Look {
		return nil
	}
	news, err := a.news(ctx)
	if err == nil && len(news) > 0 {
		return mirror.ErrUnheard
	}
	return err
}

func (a *aligner) news(ctx context.Context) ([]mirror.Change, error) {
	if err := a.learnNames(ctx); err != nil {
		return nil, err
	}
	h := hearer{aligner: a, state: a.want.State, answers: a.want.Answers, own: a.own()}
	since, _ := a.since()
	var news []mirror.Change
	for _, j := range a.issue.Journals {
		if since.had(j) || h.own[j.ID] || a.knows(journalPart, j) || a.marked(j.Notes) {
			continue
		}
		change := h.journal(j)
		if len(change.Commands)+len(change.Files)+len(change.Refusals)+len(change.Ties) == 0 {
			continue
		}
		for i, tie := range change.Ties {
			var err error
			if change.Ties[i].Prerequisite.Ticket, err = a.ticketOf(ctx, tie.Prerequisite.Twin.ID); err != nil {
				return nil, err
			}
		}
		news = append(news, change)
	}
	more, err := a.textNews(ctx)
	return append(news, more...), err
}

// hearer makes changes of journals, one after the other: each finds the ticket as the
// one before it leaves it, if nothing is refused.
type hearer struct {
	*aligner
	own     map[int]bool
	state   tracker.State
	answers map[string]string
	actor   domain.UserID // who did the journal, here
	change  mirror.Change
}

// journal is one journal as a change, with one command for each thing that it says.
func (h *hearer) journal(j Journal) mirror.Change {
	author := strconv.Itoa(j.User.ID)
	h.change = mirror.Change{ID: journalPart + j.key(), Author: author}
	var known bool
	if h.actor, known = h.at.Mirror.Person(author); !known {
		h.actor = h.at.Mirror.Actor
	}
	var to tracker.State
	for _, d := range j.Details {
		switch d.Property {
		case "attr":
			if state := h.attribute(d, j); state != "" {
				to = state
			}
		case "cf":
			h.field(d)
		case "attachment":
			h.file(d, j)
		case relationDetail:
			h.relation(d, j)
		}
	}
	said := ""
	if strings.TrimSpace(j.Notes) != "" {
		said = h.fromThere(j.Notes)
		h.change.Parts = append(h.change.Parts, ticket.Part{ID: theirsPart + j.key()}, ticket.Part{ID: h.textID(textPart, j, j.Notes)})
	}
	h.say(said, j.Private, to)
	return h.change
}

// say adds what was said, with the new state if there is one: a workflow may want a word with it.
func (h *hearer) say(said string, private bool, to tracker.State) {
	first := []ticket.Command{}
	switch {
	case said != "" && private:
		first = append(first, ticket.AddNote{Body: said})
	case said != "" && to == "":
		first = append(first, ticket.Comment{Body: said})
	}
	if to != "" {
		change := ticket.ChangeState{To: to}
		if !private {
			change.Comment = said
		}
		h.state = to
		first = append(first, change)
	}
	// A state that wants an assignee or a resolution finds what came with it.
	h.change.Commands = append(h.change.Commands, first...)
}

func (h *hearer) does(command ticket.Command) { h.change.Commands = append(h.change.Commands, command) }

// cannot notes what has no counterpart here.
func (h *hearer) cannot(text string, args ...any) {
	h.change.Refusals = append(h.change.Refusals, domain.Errorf(domain.Refused, "no-counterpart", text, args...))
}

// textNews are the notes that were edited there, and those that were taken away.
// Before 6.0 Redmine does not tell who edited one, and never who took one away.
func (a *aligner) textNews(ctx context.Context) ([]mirror.Change, error) {
	var news []mirror.Change
	for _, said := range a.want.Said {
		j, there := a.journalOf(said)
		switch {
		case said.Deleted || !a.changedThere(said, j, there):
		case there:
			news = append(news, mirror.Change{ID: a.textID(textPart, j, j.Notes), Author: editor(j), Commands: []ticket.Command{edit(said, a.saidIn(j))}, Parts: a.endTexts(j)})
		default:
			seen, err := a.seesIt(ctx, said)
			if err != nil {
				return nil, err
			}
			if seen {
				news = append(news, mirror.Change{ID: a.lastJournalOf(said), Commands: []ticket.Command{remove(said)}})
			}
		}
	}
	return news, nil
}

// changedThere tells whether somebody there has edited what was said, or taken it away.
func (a *aligner) changedThere(said ticket.Said, j Journal, there bool) bool {
	if there {
		return a.both() && a.editedThere(j) && !a.says(j, said)
	}
	gone := a.lastJournalOf(said)
	return a.both() && gone != "" && !a.Twin.Has(gone)
}

// heardOf is ErrUnheard when somebody there has just edited what was said, or taken it away.
func (a *aligner) heardOf(ctx context.Context, said ticket.Said, j Journal, there bool) error {
	if a.Look || said.Deleted || !a.changedThere(said, j, there) {
		return nil
	}
	seen, err := a.seesIt(ctx, said)
	if err == nil && (there || seen) {
		err = mirror.ErrUnheard
	}
	return err
}

// seesIt tells whether the key's person would see what was said, if it were there:
// private notes that may no longer be seen have not been taken away.
func (a *aligner) seesIt(ctx context.Context, said ticket.Said) (bool, error) {
	if !said.Internal() {
		return true, nil
	}
	why, err := a.tool.notPrivate(ctx, a.site, a.at)
	return why == "", err
}

// lastJournalOf is the part for the end of the journal that was last known to be what was said; "": none was.
func (a *aligner) lastJournalOf(said ticket.Said) string {
	for _, p := range slices.Backward(a.Twin.Parts) {
		if id, ok := strings.CutPrefix(p.ID, journalPart); ok && said.Part == (ticket.Part{Comment: p.Comment, Note: p.Note}) {
			return gonePart + id
		}
	}
	return ""
}

func editor(j Journal) string {
	if j.EditedBy.ID == 0 {
		return ""
	}
	return strconv.Itoa(j.EditedBy.ID)
}

func edit(said ticket.Said, body string) ticket.Command {
	if said.Internal() {
		return ticket.EditNote{Note: said.Note, Body: body}
	}
	return ticket.EditComment{Comment: said.Comment, Body: body}
}

func remove(said ticket.Said) ticket.Command {
	if said.Internal() {
		return ticket.DeleteNote{Note: said.Note}
	}
	return ticket.DeleteComment{Comment: said.Comment}
}
