package commands

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"suivi/captcha"
	"suivi/domain"
	"suivi/domain/ticket"
)

// challenge notes in the facts whether the challenge is solved. What is wrong
// with the post otherwise is said before the solution is used up. An
// administrator who acts for a person is not asked.
func (h *Handler) challenge(ctx context.Context, c Caller, req Request, post ticket.Post, facts *ticket.Facts) error {
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
	facts.Solved, err = h.cfg.Captcha.Solve(ctx, c.Actor.ID, facts.Tracker.Key, answerOf(post, req))
	return err
}

func answerOf(post ticket.Post, req Request) captcha.Answer {
	return captcha.Answer{ID: post.Solution.ID, Answer: post.Solution.Answer, Form: req.Key}
}

// CheckPost tells what is wrong with a post, as PostTicket would, and posts nothing. A challenge that is
// solved need not be solved again when the request is sent with the same key, soon: that is for
// a form that comes back with a question. Without a key it is not looked at.
func (h *Handler) CheckPost(ctx context.Context, c Caller, req Request, key domain.TrackerKey, post ticket.Post) error {
	facts, err := h.postFacts(ctx, c, key, post)
	if err != nil {
		return err
	}
	look := Request{Command: uuid.New()} // what it claims and gives back is not what the post itself claims
	if err := h.claim(ctx, &facts, look, post); err != nil {
		return err
	}
	facts.Solved = true
	_, err = ticket.Decide(ticket.Ticket{}, post, facts)
	if h.cfg.Files != nil {
		err = errors.Join(err, h.cfg.Files.Release(ctx, look.Command))
	}
	if err != nil || req.Key == "" || c.Via != "" || !facts.Tracker.Challenges(c.Actor) {
		return err
	}
	if facts.Solved, err = h.cfg.Captcha.Prove(ctx, c.Actor.ID, key, answerOf(post, req)); err != nil {
		return err
	}
	_, err = ticket.Decide(ticket.Ticket{}, post, facts)
	return err
}

// ChallengeAgain is a challenge that the person was given and has not answered yet, or proven when
// the request of the key has proven it; domain.NotFound when it is over.
func (h *Handler) ChallengeAgain(ctx context.Context, a domain.Actor, key domain.TrackerKey, id string, req Request) (given captcha.Challenge, proven bool, err error) {
	if err := h.wantsChallenge(ctx, a, key); err != nil {
		return captcha.Challenge{}, false, err
	}
	return h.cfg.Captcha.Look(ctx, a.ID, key, id, req.Key)
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
