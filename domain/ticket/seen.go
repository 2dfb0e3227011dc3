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
// known only where it Brought answers, or is shown as it was in one of them; what
// was answered in a tracker that is not known stays hidden.
func (t Ticket) SeenAs(a domain.Actor, in tracker.Tracker, before ...tracker.Tracker) Ticket {
	if in.SeesHidden(a) {
		return t
	}
	known := append([]tracker.Tracker{in}, before...)
	hides := func(key domain.TrackerKey, code string) bool {
		i := slices.IndexFunc(known, func(k tracker.Tracker) bool { return k.Key == key })
		return i < 0 || known[i].Hides(code)
	}
	t.Answers = maps.Clone(t.Answers)
	maps.DeleteFunc(t.Answers, func(code, _ string) bool { return hides(t.Tracker, code) || in.Hides(code) })
	t.Brought = slices.DeleteFunc(slices.Clone(t.Brought), func(b Brought) bool { return hides(b.From, b.Code) })
	return t
}
