package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
)

// me answers who is asking, or whom they act for.
func me(c *fiber.Ctx) error { return c.JSON(requestOf(c).actor) }

// newPerson is what administrators say of somebody without an account.
type newPerson struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Admin    bool   `json:"admin"`
	Language string `json:"language"`
	TimeZone string `json:"timeZone"`
}

func (p newPerson) person() accounts.Person {
	return accounts.Person{Name: p.Name, Email: p.Email, Admin: p.Admin, Language: p.Language, TimeZone: p.TimeZone}
}

func (e *edge) createPerson(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	var body newPerson
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	person, err := e.cfg.Accounts.Create(c.UserContext(), by(c), body.person())
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(person)
}

// defaultPeople is how many people a page has unless the request says otherwise.
const defaultPeople = 50

func (e *edge) listPeople(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	email, after, limit, err := peopleParams(c)
	if err != nil {
		return err
	}
	if email != "" {
		return e.findPerson(c, email)
	}
	people, err := e.cfg.Accounts.People(c.UserContext(), after, limit)
	if err != nil {
		return err
	}
	answer := fiber.Map{"people": people}
	if len(people) == limit { // the next page may be empty, which costs less than a look ahead
		answer["next"] = people[len(people)-1].ID
	}
	return c.JSON(answer)
}

func (e *edge) findPerson(c *fiber.Ctx, email string) error {
	found := []accounts.Person{}
	person, err := e.cfg.Accounts.ByEmail(c.UserContext(), email)
	switch {
	case err == nil:
		found = append(found, person)
	case domain.KindOf(err) != domain.NotFound:
		return err
	}
	return c.JSON(fiber.Map{"people": found})
}

func peopleParams(c *fiber.Ctx) (email string, after domain.UserID, limit int, err error) {
	var problems domain.Problems
	limit = defaultPeople
	c.Context().QueryArgs().VisitAll(func(name, value []byte) {
		switch text := string(value); string(name) {
		case "email":
			email = text
		case "cursor":
			if after = domain.UserID(text); !after.Valid() {
				problems.Add("cursor", "bad-cursor", `take it from "next" of a page`)
			}
		case "limit":
			n, err := strconv.Atoi(text)
			if limit = n; err != nil || n < 1 || n > accounts.MaxPage {
				problems.Add("limit", "bad-limit", "a number from 1 to %d", accounts.MaxPage)
			}
		default:
			problems.Add(string(name), "unknown-parameter", "there is no such parameter")
		}
	})
	return email, after, limit, problems.Err()
}
