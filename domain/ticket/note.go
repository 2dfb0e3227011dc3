package ticket

import (
	"slices"

	"suivi/domain"
)

func addNote(t Ticket, c AddNote, facts Facts) ([]Event, error) {
	if !facts.Tracker.May(facts.Actor, domain.SeeInternal) {
		return nil, rightMissing("write internal notes")
	}
	if err := checkBody(c.Body); err != nil {
		return nil, err
	}
	added := NoteAdded{Note: len(t.Inner.Notes) + 1, Body: c.Body, Mentions: t.mentionedInside(c.Body, facts)}
	return append([]Event{added}, t.subscribe(facts.Actor, becauseWrote, facts)...), nil
}

func editNote(t Ticket, c EditNote, facts Facts) ([]Event, error) {
	said, err := t.ownNote(c.Note, facts)
	if err != nil {
		return nil, err
	}
	if said.Deleted {
		return nil, domain.Errorf(domain.Refused, "note-deleted", "the internal note %d of %s has been deleted", c.Note, t.ID)
	}
	if err := checkBody(c.Body); err != nil {
		return nil, err
	}
	if said.says(c.Body) {
		return nil, nil
	}
	return []Event{NoteEdited{Note: c.Note, Body: c.Body, Mentions: t.mentionedInside(c.Body, facts)}}, nil
}

func deleteNote(t Ticket, c DeleteNote, facts Facts) ([]Event, error) {
	said, err := t.ownNote(c.Note, facts)
	if err != nil || said.Deleted {
		return nil, err
	}
	files := t.removeAll(func(a Attached) bool { return a.Note == c.Note })
	return append([]Event{NoteDeleted(c)}, files...), nil
}

// ownNote is the note of the number, if the actor wrote it or may manage comments.
// Who may not see internal notes is not told whether there is one.
func (t Ticket) ownNote(n int, facts Facts) (Remark, error) {
	if !facts.Tracker.May(facts.Actor, domain.SeeInternal) {
		return Remark{}, rightMissing("see internal notes")
	}
	said, ok := remark(t.Inner.Notes, n)
	if !ok {
		return said, domain.ErrNoNote(t.ID, n)
	}
	if said.Author != facts.Actor.ID && !facts.Tracker.May(facts.Actor, domain.ManageComments) {
		return said, rightMissing("change this note")
	}
	return said, nil
}

// mentionedInside are those of the text's people who see the ticket and its internal notes.
func (t Ticket) mentionedInside(text string, facts Facts) []domain.UserID {
	return slices.DeleteFunc(t.mentioned(text, facts), func(person domain.UserID) bool {
		return !facts.Tracker.May(domain.Actor{ID: person}, domain.SeeInternal)
	})
}
