package readapi

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/domain/ticket"
)

// texts answers GET /tickets/{id}/html[?at=]: the ticket's own texts as safe HTML,
// with the pictures that the asker may see today.
func (to routes) texts(c *fiber.Ctx) error {
	p := readParams(c, "at")
	at := p.moment()
	if err := p.err(); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	t := s.ticket
	if at != nil {
		then, err := to.asOf(c.UserContext(), t.ID, *at)
		if err != nil {
			return err
		}
		t = then.ticket
	}
	texts, err := to.textsAsHTML(c.UserContext(), s, t)
	if err != nil {
		return err
	}
	return c.JSON(texts)
}

// Texts are a ticket's own texts as safe HTML.
type Texts struct {
	Description string `json:"description"`
	Resolution  string `json:"resolution"`
	Version     uint64 `json:"version"` // of the ticket that has them
}

// Texts are the ticket's own texts, with the pictures that the asker may see.
func (a *API) Texts(ctx context.Context, s Sight) (Texts, error) {
	return a.textsAsHTML(ctx, s, s.ticket)
}

func (a *API) textsAsHTML(ctx context.Context, s Sight, t ticket.Ticket) (Texts, error) {
	texts := Texts{Version: t.Version}
	err := a.html(ctx, s, []*string{&t.Description, &t.Resolution}, []*string{&texts.Description, &texts.Resolution})
	return texts, err
}

// Preview is a text as it would look on the ticket.
func (a *API) Preview(ctx context.Context, s Sight, text string) (string, error) {
	var html string
	err := a.html(ctx, s, []*string{&text}, []*string{&html})
	return html, err
}
