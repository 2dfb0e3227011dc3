package readapi

import (
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// Reports count what their asker may see, by the same predicate as lists, as the
// tickets are now: a moved ticket counts where it is, a deleted one nowhere.

// reportRoutes adds the routes of reports.
func (to routes) reportRoutes(r fiber.Router) {
	r.Get("/reports/status", to.statusReport)
	r.Get("/reports/evolution", to.evolutionReport)
	r.Get("/reports/times", to.timesReport)
	r.Get("/reports/open-work", to.openWork)
}

func (to routes) statusReport(c *fiber.Ctx) error {
	p, err := to.filterOf(c)
	if err != nil {
		return err
	}
	report, err := to.statusOf(c.UserContext(), to.who(c), p, mostShares)
	if err != nil {
		return err
	}
	return c.JSON(report)
}

func (to routes) evolutionReport(c *fiber.Ctx) error {
	p := readParams(c, evolutionParams()...)
	p.me = to.who(c).ID
	report, err := to.evolutionOf(c.UserContext(), to.who(c), p, time.Now())
	if err != nil {
		return err
	}
	return c.JSON(report)
}

func (to routes) timesReport(c *fiber.Ctx) error {
	p, err := to.filterOf(c)
	if err != nil {
		return err
	}
	report, err := to.timesOf(c.UserContext(), to.who(c), p, time.Now())
	if err != nil {
		return err
	}
	return c.JSON(report)
}

func (to routes) openWork(c *fiber.Ctx) error {
	p := readParams(c, openWorkParams()...)
	p.me = to.who(c).ID
	work, err := to.openWorkOf(c.UserContext(), to.who(c), p, mostWork)
	if err != nil {
		return err
	}
	return c.JSON(work)
}

// filterParamsBut are the parameters of filters without some.
func filterParamsBut(without ...string) []string {
	return slices.DeleteFunc(filterParams(), func(name string) bool { return slices.Contains(without, name) })
}

// given are the parameters of somebody who asks by a Go call.
func given(actor domain.Actor, query url.Values, known []string) *params {
	p := valueParams(query, known...)
	p.me = actor.ID
	return p
}

// visible adds the tickets t that the filter asks for and the actor may see, by way
// of the ids if there are some.
func (f filter) visible(s *statement, actor domain.Actor, few []any) {
	s.fromTickets(few)
	if f.List != allLists {
		s.add("AND t.list = $n", f.List)
	}
	f.where(s, actor)
}
