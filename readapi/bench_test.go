package readapi_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

const (
	benchTickets  = 100_000
	benchTrackers = 20
	benchPeople   = 2_000
)

// crowd is a person of the benchmark.
func crowd(n int) domain.UserID {
	return domain.NewUserID(start, [10]byte{7: 1, 8: byte(n >> 8), 9: byte(n)})
}

// fill writes tickets straight into the tables: 20 trackers, of which crowd(1)
// sees one, crowd(2) all, and crowd(n) for n ≥ 100 what they reported. 30 % are open.
func fill(b *testing.B, s *site) {
	b.Helper()
	s.desk("FIRST", domain.Ticketing, nil) // whose tables are there, exist
	s.settle()
	tx, err := s.db.Write.BeginTxx(s.ctx, nil)
	s.must(err)
	exec := func(query string, args ...any) {
		if _, err := tx.ExecContext(s.ctx, query, args...); err != nil {
			b.Fatal(err)
		}
	}
	for k := range benchTrackers {
		key := fmt.Sprintf("DESK%d", k)
		document := fmt.Sprintf(`{"key":%q,"name":"Desk","mode":"ticketing","workflow":"strict"}`, key)
		exec(`INSERT INTO trackers (key, name, mode, archived, parent, document, version) VALUES ($1, 'Desk', 'ticketing', FALSE, '', $2, 1)`, key, document)
		exec(`INSERT INTO members (tracker, person, sees_all, sees_rank, sees_internal, configures) VALUES ($1, $2, $3, $3, $3, FALSE)`, key, crowd(2), true)
		for p := 100; p < benchPeople; p++ {
			exec(`INSERT INTO members (tracker, person, sees_all, sees_rank, sees_internal, configures) VALUES ($1, $2, $3, $3, $3, FALSE)`, key, crowd(p), false)
		}
	}
	exec(`INSERT INTO members (tracker, person, sees_all, sees_rank, sees_internal, configures) VALUES ('DESK7', $1, $2, $2, $2, FALSE)`, crowd(1), true)
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Repeat("the projector of room 12 shows nothing since Monday; ", 12)
	insert, err := tx.PrepareContext(s.ctx, `INSERT INTO tickets (id, tracker, number, state, list, summary, description, answers, answer_keys, brought, moved_from, resolution,
		reporter, assignee, comments, reported_at, updated_at, version, rank, events, deleted, changed)
		VALUES ($1, $2, $3, $4, $5, 'The projector shows nothing', $6, $7, '{}', '[]', '[]', '', $8, $9, 1, $10, $11, 5, $12, 6, FALSE, $13)`)
	s.must(err)
	for i := range benchTickets {
		key := fmt.Sprintf("DESK%d", i%benchTrackers)
		number := i/benchTrackers + 1
		state := tracker.States()[7+random.IntN(3)]
		if random.IntN(10) < 3 {
			state = tracker.States()[random.IntN(7)]
		}
		assignee := domain.UserID("")
		if random.IntN(10) > 0 {
			assignee = crowd(random.IntN(100))
		}
		reported := start.Add(time.Duration(i) * time.Minute)
		_, err := insert.ExecContext(s.ctx, fmt.Sprintf("%s-%d", key, number), key, number, state, state.List(), words[:random.IntN(len(words))],
			fmt.Sprintf(`{"product":"p%d"}`, random.IntN(20)), crowd(100+random.IntN(benchPeople-100)), assignee,
			reported, reported.Add(time.Duration(random.IntN(100_000))*time.Minute), []byte(rank.Bottom(reported, int64(number))), 1_000_000+i)
		s.must(err)
	}
	s.must(tx.Commit())
	_, err = s.db.Write.ExecContext(s.ctx, "ANALYZE")
	s.must(err)
}

func BenchmarkList(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkList(b, testdb.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchmarkList(b, testdb.Postgres(b)) })
}

func benchmarkList(b *testing.B, address string) {
	s := newSite(b, address)
	fill(b, s)
	admin := domain.Actor{ID: crowd(0), Admin: true}
	one, all, reporter := domain.Actor{ID: crowd(1)}, domain.Actor{ID: crowd(2)}, domain.Actor{ID: crowd(1234)}
	for _, c := range []struct {
		name   string
		actor  domain.Actor
		target string
	}{
		{"admin", admin, "/tickets"},
		{"admin/list=all", admin, "/tickets?list=all"},
		{"admin/tracker", admin, "/tickets?tracker=DESK3"},
		{"admin/state", admin, "/tickets?state=testing"},
		{"admin/state,tracker", admin, "/tickets?state=testing&tracker=DESK3"},
		{"admin/state=resolved,tracker", admin, "/tickets?state=resolved&tracker=DESK3"},
		{"admin/sort=reportedAt", admin, "/tickets?sort=-reportedAt"},
		{"admin/sort=number,tracker", admin, "/tickets?sort=number&tracker=DESK3"},
		{"admin/sort=number", admin, "/tickets?sort=number"},
		{"admin/sort=state", admin, "/tickets?sort=state"},
		{"admin/sort=assignee", admin, "/tickets?sort=assignee"},
		{"admin/sort=assignee,tracker", admin, "/tickets?sort=assignee&tracker=DESK3"},
		{"admin/sort=field", admin, "/tickets?sort=field.product"},
		{"admin/field,list=all", admin, "/tickets?field.product=p3&list=all"},
		{"admin/assignee=none", admin, "/tickets?assignee=none"},
		{"admin/reporter", admin, "/tickets?list=all&reporter=" + string(crowd(1234))},
		{"admin/from", admin, "/tickets?list=all&from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z"},
		{"oneTracker", one, "/tickets"},
		{"oneTracker/list=all", one, "/tickets?list=all"},
		{"oneTracker/work", one, "/tickets?scope=work"},
		{"allTrackers", all, "/tickets"},
		{"allTrackers/tracker", all, "/tickets?tracker=DESK3"},
		{"reporter", reporter, "/tickets"},
		{"reporter/mine", reporter, "/tickets?scope=mine"},
		{"reporter/tracker", reporter, "/tickets?tracker=DESK3"},
		{"counts/admin", admin, "/tickets/counts"},
		{"counts/allTrackers", all, "/tickets/counts"},
		{"counts/oneTracker", one, "/tickets/counts"},
		{"counts/allTrackers,tracker", all, "/tickets/counts?tracker=DESK3"},
		{"counts/allTrackers,open", all, "/tickets/counts?list=open"},
		{"counts/reporter", reporter, "/tickets/counts"},
		{"ticket", reporter, "/tickets/DESK3-100"},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if r := s.getRaw(c.actor, c.target, ""); r.Status != 200 && r.Status != 404 {
					b.Fatal(r.Status, string(r.Body))
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// fillHistories gives the tickets of fill a life: posted, given to somebody, and three changes of state.
func fillHistories(b *testing.B, s *site) {
	b.Helper()
	tx, err := s.db.Write.BeginTxx(s.ctx, nil)
	s.must(err)
	prepare := func(query string) func(args ...any) {
		stmt, err := tx.PrepareContext(s.ctx, query)
		s.must(err)
		return func(args ...any) {
			_, err := stmt.ExecContext(s.ctx, args...)
			s.must(err)
		}
	}
	history := prepare(`INSERT INTO history (ticket, version, event_id, type, data, comment, other, actor, source, correlation_id, occurred_at, recorded_at, commit_position, prepare_position)
		VALUES ($1, $2, '', $3, $4, 0, '', $5, 'api', '', $6, $6, $7, $7)`)
	states := prepare(`INSERT INTO state_changes (ticket, version, from_state, to_state, actor, occurred_at) VALUES ($1, $2, $3, $4, $5, $6)`)
	owners := prepare(`INSERT INTO ownership_changes (ticket, version, from_user, to_user, actor, occurred_at) VALUES ($1, $2, '', $3, $4, $5)`)
	var rows []struct {
		ID         domain.TicketID   `db:"id"`
		Tracker    domain.TrackerKey `db:"tracker"`
		Number     int64             `db:"number"`
		State      tracker.State     `db:"state"`
		Assignee   domain.UserID     `db:"assignee"`
		Reporter   domain.UserID     `db:"reporter"`
		ReportedAt time.Time         `db:"reported_at"`
		UpdatedAt  time.Time         `db:"updated_at"`
	}
	s.must(s.db.Read.SelectContext(s.ctx, &rows, `SELECT id, tracker, number, state, assignee, reporter, reported_at, updated_at FROM tickets LIMIT 1000000`))
	position := int64(1)
	for _, r := range rows {
		life := []ticket.Event{
			ticket.Posted{Tracker: r.Tracker, Number: r.Number, Summary: "The projector shows nothing", Reporter: r.Reporter}, ticket.Assigned{Assignee: r.Assignee},
			ticket.StateChanged{From: tracker.Posted, To: tracker.Open}, ticket.StateChanged{From: tracker.Open, To: tracker.Working}, ticket.StateChanged{From: tracker.Working, To: r.State},
		}
		for i, event := range life {
			name, data, err := ticket.Encode(event)
			s.must(err)
			at := r.ReportedAt.Add(r.UpdatedAt.Sub(r.ReportedAt) * time.Duration(i) / time.Duration(len(life)-1))
			position++
			history(r.ID, i+1, name, string(data), r.Reporter, at, position)
			switch e := event.(type) {
			case ticket.StateChanged:
				states(r.ID, i+1, e.From, e.To, r.Reporter, at)
			case ticket.Assigned:
				owners(r.ID, i+1, e.Assignee, r.Reporter, at)
			}
		}
	}
	s.must(tx.Commit())
	_, err = s.db.Write.ExecContext(s.ctx, "ANALYZE")
	s.must(err)
}

// BenchmarkListThen asks for lists as they were, and for boards.
func BenchmarkListThen(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkListThen(b, testdb.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchmarkListThen(b, testdb.Postgres(b)) })
}

func benchmarkListThen(b *testing.B, address string) {
	s := newSite(b, address)
	fill(b, s)
	fillHistories(b, s)
	admin, reporter := domain.Actor{ID: crowd(0), Admin: true}, domain.Actor{ID: crowd(1234)}
	middle := start.Add(benchTickets / 2 * time.Minute).Format(time.RFC3339)
	for _, c := range []struct {
		name  string
		actor domain.Actor
		query string // of a board, when it names no moment
	}{
		{"then/open", admin, "at=" + middle},
		{"then/resolved", admin, "list=resolved&at=" + middle},
		{"then/tracker", admin, "tracker=DESK3&at=" + middle},
		{"then/rare", admin, "state=testing&sort=number&at=" + middle}, // looks at all that a page may
		{"then/never", admin, "state=transferred&at=" + middle},        // likewise
		{"then/assignee,tracker", admin, "tracker=DESK3&list=all&assignee=" + string(crowd(3)) + "&at=" + middle},
		{"then/reporter", reporter, "list=all&at=" + middle},
		{"board/tracker", admin, "tracker=DESK3"},
		{"board/tracker,all", admin, "tracker=DESK3&list=all"},
		{"board/all", admin, "list=all"},
		{"board/reporter", reporter, "list=all"},
	} {
		query, err := url.ParseQuery(c.query)
		s.must(err)
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if query.Has("at") {
					_, err = s.api.Tickets(s.ctx, c.actor, query)
				} else {
					_, _, err = s.api.Board(s.ctx, c.actor, query, tracker.States(), 20, 1000)
				}
				s.must(err)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}
