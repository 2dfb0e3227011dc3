package tracker

import (
	"maps"

	"suivi/domain"
)

// Migration is where the tickets of a disabled state go, and who said so. It
// holds as long as the state is disabled: a ticket that comes to the state late,
// by a change that was under way, goes the same way.
type Migration struct {
	To State         `json:"to"`
	By domain.UserID `json:"by"`
}

// MigratesTo tells where a ticket in the state has to go, if it has to: where a
// migration leads from one disabled state to the next, to the end of the way.
func (t Tracker) MigratesTo(s State) (to State, by domain.UserID, ok bool) {
	m, ok := t.Migrations[s]
	if !ok {
		return "", "", false
	}
	by = m.By
	for range States() {
		if t.Enabled(m.To) {
			return m.To, by, true
		}
		m = t.Migrations[m.To]
	}
	return Posted, by, true // the way ends in a state without tickets that was disabled since
}

// keeps tells whether tickets in the state have a place: there, or where they migrate to.
func (t Tracker) keeps(s State) bool {
	_, _, migrates := t.MigratesTo(s)
	return migrates || t.Enabled(s)
}

// migrations are those of the tracker and the new ones, without those from states that are enabled.
func migrations(t Tracker, more map[State]State, by domain.UserID) map[State]Migration {
	if len(t.Migrations)+len(more) == 0 {
		return nil
	}
	all := map[State]Migration{}
	maps.Copy(all, t.Migrations)
	for from, to := range more {
		all[from] = Migration{To: to, By: by}
	}
	maps.DeleteFunc(all, func(from State, _ Migration) bool { return t.Enabled(from) })
	if len(all) == 0 {
		return nil
	}
	return all
}

func checkMigrate(after Tracker, migrate map[State]State, problems *domain.Problems) {
	for from, to := range migrate {
		field := "migrate." + string(from)
		switch {
		case !from.Valid() || !to.Valid():
			problems.Add(field, "unknown-state", "from %q to %q: both must be states", from, to)
		case from == Transferred || to == Transferred:
			problems.Add(field, "cascade-only", "only a cascade changes to or from transferred")
		case after.Enabled(from):
			problems.Add(field, "still-enabled", "%s stays enabled, so its tickets stay", from)
		case !after.Enabled(to):
			problems.Add(field, "state-disabled", "%s is not enabled, so no ticket can go there", to)
		}
	}
}
