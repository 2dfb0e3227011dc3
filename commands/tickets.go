package commands

import (
	"context"
	"errors"
	"slices"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// A post meets taken numbers one by one, and searches for the end of them each
// time it has met patience. Each number that it loses is another's success, so
// only a crowd of nodes can keep it from ever winning one.
const (
	patience     = 3
	maxPostTries = 100
)

// PostTicket posts a ticket in the tracker. The event store decides which
// number it gets. Sent again with its idempotency key, it answers with the
// ticket of the first time, also on another node: the key is looked up once the
// read models have reached the store's head. The ticket is as the caller sees it.
func (h *Handler) PostTicket(ctx context.Context, c Caller, req Request, key domain.TrackerKey, post ticket.Post) (Outcome[ticket.Ticket], error) {
	if req.Key != "" {
		defer h.posting.enter(req.Command)()
		out, found, err := h.postedBefore(ctx, req)
		if err != nil {
			return out, err
		}
		if found {
			return h.seen(ctx, c, out, tracker.Tracker{})
		}
	}
	facts, err := h.postFacts(ctx, c, key, post)
	if err != nil {
		return Outcome[ticket.Ticket]{}, err
	}
	if err := h.claim(ctx, &facts, req, post); err != nil {
		return Outcome[ticket.Ticket]{}, err
	}
	if err := h.challenge(ctx, c, req, post, &facts); err != nil {
		return Outcome[ticket.Ticket]{}, h.release(ctx, req, post, err)
	}
	for try := range maxPostTries {
		if try%patience == patience-1 {
			if err := h.numbers.leap(ctx, key); err != nil {
				return Outcome[ticket.Ticket]{}, err
			}
		}
		out, err := h.postNext(ctx, c, req, post, facts)
		if err == nil && post.State != "" {
			out, err = h.migrateLate(ctx, out)
		}
		if !errors.Is(err, eventstore.ErrWrongRevision) {
			out.State = out.State.SeenAs(c.Actor, facts.Tracker)
			return out, h.release(ctx, req, post, err)
		}
	}
	return Outcome[ticket.Ticket]{}, tooBusy("posting in " + string(key))
}

// Posted tells whether the request has posted a ticket already; one that is under way is waited for.
func (h *Handler) Posted(ctx context.Context, req Request) (bool, error) {
	if req.Key == "" {
		return false, nil
	}
	defer h.posting.enter(req.Command)()
	_, found, err := h.postedBefore(ctx, req)
	return found, err
}

func (h *Handler) postFacts(ctx context.Context, c Caller, key domain.TrackerKey, post ticket.Post) (ticket.Facts, error) {
	facts, err := h.ticketFacts(ctx, c, key, post.OnBehalfOf)
	if err != nil {
		return facts, err
	}
	if err := h.watchDefaults(ctx, &facts, ticket.Ticket{}, post); err != nil {
		return facts, err
	}
	if facts.Tracker.Assignment.By == tracker.ByLeastOpen && post.Assignee == "" {
		facts.OpenByAssignee, err = h.cfg.OpenByAssignee(ctx, key)
	}
	return facts, err
}

// postNext tries to post under the next number; ErrWrongRevision says that it is taken.
func (h *Handler) postNext(ctx context.Context, c Caller, req Request, post ticket.Post, facts ticket.Facts) (Outcome[ticket.Ticket], error) {
	key := facts.Tracker.Key
	if _, err := ticket.Decide(ticket.Ticket{}, post, facts); err != nil {
		return Outcome[ticket.Ticket]{}, err // before a number is taken for it
	}
	number, err := h.numbers.take(ctx, key)
	if err != nil {
		return Outcome[ticket.Ticket]{}, err
	}
	post.Number = number
	events, err := ticket.Decide(ticket.Ticket{}, post, facts)
	if err == nil {
		var out Outcome[ticket.Ticket]
		id := domain.NewTicketID(key, number)
		out, err = h.tickets.append(ctx, id.Stream(), folded[ticket.Ticket]{}, events, req.meta(c, facts.OccurredAt))
		if err == nil || errors.Is(err, eventstore.ErrWrongRevision) {
			return out, err
		}
	}
	h.numbers.giveBack(key, number)
	return Outcome[ticket.Ticket]{}, err
}

func (h *Handler) postedBefore(ctx context.Context, req Request) (out Outcome[ticket.Ticket], found bool, err error) {
	if err := h.caughtUp(ctx, "ticket-"); err != nil {
		return out, false, err
	}
	id, found, err := h.cfg.PostedBy(ctx, req.Command)
	if !found || err != nil {
		return out, false, err
	}
	f, _, err := h.tickets.load(ctx, id.Stream(), false)
	if err != nil {
		return out, false, err
	}
	prior, _ := f.find(req.Command)
	out, err = h.tickets.replay(ctx, id.Stream(), req, prior)
	return out, true, err
}

// ChangeTicket carries out a command other than a post on a ticket, which it
// gives as the caller sees it.
func (h *Handler) ChangeTicket(ctx context.Context, c Caller, req Request, id domain.TicketID, command ticket.Command) (Outcome[ticket.Ticket], error) {
	var desk tracker.Tracker // as it was decided by
	out, err := h.tickets.execute(ctx, id.Stream(), req, func(ctx context.Context, t ticket.Ticket) ([]ticket.Event, domain.Meta, error) {
		if !t.Exists() {
			return nil, domain.Meta{}, domain.ErrNoTicket(id)
		}
		facts, err := h.changeFacts(ctx, c, req, t, command)
		if err != nil {
			return nil, domain.Meta{}, err
		}
		desk = facts.Tracker
		events, err := ticket.Decide(t, command, facts)
		return events, req.meta(c, facts.OccurredAt), err
	})
	err = h.release(ctx, req, command, err)
	if err == nil && mayStrand(command) {
		out, err = h.migrateLate(ctx, out)
	}
	if err != nil {
		return out, err
	}
	return h.seen(ctx, c, out, desk)
}

// mayStrand tells whether the command may bring the ticket to a state that its
// tracker disables at the same time.
func mayStrand(command ticket.Command) bool {
	return slices.ContainsFunc(ticket.Inside(command), func(c ticket.Command) bool {
		switch c.(type) {
		case ticket.ChangeState, ticket.Move, ticket.Recall, ticket.Refuse, ticket.Report, ticket.End:
			return true
		}
		return false
	})
}

// later keeps a ticket's history in order when this node's clock is behind the
// one that wrote its last event.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (h *Handler) ticketFacts(ctx context.Context, c Caller, key domain.TrackerKey, people ...domain.UserID) (ticket.Facts, error) {
	desk, err := h.desk(ctx, key)
	if err != nil {
		return ticket.Facts{}, err
	}
	if !desk.Exists() {
		return ticket.Facts{}, domain.ErrNoTracker(key)
	}
	unknown, err := h.unknown(ctx, people)
	return ticket.Facts{Tracker: desk, Actor: c.Actor, OccurredAt: h.occurredAt(c), Site: h.cfg.Site, UnknownUsers: unknown}, err
}

// desk is a tracker with its fields whole, as of now.
func (h *Handler) desk(ctx context.Context, key domain.TrackerKey) (tracker.Tracker, error) {
	desk, err := h.desks.get(ctx, key.Stream())
	if err != nil {
		return desk, err
	}
	return h.whole(ctx, desk)
}

// unknown are those of the people who are named and have no account.
func (h *Handler) unknown(ctx context.Context, people []domain.UserID) ([]domain.UserID, error) {
	var named []domain.UserID
	for _, id := range people {
		if id != "" {
			named = append(named, id)
		}
	}
	if len(named) == 0 {
		return nil, nil
	}
	return h.cfg.UnknownUsers(ctx, named)
}
