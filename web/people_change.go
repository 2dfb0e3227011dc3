package web

import (
	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
)

// changeMe lets people say of themselves what does not decide who they are.
func (e *edge) changeMe(c *fiber.Ctx) error {
	var body struct {
		Name     *string `json:"name"`
		Language *string `json:"language"`
		TimeZone *string `json:"timeZone"`
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	return e.changePersonTo(c, requestOf(c).actor.ID, accounts.Changes{Name: body.Name, Language: body.Language, TimeZone: body.TimeZone})
}

func (e *edge) changePerson(c *fiber.Ctx) error {
	id, err := personToAdminister(c)
	if err != nil {
		return err
	}
	var body struct {
		Name     *string `json:"name"`
		Email    *string `json:"email"`
		Language *string `json:"language"`
		TimeZone *string `json:"timeZone"`
		Admin    *bool   `json:"admin"`
		Disabled *bool   `json:"disabled"`
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	return e.changePersonTo(c, id, accounts.Changes(body))
}

func (e *edge) changePersonTo(c *fiber.Ctx, id domain.UserID, changes accounts.Changes) error {
	person, err := e.cfg.Accounts.UpdatePerson(c.UserContext(), by(c), id, changes)
	if err != nil {
		return err
	}
	return c.JSON(person)
}

// personToAdminister is the person of an administrator's route.
func personToAdminister(c *fiber.Ctx) (domain.UserID, error) {
	if err := requireAdmin(c); err != nil {
		return "", err
	}
	id := domain.UserID(c.Params("id"))
	if !id.Valid() {
		return "", domain.Errorf(domain.NotFound, "person-not-found", "there is no such person")
	}
	return id, nil
}
