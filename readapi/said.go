package readapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
)

// endOfTime is a moment after every event.
func endOfTime() time.Time { return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }

// remarkFold is what was said on a ticket by comments, or by notes, folded from its events.
type remarkFold struct {
	then      []Remark           // as it was at the moment asked for, by number
	texts     map[int][]Revision // all of them, also after that moment
	withdrawn map[int]bool       // deleted, also after that moment
}

// Revision is one text of something said.
type Revision struct {
	Revision   int           `json:"revision"` // from 1
	Version    uint64        `json:"version"`  // of the ticket, with it
	Author     domain.UserID `json:"author"`   // of this text
	Body       string        `json:"body"`
	HTML       string        `json:"html"`
	OccurredAt time.Time     `json:"occurredAt"`
}

func newRemarkFold() remarkFold {
	return remarkFold{then: []Remark{}, texts: map[int][]Revision{}, withdrawn: map[int]bool{}}
}

// said is one event in which something was said, edited or deleted.
type said struct {
	number  int
	body    string
	deleted bool
	version uint64
	meta    domain.Meta
}

// take folds one event; then tells whether it had happened at the moment asked for.
func (f *remarkFold) take(s said, then bool) {
	at := s.meta.OccurredAt.UTC().Truncate(time.Microsecond)
	if s.deleted {
		f.withdrawn[s.number] = true
	} else {
		texts := f.texts[s.number]
		f.texts[s.number] = append(texts, Revision{Revision: len(texts) + 1, Version: s.version, Author: s.meta.Actor, Body: s.body, OccurredAt: at})
	}
	if !then {
		return
	}
	i := slices.IndexFunc(f.then, func(r Remark) bool { return r.Number == s.number })
	switch {
	case i < 0:
		f.then = append(f.then, Remark{Number: s.number, Version: s.version, Author: s.meta.Actor, Body: s.body, OccurredAt: at})
	case s.deleted:
		f.then[i].Body, f.then[i].DeletedAt, f.then[i].DeletedBy = "", &at, s.meta.Actor
	default:
		f.then[i].Body, f.then[i].EditedAt, f.then[i].EditedBy = s.body, &at, s.meta.Actor
	}
}

// saidIn is what the event says, if it is about a comment or a note.
func saidIn(event ticket.Event, version uint64, meta domain.Meta) (said, bool) {
	switch e := event.(type) {
	case ticket.Commented:
		meta.Actor, meta.OccurredAt = e.Said(meta)
		return said{number: e.Comment, body: e.Body, version: version, meta: meta}, true
	case ticket.CommentEdited:
		return said{number: e.Comment, body: e.Body, version: version, meta: meta}, true
	case ticket.CommentDeleted:
		return said{number: e.Comment, deleted: true, version: version, meta: meta}, true
	case ticket.NoteAdded:
		return said{number: e.Note, body: e.Body, version: version, meta: meta}, true
	case ticket.NoteEdited:
		return said{number: e.Note, body: e.Body, version: version, meta: meta}, true
	case ticket.NoteDeleted:
		return said{number: e.Note, deleted: true, version: version, meta: meta}, true
	}
	return said{}, false
}

// past is a ticket as it was, and what had been said on it.
type past struct {
	ticket   ticket.Ticket
	comments remarkFold
	notes    remarkFold          // internal: only for whoever may see such
	last     eventstore.Position // of the ticket's last event then that is not internal
}

// asOf is the past at the moment, from the ticket's own stream. The caller has
// checked that the asker may see the ticket today.
func (a *API) asOf(ctx context.Context, id domain.TicketID, m moment) (past, error) {
	p := past{comments: newRemarkFold(), notes: newRemarkFold()}
	then := true         // the events so far had happened at the moment
	version := uint64(0) // as people know it: without internal events
	for e, err := range a.store.Read(ctx, id.Stream(), 0) {
		if err != nil {
			return p, readError(id, err)
		}
		event, meta, err := decodeTicketEvent(e)
		if err != nil {
			return p, err
		}
		if ticket.OfMirror(event) {
			continue // it has its own time
		}
		internal := ticket.Internal(event)
		if !internal {
			version++
		}
		then = then && m.includes(version, meta.OccurredAt)
		if then {
			p.ticket = ticket.Evolve(p.ticket, event, meta)
			if !internal {
				p.last = e.Position
			}
		}
		switch s, ok := saidIn(event, version, meta); {
		case ok && internal:
			p.notes.take(s, then)
		case ok:
			p.comments.take(s, then)
		}
	}
	return p, reached(p.ticket, id, m)
}

func decodeTicketEvent(e eventstore.Recorded) (ticket.Event, domain.Meta, error) {
	event, err := ticket.Decode(e.Type, e.Data)
	if err != nil {
		return nil, domain.Meta{}, fmt.Errorf("read %s at revision %d: %w", e.Stream, e.Revision, err)
	}
	meta, err := decodeMeta(e)
	return event, meta, err
}
