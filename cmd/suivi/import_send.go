package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"suivi/commands"
	"suivi/domain"
	"suivi/eventstore"
	"suivi/integration/helpdesk"
	"suivi/web"
)

// importer sends the steps of a log to a tracker. Each goes through the same
// commands as everybody's, as the person of the log and at the time of the log.
type importer struct {
	client *client
	key    domain.TrackerKey
	jobs   int
	people map[string]domain.UserID // by Resource

	mu      sync.Mutex
	tickets map[string]domain.TicketID // by case
	sentBy  map[helpdesk.Kind]stepCount
	last    eventstore.Position // the furthest that an answer named
}

// stepCount is how many steps were answered, and how many of these had been carried out before.
type stepCount struct {
	Sent  int `json:"sent"`
	Again int `json:"again"`
}

// sendAll sends every case, the steps of one in order, up to jobs cases at a
// time in the order of the file. It stops at the first step that fails.
func (in *importer) sendAll(ctx context.Context, log *helpdesk.Log, shown *progress) error {
	in.tickets, in.sentBy = map[string]domain.TicketID{}, map[helpdesk.Kind]stepCount{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(in.jobs)
	for _, c := range log.Cases {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return in.sendCase(ctx, c, shown) })
	}
	return group.Wait()
}

func (in *importer) sendCase(ctx context.Context, c helpdesk.Case, shown *progress) error {
	var id domain.TicketID
	for _, step := range helpdesk.Plan(c) {
		var said struct {
			ID domain.TicketID `json:"id"`
		}
		header, err := in.client.do(ctx, in.call(c.ID, id, step), &said)
		if hasCode(err, "idempotency-key-reused") {
			return fmt.Errorf("line %d, %s: the file says something else than when it was imported before; import it into another tracker with --tracker: %w",
				step.Line, c.ID, err)
		}
		if err != nil {
			return fmt.Errorf("line %d, %s (%s): %w", step.Line, c.ID, step.Kind, err)
		}
		if step.Kind == helpdesk.Post {
			id = said.ID
		}
		in.note(c.ID, id, step.Kind, header)
		shown.add(1)
	}
	return nil
}

// call is the request of a step. What it says depends on the file and on ids
// that stay, so that the service knows it again.
func (in *importer) call(caseID string, id domain.TicketID, step helpdesk.Step) call {
	c := call{
		method: http.MethodPost, path: "/tickets/" + string(id),
		headers: map[string]string{
			commands.HeaderKey:   step.Key(in.key, caseID),
			web.HeaderActor:      string(in.people[step.Resource]),
			web.HeaderOccurredAt: step.At.Format(time.RFC3339Nano),
		},
	}
	switch step.Kind {
	case helpdesk.Post:
		c.path = in.trackerPath() + "/tickets"
		c.body = map[string]any{"summary": step.Summary, "answers": step.Answers}
	case helpdesk.Edit:
		c.method = http.MethodPatch
		c.body = map[string]any{"answers": step.Answers}
	case helpdesk.Assign:
		c.method, c.path = http.MethodPut, c.path+"/assignee"
		c.body = map[string]any{"user": in.people[step.Resource]}
	case helpdesk.State:
		c.path += "/state"
		c.body = map[string]any{"to": step.To, "comment": step.Comment}
	case helpdesk.Comment:
		c.path += "/comments"
		c.body = map[string]any{"body": step.Comment}
	}
	return c
}

func (in *importer) note(caseID string, id domain.TicketID, kind helpdesk.Kind, header http.Header) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.tickets[caseID] = id
	n := in.sentBy[kind]
	n.Sent++
	if header.Get(commands.HeaderReplayed) == "true" {
		n.Again++
	}
	in.sentBy[kind] = n
	if at, err := eventstore.ParsePosition(header.Get(commands.HeaderPosition)); err == nil && at.Compare(in.last) > 0 {
		in.last = at
	}
}

// sent is how many steps were answered.
func (in *importer) sent() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	sum := 0
	for _, n := range in.sentBy {
		sum += n.Sent
	}
	return sum
}
