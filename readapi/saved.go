package readapi

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

// savedParams are the parameters of GET /tickets that a saved query may hold.
func savedParams() []string { return filterParams("sort", "limit") }

// mostSaved bounds the length of a saved query.
const mostSaved = 4000

// CheckQuery reads the parameters of a saved query as GET /tickets does, and gives
// them in a fixed order. What is wrong is noted with "query." before it.
func CheckQuery(text string, within domain.TrackerKey, problems *domain.Problems) string {
	given, err := url.ParseQuery(text)
	if err != nil || len(text) > mostSaved {
		problems.Add("query", "bad-query", "the parameters of GET /tickets, as in state=open&sort=-number, up to %d bytes", mostSaved)
		return ""
	}
	p := valueParams(given, savedParams()...)
	if _, twice := p.take("tracker"); twice && within != "" {
		p.add("tracker", "within-a-tracker", "the query is within a tracker already")
	}
	p.me = "usr_" // whoever runs it
	if _, err := p.question(); err != nil {
		slices.SortFunc(p.wrong, func(a, b domain.FieldError) int { return strings.Compare(a.Field, b.Field) })
		for _, wrong := range p.wrong {
			problems.Add("query."+wrong.Field, wrong.Code, "%s", p.first)
		}
	}
	return given.Encode()
}

// listColumns are the columns that a list can show, beside those of custom fields.
func listColumns() []string {
	return []string{"id", "number", "rank", "tracker", "state", "list", "summary", "reporter", "assignee", "comments", "reportedAt", "updatedAt", "version"}
}

// CheckColumns notes what is wrong with the columns of a saved query.
func CheckColumns(columns []string, problems *domain.Problems) {
	const most = 30
	if len(columns) > most {
		problems.Add("columns", "too-many", "at most %d", most)
		return
	}
	for i, column := range columns {
		code, field := strings.CutPrefix(column, fieldPrefix)
		switch {
		case slices.Contains(columns[:i], column):
			problems.Add("columns", "repeated", "name each column once")
		case field && !fieldCode.MatchString(code), !field && !slices.Contains(listColumns(), column):
			problems.Add("columns", "unknown-column", "one of %s, field.<code>", strings.Join(listColumns(), ", "))
		}
	}
}

// filterOf reads the parameters of a request for tickets. What it does not say itself, the
// query says that it names in "saved", as far as the route knows it.
func (to routes) filterOf(c *fiber.Ctx, more ...string) (*params, error) {
	known := filterParams(more...)
	p := readParams(c, append([]string{"saved"}, known...)...)
	p.me = to.who(c).ID
	id, given := p.take("saved")
	if !given {
		return p, nil
	}
	text, within, err := to.edge.Saved(c, id)
	if err != nil {
		return nil, err
	}
	saved, err := url.ParseQuery(text)
	if err != nil {
		return nil, fmt.Errorf("read the saved query %s: %w", id, err)
	}
	if within != "" {
		saved.Set("tracker", string(within))
	}
	for name := range saved {
		if _, ours := p.given[name]; !ours && isKnown(name, known) {
			p.given[name] = saved.Get(name)
		}
	}
	return p, nil
}

const membership = `SELECT m.tracker FROM members m WHERE m.person = $1 ORDER BY m.tracker LIMIT 10000`

// TrackersOf are the trackers that a person is a member of.
func (a *API) TrackersOf(ctx context.Context, person domain.UserID) ([]domain.TrackerKey, error) {
	var keys []domain.TrackerKey
	if err := a.db.Read.SelectContext(ctx, &keys, membership, person); err != nil {
		return nil, fmt.Errorf("list the trackers of %s: %w", person, err)
	}
	return keys, nil
}

// Tracker is a tracker as the actor may see it; domain.NotFound when they may not.
func (a *API) Tracker(ctx context.Context, actor domain.Actor, key domain.TrackerKey) (tracker.Tracker, error) {
	t, _, err := a.visibleTracker(ctx, actor, key)
	return t.SeenAs(actor), err
}
