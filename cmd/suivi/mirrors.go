package main

import (
	"context"
	"io"
	"strings"

	"suivi/domain"
	"suivi/eventstore"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
)

// mirrorTools are the tools in which tickets can have twins. names tells people's names.
func mirrorTools(names func(context.Context, []domain.UserID) (map[domain.UserID]string, error)) []mirror.Tool {
	return []mirror.Tool{redmine.New(redmine.Config{Names: names})}
}

// newMirrors makes the mirror of each tool.
func (s *service) newMirrors() map[string]*mirror.Mirror {
	mirrors := map[string]*mirror.Mirror{}
	for _, tool := range mirrorTools(s.accounts.Names) {
		mirrors[tool.Name()] = mirror.New(mirror.Config{
			Tool: tool, Commands: s.commands, Base: func() mirror.Base { return s.reactors }, Logger: s.logger,
			Dependents: func(ctx context.Context, id domain.TicketID) ([]domain.TicketID, error) {
				if err := s.caughtUp(ctx, "dependencies", "ticket-"); err != nil {
					return nil, err
				}
				return s.api.DependentsWithTwins(ctx, tool.Name(), id)
			},
			Trackers:  func(ctx context.Context) ([]domain.TrackerKey, error) { return s.mirrored(ctx, tool.Name()) },
			TicketsOf: s.ticketsOf, TicketURL: s.cfg.ticketURL,
			Content: func(ctx context.Context, file domain.File) (io.ReadCloser, error) {
				return s.files.Content(ctx, file.Hash)
			},
			Receive: func(ctx context.Context, owner domain.UserID, id domain.AttachmentID, name string, content io.Reader) error {
				_, err := s.files.Receive(ctx, owner, id, name, content)
				return err
			},
			PollEvery: s.cfg.mirrorPoll, SweepEvery: s.cfg.mirrorSweep,
		})
	}
	return mirrors
}

// mirrored are the trackers with a mirror of the tool.
func (s *service) mirrored(ctx context.Context, tool string) ([]domain.TrackerKey, error) {
	all, err := s.api.Mirrors(ctx, tool)
	keys := make([]domain.TrackerKey, len(all))
	for i, m := range all {
		keys[i] = m.Tracker
	}
	return keys, err
}

// ticketURL is where people find a ticket; "" where nobody has told what this site is called on the web.
func (c *config) ticketURL(id domain.TicketID) string {
	if c.publicURL == "" {
		return ""
	}
	return strings.TrimRight(c.publicURL, "/") + "/tickets/" + string(id)
}

// caughtUp returns when the read models have what the streams have now.
func (s *service) caughtUp(ctx context.Context, streams ...string) error {
	if err := s.projections.Built(); err != nil {
		return err
	}
	head, err := s.store.Head(ctx, eventstore.Filter{StreamPrefixes: streams})
	if err != nil {
		return err
	}
	return s.projections.Wait(ctx, head)
}

func (s *service) ticketsOf(ctx context.Context, key domain.TrackerKey, after domain.TicketID, limit int) ([]domain.TicketID, error) {
	if after == "" {
		if err := s.caughtUp(ctx, "ticket-"); err != nil {
			return nil, err
		}
	}
	return s.api.TicketsOf(ctx, key, after, limit)
}

func (s *service) mirror(tool string) (*mirror.Mirror, error) {
	m, ok := s.mirrors[tool]
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "tool-not-found", "Suivi mirrors tickets in no tool of the name %q", tool)
	}
	return m, nil
}

// mirrorStatus is the answer of GET /admin/mirrors/{tool}.
type mirrorStatus struct {
	Tool    string                `json:"tool"`
	Reactor integration.Status    `json:"reactor"`
	Mirrors []mirror.State        `json:"mirrors"`
	Drifts  []integration.Drifted `json:"drifts"`
}

func (s *service) mirrorStatus(ctx context.Context, tool string) (mirrorStatus, error) {
	status, err := s.toolStatus(ctx, tool)
	if err != nil {
		return status, err
	}
	all, err := s.api.Mirrors(ctx, tool)
	if err != nil {
		return status, err
	}
	status.Mirrors, err = s.judged(ctx, status, all)
	return status, err
}

// toolStatus is that without the mirrors.
func (s *service) toolStatus(ctx context.Context, tool string) (mirrorStatus, error) {
	status := mirrorStatus{Tool: tool}
	if _, err := s.mirror(tool); err != nil {
		return status, err
	}
	reactors, err := s.reactors.Status(ctx)
	if err != nil {
		return status, err
	}
	for _, r := range reactors {
		if r.Name == tool {
			status.Reactor = r
		}
	}
	status.Drifts, err = s.reactors.Drifts(ctx, tool)
	return status, err
}
