package ticket

import (
	"suivi/domain"
	"suivi/domain/tracker"
)

// automatic tells whether the command is the program's own: no rule of the
// workflow is asked, and no right to change (product.md §3).
func automatic(command Command) bool {
	switch command.(type) {
	case Migrate, See, Copy, Aim, CopyMore, Report, End, Mirror, Match, TakeIn, Forget:
		return true
	}
	return false
}

func decideAutomatic(t Ticket, command Command, facts Facts) ([]Event, error) {
	if c, ok := command.(Copy); ok {
		return decideCopy(t, c, facts)
	}
	if !t.Exists() {
		return nil, domain.ErrNoTicket(t.ID)
	}
	switch command.(type) {
	case Migrate:
		if to, _, ok := facts.Tracker.MigratesTo(t.State); ok {
			return []Event{StateChanged{From: t.State, To: to}}, nil
		}
		return nil, nil
	case See:
		if opens(t, facts.Actor, facts.Tracker) {
			return []Event{StateChanged{From: tracker.Posted, To: tracker.Open}}, nil
		}
		return nil, nil
	case Mirror, Match, TakeIn, Forget:
		return decideOfMirror(t, command, facts)
	}
	return decideOfCascade(t, command, facts)
}

// opens tells whether the ticket is open from now on because the person has
// seen it: they could work on it, and it is not their own. An administrator who
// is no member looks on and takes no notice.
func opens(t Ticket, a domain.Actor, in tracker.Tracker) bool {
	return t.State == tracker.Posted && a.ID != t.Reporter && t.SeenBy(a, in) && in.CanBeAssigned(a.ID) &&
		in.Enabled(tracker.Open) && !in.Archived
}
