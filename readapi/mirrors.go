package readapi

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// mirrors answers GET /trackers/{key}/mirrors, for who configures the tracker.
func (to routes) mirrors(c *fiber.Ctx) error {
	if err := noParams(c); err != nil {
		return err
	}
	t, version, err := to.Configurable(c.UserContext(), to.who(c), domain.TrackerKey(c.Params("key")))
	if err != nil {
		return err
	}
	setETag(c, version)
	return c.JSON(fiber.Map{"mirrors": append([]tracker.Mirror{}, t.Mirrors...)})
}

// mirrorsOf takes no actor: whoever sees the ticket as staff sees its twins.
const mirrorsOf = `SELECT w.tool, w.site, w.twin, w.url, w.since FROM twins w WHERE w.ticket = $1 ORDER BY w.tool LIMIT 100`

// Twin is what a tool has of a ticket.
type Twin struct {
	Tool  string    `db:"tool" json:"tool"`
	Site  string    `db:"site" json:"site"`
	ID    string    `db:"twin" json:"id"`
	URL   string    `db:"url" json:"url"`
	Since time.Time `db:"since" json:"since"`
}

// twins are those of the ticket, for its staff.
func (a *API) twins(ctx context.Context, s Sight) ([]Twin, error) {
	if !s.may(domain.SeeInternal) {
		return nil, nil
	}
	var twins []Twin
	if err := a.db.Read.SelectContext(ctx, &twins, mirrorsOf, s.ticket.ID); err != nil {
		return nil, fmt.Errorf("list the twins of %s: %w", s.ticket.ID, err)
	}
	for i := range twins {
		twins[i].Since = twins[i].Since.UTC()
	}
	return twins, nil
}

const (
	ticketsOf = `SELECT t.id FROM tickets t WHERE t.tracker = $1 AND t.id > $2 ORDER BY t.id LIMIT $3`
	// The trackers may be others': a ticket keeps its twin until the mirror has seen it leave.
	dependentsOfTwin = `SELECT d.ticket FROM dependencies d JOIN twins w ON w.ticket = d.ticket
WHERE d.prerequisite = $1 AND w.tool = $2 ORDER BY d.ticket LIMIT 10000`
	mirroring     = `SELECT k.document, k.version FROM trackers k WHERE k.key > $1 ORDER BY k.key LIMIT 200`
	whereTicketIs = `SELECT t.tracker FROM tickets t WHERE t.id = $1`
	countTwins    = `SELECT COUNT(*) FROM twins w JOIN tickets t ON t.id = w.ticket WHERE t.tracker = $1 AND w.tool = $2`
)

// TicketsOf are the tickets of the tracker by id, deleted ones too, after the id. It acts for nobody.
func (a *API) TicketsOf(ctx context.Context, key domain.TrackerKey, after domain.TicketID, limit int) ([]domain.TicketID, error) {
	var ids []domain.TicketID
	if err := a.db.Read.SelectContext(ctx, &ids, ticketsOf, key, after, limit); err != nil {
		return nil, fmt.Errorf("list the tickets of %s: %w", key, err)
	}
	return ids, nil
}

// DependentsWithTwins are the tickets that depend on the ticket and have a twin in the
// tool. It acts for nobody.
func (a *API) DependentsWithTwins(ctx context.Context, tool string, id domain.TicketID) ([]domain.TicketID, error) {
	var ids []domain.TicketID
	if err := a.db.Read.SelectContext(ctx, &ids, dependentsOfTwin, id, tool); err != nil {
		return nil, fmt.Errorf("list the dependents of %s: %w", id, err)
	}
	return ids, nil
}

// Twins counts the tickets of the tracker that have a twin in the tool. It acts for nobody.
func (a *API) Twins(ctx context.Context, key domain.TrackerKey, tool string) (n int64, err error) {
	if err := a.db.Read.GetContext(ctx, &n, countTwins, key, tool); err != nil {
		return 0, fmt.Errorf("count the twins of %s: %w", key, err)
	}
	return n, nil
}

// WhereTicketsAre tells in which trackers tickets are now; those that are not known yet are left out. It acts for nobody.
func (a *API) WhereTicketsAre(ctx context.Context, ids []domain.TicketID) (map[domain.TicketID]domain.TrackerKey, error) {
	found := map[domain.TicketID]domain.TrackerKey{}
	for _, id := range ids {
		if _, known := found[id]; known {
			continue
		}
		var key domain.TrackerKey
		err := a.db.Read.GetContext(ctx, &key, whereTicketIs, id)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return nil, fmt.Errorf("find the tracker of %s: %w", id, err)
		}
		found[id] = key
	}
	return found, nil
}

// Mirrored is a tracker with a mirror, and how many of its tickets have a twin there.
type Mirrored struct {
	Tracker domain.TrackerKey `json:"tracker"`
	Mirror  tracker.Mirror    `json:"mirror"`
	Twins   int64             `json:"twins"`
}

// Mirrors are the mirrors of the tool in all trackers, by key. It acts for nobody.
func (a *API) Mirrors(ctx context.Context, tool string) ([]Mirrored, error) {
	found := []Mirrored{}
	for after := domain.TrackerKey(""); ; {
		var rows []trackerRow
		if err := a.db.Read.SelectContext(ctx, &rows, mirroring, after); err != nil {
			return nil, fmt.Errorf("list the mirrors of %s: %w", tool, err)
		}
		if len(rows) == 0 {
			return found, nil
		}
		for _, row := range rows {
			t, err := a.trackerIn(row)
			if err != nil {
				return nil, err
			}
			after = t.Key
			m, has := t.Mirror(tool)
			if !has {
				continue
			}
			one := Mirrored{Tracker: t.Key, Mirror: m}
			if one.Twins, err = a.Twins(ctx, t.Key, tool); err != nil {
				return nil, err
			}
			found = append(found, one)
		}
	}
}

// mirror is the sentence for what happened between a ticket and its twin.
func (w words) mirror(event ticket.Event) string {
	switch e := event.(type) {
	case ticket.Mirrored:
		return w.say("A un jumeau dans %s : %s.", "Has a twin in %s: %s.", e.Tool, e.ID)
	case ticket.MirrorMatched:
		return w.matched(e)
	case ticket.MirrorRefused:
		return w.say("Refusé, alors que fait dans %s : %s", "Refused, though done in %s: %s", e.Tool, e.Reason)
	case ticket.Unmirrored:
		return w.unmirrored(e)
	}
	return ""
}

func (w words) matched(e ticket.MirrorMatched) string {
	parts := slices.DeleteFunc(slices.Clone(e.Parts), func(p ticket.Part) bool { return p.Ended })
	switch n := len(parts); {
	case n < len(e.Parts):
		return w.say("Ce qui est connu du jumeau dans %s est abrégé.", "What is known of the twin in %s is shortened.", e.Tool)
	case n == 1:
		return w.say("Une partie du jumeau dans %s est rapprochée.", "A part of the twin in %s is matched.", e.Tool)
	default:
		return w.say("%[2]d parties du jumeau dans %[1]s sont rapprochées.", "%[2]d parts of the twin in %[1]s are matched.", e.Tool, n)
	}
}

func (w words) unmirrored(e ticket.Unmirrored) string {
	switch e.Why {
	case ticket.TwinLost:
		return w.say("Le jumeau %[2]s dans %[1]s a disparu.", "The twin %[2]s in %[1]s is gone.", e.Tool, e.ID)
	case ticket.TicketDeleted:
		return w.say("Le jumeau %[2]s dans %[1]s n’est plus suivi : le ticket a été supprimé.", "The twin %[2]s in %[1]s is followed no longer: the ticket was deleted.", e.Tool, e.ID)
	case ticket.TicketLeft:
	}
	return w.say("Le jumeau %[2]s dans %[1]s n’est plus suivi : le ticket est ailleurs.", "The twin %[2]s in %[1]s is followed no longer: the ticket is elsewhere.", e.Tool, e.ID)
}
