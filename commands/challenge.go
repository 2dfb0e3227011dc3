package commands

import (
	"context"

	"suivi/captcha"
	"suivi/domain"
	"suivi/domain/ticket"
)

// challenge notes in the facts whether the challenge is solved. What is wrong
// with the post otherwise is said before the solution is used up. An
// administrator who acts for a person is not asked.
func (h *Handler) challenge(ctx context.Context, c Caller, post ticket.Post, facts *ticket.Facts) error {
	if !facts.Tracker.Challenges(c.Actor) {
		return nil
	}
	facts.Solved = true
	if c.Via != "" {
		return nil
	}
	if _, err := ticket.Decide(ticket.Ticket{}, post, *facts); err != nil {
		return err
	}
	var err error
	facts.Solved, err = h.cfg.Captcha.Solve(ctx, c.Actor.ID, facts.Tracker.Key, post.Solution.ID, post.Solution.Answer)
	return err
}

// Challenge gives the person a challenge for posting in a tracker that wants one of them.
func (h *Handler) Challenge(ctx context.Context, a domain.Actor, key domain.TrackerKey) (captcha.Challenge, error) {
	if err := h.wantsChallenge(ctx, a, key); err != nil {
		return captcha.Challenge{}, err
	}
	return h.cfg.Captcha.New(ctx, a.ID, key)
}

// SpokenChallenge is the person's challenge as a WAV file.
func (h *Handler) SpokenChallenge(ctx context.Context, a domain.Actor, key domain.TrackerKey, id string) ([]byte, error) {
	if err := h.wantsChallenge(ctx, a, key); err != nil {
		return nil, err
	}
	return h.cfg.Captcha.Audio(ctx, a.ID, key, id)
}

func (h *Handler) wantsChallenge(ctx context.Context, a domain.Actor, key domain.TrackerKey) error {
	desk, err := h.desk(ctx, key)
	switch {
	case err != nil:
		return err
	case !desk.Sees(a):
		return domain.ErrNoTracker(key)
	case !desk.Challenges(a):
		return domain.Errorf(domain.NotFound, "captcha-not-found", "the tracker %s wants no challenge of you", key)
	}
	return nil
}
