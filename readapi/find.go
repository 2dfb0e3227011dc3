package readapi

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// numberForm is how people write a ticket's number, with or without the key before it.
var numberForm = regexp.MustCompile(`^(?:([A-Za-z][A-Za-z0-9]{1,9})[-# ] *)?#?(\d+)$`)

// find answers GET /find?q=: the tickets of a number, by id. A number with a key
// is of one ticket; without, each tracker may have one.
func (to routes) find(c *fiber.Ctx) error {
	p := readParams(c, "q", "tracker", "limit", "cursor")
	text, q, err := p.number()
	if err != nil {
		return err
	}
	page, err := to.pageOf(c.UserContext(), to.who(c), q)
	if err != nil {
		return err
	}
	if len(page.Tickets) == 0 {
		return domain.Errorf(domain.NotFound, "ticket-not-found", "there is no ticket %s", text)
	}
	return c.JSON(page)
}

// Numbered are the tickets that a person may mean who typed the text; none when it is no number.
func (a *API) Numbered(ctx context.Context, actor domain.Actor, text string) ([]Listed, error) {
	_, q, err := valueParams(url.Values{"q": {text}}, "q").number()
	if err != nil {
		return nil, nil //nolint:nilerr // words are no number, which is no error here
	}
	page, err := a.pageOf(ctx, actor, q)
	return page.Tickets, err
}

// number reads the parameters of a quick find, and what it looks for in words.
func (p *params) number() (string, question, error) {
	asked, _ := p.take("q")
	parts := numberForm.FindStringSubmatch(strings.TrimSpace(asked))
	if parts == nil {
		p.add("q", "bad-number", "a ticket's number, as in 12, #12 or HELP-12")
		return asked, question{}, p.err()
	}
	f := filter{List: allLists, Scope: "all", Tracker: p.trackers(), Number: -1} // which no ticket has
	if n, err := strconv.ParseInt(parts[2], 10, 64); err == nil && n > 0 {
		f.Number = n
	}
	if key := domain.TrackerKey(strings.ToUpper(parts[1])); key != "" {
		f.ID = domain.NewTicketID(key, f.Number)
		asked = string(f.ID)
	}
	q, err := p.questionOf(f, orders()[0])
	return asked, q, err
}
