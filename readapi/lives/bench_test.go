package lives

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// large are 100,000 tickets of five trackers with four changes each, over thirty months.
func large() View {
	random := rand.New(rand.NewPCG(5, 5))
	start := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	var n news
	for i := range 100_000 {
		id := domain.TicketID("HELP-" + strconv.Itoa(i+1))
		at := start.Add(time.Duration(random.IntN(30*30*24*60)) * time.Minute)
		row := ticketRow{
			ID: id, Tracker: domain.TrackerKey("T" + strconv.Itoa(i%5)), Number: int64(i + 1), Reporter: domain.UserID(strconv.Itoa(random.IntN(2000))),
			Assignee: domain.UserID("s" + strconv.Itoa(random.IntN(60))), State: tracker.Posted, ReportedAt: at, AnsweredAt: &at, Changed: int64(i + 1),
		}
		for range 4 {
			at = at.Add(time.Duration(random.ExpFloat64() * float64(20*time.Hour)))
			to := tracker.States()[random.IntN(11)]
			n.changes = append(n.changes, changeRow{id, row.State, to, at})
			row.State = to
		}
		n.owners = append(n.owners, ownerRow{id, row.Assignee, at})
		row.UpdatedAt = at
		n.tickets = append(n.tickets, row)
	}
	l := New(nil)
	l.all.take(n)
	return View{l.all, &l.room}
}

func BenchmarkViews(b *testing.B) {
	v := large()
	w := Which{Sees: Sees{All: true}}
	day := func(n int) *time.Time { return new(time.Date(2025, 3, n, 0, 0, 0, 0, time.UTC)) }
	months := make([]time.Time, 13)
	for i := range months {
		months[i] = time.Date(2025, time.Month(1+i), 1, 0, 0, 0, 0, time.UTC)
	}
	for name, look := range map[string]func(){
		"Count":         func() { v.Count(w) },
		"CountTracker":  func() { v.Count(Which{Sees: w.Sees, Trackers: []domain.TrackerKey{"T3"}}) },
		"CountReporter": func() { v.Count(Which{Sees: w.Sees, Reporters: []domain.UserID{"77"}}) },
		"CountMember": func() {
			v.Count(Which{Sees: Sees{Person: "s3", Whole: []domain.TrackerKey{"T3"}, In: []domain.TrackerKey{"T4"}}})
		},
		"CountDays":    func() { v.Count(Which{Sees: w.Sees, From: day(1), To: day(20)}) },
		"Shares":       func() { v.Shares(w) },
		"Months":       func() { v.Months(w, months) },
		"Times":        func() { v.Times(w, *day(1)) },
		"PageByState":  func() { v.Page(w, Order{By: ByState}, nil, 51) },
		"PageByUpdate": func() { v.Page(w, Order{By: ByUpdate, Descending: true}, nil, 51) },
		"PageThen": func() {
			v.Page(Which{Sees: w.Sees, States: []tracker.State{tracker.Waiting}, Assignees: []domain.UserID{"77"}, Then: day(1)}, Order{By: ByReport}, nil, 51)
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				look()
			}
		})
	}
}
