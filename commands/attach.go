package commands

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"suivi/domain"
	"suivi/domain/ticket"
)

// claim makes the uploads that the command attaches its own, for Decide to look at.
func (h *Handler) claim(ctx context.Context, facts *ticket.Facts, req Request, command ticket.Command) error {
	ids := ticket.Uploads(command, facts.Tracker)
	switch {
	case len(ids) == 0 || h.cfg.Files == nil:
		return nil
	case len(ids) > ticket.MaxFiles:
		return domain.Errorf(domain.Refused, "too-many-files", "a ticket has at most %d files", ticket.MaxFiles)
	}
	var err error
	facts.MaxFileSize = h.cfg.Files.MaxSize()
	facts.Files, err = h.cfg.Files.Claim(ctx, facts.Actor.ID, req.Command, ids)
	return err
}

// release gives the uploads of a command back that was refused. After another
// error the event may have been written: then they stay claimed until they are collected.
func (h *Handler) release(ctx context.Context, req Request, command ticket.Command, err error) error {
	kind := domain.KindOf(err)
	if err == nil || kind == domain.Internal || kind == domain.Unavailable || !ticket.MayUpload(command) || h.cfg.Files == nil {
		return err
	}
	return errors.Join(err, h.cfg.Files.Release(ctx, req.Command))
}

// mayAttach tells why the caller may not attach files so, before any is received.
// A command that has been carried out is let through, to be answered as the first time.
func (h *Handler) mayAttach(ctx context.Context, c Caller, req Request, id domain.TicketID, attach ticket.Attach) error {
	f, err := h.tickets.refresh(ctx, id.Stream())
	if err != nil {
		return err
	}
	if _, done := f.find(req.Command); done {
		return nil
	}
	if !f.state.Exists() {
		return domain.ErrNoTicket(id)
	}
	facts, err := h.ticketFacts(ctx, c, f.state.Tracker)
	if err != nil {
		return err
	}
	const some domain.AttachmentID = "some"
	attach.Files = []domain.AttachmentID{some}
	facts.Files = map[domain.AttachmentID]domain.File{some: {}}
	facts.OccurredAt = later(facts.OccurredAt, f.state.Inner.LastAt)
	_, err = ticket.Decide(f.state, attach, facts)
	return err
}

// seed makes the ids of the files of a request the same each time that it is sent.
func (r Request) seed() string {
	if r.Key == "" || r.Command == uuid.Nil {
		return ""
	}
	return r.Command.String()
}
