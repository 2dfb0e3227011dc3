package commands

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
)

// maxBulk is on how many tickets one request may carry out a command.
const maxBulk = 200

// bulkBody names the tickets and, with exactly one of the other parts, the command.
type bulkBody struct {
	Tickets  []domain.TicketID `json:"tickets"`
	Edit     *editBody         `json:"edit"`
	State    *stateBody        `json:"state"`
	Assign   *assignBody       `json:"assign"`
	Unassign *struct{}         `json:"unassign"`
	Comment  *commentBody      `json:"comment"`
	Watch    *struct {
		User   domain.UserID   `json:"user"` // "": oneself
		Events *[]domain.Topic `json:"events"`
	} `json:"watch"`
	Unwatch *struct {
		User domain.UserID `json:"user"`
	} `json:"unwatch"`
	Move   *moveBody `json:"move"`
	Delete *struct{} `json:"delete"`
}

// commands are those that the body names.
func (b bulkBody) commands(self domain.UserID) []ticket.Command {
	var all []ticket.Command
	if b.Edit != nil {
		all = append(all, b.Edit.command())
	}
	if b.State != nil {
		all = append(all, ticket.ChangeState(*b.State))
	}
	if b.Assign != nil {
		all = append(all, ticket.Assign(*b.Assign))
	}
	if b.Unassign != nil {
		all = append(all, ticket.Unassign{})
	}
	switch {
	case b.Comment != nil && b.Comment.Internal:
		all = append(all, ticket.AddNote{Body: b.Comment.Body})
	case b.Comment != nil:
		all = append(all, ticket.Comment{Body: b.Comment.Body})
	}
	if b.Watch != nil {
		all = append(all, ticket.Watch{User: orSelf(b.Watch.User, self), Topics: b.Watch.Events})
	}
	if b.Unwatch != nil {
		all = append(all, ticket.Unwatch{User: orSelf(b.Unwatch.User, self)})
	}
	if b.Move != nil {
		all = append(all, ticket.Move{To: b.Move.Tracker})
	}
	if b.Delete != nil {
		all = append(all, ticket.Delete{})
	}
	return all
}

func orSelf(user, self domain.UserID) domain.UserID {
	if user == "" {
		return self
	}
	return user
}

func (b bulkBody) check(commands int) error {
	var problems domain.Problems
	if n := len(b.Tickets); n < 1 || n > maxBulk {
		problems.Add("tickets", "bad-length", "1 to %d tickets", maxBulk)
	}
	seen := map[domain.TicketID]bool{}
	for _, id := range b.Tickets {
		if seen[id] {
			problems.Add("tickets", "repeated", "%s is named twice", id)
		}
		seen[id] = true
	}
	if commands != 1 {
		return errors.Join(problems.Err(), domain.Errorf(domain.Invalid, "one-command", "name exactly one command, not %d", commands))
	}
	return problems.Err()
}

func (to routes) bulk(c *fiber.Ctx) error {
	asked, err := to.bulkAsked(c)
	if err != nil {
		return err
	}
	return answerBulk(c, to.ChangeTickets(c.UserContext(), asked.caller, asked.request, asked.tickets, asked.command))
}

// previewBulk answers POST /tickets/bulk/preview. It changes nothing.
func (to routes) previewBulk(c *fiber.Ctx) error {
	asked, err := to.bulkAsked(c)
	if err != nil {
		return err
	}
	results := make([]bulkResult, len(asked.tickets))
	for i, p := range to.PreviewTickets(c.UserContext(), asked.caller, asked.tickets, []ticket.Command{asked.command}) {
		step := p.Steps[0]
		results[i] = bulkResult{Ticket: p.Ticket, OK: step.Err == nil, Unchanged: step.Err == nil && !step.Changes}
		if results[i].Problem, err = newBulkProblem(step.Err); err != nil {
			return err
		}
	}
	return c.JSON(fiber.Map{"results": results})
}

// bulkAsked is a command on many tickets, and who sends it.
type bulkAsked struct {
	tickets []domain.TicketID
	command ticket.Command
	caller  Caller
	request Request
}

func (to routes) bulkAsked(c *fiber.Ctx) (bulkAsked, error) {
	var body bulkBody
	if err := ReadBody(c, &body); err != nil {
		return bulkAsked{}, err
	}
	caller, req, err := to.begin(c)
	if err != nil {
		return bulkAsked{}, err
	}
	if req.IfMatch != nil {
		return bulkAsked{}, domain.Errorf(domain.Invalid, "bad-if-match", "If-Match names the version of one ticket, not of many")
	}
	commands := body.commands(caller.Actor.ID)
	if err := body.check(len(commands)); err != nil {
		return bulkAsked{}, err
	}
	return bulkAsked{body.Tickets, commands[0], caller, req}, nil
}

// bulkResult is what came of the command on one ticket, or would come of it: a version and position, or a problem.
type bulkResult struct {
	Ticket    domain.TicketID `json:"ticket"`
	OK        bool            `json:"ok"`
	Unchanged bool            `json:"unchanged,omitempty"` // it would change nothing
	Version   uint64          `json:"version,omitempty"`
	Position  string          `json:"position,omitempty"`
	Problem   *bulkProblem    `json:"problem,omitempty"`
}

type bulkProblem struct {
	Code   string              `json:"code"`
	Detail string              `json:"detail"`
	Errors []domain.FieldError `json:"errors,omitempty"`
}

// answerBulk answers for each ticket. An error that is our fault is one for the
// whole request: it is logged, and a repeat does what is left.
func answerBulk(c *fiber.Ctx, all []Result) error {
	results := make([]bulkResult, len(all))
	var last eventstore.Position
	for i, r := range all {
		results[i] = bulkResult{Ticket: r.Ticket, OK: r.Err == nil}
		if r.Err == nil {
			results[i].Version, results[i].Position = r.Outcome.Version, r.Outcome.Position.String()
			if r.Outcome.Position.Compare(last) > 0 {
				last = r.Outcome.Position
			}
			continue
		}
		var err error
		if results[i].Problem, err = newBulkProblem(r.Err); err != nil {
			return err
		}
	}
	if last != (eventstore.Position{}) {
		c.Set(HeaderPosition, last.String())
	}
	return c.JSON(fiber.Map{"results": results})
}

// newBulkProblem is the problem of one ticket; an error that is our fault is given back.
func newBulkProblem(err error) (*bulkProblem, error) {
	if err == nil {
		return nil, nil //nolint:nilnil // no problem, which is a value here
	}
	refusal, ok := errors.AsType[*domain.Error](err)
	if !ok || refusal.Kind == domain.Internal {
		return nil, err
	}
	return &bulkProblem{refusal.Code, refusal.Message, refusal.Fields}, nil
}
