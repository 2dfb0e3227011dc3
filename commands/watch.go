package commands

import (
	"context"
	"slices"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
)

// watchDefaults adds what those hear of who may come to watch by the command.
func (h *Handler) watchDefaults(ctx context.Context, facts *ticket.Facts, t ticket.Ticket, command ticket.Command) error {
	people := slices.DeleteFunc(newWatchers(*facts, command), func(user domain.UserID) bool {
		_, watches := t.Inner.Watches[user]
		return user == "" || watches
	})
	if len(people) == 0 || h.cfg.WatchDefaults == nil {
		return nil
	}
	var err error
	facts.WatchDefaults, err = h.cfg.WatchDefaults(ctx, destination(*facts), people)
	return err
}

// newWatchers are those whom the command may make watchers, and "".
func newWatchers(facts ticket.Facts, command ticket.Command) []domain.UserID {
	switch c := command.(type) {
	case ticket.WithFiles, ticket.TakeIn:
		var all []domain.UserID
		for _, one := range ticket.Inside(c) {
			all = append(all, newWatchers(facts, one)...)
		}
		return all
	case ticket.Post:
		return append(facts.Tracker.FirstAssignees(), facts.Actor.ID, c.OnBehalfOf, c.Assignee)
	case ticket.Copy:
		return facts.Tracker.FirstAssignees()
	case ticket.Comment, ticket.AddNote, ticket.ChangeState, ticket.Cascade:
		return []domain.UserID{facts.Actor.ID}
	case ticket.Assign:
		return []domain.UserID{c.User}
	case ticket.Move:
		return []domain.UserID{facts.Target.DefaultAssignee}
	case ticket.Watch:
		return []domain.UserID{c.User}
	}
	return nil
}

// UnwatchAll ends the caller's watches in a tracker, or everywhere for the key "", and
// says for each what became of it. Watches that begin meanwhile may stay.
func (h *Handler) UnwatchAll(ctx context.Context, c Caller, req Request, key domain.TrackerKey) ([]Result, error) {
	head, err := h.cfg.Store.Head(ctx, eventstore.Filter{StreamPrefixes: []string{"ticket-", "tracker-"}})
	if err != nil {
		return nil, storeError("read the head", err)
	}
	if err := h.cfg.Wait(ctx, head); err != nil {
		return nil, err
	}
	var all []Result
	for after := domain.TicketID(""); ; after = all[len(all)-1].Ticket {
		ids, err := h.cfg.Watched(ctx, c.Actor, key, after)
		if err != nil || len(ids) == 0 {
			return all, err
		}
		all = append(all, h.ChangeTickets(ctx, c, req, ids, ticket.Unwatch{User: c.Actor.ID})...)
	}
}
