package readapi

import (
	"context"
	"net/url"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Then is a ticket as it was at a moment, and what had been said on it by then. Who
// may see what of it goes by today's rights.
type Then struct {
	ReadTicket

	Tracker  tracker.Tracker // as it was
	HTML     Texts
	Comments []Comment
	Notes    []Note // for who may see such
}

// AsItWas is the ticket at a moment that is written as for GET /tickets/{id}?at=: a
// version or a time; "" is its last version. It has at most the limit of comments, and of notes.
func (a *API) AsItWas(ctx context.Context, s Sight, at string, limit int) (Then, error) {
	asked := url.Values{}
	if at != "" {
		asked.Set("at", at)
	}
	p := valueParams(asked, "at")
	m := p.moment()
	if err := p.err(); err != nil {
		return Then{}, err
	}
	if m == nil {
		m = &moment{version: s.ticket.Version}
	}
	t, in, all, err := a.ticketThen(ctx, s, *m)
	if err != nil {
		return Then{}, err
	}
	then := Then{Tracker: in}
	if then.ReadTicket, err = a.asRead(ctx, s, t, in); err != nil {
		return then, err
	}
	if then.HTML, err = a.textsAsHTML(ctx, s, t); err != nil {
		return then, err
	}
	comments, err := a.past(ctx, s, all.comments, window{limit: limit})
	if err != nil {
		return then, err
	}
	then.Comments = asComments(comments[:min(len(comments), limit)])
	if !s.may(domain.SeeInternal) {
		return then, nil
	}
	notes, err := a.past(ctx, s, all.notes, window{limit: limit})
	then.Notes = asNotes(notes[:min(len(notes), limit)])
	return then, err
}
