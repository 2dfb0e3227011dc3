package main

import (
	"context"
	"errors"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/web"
)

// edgeOfMirrors shows the mirrors to the HTTP edge.
func (s *service) edgeOfMirrors() web.Mirrors {
	return web.Mirrors{
		Status: func(ctx context.Context, tool string) (any, error) { return s.mirrorStatus(ctx, tool) },
		State: func(ctx context.Context, tool string, in tracker.Tracker, whole bool) (any, error) {
			return s.mirrorState(ctx, tool, in, whole)
		},
		Projects: func(ctx context.Context, tool string, key domain.TrackerKey, draft tracker.Mirror) (any, error) {
			return s.mirrorProjects(ctx, tool, key, draft)
		},
		Check: func(ctx context.Context, tool string, key domain.TrackerKey, draft *tracker.Mirror) (any, error) {
			return s.checkMirror(ctx, tool, key, draft)
		},
		Propose: func(ctx context.Context, tool string, key domain.TrackerKey, draft *tracker.Mirror) (any, error) {
			return s.proposeMirror(ctx, tool, key, draft)
		},
		Order: func(ctx context.Context, tool string, key domain.TrackerKey, kind string, by domain.UserID) (any, error) {
			return s.works.Order(ctx, tool, key, kind, by)
		},
		Cancel:  s.cancelMirrorWork,
		Retry:   s.retryMirror,
		Resolve: s.resolveMirror,
		Replay: func(ctx context.Context, tool string, key domain.TrackerKey) (any, error) {
			n, err := s.replayMirror(ctx, tool, key)
			return mirrorReplay{n}, err
		},
		Hint:    s.hint,
		Secrets: func(ctx context.Context) (any, error) { return s.reactors.Secrets(ctx) },
		Sites:   func(ctx context.Context, key domain.TrackerKey) (any, error) { return s.mirrorSites(ctx, key) },
		SetSecret: func(ctx context.Context, name string, secret web.NewSecret, by domain.By) (any, error) {
			return s.setSecret(ctx, integration.KeptSecret{Name: name, Site: secret.Site, Trackers: secret.Trackers}, secret.Value, by)
		},
		AllowSecret: func(ctx context.Context, name string, trackers []domain.TrackerKey, by domain.By) (any, error) {
			return s.allowSecret(ctx, name, trackers, by)
		},
		RemoveSecret: s.reactors.RemoveSecret,
	}
}

// mirrorReplay is the answer of POST /trackers/{key}/mirrors/{tool}/parked/replay.
type mirrorReplay struct {
	Tickets int `json:"tickets"` // that are tried again
}

// hint tells nobody which tools there are.
func (s *service) hint(ctx context.Context, tool string, key domain.TrackerKey, header func(string) string, body []byte) error {
	m, ok := s.mirrors[tool]
	if !ok {
		return mirror.ErrNotSigned()
	}
	return m.Hint(ctx, key, header, body)
}

func (s *service) mirrorProjects(ctx context.Context, tool string, key domain.TrackerKey, draft tracker.Mirror) ([]mirror.Choice, error) {
	m, err := s.mirror(tool)
	if err != nil {
		return nil, err
	}
	return m.Projects(ctx, key, draft)
}

func (s *service) checkMirror(ctx context.Context, tool string, key domain.TrackerKey, draft *tracker.Mirror) ([]mirror.Problem, error) {
	m, err := s.mirror(tool)
	if refusal, ok := errors.AsType[*domain.Error](err); ok {
		return []mirror.Problem{{Code: refusal.Code, Where: "tool", Detail: refusal.Message}}, nil
	}
	return m.CheckDraft(ctx, key, draft)
}

func (s *service) proposeMirror(ctx context.Context, tool string, key domain.TrackerKey, draft *tracker.Mirror) (mirror.Proposal, error) {
	m, err := s.mirror(tool)
	if err != nil {
		return mirror.Proposal{}, err
	}
	return m.Propose(ctx, key, draft)
}

func (s *service) cancelMirrorWork(ctx context.Context, tool string, key domain.TrackerKey) error {
	return s.reactors.CancelWork(ctx, tool, key)
}

// parkedIn is no error where parked work of the tool is of a ticket of the tracker; that of others is not there.
func (s *service) parkedIn(ctx context.Context, tool string, key domain.TrackerKey, id string) error {
	parked, err := s.reactors.ParkedUnder(ctx, id)
	if err != nil {
		return err
	}
	where, err := s.api.WhereTicketsAre(ctx, []domain.TicketID{parked.Ticket})
	if err == nil && (parked.Reactor != tool || where[parked.Ticket] != key) {
		err = domain.Errorf(domain.NotFound, "parked-not-found", "nothing is parked under %s", id)
	}
	return err
}

func (s *service) retryMirror(ctx context.Context, tool string, key domain.TrackerKey, id string) error {
	if err := s.parkedIn(ctx, tool, key, id); err != nil {
		return err
	}
	_, err := s.reactors.Retry(ctx, id)
	return err
}

func (s *service) resolveMirror(ctx context.Context, tool string, key domain.TrackerKey, id string, by domain.UserID) error {
	if err := s.parkedIn(ctx, tool, key, id); err != nil {
		return err
	}
	_, err := s.reactors.Resolve(ctx, id, by)
	return err
}

// replayMirror has everything tried again that is parked of the tracker's tickets.
func (s *service) replayMirror(ctx context.Context, tool string, key domain.TrackerKey) (tickets int, err error) {
	if _, err := s.mirror(tool); err != nil {
		return 0, err
	}
	unsettled, err := s.reactors.Unsettled(ctx, tool)
	if err != nil {
		return 0, err
	}
	ids := make([]domain.TicketID, len(unsettled))
	for i, p := range unsettled {
		ids[i] = p.Ticket
	}
	where, err := s.api.WhereTicketsAre(ctx, ids)
	if err != nil {
		return 0, err
	}
	for _, p := range unsettled {
		if p.Due() || where[p.Ticket] != key {
			continue
		}
		if _, err := s.reactors.Retry(ctx, p.ID); err != nil && domain.KindOf(err) != domain.NotFound { // it may be done by now
			return tickets, err
		}
		tickets++
	}
	return tickets, nil
}
