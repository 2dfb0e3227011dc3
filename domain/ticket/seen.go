package ticket

import (
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// SeenAs is the ticket as the person may see it who has their rights in the
// tracker in, where the ticket is now: without answers to fields that are hidden
// from them. before are the other trackers that it has been in, which need be
// known only where it Brought answers; what is brought from a tracker that is not
// known stays hidden.
func (t Ticket) SeenAs(a domain.Actor, in tracker.Tracker, before ...tracker.Tracker) Ticket {
	if in.SeesHidden(a) {
		return t
	}
	known := append([]tracker.Tracker{in}, before...)
	hidden := func(b Brought) bool {
		i := slices.IndexFunc(known, func(from tracker.Tracker) bool { return from.Key == b.From })
		return i < 0 || known[i].Hides(b.Code)
	}
	t = t.Without(in.HiddenCodes())
	t.Brought = slices.DeleteFunc(slices.Clone(t.Brought), hidden)
	return t
}

// Without is the ticket without the answers to the fields of the codes.
func (t Ticket) Without(codes []string) Ticket {
	if len(codes) == 0 {
		return t
	}
	t.Answers = maps.Clone(t.Answers)
	maps.DeleteFunc(t.Answers, func(code, _ string) bool { return slices.Contains(codes, code) })
	return t
}
