package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/helpdesk"
	helpdesklog "suivi/testdata/helpdesk"
	"suivi/web"
)

// demoEnd is where the log is cut at the earliest: a day on which there is much to
// do. The times are moved by whole weeks, so that days of the week stay.
func demoEnd() time.Time { return time.Date(2013, 11, 14, 12, 0, 0, 0, time.UTC) }

const week = 7 * 24 * time.Hour

// demoJobs is how many cases are sent at once; others want to look at pages meanwhile.
const demoJobs = 8

// shift is by how much the log's times are moved.
func (s demoState) shift() time.Duration { return s.Began.Sub(demoEnd()).Truncate(week) }

// filling sends the log to the demo's own service.
type filling struct {
	*demo

	client *client
	logger *slog.Logger
	done   atomic.Int64
	total  int64
}

// fill sends what is missing, and says how far it is. What fails is for the log: the site serves all the same.
func (d *demo) fill(ctx context.Context, c *client, logger *slog.Logger) {
	if d.Filled {
		return
	}
	f := &filling{demo: d, client: c, logger: logger}
	err := f.run(ctx)
	if err == nil {
		d.Filled = true
		err = d.keep()
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		logger.Error("the demo is not filled; start it again to go on", "error", err)
	default:
		logger.Info("the demo is filled", "cases", f.total)
	}
}

func (f *filling) run(ctx context.Context) error {
	log, err := helpdesk.Read(helpdesklog.Open())
	if err != nil {
		return fmt.Errorf("read the log in the program: %w", err)
	}
	desks := demoDesks()
	end := f.Began.Add(-f.shift())
	recent, older := demoCases(log, end)
	f.total = int64(len(recent) + len(older))
	for _, desk := range desks {
		if err := f.desk(ctx, desk); err != nil {
			return fmt.Errorf("make the tracker %s: %w", desk.key, err)
		}
	}
	stop := f.report(ctx)
	defer stop()
	if err := f.cases(ctx, desks, recent); err != nil {
		return err
	}
	f.logger.Info("the demo has its last half year; what was before comes now", "cases", len(recent))
	return f.cases(ctx, desks, older)
}

// report says every few seconds how far the demo is filled.
func (f *filling) report(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				f.logger.Info("the demo is being filled", "cases", f.done.Load(), "of", f.total)
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// desk makes a tracker with its members, fields and parent.
func (f *filling) desk(ctx context.Context, desk demoDesk) error {
	members := map[domain.UserID][]domain.Role{}
	for _, name := range demoStaff() {
		members[f.people[demoEmail(name)]] = demoRoles(name)
	}
	for _, name := range demoReporters() {
		members[f.people[demoEmail(name)]] = []domain.Role{domain.Reporter}
	}
	desk.body["members"] = members
	path := "/trackers/" + string(desk.key)
	calls := []call{{method: http.MethodPost, path: "/trackers", body: desk.body, headers: map[string]string{commands.HeaderKey: "demo:" + string(desk.key)}}}
	for code, field := range desk.fields {
		calls = append(calls, call{method: http.MethodPut, path: path + "/fields/" + url.PathEscape(code), body: field})
	}
	if desk.parent != "" {
		calls = append(calls, call{method: http.MethodPut, path: path + "/parent", body: map[string]any{"parent": desk.parent}})
	}
	for _, c := range calls {
		if _, err := f.client.do(ctx, c, nil); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) cases(ctx context.Context, desks []demoDesk, cases []helpdesk.Case) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(demoJobs)
	for _, c := range cases {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			if err := f.send(ctx, deskOf(desks, c), c); err != nil {
				return fmt.Errorf("%s: %w", c.ID, err)
			}
			f.done.Add(1)
			return nil
		})
	}
	return group.Wait()
}

// send sends the steps of a case in their order.
func (f *filling) send(ctx context.Context, desk demoDesk, c helpdesk.Case) error {
	draw := demoDraw(c.ID)
	var id domain.TicketID
	for _, step := range helpdesk.Plan(c) {
		what, ok := f.call(desk, id, step, draw)
		if !ok {
			continue
		}
		what.headers[commands.HeaderKey] = "demo:" + step.Key(desk.key, c.ID)
		what.headers[web.HeaderOccurredAt] = step.At.Add(f.shift()).Format(time.RFC3339Nano)
		var said struct {
			ID domain.TicketID `json:"id"`
		}
		if _, err := f.client.do(ctx, what, &said); err != nil {
			return err
		}
		if step.Kind == helpdesk.Post {
			id = said.ID
		}
	}
	return nil
}

// call is the request of a step, by somebody who has the right to it; false for a
// step that the demo does without.
func (f *filling) call(desk demoDesk, id domain.TicketID, step helpdesk.Step, draw int) (call, bool) {
	who := demoStaff()[staffOf(step.Resource)]
	path := "/tickets/" + string(id)
	c := call{method: http.MethodPost}
	switch step.Kind {
	case helpdesk.Post:
		who = pick(demoReporters(), draw)
		topic := pick(desk.topics, draw)
		answers := map[string]string{}
		if topic.kind != "" {
			answers["kind"] = topic.kind
		}
		if topic.room != "" {
			answers["room"] = topic.room
		}
		c.path, c.body = "/trackers/"+string(desk.key)+"/tickets", map[string]any{"summary": topic.summary, "description": topic.description, "answers": answers}
	case helpdesk.Assign:
		c.method, c.path, c.body = http.MethodPut, path+"/assignee", map[string]any{"user": f.people[demoEmail(who)]}
		who = demoManager
	case helpdesk.State:
		body := map[string]any{"to": step.To}
		if step.To == tracker.Waiting {
			body["comment"] = pick(demoQuestions(), draw+step.Row)
		}
		if step.To == tracker.Resolved {
			body["resolution"] = pick(demoSolutions(), draw)
		}
		if who == demoDeveloper && step.To.List() == tracker.ResolvedList {
			who = demoManager
		}
		c.path, c.body = path+"/state", body
	case helpdesk.Comment:
		c.path, c.body = path+"/comments", map[string]any{"body": pick(demoRemarks(), draw+step.Row)}
	case helpdesk.Edit:
		return c, false
	}
	c.headers = map[string]string{web.HeaderActor: string(f.people[demoEmail(who)])}
	return c, true
}

// staffOf is whom of the staff a name of the log stands for: "Value 7" for the seventh.
func staffOf(resource string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(resource, "Value "))
	if err != nil || n < 1 {
		return 0
	}
	return (n - 1) % len(demoStaff())
}

// demoDraw is a number that looks drawn, and is the same for a case each time.
func demoDraw(caseID string) int {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(caseID)) // never fails
	return int(sum.Sum32() >> 1)
}

func pick[T any](from []T, draw int) T { return from[draw%len(from)] }
