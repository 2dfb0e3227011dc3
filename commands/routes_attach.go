package commands

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
)

// upload takes in files for what is still to be written. They wait for a day.
func (to routes) upload(c *fiber.Ctx) error {
	caller, req, err := to.beginFiles(c)
	if err != nil {
		return err
	}
	sent, _, err := to.receive(c.UserContext(), c, caller.Actor.ID, req.seed())
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"uploads": sent})
}

// attach takes in files and attaches them at once.
func (to routes) attach(c *fiber.Ctx) error {
	id, err := domain.ParseTicketID(c.Params("id"))
	if err != nil {
		return err
	}
	command, err := attachTo(c)
	if err != nil {
		return err
	}
	caller, req, err := to.beginFiles(c)
	if err != nil {
		return err
	}
	if err := to.mayAttach(c.UserContext(), caller, req, id, command); err != nil {
		return err
	}
	sent, digest, err := to.receive(c.UserContext(), c, caller.Actor.ID, req.seed())
	if err != nil {
		return err
	}
	for _, file := range sent {
		command.Files = append(command.Files, file.ID)
	}
	asked := NewRequest(caller.Actor.ID, req.Key, c.Method()+" "+c.OriginalURL(), digest)
	req.Hash = asked.Hash
	out, err := to.ChangeTicket(c.UserContext(), caller, req, id, command)
	if err != nil {
		return err
	}
	return answer(c.Status(fiber.StatusCreated), out, fiber.Map{"attachments": sent, "ticket": out.State})
}

// beginFiles is begin for a body that is not read as a whole.
func (to routes) beginFiles(c *fiber.Ctx) (Caller, Request, error) {
	caller, key, err := to.asker(c)
	if err != nil {
		return caller, Request{}, err
	}
	if to.cfg.Files == nil {
		return caller, Request{}, domain.Errorf(domain.Unavailable, "no-files", "files are not taken in here")
	}
	req := NewRequest(caller.Actor.ID, key, "", nil)
	req.IfMatch, err = ifMatch(c.Get(fiber.HeaderIfMatch))
	return caller, req, err
}

// attachTo reads where the files go: ?comment=N, ?note=N or ?internal=true.
func attachTo(c *fiber.Ctx) (ticket.Attach, error) {
	var to ticket.Attach
	var problems domain.Problems
	c.Context().QueryArgs().VisitAll(func(name, value []byte) {
		var err error
		switch text := string(value); string(name) {
		case "comment":
			to.Comment, err = number(text)
		case "note":
			to.Note, err = number(text)
		case "internal":
			to.Internal, err = strconv.ParseBool(text)
		default:
			problems.Add(string(name), "unknown-parameter", "there is no such parameter")
		}
		if err != nil {
			problems.Add(string(name), "bad-value", "a number from 1, or true")
		}
	})
	return to, problems.Err()
}

func number(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if n == 0 && err == nil {
		err = strconv.ErrRange
	}
	return int(n), err
}

func (to routes) removeFile(c *fiber.Ctx) error {
	return to.doAndShow(c, ticket.RemoveFile{Attachment: domain.AttachmentID(c.Params("aid"))})
}

// withFiles is the command, with the uploads that it brings, if there are any.
func withFiles(command ticket.Command, uploads []domain.AttachmentID) ticket.Command {
	if len(uploads) == 0 {
		return command
	}
	return ticket.WithFiles{Command: command, Files: uploads}
}
