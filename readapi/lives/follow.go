package lives

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
	"suivi/domain/tracker"
)

// headOf is how far the tables of tickets are: which build they are of, and their last change; as far as those of their words, which
// stand on their own, are there as well.
const headOf = `SELECT p.build, COALESCE((SELECT MAX(t.changed) FROM tickets t), 0) AS last_change,
	COALESCE((SELECT w.commit_position FROM projections w WHERE w.name = 'search' AND w.suffix = ''), 0) AS words
	FROM projections p WHERE p.name = 'tickets' AND p.suffix = ''`

type head struct {
	Build int64 `db:"build"`
	Last  int64 `db:"last_change"`
	Words int64 `db:"words"`
}

func (h head) upTo() int64 { return min(h.Last, h.Words) }

// readAtOnce is how many tickets are read in one transaction.
const readAtOnce = 5_000

// catchUp reads what has changed. One reads, and the others wait for it.
func (l *Lives) catchUp(ctx context.Context) error {
	var now head
	if err := l.db.Read.GetContext(ctx, &now, headOf); err != nil {
		return fmt.Errorf("ask how far the tables are: %w", err)
	}
	if l.has(now) {
		return nil
	}
	select {
	case <-l.following:
		defer func() { l.following <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for !l.has(now) {
		done, err := l.step(ctx)
		if done || err != nil {
			return err
		}
	}
	return nil
}

// has tells whether what the tables had is known.
func (l *Lives) has(now head) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.all.build == now.Build && l.all.upTo >= now.upTo()
}

// step reads the next changes; done: there are no more. When the tables are of another build, all of them are read
// anew, while the old ones are still there for who looks at them.
func (l *Lives) step(ctx context.Context) (done bool, err error) {
	tx, err := l.db.Read.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return false, fmt.Errorf("begin a reading transaction: %w", err)
	}
	defer func() {
		if ended := tx.Rollback(); ended != nil && !errors.Is(ended, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("end a reading transaction: %w", ended))
		}
	}()
	var now head
	if err := tx.GetContext(ctx, &now, headOf); err != nil {
		return false, fmt.Errorf("ask how far the tables are: %w", err)
	}
	grows := l.all // which only who follows changes
	if grows.build != now.Build {
		if l.next == nil || l.next.build != now.Build {
			l.next = newAll(now.Build)
		}
		grows = l.next
	}
	news, err := readNews(ctx, tx, grows.upTo, now.upTo())
	if err != nil {
		return false, err
	}
	done = len(news.tickets) < readAtOnce
	if grows == l.next { // nobody looks at it yet
		grows.take(news)
		if done {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.all, l.next = grows, nil
		}
		return done, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	grows.take(news)
	return done, nil
}

// news are the next tickets that have changed, and all that has ever happened to these.
type news struct {
	tickets []ticketRow
	changes []changeRow
	owners  []ownerRow
	texts   []textRow
	notes   []textRow
}

type ticketRow struct {
	ID         domain.TicketID   `db:"id"`
	Tracker    domain.TrackerKey `db:"tracker"`
	Number     int64             `db:"number"`
	State      tracker.State     `db:"state"`
	Reporter   domain.UserID     `db:"reporter"`
	Assignee   domain.UserID     `db:"assignee"`
	ReportedAt time.Time         `db:"reported_at"`
	UpdatedAt  time.Time         `db:"updated_at"`
	AnsweredAt *time.Time        `db:"answered_at"`
	Deleted    bool              `db:"deleted"`
	Moved      bool              `db:"moved"`
	Changed    int64             `db:"changed"`
}

type changeRow struct {
	Ticket     domain.TicketID `db:"ticket"`
	From       tracker.State   `db:"from_state"`
	To         tracker.State   `db:"to_state"`
	OccurredAt time.Time       `db:"occurred_at"`
}

type ownerRow struct {
	Ticket     domain.TicketID `db:"ticket"`
	To         domain.UserID   `db:"to_user"`
	OccurredAt time.Time       `db:"occurred_at"`
}

type textRow struct {
	Ticket domain.TicketID `db:"ticket"`
	Words  string          `db:"words"`
}

// What is read of tickets that have changed. CROSS JOIN keeps SQLite from turning the order round.
const (
	changedTickets = `SELECT t.id, t.tracker, t.number, t.state, t.reporter, t.assignee, t.reported_at, t.updated_at, t.answered_at,
		t.deleted, t.moved_from <> '[]' AS moved, t.changed FROM tickets t WHERE t.changed > $1 AND t.changed <= $2 ORDER BY t.changed LIMIT $3`
	theirChanges = `SELECT h.ticket, h.from_state, h.to_state, h.occurred_at FROM tickets t CROSS JOIN state_changes h
		WHERE t.changed > $1 AND t.changed <= $2 AND h.ticket = t.id ORDER BY h.ticket, h.version`
	theirOwners = `SELECT o.ticket, o.to_user, o.occurred_at FROM tickets t CROSS JOIN ownership_changes o
		WHERE t.changed > $1 AND t.changed <= $2 AND o.ticket = t.id ORDER BY o.ticket, o.version`
	theirTexts = `SELECT s.ticket, s.words FROM tickets t CROSS JOIN texts s
		WHERE t.changed > $1 AND t.changed <= $2 AND s.ticket = t.id AND NOT s.gone`
	theirNotes = `SELECT s.ticket, s.words FROM tickets t CROSS JOIN note_texts s
		WHERE t.changed > $1 AND t.changed <= $2 AND s.ticket = t.id AND NOT s.gone`
)

func readNews(ctx context.Context, tx *sqlx.Tx, after, upTo int64) (n news, err error) {
	if err := tx.SelectContext(ctx, &n.tickets, changedTickets, after, upTo, readAtOnce); err != nil {
		return n, fmt.Errorf("read the tickets that have changed: %w", err)
	}
	if len(n.tickets) == 0 {
		return n, nil
	}
	last := n.tickets[len(n.tickets)-1].Changed
	for _, of := range []struct {
		rows any
		text string
	}{{&n.changes, theirChanges}, {&n.owners, theirOwners}, {&n.texts, theirTexts}, {&n.notes, theirNotes}} {
		if err := tx.SelectContext(ctx, of.rows, of.text, after, last); err != nil {
			return n, fmt.Errorf("read what has happened to tickets: %w", err)
		}
	}
	return n, nil
}

// take takes the news in.
func (a *all) take(n news) {
	numbers := states()
	orders := a.orders()
	told := make([]int32, len(n.tickets)) // the tickets' places
	var moved []int32                     // those that were known
	for i, row := range n.tickets {
		place, known := a.places[row.ID]
		if known {
			a.count(place, -1)
			moved = append(moved, place)
		} else {
			place = int32(len(a.ids))
			a.ids, a.lives, a.pasts, a.places[row.ID] = append(a.ids, row.ID), append(a.lives, life{}), append(a.pasts, past{}), place
		}
		told[i] = place
	}
	for _, o := range orders {
		o.leave(moved)
	}
	for i, row := range n.tickets {
		a.put(told[i], row, numbers)
	}
	a.takeChanges(n.changes, numbers)
	a.takeOwners(n.owners)
	a.takeWords(slices.Concat(n.texts, n.notes))
	for _, o := range orders {
		o.enter(told)
	}
}

// put writes down what a row says.
func (a *all) put(place int32, row ticketRow, numbers map[tracker.State]uint8) {
	a.lives[place] = life{
		reported: row.ReportedAt.UnixMicro(), updated: row.UpdatedAt.UnixMicro(),
		tracker: a.trackers.place(row.Tracker), reporter: a.people.place(row.Reporter), assignee: a.people.place(row.Assignee),
		state: numbers[row.State], deleted: row.Deleted, moved: row.Moved,
	}
	a.pasts[place] = past{number: row.Number, responded: -1, resolved: -1}
	if row.AnsweredAt != nil {
		a.pasts[place].responded = seconds(a.lives[place].reported, row.AnsweredAt.UnixMicro())
	}
	a.assigned = append(a.assigned, make([]int32, len(a.people.all)-len(a.assigned))...)
	a.counts = append(a.counts, make([]Counts, len(a.trackers.all)-len(a.counts))...)
	a.count(place, 1)
	a.upTo = row.Changed
}

// count counts the ticket once more, or once less.
func (a *all) count(place, n int32) {
	l := &a.lives[place]
	a.assigned[l.assignee] += n
	if !l.deleted {
		a.counts[l.tracker][l.state] += int64(n)
	}
}

// takeChanges gives tickets their changes, which stand side by side.
func (a *all) takeChanges(rows []changeRow, numbers map[tracker.State]uint8) {
	changes := make([]change, len(rows))
	first := 0
	for i, row := range rows {
		place := a.places[row.Ticket]
		since := a.lives[place].reported
		if i > first {
			since = changes[i-1].at
		}
		at := row.OccurredAt.UnixMicro()
		changes[i] = change{at: at, class: class(seconds(since, at)), from: numbers[row.From], to: numbers[row.To]}
		if i == len(rows)-1 || rows[i+1].Ticket != row.Ticket {
			a.pasts[place].changes = changes[first : i+1 : i+1]
			a.pasts[place].resolve(a.lives[place])
			first = i + 1
		}
	}
}

// resolve notes when the ticket became resolved for the last time, if it is.
func (p *past) resolve(l life) {
	last := int64(never)
	for _, c := range p.changes {
		if c.resolves() {
			last = max(last, c.at)
		}
	}
	if l.state >= firstResolved && last != never {
		p.resolved = seconds(l.reported, last)
	}
}

func (a *all) takeOwners(rows []ownerRow) {
	owners := make([]owner, len(rows))
	first := 0
	for i, row := range rows {
		owners[i] = owner{row.OccurredAt.UnixMicro(), a.people.place(row.To)}
		if i == len(rows)-1 || rows[i+1].Ticket != row.Ticket {
			a.pasts[a.places[row.Ticket]].owners = owners[first : i+1 : i+1]
			first = i + 1
		}
	}
}

// takeWords marks the words of tickets.
func (a *all) takeWords(rows []textRow) {
	all := map[int32][]uint64{}
	for _, row := range rows {
		place := a.places[row.Ticket]
		for word := range strings.SplitSeq(row.Words, " ") {
			all[place] = a.hashes.of(all[place], word)
		}
	}
	for place, some := range all {
		a.pasts[place].marks = newMarks(some)
	}
}

// kept is an order in which all places are kept.
type kept struct {
	*all

	places *[]int32
	by     func(place int32) int64
}

// orders are the orders that are kept.
func (a *all) orders() []kept {
	return []kept{
		{a, &a.numbered, func(place int32) int64 { return a.pasts[place].number }},
		{a, &a.reported, func(place int32) int64 { return a.lives[place].reported }},
		{a, &a.updated, func(place int32) int64 { return a.lives[place].updated }},
	}
}

func (k kept) compare(x, y int32) int {
	if order := cmp.Compare(k.by(x), k.by(y)); order != 0 {
		return order
	}
	return strings.Compare(string(k.ids[x]), string(k.ids[y]))
}

// sortedAtOnce is from how many on places are sorted in together.
const sortedAtOnce = 64

// leave takes places out, before what they are sorted by changes.
func (k kept) leave(some []int32) {
	if len(some) >= sortedAtOnce {
		out := make(map[int32]bool, len(some))
		for _, place := range some {
			out[place] = true
		}
		*k.places = slices.DeleteFunc(*k.places, func(place int32) bool { return out[place] })
		return
	}
	for _, place := range some {
		if at, found := slices.BinarySearchFunc(*k.places, place, k.compare); found {
			*k.places = slices.Delete(*k.places, at, at+1)
		}
	}
}

// enter sorts places in.
func (k kept) enter(some []int32) {
	if len(some) < sortedAtOnce {
		for _, place := range some {
			at, _ := slices.BinarySearchFunc(*k.places, place, k.compare)
			*k.places = slices.Insert(*k.places, at, place)
		}
		return
	}
	some = slices.SortedFunc(slices.Values(some), k.compare)
	had := len(*k.places)
	all := append(*k.places, some...)
	for end := len(all); len(some) > 0; end-- { // merged from behind
		if last := some[len(some)-1]; had > 0 && k.compare(all[had-1], last) > 0 {
			all[end-1] = all[had-1]
			had--
		} else {
			all[end-1] = last
			some = some[:len(some)-1]
		}
	}
	*k.places = all
}
