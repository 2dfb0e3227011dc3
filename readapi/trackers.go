package readapi

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

const listTrackers = `SELECT k.document, k.version
FROM trackers k
WHERE ` + seesTracker + ` AND k.key > $3 AND (k.archived = $4 OR $5)
ORDER BY k.key LIMIT $6`

const oneTracker = `SELECT k.document, k.version
FROM trackers k
WHERE k.key = $3 AND ` + seesTracker

// trackerOfTicket takes no actor: whoever sees a ticket obeys its tracker, member or not.
const trackerOfTicket = `SELECT k.document, k.version FROM trackers k WHERE k.key = $1`

// trackerRow is a row of the table trackers.
type trackerRow struct {
	Document []byte `db:"document"`
	Version  uint64 `db:"version"`
}

// trackerIn is the tracker of the row. The same document is read once, as a tracker may have
// thousands of members: so what is in it is shared, and nobody changes it.
func (a *API) trackerIn(r trackerRow) (tracker.Tracker, error) {
	if t, known := a.trackersRead.Get(string(r.Document)); known {
		return t, nil
	}
	var t tracker.Tracker
	if err := json.Unmarshal(r.Document, &t); err != nil {
		return t, fmt.Errorf("read a tracker's document: %w", err)
	}
	a.trackersRead.Add(string(r.Document), t)
	return t, nil
}

// Shown is a tracker with what follows from its settings: the rights of each
// role, the thanks, and all eleven states as they stand in it.
type Shown struct {
	tracker.Tracker
	Children []domain.TrackerKey            `json:"children"` // that the asker may see
	Rights   map[domain.Role][]domain.Right `json:"rights"`   // in force
	Thanks   tracker.Label                  `json:"thanks"`   // in force
	States   []StateShown                   `json:"states"`
}

// StateShown is a state as it stands in a tracker.
type StateShown struct {
	State   tracker.State `json:"state"`
	Enabled bool          `json:"enabled"`
	Label   tracker.Label `json:"label"`
	List    tracker.List  `json:"list"`
}

// ReadTracker is a tracker that is read by itself.
type ReadTracker struct {
	Shown
	Assignable []domain.UserID `json:"assignable"` // whom tickets can be given to
}

// ListedTracker is a tracker in a list: without its members, who can be many.
type ListedTracker struct {
	Shown
	Members *struct{} `json:"members,omitempty"` // takes the place of the tracker's, and is nil
}

func show(t tracker.Tracker) Shown {
	s := Shown{Tracker: t, Children: []domain.TrackerKey{}, Thanks: t.Thanks(), Rights: map[domain.Role][]domain.Right{}}
	for _, role := range domain.Roles() {
		s.Rights[role] = slices.DeleteFunc(domain.Rights(), func(right domain.Right) bool {
			return !t.Policy().Holds([]domain.Role{role}, right)
		})
	}
	for _, state := range tracker.States() {
		s.States = append(s.States, StateShown{state, t.Enabled(state), t.Label(state), state.List()})
	}
	return s
}

// trackers answers GET /trackers, by key: those in use, unless archived ones are asked for.
func (to routes) trackers(c *fiber.Ctx) error {
	p := readParams(c, "limit", "cursor", "archived")
	limit := p.limit()
	page := trackersPage{archived: p.oneOf("archived", "no", "only", "all"), limit: limit}
	of := "trackers " + page.archived
	p.cursor(of, &page.after)
	if err := p.err(); err != nil {
		return err
	}
	rows, err := to.listTrackers(c.UserContext(), to.who(c), page)
	if err != nil {
		return err
	}
	rows, more := cut(rows, limit)
	answer := fiber.Map{"trackers": rows}
	if more {
		answer["next"], err = nextCursor(of, rows[len(rows)-1].Key, "")
	}
	if err != nil {
		return err
	}
	return c.JSON(answer)
}

// Trackers are the trackers in use that the actor sees, by key; at most the first so many.
func (a *API) Trackers(ctx context.Context, actor domain.Actor, most int) ([]ListedTracker, error) {
	rows, err := a.listTrackers(ctx, actor, trackersPage{archived: "no", limit: most})
	rows, _ = cut(rows, most)
	return rows, err
}

// trackersPage is which trackers are asked for.
type trackersPage struct {
	archived string // no, only or all
	after    string // the key before the page
	limit    int
}

// listTrackers reads one tracker more than the limit, if there are more.
func (a *API) listTrackers(ctx context.Context, actor domain.Actor, page trackersPage) ([]ListedTracker, error) {
	var rows []trackerRow
	if err := a.db.Read.SelectContext(ctx, &rows, listTrackers, actor.ID, actor.Admin, page.after, page.archived == "only", page.archived == "all", page.limit+1); err != nil {
		return nil, fmt.Errorf("list trackers: %w", err)
	}
	list, all := make([]ListedTracker, len(rows)), make([]*tracker.Tracker, len(rows))
	for i, row := range rows {
		t, err := a.trackerIn(row)
		if err != nil {
			return nil, err
		}
		all[i] = &t
	}
	if err := a.whole(ctx, all...); err != nil {
		return nil, err
	}
	for i, t := range all {
		list[i].Shown = show(t.SeenAs(actor))
	}
	below := make([]*Shown, len(list))
	for i := range list {
		below[i] = &list[i].Shown
	}
	return list, a.addChildren(ctx, actor, below...)
}

// tracker answers GET /trackers/{key}.
func (to routes) tracker(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	actor := to.who(c)
	t, version, err := to.visibleTracker(c.UserContext(), actor, domain.TrackerKey(c.Params("key")))
	if err != nil {
		return err
	}
	setETag(c, version)
	s := show(t.SeenAs(actor))
	if err := to.addChildren(c.UserContext(), actor, &s); err != nil {
		return err
	}
	return c.JSON(ReadTracker{s, append([]domain.UserID{}, t.Assignable()...)})
}

// visibleTracker is ErrNoTracker when there is none that the actor may see.
func (a *API) visibleTracker(ctx context.Context, actor domain.Actor, key domain.TrackerKey) (tracker.Tracker, uint64, error) {
	if !key.Valid() {
		return tracker.Tracker{}, 0, domain.ErrNoTracker(key)
	}
	return a.readTracker(ctx, key, oneTracker, actor.ID, actor.Admin, key)
}

// trackerOf is the tracker that a ticket is in.
func (a *API) trackerOf(ctx context.Context, key domain.TrackerKey) (tracker.Tracker, error) {
	t, _, err := a.readTracker(ctx, key, trackerOfTicket, key)
	return t, err
}

func (a *API) readTracker(ctx context.Context, key domain.TrackerKey, query string, args ...any) (tracker.Tracker, uint64, error) {
	var row trackerRow
	err := a.db.Read.GetContext(ctx, &row, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return tracker.Tracker{}, 0, domain.ErrNoTracker(key)
	}
	if err != nil {
		return tracker.Tracker{}, 0, fmt.Errorf("read the tracker %s: %w", key, err)
	}
	t, err := a.trackerIn(row)
	if err == nil {
		err = a.whole(ctx, &t)
	}
	return t, row.Version, err
}
