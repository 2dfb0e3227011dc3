package ticket

import (
	"cmp"
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/tracker"
)

// Moved hands the ticket over to another tracker. Its id stays. Whoever watches it
// goes on to do so, and is told as of an assignment: others take care of it now.
type Moved struct {
	From    domain.TrackerKey `json:"from"`
	To      domain.TrackerKey `json:"to"`
	Answers map[string]string `json:"answers,omitempty"` // all that it answers there
	Brought []Brought         `json:"brought,omitempty"` // all that fits no field there
}

// Brought is an answer to a field of a tracker that the ticket was in before. It
// is kept as it was, and nobody edits it.
type Brought struct {
	From   domain.TrackerKey `json:"from"`
	Code   string            `json:"code"`
	Answer string            `json:"answer"`
}

// Move hands the ticket to the parent of its tracker, or to one right below it.
type Move struct{ To domain.TrackerKey }

func (Moved) ticketEvent() string { return movedV1 }
func (Move) ticketCommand()       {}

// moveTicket is for who may move tickets here and post there. An assignee who
// cannot be one there is replaced, which makes the ticket new, as does a state
// that is not used there.
func moveTicket(t Ticket, c Move, facts Facts) ([]Event, error) {
	if !facts.Tracker.May(facts.Actor, domain.Move) {
		return nil, rightMissing("move this ticket")
	}
	if c.To == t.Tracker {
		return nil, nil
	}
	if err := checkTarget(t, c.To, facts); err != nil {
		return nil, err
	}
	moved := Moved{From: t.Tracker, To: c.To}
	moved.Answers, moved.Brought = carried(t, facts)
	facts.Tracker = facts.Target
	events := []Event{moved}
	after := t.after(events, facts)
	events = append(events, after.removeAll(after.lost)...)
	replaced := after.replaceAssignee(facts)
	events = append(events, replaced...)
	if renew := len(replaced) > 0 || !facts.Tracker.Enabled(t.State); renew && t.State != tracker.Posted {
		events = append(events, StateChanged{From: t.State, To: tracker.Posted})
	}
	if t.after(events, facts).List == tracker.OpenList {
		events = append(events, entered(t, facts)...)
	}
	return events, nil
}

// checkTarget tells why the ticket cannot go to the tracker of the key, if so. One
// that the actor does not see answers like one that does not exist.
func checkTarget(t Ticket, to domain.TrackerKey, facts Facts) error {
	in, target := facts.Tracker, facts.Target
	switch {
	case !target.Sees(facts.Actor):
		var problems domain.Problems
		problems.Add("tracker", "unknown-tracker", "there is no tracker %s", to)
		return problems.Err()
	case target.Parent != in.Key && in.Parent != target.Key:
		return domain.Errorf(domain.Refused, "not-adjacent", "tickets of %s move to its parent and to the trackers right below it; %s is none of them", in.Key, to)
	case target.Archived:
		return tracker.ErrArchived(to)
	case t.State == tracker.Transferred:
		return domain.Errorf(domain.Refused, "ticket-transferred", "%s is handled in the parent tracker; bring it back first", t.ID)
	case !target.May(facts.Actor, domain.Post):
		return domain.Errorf(domain.Forbidden, "right-missing", "none of your roles may post in %s", to)
	}
	return nil
}

// replaceAssignee gives a ticket that has come to the tracker of facts to its
// default assignee, or to nobody, if its own cannot be one there.
func (t Ticket) replaceAssignee(facts Facts) []Event {
	first := facts.Tracker.DefaultAssignee
	switch {
	case t.Assignee == "" || facts.Tracker.CanBeAssigned(t.Assignee):
		return nil
	case !facts.Tracker.CanBeAssigned(first):
		return []Event{Unassigned{Previous: t.Assignee}}
	}
	return append([]Event{Assigned{Assignee: first, Previous: t.Assignee}}, t.subscribe(domain.Actor{ID: first}, becauseAssigned, facts)...)
}

// carried is what the ticket answers in the target, and what it only brings along.
// An answer goes to the field of its code that takes it and is asked there. What
// it brought from earlier trackers is tried again, after its present answers.
func carried(t Ticket, facts Facts) (map[string]string, []Brought) {
	var all []Brought
	for _, code := range slices.Sorted(maps.Keys(t.Answers)) {
		all = append(all, Brought{t.Tracker, code, t.Answers[code]})
	}
	answers, taken := map[string]string{}, map[string]Brought{}
	var left []Brought
	for _, b := range append(all, t.Brought...) {
		answer, fits := facts.takes(b)
		if _, there := taken[b.Code]; fits && !there {
			answers[b.Code], taken[b.Code] = answer, b
		} else {
			left = append(left, b)
		}
	}
	for _, f := range facts.Target.Fields {
		if b, there := taken[f.Code]; there && !facts.Target.Asks(f, answers) {
			delete(answers, f.Code)
			left = append([]Brought{b}, left...)
		}
	}
	return answers, eachOnce(left)
}

// takes tells whether the target takes the answer, and in which form.
func (f Facts) takes(b Brought) (string, bool) {
	for _, in := range append([]tracker.Tracker{f.Tracker}, f.Before...) {
		if in.Key == b.From {
			of, _ := in.Ever(b.Code)
			of.Code = b.Code
			return f.Target.Takes(of, b.Answer)
		}
	}
	return "", false
}

// eachOnce has one answer to each field, the newest, in a fixed order.
func eachOnce(all []Brought) []Brought {
	same := func(a, b Brought) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Code, b.Code)) }
	slices.SortStableFunc(all, same)
	return slices.CompactFunc(all, func(a, b Brought) bool { return same(a, b) == 0 })
}

// movedTo leaves one stack and enters the other, at the bottom unless Ranked follows.
func (t Ticket) movedTo(e Moved, meta domain.Meta) Ticket {
	if !slices.Contains(t.Before, e.From) {
		t.Before = append(slices.Clip(t.Before), e.From)
	}
	t.Tracker, t.Brought = e.To, e.Brought
	t.Answers = maps.Clone(e.Answers)
	if t.Answers == nil {
		t.Answers = map[string]string{}
	}
	if t.List == tracker.OpenList {
		t.Rank = rank.Bottom(meta.OccurredAt, t.Number)
	}
	return t
}
