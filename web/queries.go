package web

import (
	"regexp"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
	"suivi/readapi"
)

// Saved queries are personal settings, so they are kept by the accounts; what they
// ask, and who is a member of which tracker, the read side knows.

var queryID = regexp.MustCompile(`^qry_[0-9A-HJKMNP-TV-Z]{26}$`)

func (e *edge) listQueries(c *fiber.Ctx) error {
	page, err := queryParams(c)
	if err != nil {
		return err
	}
	who := actor(c)
	page.Owner, page.All = who.ID, who.Admin
	if page.Trackers, err = e.cfg.Reads.TrackersOf(c.UserContext(), who.ID); err != nil {
		return err
	}
	limit := page.Limit
	page.Limit++
	queries, err := e.cfg.Accounts.Queries(c.UserContext(), page)
	if err != nil {
		return err
	}
	answer := fiber.Map{"queries": queries}
	if len(queries) > limit {
		answer["queries"], answer["next"] = queries[:limit], queries[limit-1].ID
	}
	return c.JSON(answer)
}

func queryParams(c *fiber.Ctx) (page accounts.QueryPage, err error) {
	var problems domain.Problems
	page.Limit = defaultPeople
	c.Context().QueryArgs().VisitAll(func(name, value []byte) {
		switch text := string(value); string(name) {
		case "tracker":
			if page.Tracker = domain.TrackerKey(text); !page.Tracker.Valid() {
				problems.Add("tracker", "bad-key", "a capital, then 1 to 9 capitals or digits")
			}
		case "cursor":
			if page.After = text; !queryID.MatchString(text) {
				problems.Add("cursor", "bad-cursor", `take it from "next" of a page`)
			}
		case "limit":
			n, err := strconv.Atoi(text)
			if page.Limit = n; err != nil || n < 1 || n > accounts.MaxPage {
				problems.Add("limit", "bad-limit", "a number from 1 to %d", accounts.MaxPage)
			}
		default:
			problems.Add(string(name), "unknown-parameter", "there is no such parameter")
		}
	})
	return page, problems.Err()
}

func (e *edge) readQuery(c *fiber.Ctx) error {
	q, err := e.visibleQuery(c, c.Params("id"))
	if err != nil {
		return err
	}
	return c.JSON(q)
}

func (e *edge) saveQuery(c *fiber.Ctx) error {
	q, err := e.queryOf(c, accounts.Query{Owner: requestOf(c).actor.ID})
	if err != nil {
		return err
	}
	if q, err = e.cfg.Accounts.SaveQuery(c.UserContext(), q); err != nil {
		return err
	}
	c.Location(base + "/queries/" + q.ID)
	return c.Status(fiber.StatusCreated).JSON(q)
}

func (e *edge) changeQuery(c *fiber.Ctx) error {
	old, err := e.ownQuery(c)
	if err != nil {
		return err
	}
	q, err := e.queryOf(c, old)
	if err != nil {
		return err
	}
	if q, err = e.cfg.Accounts.ChangeQuery(c.UserContext(), q); err != nil {
		return err
	}
	return c.JSON(q)
}

func (e *edge) deleteQuery(c *fiber.Ctx) error {
	q, err := e.ownQuery(c)
	if err != nil {
		return err
	}
	if err := e.cfg.Accounts.DeleteQuery(c.UserContext(), q.ID); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// saved is what a query asks that the asker may see, and in which tracker.
func (e *edge) saved(c *fiber.Ctx, id string) (string, domain.TrackerKey, error) {
	q, err := e.visibleQuery(c, id)
	return q.Query, q.Tracker, err
}

// visibleQuery is one's own, or one that is shared within a tracker that one sees.
// Others answer like those that do not exist.
func (e *edge) visibleQuery(c *fiber.Ctx, id string) (accounts.Query, error) {
	who := actor(c)
	if !queryID.MatchString(id) {
		return accounts.Query{}, errNoQuery()
	}
	q, err := e.cfg.Accounts.QueryByID(c.UserContext(), id)
	if err != nil || q.Owner == who.ID {
		return q, err
	}
	if !q.Shared {
		return accounts.Query{}, errNoQuery()
	}
	_, err = e.cfg.Reads.Tracker(c.UserContext(), who, q.Tracker)
	if domain.KindOf(err) == domain.NotFound {
		err = errNoQuery()
	}
	if err != nil {
		return accounts.Query{}, err
	}
	return q, nil
}

// ownQuery is one that the asker may change: theirs, or a shared one as a manager.
func (e *edge) ownQuery(c *fiber.Ctx) (accounts.Query, error) {
	q, err := e.visibleQuery(c, c.Params("id"))
	if err != nil || q.Owner == requestOf(c).actor.ID {
		return q, err
	}
	return q, e.requireSharing(c, q.Tracker)
}

// requireSharing: shared queries are part of how a tracker is set up.
func (e *edge) requireSharing(c *fiber.Ctx, key domain.TrackerKey) error {
	t, err := e.cfg.Reads.Tracker(c.UserContext(), actor(c), key)
	if err != nil {
		return err
	}
	if !t.May(actor(c), domain.Configure) {
		return domain.Errorf(domain.Forbidden, "right-missing", "only those who configure the tracker share queries in it")
	}
	return nil
}

// queryOf reads a query from the body; who owns it, old says.
func (e *edge) queryOf(c *fiber.Ctx, old accounts.Query) (accounts.Query, error) {
	var body struct {
		Name        string            `json:"name"`
		Description string            `json:"description"`
		Tracker     domain.TrackerKey `json:"tracker"`
		Shared      bool              `json:"shared"`
		Query       string            `json:"query"`
		Columns     []string          `json:"columns"`
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return accounts.Query{}, err
	}
	q := old
	q.Name, q.Description, q.Tracker, q.Shared = body.Name, body.Description, body.Tracker, body.Shared
	q.Columns = append([]string{}, body.Columns...)
	var problems domain.Problems
	q.Check(&problems)
	q.Query = readapi.CheckQuery(body.Query, q.Tracker, &problems)
	readapi.CheckColumns(q.Columns, &problems)
	if q.Shared && q.Tracker == "" {
		problems.Add("shared", "tracker-missing", "a query is shared with the members of a tracker")
	}
	if err := e.checkTracker(c, q.Tracker, &problems); err != nil {
		return accounts.Query{}, err
	}
	if err := problems.Err(); err != nil || !q.Shared {
		return q, err
	}
	return q, e.requireSharing(c, q.Tracker)
}

func (e *edge) checkTracker(c *fiber.Ctx, key domain.TrackerKey, problems *domain.Problems) error {
	if key == "" {
		return nil
	}
	_, err := e.cfg.Reads.Tracker(c.UserContext(), actor(c), key)
	if domain.KindOf(err) == domain.NotFound {
		problems.Add("tracker", "tracker-not-found", "there is no tracker %s", key)
		return nil
	}
	return err
}

func errNoQuery() error {
	return domain.Errorf(domain.NotFound, "query-not-found", "there is no such query")
}
