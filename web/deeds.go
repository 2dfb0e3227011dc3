package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/domain"
	"suivi/readapi"
)

// shownDeed is a deed of the accounts as the API tells it.
type shownDeed struct {
	accounts.Deed

	By     domain.UserID `json:"by,omitempty"`    // "": the source did it
	Via    domain.UserID `json:"via,omitempty"`   // the administrator who acted for them
	Token  string        `json:"token,omitempty"` // that it was done with
	Source domain.Source `json:"source"`
	Words  string        `json:"words"`
}

func showDeeds(deeds []accounts.Deed, french bool) []shownDeed {
	shown := make([]shownDeed, len(deeds))
	for i, d := range deeds {
		shown[i] = shownDeed{d, d.By.Person, d.By.Via, d.By.Token, d.By.Source, d.Words(french)}
	}
	return shown
}

// deeds answers GET /admin/deeds: what was done in the accounts.
func (e *edge) deeds(c *fiber.Ctx) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	q, err := deedParams(c)
	if err != nil {
		return err
	}
	deeds, more, err := e.cfg.Accounts.Deeds(c.UserContext(), q)
	if err != nil {
		return err
	}
	answer := fiber.Map{"deeds": showDeeds(deeds, readapi.PrefersFrench(c.Get(fiber.HeaderAcceptLanguage)))}
	if more {
		answer["next"] = deeds[len(deeds)-1].Place()
	}
	return c.JSON(answer)
}

// defaultDeeds is how many deeds a page has unless the request says otherwise.
const defaultDeeds = 50

func deedParams(c *fiber.Ctx) (accounts.DeedQuery, error) {
	q := accounts.DeedQuery{Limit: defaultDeeds}
	var problems domain.Problems
	c.Context().QueryArgs().VisitAll(func(name, value []byte) {
		switch field, text := string(name), string(value); field {
		case "person":
			if q.People = []domain.UserID{domain.UserID(text)}; !q.People[0].Valid() {
				problems.Add(field, "bad-user", "a person's id, as in usr_…")
			}
		case "kind":
			q.Kinds = deedKinds(text, &problems)
		case "source":
			q.Source = domain.Source(text)
		case "from":
			q.From = deedTime(field, text, &problems)
		case "to":
			q.To = deedTime(field, text, &problems)
		case "cursor":
			q.Before = text
		case "limit":
			n, err := strconv.Atoi(text)
			if q.Limit = n; err != nil || n < 1 || n > accounts.MaxPage {
				problems.Add(field, "bad-limit", "a number from 1 to %d", accounts.MaxPage)
			}
		default:
			problems.Add(field, "unknown-parameter", "there is no such parameter")
		}
	})
	return q, problems.Err()
}

// deedKinds reads kinds with commas between.
func deedKinds(text string, problems *domain.Problems) []accounts.DeedKind {
	var kinds []accounts.DeedKind
	for name := range strings.SplitSeq(text, ",") {
		kinds = append(kinds, accounts.DeedKind(name))
		if !slices.Contains(accounts.DeedKinds(), accounts.DeedKind(name)) {
			problems.Add("kind", "unknown-kind", "there are no deeds of the kind %q", name)
		}
	}
	return kinds
}

func deedTime(field, text string, problems *domain.Problems) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		problems.Add(field, "bad-time", "a time as in 2026-11-23T20:15:00Z")
	}
	return at
}

// mySignIns answers GET /me/sign-ins: the last ones, and tries to.
func (e *edge) mySignIns(c *fiber.Ctx) error {
	user, err := own(c)
	if err != nil {
		return err
	}
	deeds, err := e.cfg.Accounts.SignIns(c.UserContext(), user)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"signIns": showDeeds(deeds, readapi.PrefersFrench(c.Get(fiber.HeaderAcceptLanguage)))})
}
