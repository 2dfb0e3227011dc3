package commands

import (
	"context"
	"slices"

	"suivi/domain"
	"suivi/domain/ticket"
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
	facts.WatchDefaults, err = h.cfg.WatchDefaults(ctx, facts.Tracker.Key, people)
	return err
}

// newWatchers are those whom the command may make watchers, and "".
func newWatchers(facts ticket.Facts, command ticket.Command) []domain.UserID {
	switch c := command.(type) {
	case ticket.WithFiles:
		return newWatchers(facts, c.Command)
	case ticket.Post:
		return append(facts.Tracker.FirstAssignees(), facts.Actor.ID, c.OnBehalfOf, c.Assignee)
	case ticket.Copy:
		return facts.Tracker.FirstAssignees()
	case ticket.Comment, ticket.AddNote, ticket.ChangeState, ticket.Cascade:
		return []domain.UserID{facts.Actor.ID}
	case ticket.Assign:
		return []domain.UserID{c.User}
	case ticket.Watch:
		return []domain.UserID{c.User}
	}
	return nil
}
