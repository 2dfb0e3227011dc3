package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
)

// changeSpace is the name space of the commands that changes become.
var changeSpace = uuid.MustParse("4d6a0f0e-3a56-4b1c-8b1a-1f0f5f0a9c27")

// commandOf is the id of the command that a change becomes.
func commandOf(tool string, twin ticket.Twin, change string) uuid.UUID {
	return uuid.NewSHA1(changeSpace, []byte(tool+"\x00"+twin.Site+"\x00"+twin.ID+"\x00"+change))
}

// AttachmentOf is the id that the n-th file of a change has when it is taken in, for
// texts of the change that show it.
func AttachmentOf(tool string, twin ticket.Twin, change string, n int) domain.AttachmentID {
	return domain.NewAttachmentID(commandOf(tool, twin, change).String(), n)
}

// takeIn is one command for one change, the same each time.
func (m *Mirror) takeIn(ctx context.Context, place Place, id domain.TicketID, twin ticket.Twin, change Change, because cause) error {
	command := ticket.TakeIn{Tool: m.name, Twin: twin.ID, Change: change.ID, Commands: change.Commands, Refusals: change.Refusals, Parts: change.Parts}
	req := commands.Request{Command: commandOf(m.name, twin, change.ID), Cause: because.event.String()}
	actor, stranger := m.doer(place, change)
	if stranger != nil {
		actor, command.Refusal = because.actor, stranger // it is only noted
	} else if err := m.receive(ctx, actor, twin, change, &command); err != nil {
		return err
	}
	c := commands.Caller{Actor: domain.Actor{ID: actor}, Source: because.source, RequestID: because.correlation}
	var err error
	if change.Ties, err = m.ours(ctx, twin.Site, change.Ties); err != nil {
		return err
	}
	for _, tie := range change.Ties {
		if tie.Part != "" { // it is known, so that it goes if it is not to be
			command.Parts = append(slices.Clip(command.Parts), ticket.Part{ID: tie.Part})
		}
	}
	if command.Refusal == nil {
		refusals, err := m.bind(ctx, c, req, id, twin, change)
		if err != nil {
			return err
		}
		command.Refusals = append(slices.Clip(command.Refusals), refusals...)
	}
	_, err = m.cfg.Commands.ChangeTicket(ctx, c, req, id, command)
	return err
}

// doer is who did the change, as whom it is done here; or why nobody is.
func (m *Mirror) doer(place Place, change Change) (domain.UserID, *domain.Error) {
	if actor, known := place.Mirror.Person(change.Author); known && change.Author != "" {
		return actor, nil
	}
	switch {
	case place.Mirror.Actor != "":
		return place.Mirror.Actor, nil
	case change.Author == "":
		return "", domain.Errorf(domain.Forbidden, "unknown-person", "%s does not tell who did it", m.name)
	}
	return "", domain.Errorf(domain.Forbidden, "unknown-person", "%q in %s is nobody here", change.Author, m.name)
}

// receive takes in the files of the change, for the command to attach. Their ids are the same each time.
func (m *Mirror) receive(ctx context.Context, owner domain.UserID, twin ticket.Twin, change Change, command *ticket.TakeIn) error {
	var ids []domain.AttachmentID
	for i, file := range change.Files {
		id := AttachmentOf(m.name, twin, change.ID, i)
		err := m.receiveOne(ctx, owner, id, file)
		refusal, is := errors.AsType[*domain.Error](err)
		switch {
		case err == nil:
			ids = append(ids, id)
			command.Parts = append(slices.Clip(command.Parts), ticket.Part{ID: file.Part, Attachment: id})
		case is && (refusal.Kind == domain.Invalid || refusal.Kind == domain.Refused):
			command.Refusals = append(slices.Clip(command.Refusals), refusal)
		default:
			return fmt.Errorf("take in the file %q: %w", file.Name, err)
		}
	}
	if len(ids) > 0 {
		command.Commands = withFiles(command.Commands, ids)
	}
	return nil
}

func (m *Mirror) receiveOne(ctx context.Context, owner domain.UserID, id domain.AttachmentID, file File) error {
	content, err := file.Open(ctx)
	if err != nil {
		return err
	}
	err = m.cfg.Receive(ctx, owner, id, file.Name, content)
	_ = content.Close() // it was only read
	return err
}

// withFiles attaches the files to what is said first, or to the ticket.
func withFiles(all []ticket.Command, files []domain.AttachmentID) []ticket.Command {
	all = slices.Clone(all)
	for i, command := range all {
		switch c := command.(type) {
		case ticket.Comment, ticket.AddNote:
			all[i] = ticket.WithFiles{Command: c, Files: files}
			return all
		case ticket.ChangeState:
			if c.Comment != "" {
				all[i] = ticket.WithFiles{Command: c, Files: files}
				return all
			}
		}
	}
	return append(all, ticket.Attach{Files: files})
}
