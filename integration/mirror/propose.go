package mirror

import (
	"context"
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Proposer is a Tool that can say how a mirror's mapping might begin.
type Proposer interface {
	// Propose reads what there is and maps what is called alike. people are the tracker's
	// members, whose names may be compared with names there. It only reads.
	Propose(ctx context.Context, at Place, people []domain.UserID) (Proposal, error)
}

// Proposal is a mapping to begin with, and what there is to choose from instead.
type Proposal struct {
	Mapping tracker.Mapping     `json:"mapping"`
	Choices map[string][]Choice `json:"choices"` // by a word of the tool: status, field
}

// Choice is something on the other side.
type Choice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Propose says how the mapping of the tracker's mirror might begin. What the mirror
// itself maps does not count.
func (m *Mirror) Propose(ctx context.Context, key domain.TrackerKey) (Proposal, error) {
	place, err := m.mirrored(ctx, key)
	if err != nil {
		return Proposal{}, err
	}
	proposer, ok := m.cfg.Tool.(Proposer)
	if !ok {
		return Proposal{}, domain.Errorf(domain.Refused, "no-proposer", "nothing can be proposed for %s; write the mapping by hand", m.name)
	}
	if place.Secret, _, err = m.cfg.Base().SecretFor(ctx, place.Mirror.Secret, place.Mirror.Site); err != nil {
		return Proposal{}, err
	}
	proposal, err := proposer.Propose(ctx, place, slices.Sorted(maps.Keys(place.Tracker.Members)))
	switch {
	case IsMisconfigured(err):
		return proposal, domain.Errorf(domain.Refused, "mirror-does-not-work", "%s", place.Secret.Redact(err.Error()))
	case err != nil:
		return proposal, domain.Errorf(domain.Unavailable, "tool-unavailable", "%s does not answer: %s", m.name, place.Secret.Redact(err.Error()))
	}
	return proposal, nil
}
