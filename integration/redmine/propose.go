package redmine

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// proposal is what there is in Redmine, as far as the key's person is told.
type proposal struct {
	statuses   []Status
	trackers   []Ref // of the project
	priorities []Priority
	fields     []CustomField // empty: only an administrator's key may list them
	formatting string        // "": Redmine does not tell
	members    []Ref         // of the project
}

// Propose maps by name what is alike in English or French.
func (t *Tool) Propose(ctx context.Context, at mirror.Place, people []domain.UserID) (mirror.Proposal, error) {
	s, err := t.visit(ctx, at)
	if err != nil {
		return mirror.Proposal{}, err
	}
	p := proposal{trackers: s.project.Trackers, members: s.rights.members}
	if p.statuses, err = s.Statuses(ctx); err != nil {
		return mirror.Proposal{}, err
	}
	if p.priorities, err = s.Priorities(ctx); err != nil {
		return mirror.Proposal{}, err
	}
	if p.fields, err = s.CustomFields(ctx); err != nil && !hasStatus(err, http.StatusForbidden) {
		return mirror.Proposal{}, err
	}
	if p.formatting, err = s.Formatting(ctx, at.Mirror.Project); err != nil {
		return mirror.Proposal{}, err
	}
	names, err := t.cfg.Names(ctx, people)
	if err != nil {
		return mirror.Proposal{}, err
	}
	mapping := tracker.Mapping{States: p.states(at.Tracker), Fields: map[string]tracker.FieldMapping{}, Fixed: p.fixed(), People: map[domain.UserID]string{}}
	for _, field := range at.Tracker.Fields {
		if to, ok := p.field(field); ok {
			mapping.Fields[field.Code] = to
		}
	}
	for _, person := range people {
		if i := slices.IndexFunc(p.members, func(m Ref) bool { return names[person] != "" && alike(m.Name, names[person]) }); i >= 0 {
			mapping.People[person] = strconv.Itoa(p.members[i].ID)
		}
	}
	return mirror.Proposal{Mapping: mapping, Choices: map[string][]mirror.Choice{
		directionChoices: directions(s.rights), statusChoices: choices(p.statuses), trackerChoices: choices(p.trackers), priorityChoices: choices(p.priorities), fieldChoices: choices(p.fields),
		personChoices: choices(p.members), formattingChoices: {{ID: Textile, Name: "Textile"}, {ID: Markdown, Name: "Markdown"}},
	}}, nil
}

// directions are those that work with the key: who does not see private notes would not hear all.
func directions(r rights) []mirror.Choice {
	all := []mirror.Choice{{ID: string(tracker.Outwards), Name: "Issues follow their tickets"}}
	if r.have(viewPrivate) {
		all = append(all, mirror.Choice{ID: string(tracker.BothWays), Name: "Tickets also hear of what people do to their issues"})
	}
	return all
}

func choices[T interface{ ref() Ref }](of []T) []mirror.Choice {
	all := make([]mirror.Choice, len(of))
	for i, one := range of {
		all[i] = mirror.Choice{ID: strconv.Itoa(one.ref().ID), Name: one.ref().Name}
	}
	return all
}

// statusWords are what statuses are often called that mean the state, the best first.
func statusWords(s tracker.State) []string {
	switch s {
	case tracker.Posted:
		return []string{"new", "nouveau", "posted", "posté"}
	case tracker.Open:
		return []string{"open", "ouvert", "acknowledged", "confirmed", "accepté", "new", "nouveau"}
	case tracker.Working:
		return []string{"in progress", "en cours", "assigned", "assigné", "en travail"}
	case tracker.Blocked:
		return []string{"blocked", "bloqué", "on hold", "en attente", "feedback", "commentaire"}
	case tracker.Waiting:
		return []string{"waiting", "en attente", "feedback", "commentaire", "needs information"}
	case tracker.Testing:
		return []string{"testing", "en test", "to test", "à tester", "resolved", "résolu"}
	case tracker.Published:
		return []string{"published", "publié", "deployed", "livré", "resolved", "résolu"}
	case tracker.Resolved:
		return []string{"resolved", "résolu", "closed", "fermé"}
	case tracker.Validated:
		return []string{"validated", "validé", "verified", "closed", "fermé"}
	case tracker.Abandoned:
		return []string{"abandoned", "abandonné", "rejected", "rejeté", "closed", "fermé"}
	case tracker.Transferred:
		return []string{"transferred", "transféré", "rejected", "rejeté", "closed", "fermé"}
	}
	return nil
}

// states maps every state that the tracker uses. An open state is never mapped to a closed status.
func (p proposal) states(in tracker.Tracker) map[tracker.State]string {
	states := map[tracker.State]string{}
	for _, state := range in.EnabledStates() {
		names := statusWords(state)
		if own := in.Labels[state]; own != (tracker.Label{}) {
			names = slices.Concat([]string{own.EN, own.FR}, names)
		}
		if id, ok := p.status(state, names); ok {
			states[state] = strconv.Itoa(id)
		}
	}
	return states
}

func (p proposal) status(state tracker.State, names []string) (int, bool) {
	fits := func(s Status) bool { return !s.Closed || state.List() == tracker.ResolvedList }
	for _, name := range names {
		if i := slices.IndexFunc(p.statuses, func(s Status) bool { return fits(s) && name != "" && alike(s.Name, name) }); i >= 0 {
			return p.statuses[i].ID, true
		}
	}
	// None is called alike: the first that says at least whether it is over.
	over := state.List() == tracker.ResolvedList
	if i := slices.IndexFunc(p.statuses, func(s Status) bool { return s.Closed == over }); i >= 0 {
		return p.statuses[i].ID, true
	}
	return 0, false
}

// fixed are the tracker, the usual priority and the custom fields with a name that says what they are for.
func (p proposal) fixed() map[string]string {
	fixed := map[string]string{FixedFormatting: cmp.Or(p.formatting, Textile)}
	if len(p.trackers) > 0 {
		i := slices.IndexFunc(p.trackers, func(r Ref) bool { return slices.Contains([]string{"support", "assistance"}, strings.ToLower(r.Name)) })
		fixed[FixedTracker] = strconv.Itoa(p.trackers[max(i, 0)].ID)
	}
	if i := slices.IndexFunc(p.priorities, func(one Priority) bool { return one.Default }); i >= 0 {
		fixed[FixedPriority] = strconv.Itoa(p.priorities[i].ID)
	}
	for word, names := range map[string][]string{
		FixedExternalID: {"external ticket id", "external id", "ticket", "suivi", "identifiant externe"},
		FixedResolution: {"resolution", "résolution", "solution"},
		FixedReportedBy: {"reported by", "reporter", "demandeur", "rapporteur"},
	} {
		if field, ok := p.called(names...); ok {
			fixed[word] = strconv.Itoa(field.ID)
		}
	}
	return fixed
}

// called is the custom field with one of the names, the best first.
func (p proposal) called(names ...string) (CustomField, bool) {
	for _, name := range names {
		if i := slices.IndexFunc(p.fields, func(f CustomField) bool { return name != "" && alike(f.Name, name) }); i >= 0 {
			return p.fields[i], true
		}
	}
	return CustomField{}, false
}

// field maps a field to the custom field of its name, or to the priority when its
// options are called as the priorities are. Hidden ones are left to people.
func (p proposal) field(f tracker.Field) (tracker.FieldMapping, bool) {
	if f.Hidden {
		return tracker.FieldMapping{}, false
	}
	if answers, all := p.asPriority(f); all {
		return tracker.FieldMapping{As: AsPriority, Answers: answers}, true
	}
	custom, ok := p.called(f.Label.EN, f.Label.FR, f.Code)
	if !ok {
		return tracker.FieldMapping{}, false
	}
	to := tracker.FieldMapping{As: AsField, ID: strconv.Itoa(custom.ID)}
	for _, option := range f.Options {
		for _, value := range custom.Options {
			if alike(value.Value, cmp.Or(option.Label.EN, option.Code)) || alike(value.Value, option.Label.FR) {
				to.Answers = put(to.Answers, option.Code, value.Value)
			}
		}
	}
	return to, true
}

func (p proposal) asPriority(f tracker.Field) (answers map[string]string, all bool) {
	for _, option := range f.Options {
		for _, one := range p.priorities {
			if alike(one.Name, option.Label.EN) || alike(one.Name, option.Label.FR) || alike(one.Name, option.Code) {
				answers = put(answers, option.Code, strconv.Itoa(one.ID))
			}
		}
	}
	return answers, len(f.Options) > 0 && len(answers) == len(f.Options)
}

func put(in map[string]string, key, value string) map[string]string {
	if in == nil {
		in = map[string]string{}
	}
	in[key] = value
	return in
}

// alike tells whether two names are the same but for case and blanks.
func alike(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}
