package commands

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// The headers of commands and their answers.
const (
	HeaderPosition = "X-Suivi-Position"     // where the command's last event stands in the log
	HeaderKey      = "Idempotency-Key"      // chosen by the caller, one per deed
	HeaderReplayed = "Idempotency-Replayed" // "true": this is the first answer again
)

// maxKey is the longest Idempotency-Key, in bytes.
const maxKey = 255

// Who tells who sends the request.
type Who func(*fiber.Ctx) (Caller, error)

type routes struct {
	*Handler
	who Who
}

// Routes adds the routes of all commands.
func (h *Handler) Routes(r fiber.Router, who Who) {
	to := routes{h, who}
	to.ofTrackers(r)
	to.ofTickets(r)
}

func (to routes) ofTrackers(r fiber.Router) {
	r.Post("/trackers", to.createTracker)
	r.Patch("/trackers/:key", to.configureTracker)
	r.Put("/trackers/:key/parent", to.setParent)
	r.Delete("/trackers/:key/parent", to.removeParent)
	r.Put("/trackers/:key/archived", to.archive)
	r.Delete("/trackers/:key/archived", to.unarchive)
	r.Put("/trackers/:key/workflow", to.setRules)
	r.Delete("/trackers/:key/workflow", to.resetRules)
	r.Put("/trackers/:key/roles/:role", to.setRights)
	r.Delete("/trackers/:key/roles/:role", to.resetRights)
	r.Put("/trackers/:key/members/:user", to.setMember)
	r.Delete("/trackers/:key/members/:user", to.removeMember)
	r.Put("/trackers/:key/fields", to.orderFields)
	r.Put("/trackers/:key/fields/:code", to.setField)
	r.Delete("/trackers/:key/fields/:code", to.removeField)
	r.Put("/fields/:code", to.defineField)
	r.Delete("/fields/:code", to.deleteDefinition)
	r.Put("/trackers/:key/mirrors/:tool", to.setMirror)
	r.Delete("/trackers/:key/mirrors/:tool", to.removeMirror)
	r.Get("/trackers/:key/captcha", to.challenge)
	r.Get("/trackers/:key/captcha/:challenge/audio", to.spokenChallenge)
}

func (to routes) ofTickets(r fiber.Router) {
	r.Post("/trackers/:key/tickets", to.postTicket)
	r.Post("/tickets/bulk", to.bulk)
	r.Post("/tickets/bulk/preview", to.previewBulk)
	r.Patch("/tickets/:id", to.editTicket)
	r.Delete("/tickets/:id", to.deleteTicket)
	r.Post("/tickets/:id/undelete", to.undelete)
	r.Post("/tickets/:id/cascade", to.cascade)
	r.Post("/tickets/:id/recall", to.recall)
	r.Post("/tickets/:id/refuse", to.refuse)
	r.Post("/tickets/:id/state", to.changeState)
	r.Put("/tickets/:id/assignee", to.assign)
	r.Delete("/tickets/:id/assignee", to.unassign)
	r.Put("/tickets/:id/prerequisites/:other", to.addPrerequisite)
	r.Delete("/tickets/:id/prerequisites/:other", to.removePrerequisite)
	r.Post("/tickets/:id/move", to.move)
	r.Post("/tickets/:id/rank", to.rank)
	r.Post("/tickets/:id/raise-requests", to.requestRaise)
	r.Post("/tickets/:id/raise-requests/:rid/grant", to.grantRaise)
	r.Post("/tickets/:id/raise-requests/:rid/refuse", to.refuseRaise)
	r.Post("/tickets/:id/comments", to.comment)
	r.Patch("/tickets/:id/comments/:cid", to.editComment)
	r.Delete("/tickets/:id/comments/:cid", to.deleteComment)
	r.Post("/tickets/:id/comments/:cid/branch", to.branch)
	r.Put("/tickets/:id/watchers/:user", to.watch)
	r.Delete("/tickets/:id/watchers/:user", to.unwatch)
	r.Delete("/me/watches", to.unwatchAll)
	r.Post("/tickets/:id/notes", to.addNote)
	r.Patch("/tickets/:id/notes/:cid", to.editNote)
	r.Delete("/tickets/:id/notes/:cid", to.deleteNote)
	r.Post("/uploads", to.upload)
	r.Post("/tickets/:id/attachments", to.attach)
	r.Delete("/tickets/:id/attachments/:aid", to.removeFile)
}

// begin reads who asks, and how the command is recognised again.
func (to routes) begin(c *fiber.Ctx) (Caller, Request, error) {
	caller, key, err := to.asker(c)
	if err != nil {
		return caller, Request{}, err
	}
	req := NewRequest(caller.Actor.ID, key, c.Method()+" "+c.Path(), c.Body())
	req.IfMatch, err = ifMatch(c.Get(fiber.HeaderIfMatch))
	return caller, req, err
}

// asker is who asks, with the key that they gave.
func (to routes) asker(c *fiber.Ctx) (Caller, string, error) {
	caller, err := to.who(c)
	if err != nil {
		return caller, "", err
	}
	key := c.Get(HeaderKey)
	if len(key) > maxKey {
		return caller, "", domain.Errorf(domain.Invalid, "bad-idempotency-key", "an Idempotency-Key has at most %d bytes", maxKey)
	}
	return caller, key, nil
}

func ifMatch(header string) (*uint64, error) {
	if header == "" || header == "*" {
		return nil, nil //nolint:nilnil // nil is a value here: any version will do
	}
	version, err := strconv.ParseUint(strings.Trim(strings.TrimPrefix(header, "W/"), `"`), 10, 64)
	if err != nil {
		return nil, domain.Errorf(domain.Invalid, "bad-if-match", `If-Match takes a version, as in "7"`)
	}
	return &version, nil
}

func answer[S any](c *fiber.Ctx, out Outcome[S], body any) error {
	setHeaders(c, out)
	return c.JSON(body)
}

func setHeaders[S any](c *fiber.Ctx, out Outcome[S]) {
	c.Set(HeaderPosition, out.Position.String())
	c.Set(fiber.HeaderETag, `"`+strconv.FormatUint(out.Version, 10)+`"`)
	if out.Replayed {
		c.Set(HeaderReplayed, "true")
	}
}

// trackerKey is the key in the path; what has not the form of one names no tracker.
func trackerKey(c *fiber.Ctx) (domain.TrackerKey, error) {
	key := domain.TrackerKey(c.Params("key"))
	if !key.Valid() {
		return key, domain.ErrNoTracker(key)
	}
	return key, nil
}

// change carries out the command on the tracker in the path.
func (to routes) change(c *fiber.Ctx, command tracker.Command) error {
	return to.onTracker(c, func(caller Caller, req Request, key domain.TrackerKey) (Outcome[tracker.Tracker], error) {
		return to.ChangeTracker(c.UserContext(), caller, req, key, command)
	})
}

// onTracker reads the path and the headers, has the deed done and answers.
func (to routes) onTracker(c *fiber.Ctx, do func(Caller, Request, domain.TrackerKey) (Outcome[tracker.Tracker], error)) error {
	key, err := trackerKey(c)
	if err != nil {
		return err
	}
	caller, req, err := to.begin(c)
	if err != nil {
		return err
	}
	out, err := do(caller, req, key)
	if err != nil {
		return err
	}
	return answer(c, out, out.State)
}

// do reads the path and the headers, then carries out the command on a ticket.
func (to routes) do(c *fiber.Ctx, command ticket.Command) (Outcome[ticket.Ticket], error) {
	id, err := domain.ParseTicketID(c.Params("id"))
	if err != nil {
		return Outcome[ticket.Ticket]{}, err
	}
	caller, req, err := to.begin(c)
	if err != nil {
		return Outcome[ticket.Ticket]{}, err
	}
	return to.ChangeTicket(c.UserContext(), caller, req, id, command)
}

func (to routes) doAndShow(c *fiber.Ctx, command ticket.Command) error {
	out, err := to.do(c, command)
	if err != nil {
		return err
	}
	return answer(c, out, out.State)
}
