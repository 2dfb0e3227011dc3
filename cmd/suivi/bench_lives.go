package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/web"
)

// The people of the tracker that lists and pages are measured with, and for how long it has been used.
const (
	benchStaff     = 40
	benchReporters = 400
	benchMonths    = 30
)

// lives is a tracker that a desk has used for years: its people, and how its tickets went.
type lives struct {
	key       string
	staff     []domain.UserID
	reporters []domain.UserID
	began     time.Time
	tickets   int
}

// settle makes the people of the tracker and the tracker.
func (b *bencher) settle(ctx context.Context) (*lives, error) {
	l := &lives{key: b.desk, began: time.Now().UTC().AddDate(0, -benchMonths, 0), tickets: b.tickets}
	members := map[domain.UserID][]domain.Role{}
	for n := range benchStaff + benchReporters {
		var made struct{ ID domain.UserID }
		_, err := b.client.do(ctx, call{method: http.MethodPost, path: "/people", body: map[string]any{
			"name": fmt.Sprintf("Bench %03d", n+1), "email": fmt.Sprintf("%s-%d@example.org", strings.ToLower(b.desk), n+1),
		}}, &made)
		if err != nil {
			return nil, err
		}
		role, group := domain.Developer, &l.staff
		if n >= benchStaff {
			role, group = domain.Reporter, &l.reporters
		}
		*group, members[made.ID] = append(*group, made.ID), []domain.Role{role}
	}
	_, err := b.client.do(ctx, call{method: http.MethodPost, path: "/trackers", body: map[string]any{
		"key": b.desk, "name": "Bench", "mode": domain.Bugtracker, "workflow": tracker.Relaxed, "members": members,
	}}, nil)
	return l, err
}

// fill gives the tracker its tickets, each with its life: most of them are resolved.
func (b *bencher) fill(ctx context.Context) error {
	of, err := b.settle(ctx)
	if err != nil {
		return err
	}
	b.say("giving %d tickets a life", b.tickets)
	shown := newProgress(b.errOut, "tickets", int64(b.tickets))
	defer shown.end()
	l, err := newLean(b.client)
	if err != nil {
		return err
	}
	defer l.host.CloseIdleConnections()
	group, under := errgroup.WithContext(ctx)
	group.SetLimit(64) //nolint:mnd // as many as the posts' clients
	for n := 1; n <= b.tickets && under.Err() == nil; n++ {
		group.Go(func() error {
			defer shown.add(1)
			return of.live(l, n)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	b.report.Tickets = b.tickets
	last := time.Now()
	err = b.caughtUp(ctx)
	b.report.CaughtUp = time.Since(last).Seconds()
	return err
}

// live is the life of the nth ticket, the same in each bench: it is posted, given to somebody and worked
// on; nine in ten are resolved, in the end most of all; every other one is talked about.
func (l *lives) live(to *lean, n int) error {
	chance := rand.New(rand.NewPCG(uint64(n), 0)) //nolint:gosec // no secret
	at := l.began.Add(time.Since(l.began) / time.Duration(l.tickets+1) * time.Duration(n))
	reporter, staff := l.reporters[chance.IntN(len(l.reporters))], l.staff[chance.IntN(len(l.staff))]
	var ticket struct {
		ID domain.TicketID `json:"id"`
	}
	do := func(actor domain.UserID, method, path string, body any) error {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		answer, err := to.do(method, path, text, web.HeaderActor, string(actor), web.HeaderOccurredAt, at.Format(time.RFC3339Nano))
		if err == nil && ticket.ID == "" {
			err = json.Unmarshal(answer.body, &ticket)
		}
		if at = at.Add(time.Duration(chance.ExpFloat64() * float64(pause(at)))); at.After(time.Now()) {
			at = time.Now()
		}
		return err
	}
	if err := do(reporter, http.MethodPost, "/trackers/"+l.key+"/tickets", map[string]any{"summary": benchText(chance, 6), "description": benchText(chance, 40)}); err != nil {
		return err
	}
	path := "/tickets/" + string(ticket.ID)
	if err := do(staff, http.MethodPut, path+"/assignee", map[string]any{"user": staff}); err != nil {
		return err
	}
	if chance.IntN(2) == 0 {
		if err := do(staff, http.MethodPost, path+"/comments", map[string]any{"body": benchText(chance, 20)}); err != nil {
			return err
		}
	}
	for _, state := range course(chance) {
		if err := do(staff, http.MethodPost, path+"/state", map[string]any{"to": state}); err != nil {
			return err
		}
	}
	return nil
}

// pause is how long it takes on average until something happens again, so that new tickets go through as much as old ones.
func pause(at time.Time) time.Duration {
	return min(30*time.Hour, time.Since(at)/20) //nolint:mnd // twenty times the average hardly happens
}

// course are the states that a ticket goes through after it was posted.
func course(chance *rand.Rand) []tracker.State {
	one := func(states ...tracker.State) tracker.State { return states[chance.IntN(len(states))] }
	switch n := chance.IntN(100); {
	case n < 2: //nolint:mnd // of a hundred
		return nil
	case n < 9: //nolint:mnd // likewise
		return []tracker.State{tracker.Open, one(tracker.Working, tracker.Blocked, tracker.Waiting, tracker.Testing)}
	case n < 20: //nolint:mnd // likewise
		return []tracker.State{tracker.Open, tracker.Abandoned}
	default:
		return []tracker.State{tracker.Open, tracker.Working, one(tracker.Resolved, tracker.Resolved, tracker.Validated)}
	}
}

// benchText is a text of so many words, of which some are in nearly every text and others in few.
func benchText(chance *rand.Rand, words int) string {
	const vocabulary = "the print in room it not does and shows since again screen network class printer nothing exam Monday password scanner " +
		"account projector keyboard course login battery Moodle cable headset licence monitor tablet timetable printing backup quiz firmware gradebook microphone plugin certificate"
	all := strings.Fields(vocabulary)
	often := rand.NewZipf(chance, 1.2, 1, uint64(len(all)-1)) //nolint:mnd // as words are
	var text strings.Builder
	for range words {
		text.WriteString(all[often.Uint64()])
		text.WriteByte(' ')
	}
	fmt.Fprintf(&text, "%d", chance.IntN(1000)) //nolint:mnd // the number of a room
	return text.String()
}
