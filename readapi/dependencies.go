package readapi

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// How far and how wide a tree of dependencies is shown.
const (
	defaultDepth = 3
	maxDepth     = 10
	maxGrown     = 500 // in each direction
)

// prerequisitesOpen takes no actor: the rule binds whoever sees them or not.
const prerequisitesOpen = `SELECT COUNT(*) FROM dependencies d JOIN tickets p ON p.id = d.prerequisite
WHERE d.ticket = $1 AND p.list = 'open' AND NOT p.deleted`

// What stands next to some tickets, which follow. A ticket that the asker may
// not see is not there, and so is nothing behind it.
const (
	prerequisitesOf = `SELECT d.ticket AS beside, t.id, t.tracker, t.summary, t.state, t.list
FROM dependencies d JOIN tickets t ON t.id = d.prerequisite
WHERE ` + seesTicket + ` AND d.ticket IN (`
	dependentsOf = `SELECT d.prerequisite AS beside, t.id, t.tracker, t.summary, t.state, t.list
FROM dependencies d JOIN tickets t ON t.id = d.ticket
WHERE ` + seesTicket + ` AND d.prerequisite IN (`
)

// Branch is a ticket in a tree of dependencies. One that stands in several
// places has its own branches at the first place alone.
type Branch struct {
	ID            domain.TicketID   `json:"id" db:"id"`
	Tracker       domain.TrackerKey `json:"tracker" db:"tracker"`
	Summary       string            `json:"summary" db:"summary"`
	State         tracker.State     `json:"state" db:"state"`
	List          tracker.List      `json:"list" db:"list"`
	Prerequisites []*Branch         `json:"prerequisites,omitempty" db:"-"`
	Dependents    []*Branch         `json:"dependents,omitempty" db:"-"`
	Beside        domain.TicketID   `json:"-" db:"beside"`
}

// DependencyTree is what a ticket depends on, and what depends on it.
type DependencyTree struct {
	Prerequisites []*Branch `json:"prerequisites"`
	Dependents    []*Branch `json:"dependents"`
	More          bool      `json:"more"` // the tree goes on beyond the bounds
}

// dependencies answers GET /tickets/{id}/dependencies[?depth=].
func (to routes) dependencies(c *fiber.Ctx) error {
	p := readParams(c, "depth")
	depth := p.depth()
	if err := p.err(); err != nil {
		return err
	}
	s, err := to.sight(c)
	if err != nil {
		return err
	}
	tree, err := to.Dependencies(c.UserContext(), s, depth)
	if err != nil {
		return err
	}
	return c.JSON(tree)
}

// Dependencies is the tree around the ticket, so many levels each way.
func (a *API) Dependencies(ctx context.Context, s Sight, depth int) (DependencyTree, error) {
	up, moreUp, err := a.grow(ctx, s.actor, s.ticket.ID, depth, prerequisitesOf, func(b *Branch) *[]*Branch { return &b.Prerequisites })
	if err != nil {
		return DependencyTree{}, err
	}
	down, moreDown, err := a.grow(ctx, s.actor, s.ticket.ID, depth, dependentsOf, func(b *Branch) *[]*Branch { return &b.Dependents })
	return DependencyTree{up, down, moreUp || moreDown}, err
}

func (p *params) depth() int {
	value, ok := p.take("depth")
	if !ok {
		return defaultDepth
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > maxDepth {
		p.add("depth", "bad-depth", "a number from 1 to "+strconv.Itoa(maxDepth))
		return defaultDepth
	}
	return n
}

// grow makes the branches of the ticket in one direction, a query for each
// level and one more to know whether there are others.
func (a *API) grow(ctx context.Context, actor domain.Actor, id domain.TicketID, depth int, query string, branches func(*Branch) *[]*Branch) (grown []*Branch, more bool, err error) {
	root := &Branch{ID: id}
	*branches(root) = []*Branch{}
	first := map[domain.TicketID]*Branch{id: root} // the one that branches out
	level, left := []any{id}, maxGrown
	for ; len(level) > 0; depth-- {
		rows, err := a.beside(ctx, actor, query, level, left+1)
		if err != nil {
			return nil, false, err
		}
		if depth == 0 || len(rows) > left {
			more = len(rows) > 0
			rows = rows[:min(len(rows), left)]
		}
		if depth == 0 {
			break
		}
		level = nil
		for _, b := range rows {
			at := branches(first[b.Beside])
			*at = append(*at, b)
			if first[b.ID] == nil {
				first[b.ID] = b
				level = append(level, b.ID)
			}
		}
		if left -= len(rows); more {
			break
		}
	}
	return *branches(root), more, nil
}

func (a *API) beside(ctx context.Context, actor domain.Actor, query string, level []any, limit int) ([]*Branch, error) {
	s := newStatement(actor)
	s.add(query+strings.TrimPrefix(strings.Repeat(", $n", len(level)), ", ")+")", level...)
	s.add("ORDER BY 1, t.tracker, t.number, t.id LIMIT $n", limit)
	var rows []*Branch
	if err := a.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("read what stands beside %v: %w", level, err)
	}
	return rows, nil
}

func (a *API) prerequisitesOpen(ctx context.Context, id domain.TicketID) (n int, err error) {
	if err := a.db.Read.GetContext(ctx, &n, prerequisitesOpen, id); err != nil {
		return 0, fmt.Errorf("count the open prerequisites of %s: %w", id, err)
	}
	return n, nil
}
