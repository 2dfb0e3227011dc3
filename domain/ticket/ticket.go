// Package ticket is the aggregate of one request and its life cycle. Decide
// turns a command into events under the rules of the ticket's tracker, Evolve
// folds them. Trackers themselves live in domain/tracker.
package ticket

import (
	"maps"
	"slices"
	"time"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/tracker"
)

// Ticket is a ticket as folded from its events; the zero Ticket does not exist
// yet. Its JSON is what the API shows, now and as of any moment.
type Ticket struct {
	ID          domain.TicketID   `json:"id"`
	Tracker     domain.TrackerKey `json:"tracker"`
	Number      int64             `json:"number"`
	State       tracker.State     `json:"state"`
	List        tracker.List      `json:"list"`
	Summary     string            `json:"summary"`
	Description string            `json:"description"` // Markdown
	Answers     map[string]string `json:"answers"`     // by field code
	Resolution  string            `json:"resolution"`  // Markdown
	Reporter    domain.UserID     `json:"reporter"`
	Assignee    domain.UserID     `json:"assignee,omitempty"`
	Comments    int               `json:"comments"` // how many, deleted ones too: the number of the last
	ReportedAt  time.Time         `json:"reportedAt"`
	UpdatedAt   time.Time         `json:"updatedAt"`
	Version     uint64            `json:"version"` // how many events it has that are not internal
	// Before are the trackers that it was in before it was moved, each once, and
	// Brought what it answers to fields of theirs that fits no field where it is now.
	Before  []domain.TrackerKey `json:"movedFrom,omitempty"`
	Brought []Brought           `json:"brought,omitempty"`
	Rank    rank.Key            `json:"-"` // its place in the stack; "" in the resolved list
	Inner   Inner               `json:"-"`
}

// Inner is what decisions ask about beside what is shown. It stands in no answer.
type Inner struct {
	Events   uint64    // all of them; Version counts those that are not internal
	LastAt   time.Time // when the last of them occurred
	Deleted  bool      // nobody sees it
	Comments []Remark  // the comment of number n at n-1
	Notes    []Remark  // likewise
	// Watches are the changes that each watcher wants to hear of; Left are those who
	// watched once, until somebody ended it.
	Watches map[domain.UserID][]domain.Topic
	Left    map[domain.UserID]bool
	Raises  []bool     // the request of number n at n-1: whether it waits for an answer
	Files   []Attached // that are there
	Links   []Link     // the times that it was sent to the parent tracker
	CopyOf  CopyOf
	Twins   []Twin // that tools have of it, one of each, and have had
}

// Exists tells whether the ticket has been posted.
func (t Ticket) Exists() bool { return t.ID != "" }

// Evolve is the ticket after one more event. It changes nothing that t shares.
func Evolve(t Ticket, event Event, meta domain.Meta) Ticket {
	t.Inner.Events++
	if !OfMirror(event) {
		t.Inner.LastAt = meta.OccurredAt
	}
	if !Internal(event) {
		t.Version++
		t.UpdatedAt = meta.OccurredAt
	}
	switch e := event.(type) {
	case Posted:
		t = post(t, e, meta)
	case Edited:
		t = edit(t, e)
	case ResolutionWritten:
		t.Resolution = e.Resolution
	case StateChanged:
		t = enter(t, e.To, meta)
	case Assigned:
		t.Assignee = e.Assignee
	case Unassigned:
		t.Assignee = ""
	case Commented:
		t.Comments = e.Comment
		t.Inner = t.Inner.commented(e, meta)
	case Ranked:
		t.Rank = e.Rank
	case Moved:
		t = t.movedTo(e, meta)
	case Cascaded, CascadeLinked, CascadeRefused, CascadeEnded:
		t.Inner = t.Inner.linked(event, meta, t.Comments)
	case Mirrored, MirrorMatched, Unmirrored:
		t.Inner = t.Inner.mirrored(event)
	default:
		t.Inner = t.Inner.after(event, meta)
	}
	return t
}

// after takes in an event that changes nothing but what is not shown.
func (in Inner) after(event Event, meta domain.Meta) Inner {
	switch e := event.(type) {
	case CommentEdited:
		in.Comments = reworded(in.Comments, e.Comment, e.Body)
	case CommentDeleted:
		in.Comments = withdrawn(in.Comments, e.Comment)
	case FileAttached:
		in.Files = attached(in.Files, e, meta.Actor)
	case FileRemoved:
		in.Files = removed(in.Files, e.Attachment)
	case NoteAdded:
		in.Notes = append(slices.Clip(in.Notes), newRemark(meta.Actor, e.Body))
	case NoteEdited:
		in.Notes = reworded(in.Notes, e.Note, e.Body)
	case NoteDeleted:
		in.Notes = withdrawn(in.Notes, e.Note)
	case Watched:
		in = in.watched(e)
	case Unwatched:
		in = in.unwatched(e)
	case RaiseRequested:
		in.Raises = append(slices.Clip(in.Raises), true)
	case RaiseGranted:
		in.Raises = answered(in.Raises, e.Request)
	case RaiseRefused:
		in.Raises = answered(in.Raises, e.Request)
	case Deleted:
		in.Deleted = true
	case Undeleted:
		in.Deleted = false
	}
	return in
}

// enter puts the ticket in a state. Closing takes it out of the stack at once;
// reopening lets it in as a new ticket, at the bottom unless Ranked follows.
func enter(t Ticket, to tracker.State, meta domain.Meta) Ticket {
	before := t.List
	t.State, t.List = to, to.List()
	switch {
	case t.List == tracker.ResolvedList:
		t.Rank = ""
	case before != tracker.OpenList:
		t.Rank = rank.Bottom(meta.OccurredAt, t.Number)
	}
	return t
}

func post(t Ticket, e Posted, meta domain.Meta) Ticket {
	t.ID = domain.NewTicketID(e.Tracker, e.Number)
	t.Tracker, t.Number = e.Tracker, e.Number
	t = enter(t, tracker.Posted, meta)
	t.Summary, t.Description = e.Summary, e.Description
	t.Answers = maps.Clone(e.Answers)
	if t.Answers == nil {
		t.Answers = map[string]string{}
	}
	t.Reporter = e.Reporter
	t.ReportedAt = meta.OccurredAt
	if e.CopyOf != nil {
		t.Inner.CopyOf.Original = *e.CopyOf
	}
	return t
}

func edit(t Ticket, e Edited) Ticket {
	if e.Summary != nil {
		t.Summary = *e.Summary
	}
	if e.Description != nil {
		t.Description = *e.Description
	}
	if len(e.Answers) > 0 {
		t.Answers = maps.Clone(t.Answers)
		for code, answer := range e.Answers {
			if answer == "" {
				delete(t.Answers, code)
			} else {
				t.Answers[code] = answer
			}
		}
	}
	return t
}
