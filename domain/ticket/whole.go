package ticket

import (
	"slices"
	"time"

	"suivi/domain"
)

// Whole is a ticket with all that was said on it and attached to it, for the staff's
// eyes: internal notes and files are among it.
type Whole struct {
	Ticket
	Said   []Said // comments and internal notes in the order in which they were said
	Files  []FileAttached
	Events uint64 // how many make it up: the revision of the last is one less
}

// Said is a comment or an internal note, with its last text. Deleted ones have none.
type Said struct {
	Part    // without an outside id: which comment or note it is
	Author  domain.UserID
	At      time.Time
	Body    string // Markdown
	Edited  bool
	Deleted bool
}

// Internal tells whether it is an internal note.
func (s Said) Internal() bool { return s.Note != 0 }

// With is the whole ticket after one more event. It takes w over.
func (w Whole) With(event Event, meta domain.Meta) Whole {
	w.Ticket = Evolve(w.Ticket, event, meta)
	w.Events++
	switch e := event.(type) {
	case Commented:
		author, at := e.Said(meta)
		w.Said = append(w.Said, Said{Part: Part{Comment: e.Comment}, Author: author, At: at, Body: e.Body})
	case NoteAdded:
		w.Said = append(w.Said, Said{Part: Part{Note: e.Note}, Author: meta.Actor, At: meta.OccurredAt, Body: e.Body})
	case CommentEdited:
		w.say(Part{Comment: e.Comment}, func(s *Said) { s.Body, s.Edited = e.Body, true })
	case NoteEdited:
		w.say(Part{Note: e.Note}, func(s *Said) { s.Body, s.Edited = e.Body, true })
	case CommentDeleted:
		w.say(Part{Comment: e.Comment}, func(s *Said) { s.Body, s.Deleted = "", true })
	case NoteDeleted:
		w.say(Part{Note: e.Note}, func(s *Said) { s.Body, s.Deleted = "", true })
	case FileAttached:
		w.Files = append(w.Files, e)
	case FileRemoved:
		w.Files = slices.DeleteFunc(w.Files, func(f FileAttached) bool { return f.ID == e.Attachment })
	}
	return w
}

func (w Whole) say(of Part, change func(*Said)) {
	for i := range w.Said {
		if w.Said[i].Part == of {
			change(&w.Said[i])
		}
	}
}
