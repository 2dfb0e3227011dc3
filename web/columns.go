package web

import (
	"github.com/gofiber/fiber/v2"

	"suivi/commands"
	"suivi/domain"
	"suivi/readapi"
)

// allTrackers stands in paths for the lists of all trackers. No tracker is called so.
const allTrackers = "all"

// columnSets are the columns of each list for which a person has chosen some.
type columnSets struct {
	Lists map[string]columnSet `json:"lists"`
}

type columnSet struct {
	Columns []string `json:"columns"`
}

func (e *edge) myColumns(c *fiber.Ctx) error {
	sets, err := e.cfg.Accounts.ColumnSets(c.UserContext(), actor(c).ID)
	if err != nil {
		return err
	}
	shown := columnSets{Lists: map[string]columnSet{}}
	for key, columns := range sets {
		name := string(key)
		if key == "" {
			name = allTrackers
		}
		shown.Lists[name] = columnSet{columns}
	}
	return c.JSON(shown)
}

func (e *edge) setMyColumns(c *fiber.Ctx) error {
	key, err := e.listInPath(c)
	if err != nil {
		return err
	}
	var set columnSet
	if err := commands.ReadBody(c, &set); err != nil {
		return err
	}
	set.Columns = append([]string{}, set.Columns...)
	var problems domain.Problems
	readapi.CheckColumns(set.Columns, &problems)
	if err := problems.Err(); err != nil {
		return err
	}
	if err := e.cfg.Accounts.SetColumns(c.UserContext(), actor(c).ID, key, set.Columns); err != nil {
		return err
	}
	return c.JSON(set)
}

func (e *edge) resetMyColumns(c *fiber.Ctx) error {
	key, err := e.listInPath(c)
	if err != nil {
		return err
	}
	if err := e.cfg.Accounts.ResetColumns(c.UserContext(), actor(c).ID, key); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// listInPath is the tracker whose lists are meant, which the asker sees; "" for those of all.
func (e *edge) listInPath(c *fiber.Ctx) (domain.TrackerKey, error) {
	if c.Params("list") == allTrackers {
		return "", nil
	}
	t, err := e.cfg.Reads.Tracker(c.UserContext(), actor(c), domain.TrackerKey(c.Params("list")))
	return t.Key, err
}
