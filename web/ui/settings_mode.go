package ui

import (
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// modeChoice is a mode, and what would be different if the tracker had it.
type modeChoice struct {
	Mode    domain.Mode
	Label   string
	Chosen  bool
	Now     bool
	Changes []string
}

func (p *page) modeChoices(in tracker.Tracker, chosen domain.Mode) []modeChoice {
	choices := make([]modeChoice, 0, len(domain.Modes()))
	for _, mode := range domain.Modes() {
		then := in
		then.Mode = mode
		choices = append(choices, modeChoice{mode, p.say("mode." + string(mode)), mode == chosen, mode == in.Mode, p.modeChanges(in, then)})
	}
	return choices
}

// modeChanges says what differs between the tracker now and then, each in a sentence.
// What was set by hand stays, and is no difference.
func (p *page) modeChanges(now, then tracker.Tracker) []string {
	var changes []string
	for _, role := range domain.Roles() {
		if gained := p.rightsOnlyOf(then, now, role); gained != "" {
			changes = append(changes, p.say("settings.mode.gains", "role", p.say("role."+string(role)), "rights", gained))
		}
		if lost := p.rightsOnlyOf(now, then, role); lost != "" {
			changes = append(changes, p.say("settings.mode.loses", "role", p.say("role."+string(role)), "rights", lost))
		}
	}
	if on := p.statesOnlyOf(then, now); on != "" {
		changes = append(changes, p.say("settings.mode.states-on", "states", on))
	}
	if off := p.statesOnlyOf(now, then); off != "" {
		changes = append(changes, p.say("settings.mode.states-off", "states", off))
	}
	if n := len(now.Compare(then)); n > 0 && now.Workflow == tracker.Strict && now.ChosenRules == nil {
		changes = append(changes, p.say("settings.mode.rules"))
	}
	if before, after := p.label(now.Thanks()), p.label(then.Thanks()); before != after {
		changes = append(changes, p.say("settings.mode.thanks", "text", after))
	}
	return changes
}

func (p *page) rightsOnlyOf(in, not tracker.Tracker, role domain.Role) string {
	var names []string
	for _, right := range domain.Rights() {
		if roles := []domain.Role{role}; in.Policy().Holds(roles, right) && !not.Policy().Holds(roles, right) {
			names = append(names, p.say("right."+string(right)))
		}
	}
	return strings.Join(names, ", ")
}

func (p *page) statesOnlyOf(in, not tracker.Tracker) string {
	var names []string
	for _, s := range in.EnabledStates() {
		if !not.Enabled(s) {
			names = append(names, p.state(s, in).Label)
		}
	}
	return strings.Join(names, ", ")
}
