package readapi

import (
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/tracker"
)

// What happened in a month is kept for the months of UTC. Those of another zone begin some hours
// before or after: what happened in these hours is read, and counted in the month where it belongs.

// changesKept counts from what is kept, if that tells: then known.
func (a *API) changesKept(ctx context.Context, actor domain.Actor, f filter, months []Month) (changes []monthlyChange, known bool, err error) {
	if !f.ofAll() {
		return nil, false, nil
	}
	known, err = a.fromKept(ctx, actor, f, func(tx *sqlx.Tx, k *kept) (err error) {
		if changes, err = flows(ctx, tx, k, months); err != nil {
			return err
		}
		moved, err := astride(ctx, tx, k, months)
		if err != nil {
			return err
		}
		changes = append(changes, moved...)
		if len(k.beside) == 0 {
			return nil
		}
		s := newStatement(actor)
		s.dialect = a.db.Dialect
		changesByMonth(s, f, actor, k.beside, months)
		beside, err := selectKept[monthlyChange](ctx, tx, s)
		changes = append(changes, beside...)
		return err
	})
	return changes, known, err
}

// begins are when the months begin, and the one after them: in their zone, and in UTC.
func begins(months []Month) (there, utc []time.Time) {
	for _, m := range months {
		there = append(there, m.From)
		first, _ := time.Parse(monthForm, m.Month) // which we have written
		utc = append(utc, first)
	}
	last := len(months) - 1
	return append(there, months[last].To), append(utc, utc[last].AddDate(0, 1, 0))
}

// monthOf is in which of the months that begin then the moment is, from 1; 0: before them.
func monthOf(begin []time.Time, at time.Time) int {
	i, found := slices.BinarySearchFunc(begin, at, time.Time.Compare)
	if found {
		i++
	}
	return i
}

// flows are the changes in the months of UTC.
func flows(ctx context.Context, tx *sqlx.Tx, k *kept, months []Month) ([]monthlyChange, error) {
	_, utc := begins(months)
	first := int64(utc[0].Year())*12 + int64(utc[0].Month()) - 1
	end := first + int64(len(months))
	s := &statement{}
	s.add("SELECT CASE WHEN g.at < $n THEN 0 ELSE g.at - $n END AS month", first, first-1)
	s.add(", CASE g.kind WHEN 'resolved' THEN $n ELSE g.a END AS from_state, CASE g.kind WHEN 'resolved' THEN $n ELSE g.b END AS to_state", resolvedOnce, tracker.Resolved)
	s.add(", CAST(SUM(g.n) AS BIGINT) AS n FROM figures g WHERE g.kind IN ('flow', 'resolved') AND g.at < $n", end)
	k.in(s)
	s.add("GROUP BY 1, 2, 3 LIMIT $n", mostMonthlyChanges)
	return selectKept[monthlyChange](ctx, tx, s)
}

// mostMonthlyChanges bounds what can have happened in all months.
const mostMonthlyChanges = 10_000

// happened is a change of a ticket, or its report.
type happened struct {
	Ticket domain.TicketID `db:"ticket"`
	From   tracker.State   `db:"from_state"`
	To     tracker.State   `db:"to_state"`
	At     time.Time       `db:"at"`
}

// astride is what happened between the beginning of a month in its zone and in UTC: less in the
// one month, and more in the other.
func astride(ctx context.Context, tx *sqlx.Tx, k *kept, months []Month) ([]monthlyChange, error) {
	there, utc := begins(months)
	s := &statement{}
	for i := range there {
		if from, to := there[i], utc[i]; !from.Equal(to) {
			if to.Before(from) {
				from, to = to, from
			}
			k.happenedWithin(s, from, to)
		}
	}
	if len(s.args) == 0 {
		return nil, nil
	}
	s.add("LIMIT $n", mostFolded)
	all, err := selectKept[happened](ctx, tx, s)
	if err != nil {
		return nil, err
	}
	var changes []monthlyChange
	resolved := map[domain.TicketID]bool{}
	for _, h := range all {
		changes = append(changes,
			monthlyChange{monthOf(utc, h.At.UTC()), string(h.From), h.To, -1}, monthlyChange{monthOf(there, h.At.UTC()), string(h.From), h.To, 1})
		if h.From != "" && h.From.List() == tracker.OpenList && h.To.List() == tracker.ResolvedList {
			resolved[h.Ticket] = true
		}
	}
	more, err := resolvedAstride(ctx, tx, resolved, there, utc)
	changes = append(changes, more...)
	return slices.DeleteFunc(changes, func(c monthlyChange) bool { return c.Month > len(months) }), err
}

// happenedWithin adds what happened in some hours to the tickets that are kept.
func (k *kept) happenedWithin(s *statement, from, to time.Time) {
	for _, list := range []tracker.List{tracker.OpenList, tracker.ResolvedList} {
		if len(s.args) > 0 {
			s.add("UNION ALL")
		}
		s.add("SELECT t.id AS ticket, '' AS from_state, 'posted' AS to_state, t.reported_at AS at FROM tickets t WHERE t.list = $n AND NOT t.deleted", list)
		s.add("AND t.reported_at >= $n AND t.reported_at < $n", from, to)
		k.inTickets(s)
	}
	s.add("UNION ALL SELECT h.ticket, h.from_state, h.to_state, h.occurred_at FROM state_changes h CROSS JOIN tickets t WHERE t.id = h.ticket AND NOT t.deleted")
	s.add("AND h.occurred_at >= $n AND h.occurred_at < $n", from, to)
	k.inTickets(s)
}

// inTickets adds the condition that the ticket t is of what is kept.
func (k *kept) inTickets(s *statement) {
	if !slices.Contains(k.trackers, "") {
		within(s, "AND t.tracker", k.trackers)
	}
}

// resolvedAstride corrects how many became resolved in a month, each once, by all the times that the
// tickets did.
func resolvedAstride(ctx context.Context, tx *sqlx.Tx, tickets map[domain.TicketID]bool, there, utc []time.Time) ([]monthlyChange, error) {
	if len(tickets) == 0 {
		return nil, nil
	}
	var ids []any
	for id := range tickets {
		ids = append(ids, id)
	}
	s := &statement{}
	s.add("SELECT h.ticket, h.from_state, h.to_state, h.occurred_at AS at FROM state_changes h WHERE h.ticket IN ("+listOfArgs(ids)+")", ids...)
	becameResolved(s)
	s.add("LIMIT $n", mostFolded)
	all, err := selectKept[happened](ctx, tx, s)
	type once struct {
		ticket domain.TicketID
		month  int
		n      int64
	}
	seen := map[once]bool{}
	var changes []monthlyChange
	for _, h := range all {
		for _, c := range []once{{h.Ticket, monthOf(utc, h.At.UTC()), -1}, {h.Ticket, monthOf(there, h.At.UTC()), 1}} {
			if !seen[c] {
				seen[c] = true
				changes = append(changes, monthlyChange{c.month, resolvedOnce, tracker.Resolved, c.n})
			}
		}
	}
	return changes, err
}
