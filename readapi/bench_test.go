package readapi_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/rank"
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
		reporter, assignee, comments, reported_at, updated_at, version, rank, events, deleted)
		VALUES ($1, $2, $3, $4, $5, 'The projector shows nothing', $6, $7, '{}', '[]', '[]', '', $8, $9, 1, $10, $11, 5, $12, 6, FALSE)`)
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
			reported, reported.Add(time.Duration(random.IntN(100_000))*time.Minute), []byte(rank.Bottom(reported, int64(number))))
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
