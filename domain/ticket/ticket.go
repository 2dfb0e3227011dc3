// Package ticket is the aggregate of one request and its life cycle. Decide
// turns a command into events under the rules of the ticket's tracker, Evolve
// folds them. Trackers themselves live in domain/tracker.
package ticket

import (
	"maps"
	"slices"
	"time"

	"suivi/domain"
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
	Inner       Inner             `json:"-"`
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
	Files   []Attached // that are there
}

// Exists tells whether the ticket has been posted.
func (t Ticket) Exists() bool { return t.ID != "" }

// Evolve is the ticket after one more event. It changes nothing that t shares.
func Evolve(t Ticket, event Event, meta domain.Meta) Ticket {
	t.Inner.Events++
	t.Inner.LastAt = meta.OccurredAt
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
		t.State, t.List = e.To, e.To.List()
	case Assigned:
		t.Assignee = e.Assignee
	case Unassigned:
		t.Assignee = ""
	case Commented:
		t.Comments = e.Comment
		t.Inner.Comments = append(slices.Clip(t.Inner.Comments), newRemark(meta.Actor, e.Body))
	case CommentEdited:
		t.Inner.Comments = reworded(t.Inner.Comments, e.Comment, e.Body)
	case CommentDeleted:
		t.Inner.Comments = withdrawn(t.Inner.Comments, e.Comment)
	case FileAttached:
		t.Inner.Files = attached(t.Inner.Files, e, meta.Actor)
	case FileRemoved:
		t.Inner.Files = removed(t.Inner.Files, e.Attachment)
	case Deleted:
		t.Inner.Deleted = true
	case Undeleted:
		t.Inner.Deleted = false
	case Watched:
		t.Inner = t.Inner.watched(e)
	case Unwatched:
		t.Inner = t.Inner.unwatched(e)
	case NoteAdded:
		t.Inner.Notes = append(slices.Clip(t.Inner.Notes), newRemark(meta.Actor, e.Body))
	case NoteEdited:
		t.Inner.Notes = reworded(t.Inner.Notes, e.Note, e.Body)
	case NoteDeleted:
		t.Inner.Notes = withdrawn(t.Inner.Notes, e.Note)
	}
	return t
}

func post(t Ticket, e Posted, meta domain.Meta) Ticket {
	t.ID = domain.NewTicketID(e.Tracker, e.Number)
	t.Tracker, t.Number = e.Tracker, e.Number
	t.State, t.List = tracker.Posted, tracker.Posted.List()
	t.Summary, t.Description = e.Summary, e.Description
	t.Answers = maps.Clone(e.Answers)
	if t.Answers == nil {
		t.Answers = map[string]string{}
	}
	t.Reporter = e.Reporter
	t.ReportedAt = meta.OccurredAt
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
