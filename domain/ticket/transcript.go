package ticket

import (
	"time"

	"suivi/domain"
)

// Copied is where a comment was said that stands here as well.
type Copied struct {
	Link    string        `json:"link"`    // between the two tickets
	Comment int           `json:"comment"` // its number there
	Author  domain.UserID `json:"author"`
	At      time.Time     `json:"at"`
}

// Said tells by whom and when the comment was said.
func (e Commented) Said(meta domain.Meta) (author domain.UserID, at time.Time) {
	if e.Copied != nil {
		return e.Copied.Author, e.Copied.At
	}
	return meta.Actor, meta.OccurredAt
}

// Transcript is what a ticket has for everybody who sees it: no internal note, and
// no internal file.
type Transcript struct {
	Comments []Commented // with Copied set and the last text; deleted ones are left out
	Files    []FileAttached
}

// With is the transcript after one more event of the ticket. It takes r over.
func (r Transcript) With(event Event, meta domain.Meta) Transcript {
	if Internal(event) {
		return r
	}
	switch e := event.(type) {
	case Commented:
		author, at := e.Said(meta)
		r.Comments = append(r.Comments, Commented{Comment: e.Comment, Body: e.Body, Copied: &Copied{Comment: e.Comment, Author: author, At: at}})
	case CommentEdited:
		for i, c := range r.Comments {
			if c.Comment == e.Comment {
				r.Comments[i].Body = e.Body
			}
		}
	case CommentDeleted:
		r.Comments = without(r.Comments, func(c Commented) bool { return c.Comment == e.Comment })
	case FileAttached:
		r.Files = append(r.Files, e)
	case FileRemoved:
		r.Files = without(r.Files, func(f FileAttached) bool { return f.ID == e.Attachment })
	}
	return r
}

func without[T any](all []T, gone func(T) bool) []T {
	var left []T
	for _, one := range all {
		if !gone(one) {
			left = append(left, one)
		}
	}
	return left
}
