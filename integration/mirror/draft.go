package mirror

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// askFor bounds how long a tool is asked for somebody who waits for the answer.
const askFor = 10 * time.Second

// A draft is a mirror that need not be set, as in a form that is being filled in. A tool is asked about one
// only where an administrator keeps a secret for its site: nobody else can have
// Suivi call an address.

// Form is what there is to fill in of a mapping of the tool.
func (m *Mirror) Form() (Form, error) {
	proposer, err := m.proposer()
	if err != nil {
		return Form{}, err
	}
	return proposer.Form(), nil
}

func (m *Mirror) proposer() (Proposer, error) {
	proposer, ok := m.cfg.Tool.(Proposer)
	if !ok {
		return nil, domain.Errorf(domain.Refused, "no-proposer", "nothing can be proposed for %s; write the mapping by hand", m.name)
	}
	return proposer, nil
}

// Projects lists the projects at the draft's site; of the draft only site and secret count.
func (m *Mirror) Projects(ctx context.Context, key domain.TrackerKey, draft tracker.Mirror) ([]Choice, error) {
	var all []Choice
	err := m.ask(ctx, key, &draft, func(ctx context.Context, place Place, proposer Proposer) (err error) {
		all, err = proposer.Projects(ctx, place)
		return err
	})
	return append([]Choice{}, all...), err
}

// Propose says how the mapping of the tracker's mirror might begin, or that of the draft;
// nil: the one that is set. What the mirror itself maps does not count.
func (m *Mirror) Propose(ctx context.Context, key domain.TrackerKey, draft *tracker.Mirror) (Proposal, error) {
	var proposal Proposal
	err := m.ask(ctx, key, draft, func(ctx context.Context, place Place, proposer Proposer) (err error) {
		proposal, err = proposer.Propose(ctx, place, slices.Sorted(maps.Keys(place.Tracker.Members)))
		return err
	})
	return proposal, err
}

// ask asks the tool what there is; its errors are for people, without the secret.
func (m *Mirror) ask(ctx context.Context, key domain.TrackerKey, draft *tracker.Mirror, question func(context.Context, Place, Proposer) error) error {
	place, err := m.placeOf(ctx, key, draft)
	if err != nil {
		return err
	}
	proposer, err := m.proposer()
	if err != nil {
		return err
	}
	if place.Secret, _, err = m.cfg.Base().SecretFor(ctx, place.Mirror.Secret, place.Tracker.Key, place.Mirror.Site); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	switch err := question(ctx, place, proposer); {
	case IsMisconfigured(err):
		return domain.Errorf(domain.Refused, "mirror-does-not-work", "%s", place.Secret.Redact(err.Error()))
	case err != nil:
		return m.silent(place, err)
	}
	return nil
}

// placeOf is the place of the draft, or of the mirror that is set.
func (m *Mirror) placeOf(ctx context.Context, key domain.TrackerKey, draft *tracker.Mirror) (Place, error) {
	if draft == nil {
		return m.mirrored(ctx, key)
	}
	desk, err := m.cfg.Commands.Desk(ctx, key)
	place := Place{Tracker: desk, Mirror: draft.Tidy()}
	place.Mirror.Tool = m.name
	return place, err
}

// silent is the error of a tool that cannot be asked.
func (m *Mirror) silent(place Place, err error) error {
	why := place.Secret.Redact(err.Error())
	if errors.Is(err, context.DeadlineExceeded) {
		why = "it takes too long"
	}
	return domain.Errorf(domain.Unavailable, "tool-unavailable", "%s does not answer: %s", m.name, why)
}

// Check tells all that keeps the tracker's mirror from working. It sends nothing but questions.
func (m *Mirror) Check(ctx context.Context, key domain.TrackerKey) ([]Problem, error) {
	return m.CheckDraft(ctx, key, nil)
}

// CheckDraft is Check of a draft; nil: of the mirror that is set.
func (m *Mirror) CheckDraft(ctx context.Context, key domain.TrackerKey, draft *tracker.Mirror) ([]Problem, error) {
	place, err := m.placeOf(ctx, key, draft)
	if err != nil {
		return nil, err
	}
	place.Secret, _, err = m.cfg.Base().SecretFor(ctx, place.Mirror.Secret, place.Tracker.Key, place.Mirror.Site)
	if refusal, ok := errors.AsType[*domain.Error](err); ok && refusal.Kind == domain.Refused {
		return []Problem{{Code: refusal.Code, Where: "secret", Detail: refusal.Message, Mend: "An administrator sets it: on the page of secrets, or by suivi secret set."}}, nil
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	problems, err := m.cfg.Tool.Check(ctx, place)
	if err != nil {
		return nil, m.silent(place, err)
	}
	return append([]Problem{}, problems...), nil
}
