package commands

import (
	"context"

	"suivi/domain"
	"suivi/domain/library"
	"suivi/domain/tracker"
)

// ChangeLibrary carries out a command on the library of shared fields.
func (h *Handler) ChangeLibrary(ctx context.Context, c Caller, req Request, command library.Command) (Outcome[library.Library], error) {
	return h.library.execute(ctx, library.Stream, req, func(ctx context.Context, l library.Library) ([]library.Event, domain.Meta, error) {
		facts, err := h.libraryFacts(ctx, c, l, command)
		if err != nil {
			return nil, domain.Meta{}, err
		}
		events, err := library.Decide(l, command, facts)
		return events, req.meta(c, h.occurredAt(c)), err
	})
}

// libraryFacts asks the read models once they have every tracker and ticket written so far.
func (h *Handler) libraryFacts(ctx context.Context, c Caller, l library.Library, command library.Command) (library.Facts, error) {
	facts := library.Facts{Actor: c.Actor}
	code, wanted := "", tracker.Field{}
	switch command := command.(type) {
	case library.Define:
		code, wanted = command.Field.Code, command.Field
	case library.Delete:
		code = command.Code
	}
	old, had := l.Definition(code)
	if !had || !c.Actor.Admin {
		return facts, nil
	}
	if err := h.caughtUp(ctx, "tracker-", "ticket-"); err != nil {
		return facts, err
	}
	now, ever, err := h.cfg.SharedBy(ctx, code)
	if err != nil {
		return facts, err
	}
	facts.UsedBy = now
	lost, _ := tracker.Tracker{Fields: []tracker.Field{old.Field}}.Replaced(wanted)
	facts.UsedOptions, facts.Answered, err = h.cfg.AnswersGiven(ctx, ever, code, lost)
	return facts, err
}
