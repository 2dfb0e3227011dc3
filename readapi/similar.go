package readapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/database"
	"suivi/domain"
	"suivi/domain/tracker"
)

const (
	mostSimilar = 5
	// similarFor is how long a resolved ticket is compared with new ones after its last change.
	similarFor = 180 * 24 * time.Hour
	// mostCompared bounds the tickets whose texts are read for one comparison.
	mostCompared = 200
)

// SimilarTicket is a ticket that may say already what somebody is about to post.
type SimilarTicket struct {
	ID         domain.TicketID   `db:"id" json:"id"`
	Tracker    domain.TrackerKey `db:"tracker" json:"tracker"`
	Summary    string            `db:"summary" json:"summary"`
	State      tracker.State     `db:"state" json:"state"`
	List       tracker.List      `db:"list" json:"list"`
	Resolution string            `db:"resolution" json:"resolution"`
	UpdatedAt  time.Time         `db:"updated_at" json:"updatedAt"`
	Watching   bool              `db:"watching" json:"watching"` // the asker does
}

// similar answers GET /trackers/{key}/similar?summary=&description=.
func (to routes) similar(c *fiber.Ctx) error {
	p := readParams(c, "summary", "description")
	summary, _ := p.take("summary")
	description, _ := p.take("description")
	if err := p.err(); err != nil {
		return err
	}
	found, err := to.Similar(c.UserContext(), to.who(c), domain.TrackerKey(c.Params("key")), summary, description)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"tickets": found})
}

// Similar are the tickets of the tracker that the actor sees and whose summary and
// description have much of these: at most mostSimilar, the open ones first, then
// recently resolved ones, the most alike first in each. Words that few tickets have count more.
func (a *API) Similar(ctx context.Context, actor domain.Actor, key domain.TrackerKey, summary, description string) ([]SimilarTicket, error) {
	if _, err := a.Tracker(ctx, actor, key); err != nil {
		return nil, err
	}
	sought := newLikeness(summary, description)
	if len(sought.words) == 0 {
		return []SimilarTicket{}, nil
	}
	q := similarity{API: a, actor: actor, tracker: key, since: time.Now().Add(-similarFor).UTC()}
	ids, all, err := q.candidates(ctx)
	if err == nil && !all {
		ids, err = q.byWords(ctx, sought)
	}
	if err != nil || len(ids) == 0 {
		return []SimilarTicket{}, err
	}
	texts, err := q.texts(ctx, ids)
	if err != nil {
		return nil, err
	}
	if all {
		sought.count(texts)
	}
	return q.tickets(ctx, sought.best(texts, mostSimilar))
}

// similarity is what one comparison looks among.
type similarity struct {
	*API

	actor   domain.Actor
	tracker domain.TrackerKey
	since   time.Time
}

// visibleWithin is visibleIDs within the tracker $3, for administrators too.
const visibleWithin = `SELECT b.id FROM tickets b WHERE b.tracker = $3 AND ($2 OR b.tracker IN (SELECT m.tracker FROM members m WHERE m.person = $1 AND m.sees_all))
	UNION ALL SELECT b.id FROM tickets b WHERE b.reporter = $1 AND b.tracker = $3
	UNION ALL SELECT b.id FROM tickets b WHERE b.assignee = $1 AND b.tracker = $3
	UNION ALL SELECT b.id FROM watchers w CROSS JOIN tickets b WHERE w.person = $1 AND b.id = w.ticket AND b.tracker = $3
	LIMIT $4`

// candidates are all tickets of the tracker that the actor may see, where those are few.
func (q similarity) candidates(ctx context.Context) (ids []domain.TicketID, all bool, err error) {
	if err := q.db.Read.SelectContext(ctx, &ids, visibleWithin, q.actor.ID, q.actor.Admin, q.tracker, q.few+1); err != nil {
		return nil, false, fmt.Errorf("list what %s sees of %s: %w", q.actor.ID, q.tracker, err)
	}
	if len(ids) > q.few {
		return nil, false, nil
	}
	slices.Sort(ids)
	return slices.Compact(ids), true, nil
}

// comparable is the condition on the ticket t: of the tracker, seen, and open or lately resolved.
func (q similarity) comparable(s *statement) {
	s.add("AND t.tracker = $n AND (t.list = $n OR t.updated_at >= $n) AND "+seesTicket, q.tracker, tracker.OpenList, q.since)
}

// byWords finds tickets by the words that not too many have, and notes how many each has.
func (q similarity) byWords(ctx context.Context, sought *likeness) ([]domain.TicketID, error) {
	weight := map[domain.TicketID]float64{}
	for i := range sought.words {
		w := &sought.words[i]
		s := newStatement(q.actor)
		s.add("SELECT DISTINCT s.ticket "+texts.From(q.db.Dialect), texts.Looking(q.db.Dialect, []string{w.stem}, w.beginning()))
		s.add("AND s.part IN ('summary', 'description') AND EXISTS (SELECT 1 FROM tickets t WHERE t.id = s.ticket")
		q.comparable(s)
		s.add(") LIMIT $n", mostCompared+1)
		var ids []domain.TicketID
		if err := q.db.Read.SelectContext(ctx, &ids, s.text.String(), s.args...); err != nil {
			return nil, fmt.Errorf("find tickets of %s that are alike: %w", q.tracker, err)
		}
		w.have = len(ids)
		if len(ids) > mostCompared {
			continue
		}
		for _, id := range ids {
			weight[id] += w.weight()
		}
	}
	return heaviest(weight, mostCompared), nil
}

// texts are the words of the tickets' summaries and descriptions.
func (q similarity) texts(ctx context.Context, ids []domain.TicketID) (map[domain.TicketID]*likeText, error) {
	s := newStatement(q.actor)
	s.add("SELECT s.ticket, s.part, s.words FROM tickets t CROSS JOIN texts s WHERE s.ticket = t.id AND s.part IN ('summary', 'description')")
	within(s, "AND t.id", ids)
	q.comparable(s)
	var rows []struct {
		Ticket domain.TicketID `db:"ticket"`
		Part   string          `db:"part"`
		Words  string          `db:"words"`
	}
	if err := q.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("read texts of %s: %w", q.tracker, err)
	}
	found := map[domain.TicketID]*likeText{}
	for _, row := range rows {
		if found[row.Ticket] == nil {
			found[row.Ticket] = &likeText{}
		}
		found[row.Ticket].take(row.Part, row.Words)
	}
	return found, nil
}

// tickets are those of the ids, in their order but for the open ones, which come first.
func (q similarity) tickets(ctx context.Context, ids []domain.TicketID) ([]SimilarTicket, error) {
	rows := []SimilarTicket{}
	if len(ids) == 0 {
		return rows, nil
	}
	s := newStatement(q.actor)
	s.add(`SELECT t.id, t.tracker, t.summary, t.state, t.list, t.resolution, t.updated_at,
		EXISTS (SELECT 1 FROM watchers w WHERE w.ticket = t.id AND w.person = $1) AS watching FROM tickets t WHERE 1 = 1`)
	within(s, "AND t.id", ids)
	q.comparable(s)
	if err := q.db.Read.SelectContext(ctx, &rows, s.text.String(), s.args...); err != nil {
		return nil, fmt.Errorf("read tickets of %s that are alike: %w", q.tracker, err)
	}
	for i := range rows {
		rows[i].UpdatedAt = rows[i].UpdatedAt.UTC()
	}
	place := func(t SimilarTicket) int {
		at := slices.Index(ids, t.ID)
		if t.List != tracker.OpenList {
			at += len(ids)
		}
		return at
	}
	slices.SortFunc(rows, func(a, b SimilarTicket) int { return place(a) - place(b) })
	return rows, nil
}

// wordsOf are the words of a text as the index has them, without those that say nothing.
func wordsOf(text string) []string {
	return slices.DeleteFunc(database.Words(text), saysNothing)
}
