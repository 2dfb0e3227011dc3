package readapi

import (
	"github.com/gofiber/fiber/v2"
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
	var answer struct {
		Description string `json:"description"`
		Resolution  string `json:"resolution"`
		Version     uint64 `json:"version"`
	}
	answer.Version = t.Version
	if err := to.html(c.UserContext(), s, []*string{&t.Description, &t.Resolution}, []*string{&answer.Description, &answer.Resolution}); err != nil {
		return err
	}
	return c.JSON(answer)
}
