package ticket

import (
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/tracker"
)

// MaxReason is the longest reason for a raise, and the longest answer, in bytes of UTF-8.
const MaxReason = 4096

// entered takes a ticket that enters the stack to its top, if the tracker wants
// that. Where the end of the stack is follows from when, so that nobody is asked.
func entered(t Ticket, facts Facts) []Event {
	if facts.Tracker.EntersAt() != tracker.AtTop {
		return nil
	}
	return []Event{Ranked{Rank: rank.Top(facts.OccurredAt, t.Number)}}
}

func rankTicket(t Ticket, c Rank, facts Facts) ([]Event, error) {
	if !facts.Tracker.May(facts.Actor, domain.ManagePriority) {
		return nil, rightMissing("rank this ticket")
	}
	return move(t, c.Move, facts)
}

// move is Ranked, or nothing when the ticket stands there already.
func move(t Ticket, to rank.Move, facts Facts) ([]Event, error) {
	if err := checkMove(to); err != nil {
		return nil, err
	}
	switch {
	case t.List != tracker.OpenList:
		return nil, notRanked(t.ID)
	case to.Before == string(t.ID) || to.After == string(t.ID):
		return nil, nil
	case facts.Gap == nil:
		var problems domain.Problems
		problems.Add(beside(to), "not-in-stack", "there is no such ticket in the stack of %s", facts.Tracker.Key)
		return nil, problems.Err()
	case facts.Gap.Holds(t.Rank):
		return nil, nil
	case !facts.Gap.Valid():
		return nil, domain.Errorf(domain.Unavailable, "too-busy", "the stack of %s is being changed; try again", facts.Tracker.Key)
	}
	return []Event{Ranked{Rank: facts.Gap.Key(t.Number)}}, nil
}

func beside(m rank.Move) string {
	if m.Before != "" {
		return "before"
	}
	return "after"
}

func checkMove(m rank.Move) error {
	var problems domain.Problems
	named := 0
	for _, part := range []string{string(m.Step), m.Before, m.After} {
		if part != "" {
			named++
		}
	}
	if named != 1 {
		problems.Add("move", "name-one", "name one of move, before and after")
	}
	if m.Step != "" && !slices.Contains(rank.Steps(), m.Step) {
		problems.Add("move", "unknown-move", "one of %v", rank.Steps())
	}
	return problems.Err()
}

func notRanked(id domain.TicketID) error {
	return domain.Errorf(domain.Refused, "not-in-stack", "%s is closed, and has no rank", id)
}

func requestRaise(t Ticket, c RequestRaise, facts Facts) ([]Event, error) {
	if facts.Actor.ID != t.Reporter && facts.Actor.ID != t.Assignee {
		return nil, domain.Errorf(domain.Forbidden, "right-missing", "a raise is asked for by the reporter and by the assignee")
	}
	if err := checkReason("reason", c.Reason); err != nil {
		return nil, err
	}
	switch {
	case t.List != tracker.OpenList:
		return nil, notRanked(t.ID)
	case slices.Contains(t.Inner.Raises, true):
		return nil, domain.Errorf(domain.Refused, "raise-pending", "a raise of %s has been asked for, and waits for an answer", t.ID)
	}
	return []Event{RaiseRequested{Request: len(t.Inner.Raises) + 1, Reason: strings.TrimSpace(c.Reason), Urgent: c.Urgent}}, nil
}

func grantRaise(t Ticket, c GrantRaise, facts Facts) ([]Event, error) {
	if err := decidesRaise(t, c.Request, facts); err != nil {
		return nil, err
	}
	if c.Move.Step == rank.Lower || c.Move.Step == rank.ToBottom {
		var problems domain.Problems
		problems.Add("move", "not-a-raise", "raise, top, before or after another ticket")
		return nil, problems.Err()
	}
	moved, err := move(t, c.Move, facts)
	if err != nil {
		return nil, err
	}
	return append([]Event{RaiseGranted{Request: c.Request}}, moved...), nil
}

func refuseRaise(t Ticket, c RefuseRaise, facts Facts) ([]Event, error) {
	if err := decidesRaise(t, c.Request, facts); err != nil {
		return nil, err
	}
	if err := checkReason("answer", c.Answer); err != nil {
		return nil, err
	}
	return []Event{RaiseRefused{Request: c.Request, Answer: strings.TrimSpace(c.Answer)}}, nil
}

func decidesRaise(t Ticket, request int, facts Facts) error {
	switch {
	case !facts.Tracker.May(facts.Actor, domain.ManagePriority):
		return rightMissing("decide on raises of this ticket")
	case request < 1 || request > len(t.Inner.Raises):
		return domain.Errorf(domain.NotFound, "raise-request-not-found", "there is no raise request %d on %s", request, t.ID)
	case !t.Inner.Raises[request-1]:
		return domain.Errorf(domain.Refused, "raise-answered", "the raise request %d of %s has been answered", request, t.ID)
	}
	return nil
}

func checkReason(field, text string) error {
	var problems domain.Problems
	switch {
	case strings.TrimSpace(text) == "":
		problems.Add(field, "required", "say why")
	case len(text) > MaxReason:
		problems.Add(field, "too-long", "at most %d bytes", MaxReason)
	case strings.ContainsRune(text, 0):
		problems.Add(field, "not-text", "there is a NUL character in it")
	}
	return problems.Err()
}

// answered leaves what is not there alone, as changed does.
func answered(raises []bool, request int) []bool {
	if request < 1 || request > len(raises) {
		return raises
	}
	raises = slices.Clone(raises)
	raises[request-1] = false
	return raises
}
