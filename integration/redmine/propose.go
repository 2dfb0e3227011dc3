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

// Proposal is a mapping that people begin with, and what they choose from.
type Proposal struct {
	Mapping    tracker.Mapping `json:"mapping"`
	Statuses   []Status        `json:"statuses"`
	Trackers   []Ref           `json:"trackers"` // of the project
	Priorities []Priority      `json:"priorities"`
	Fields     []CustomField   `json:"fields"`  // empty: only an administrator's key may list them
	Members    []Ref           `json:"members"` // of the project
}

// Propose reads what Redmine has and maps by name what is alike in English or
// French. Of the place, the site, the project, the secret and the tracker count.
// people are those who may be told by name.
func (t *Tool) Propose(ctx context.Context, at mirror.Place, people []domain.UserID) (Proposal, error) {
	s, err := t.visit(ctx, at)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{Trackers: s.project.Trackers, Members: s.rights.members}
	if p.Statuses, err = s.Statuses(ctx); err != nil {
		return p, err
	}
	if p.Priorities, err = s.Priorities(ctx); err != nil {
		return p, err
	}
	if p.Fields, err = s.CustomFields(ctx); err != nil && !hasStatus(err, http.StatusForbidden) {
		return p, err
	}
	p.Mapping = tracker.Mapping{States: p.states(at.Tracker), Fields: map[string]tracker.FieldMapping{}, Fixed: p.fixed(), People: map[domain.UserID]string{}}
	for _, field := range at.Tracker.Fields {
		if to, ok := p.field(field); ok {
			p.Mapping.Fields[field.Code] = to
		}
	}
	names, err := t.cfg.Names(ctx, people)
	if err != nil {
		return p, err
	}
	for _, person := range people {
		if i := slices.IndexFunc(p.Members, func(m Ref) bool { return names[person] != "" && alike(m.Name, names[person]) }); i >= 0 {
			p.Mapping.People[person] = strconv.Itoa(p.Members[i].ID)
		}
	}
	return p, nil
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
func (p Proposal) states(in tracker.Tracker) map[tracker.State]string {
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

func (p Proposal) status(state tracker.State, names []string) (int, bool) {
	fits := func(s Status) bool { return !s.Closed || state.List() == tracker.ResolvedList }
	for _, name := range names {
		if i := slices.IndexFunc(p.Statuses, func(s Status) bool { return fits(s) && name != "" && alike(s.Name, name) }); i >= 0 {
			return p.Statuses[i].ID, true
		}
	}
	// None is called alike: the first that says at least whether it is over.
	over := state.List() == tracker.ResolvedList
	if i := slices.IndexFunc(p.Statuses, func(s Status) bool { return s.Closed == over }); i >= 0 {
		return p.Statuses[i].ID, true
	}
	return 0, false
}

// fixed are the tracker, the usual priority and the custom fields with a name that says what they are for.
func (p Proposal) fixed() map[string]string {
	fixed := map[string]string{FixedFormatting: Textile}
	if len(p.Trackers) > 0 {
		i := slices.IndexFunc(p.Trackers, func(r Ref) bool { return slices.Contains([]string{"support", "assistance"}, strings.ToLower(r.Name)) })
		fixed[FixedTracker] = strconv.Itoa(p.Trackers[max(i, 0)].ID)
	}
	if i := slices.IndexFunc(p.Priorities, func(one Priority) bool { return one.Default }); i >= 0 {
		fixed[FixedPriority] = strconv.Itoa(p.Priorities[i].ID)
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
func (p Proposal) called(names ...string) (CustomField, bool) {
	for _, name := range names {
		if i := slices.IndexFunc(p.Fields, func(f CustomField) bool { return name != "" && alike(f.Name, name) }); i >= 0 {
			return p.Fields[i], true
		}
	}
	return CustomField{}, false
}

// field maps a field to the custom field of its name, or to the priority when its
// options are called as the priorities are. Hidden ones are left to people.
func (p Proposal) field(f tracker.Field) (tracker.FieldMapping, bool) {
	if f.Hidden {
		return tracker.FieldMapping{}, false
	}
	if answers, all := p.priorities(f); all {
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

func (p Proposal) priorities(f tracker.Field) (answers map[string]string, all bool) {
	for _, option := range f.Options {
		for _, one := range p.Priorities {
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
