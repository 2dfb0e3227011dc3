package ticket

import (
	"fmt"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Decide turns a command into events, or says why not. No events means that
// the ticket already is as the command wants it.
func Decide(t Ticket, command Command, facts Facts) ([]Event, error) {
	if c, ok := command.(Post); ok {
		return decidePost(t, c, facts)
	}
	if automatic(command) {
		return decideAutomatic(t, command, facts)
	}
	_, undeletes := command.(Undelete)
	if sees := t.SeenBy(facts.Actor, facts.Tracker) || undeletes && facts.Actor.Admin; !sees || !t.Exists() {
		return nil, domain.ErrNoTicket(t.ID)
	}
	if err := checkBulk(command, facts); err != nil {
		return nil, err
	}
	if facts.OccurredAt.Before(t.Inner.LastAt) {
		return nil, domain.Errorf(domain.Invalid, "before-last-change",
			"%s was last changed at %s; a ticket's history does not go back", t.ID, t.Inner.LastAt.Format("2006-01-02T15:04:05.999Z07:00"))
	}
	if err := checkSwitches(facts.Tracker, command); err != nil {
		return nil, err
	}
	switch c := command.(type) {
	case Edit:
		return decideEdit(t, c, facts)
	case ChangeState:
		return changeState(t, c, facts)
	case Assign:
		return assign(t, c, facts)
	case Unassign:
		return unassign(t, facts)
	case Watch:
		return watch(t, c, facts)
	case Unwatch:
		return unwatch(t, c, facts)
	case Delete:
		return deleteTicket(facts)
	case Undelete:
		return undelete(t, facts)
	}
	return decideSaying(t, command, facts)
}

// checkBulk wants a right for what is done to many tickets at once, but for the end of one's own watches.
func checkBulk(command Command, facts Facts) error {
	if !facts.Bulk || command == Command(Unwatch{facts.Actor.ID}) || facts.Tracker.May(facts.Actor, domain.Bulk) {
		return nil
	}
	return rightMissing("change many tickets at once")
}

// decideSaying is for the commands by which people say something.
func decideSaying(t Ticket, command Command, facts Facts) ([]Event, error) {
	switch c := command.(type) {
	case Comment:
		return comment(t, c, facts)
	case EditComment:
		return editComment(t, c, facts)
	case DeleteComment:
		return deleteComment(t, c, facts)
	case Branch:
		return branch(t, c, facts)
	case AddNote:
		return addNote(t, c, facts)
	case EditNote:
		return editNote(t, c, facts)
	case DeleteNote:
		return deleteNote(t, c, facts)
	case Rank:
		return rankTicket(t, c, facts)
	case RequestRaise:
		return requestRaise(t, c, facts)
	case GrantRaise:
		return grantRaise(t, c, facts)
	case RefuseRaise:
		return refuseRaise(t, c, facts)
	case Move:
		return moveTicket(t, c, facts)
	case WithFiles:
		return withFiles(t, c, facts)
	case Attach:
		return attach(t, c, facts)
	case RemoveFile:
		return removeFile(t, c, facts)
	case Cascade:
		return cascade(t, c, facts)
	case Recall:
		return recall(t, facts)
	case Refuse:
		return refuse(t, c, facts)
	}
	return nil, fmt.Errorf("ticket: no decision for %T", command)
}

// SeenBy tells whether the person may know that the ticket exists.
func (t Ticket) SeenBy(a domain.Actor, in tracker.Tracker) bool {
	if t.Inner.Deleted {
		return false
	}
	_, watches := t.Inner.Watches[a.ID]
	return a.SeesTicket(in.Policy(), in.RolesOf(a), t.Reporter, t.Assignee, watches)
}

// HoldsUp tells whether the ticket keeps those open that depend on it.
func (t Ticket) HoldsUp() bool { return t.Exists() && !t.Inner.Deleted && t.List == tracker.OpenList }

func changeState(t Ticket, c ChangeState, facts Facts) ([]Event, error) {
	err := facts.Tracker.CheckChange(tracker.Change{
		From: t.State, To: c.To,
		Roles: facts.Tracker.RolesOf(facts.Actor), Admin: facts.Actor.Admin, Own: facts.Actor.ID == t.Reporter,
		Comment: c.Comment != "", Resolution: c.Resolution != "" || t.Resolution != "", Assignee: t.Assignee != "",
		PrerequisitesOpen: facts.PrerequisitesOpen,
	})
	if err != nil {
		return nil, err
	}
	var events []Event
	if c.Comment != "" {
		commented, err := comment(t, Comment{c.Comment}, facts)
		if err != nil {
			return nil, err
		}
		events = append(events, commented...)
	}
	if c.Resolution != "" && c.Resolution != t.Resolution {
		written, err := writeResolution(c.Resolution, facts)
		if err != nil {
			return nil, err
		}
		events = append(events, written)
	}
	events = append(events, StateChanged{From: t.State, To: c.To})
	events = append(events, t.unlinked(c.To)...)
	if t.List == tracker.ResolvedList && c.To.List() == tracker.OpenList {
		events = append(events, entered(t, facts)...)
	}
	return events, nil
}

func assign(t Ticket, c Assign, facts Facts) ([]Event, error) {
	taking := c.User == facts.Actor.ID && t.Assignee == "" && facts.Tracker.May(facts.Actor, domain.TakeUnassigned)
	if !taking && !facts.Tracker.May(facts.Actor, domain.AssignAnybody) {
		return nil, rightMissing("give this ticket to somebody")
	}
	if c.User == t.Assignee {
		return nil, nil
	}
	if !facts.Tracker.CanBeAssigned(c.User) {
		return nil, notAssignable("user", c.User, facts.Tracker.Key)
	}
	return append([]Event{Assigned{Assignee: c.User, Previous: t.Assignee}}, t.subscribe(domain.Actor{ID: c.User}, becauseAssigned, facts)...), nil
}

func notAssignable(field string, user domain.UserID, key domain.TrackerKey) error {
	var problems domain.Problems
	problems.Add(field, "not-assignable", "tickets of %[2]s cannot be given to %[1]s", user, key)
	return problems.Err()
}

func unassign(t Ticket, facts Facts) ([]Event, error) {
	givingBack := t.Assignee == facts.Actor.ID
	if !givingBack && !facts.Tracker.May(facts.Actor, domain.AssignAnybody) {
		return nil, rightMissing("take this ticket from its assignee")
	}
	if t.Assignee == "" {
		return nil, nil
	}
	return []Event{Unassigned{Previous: t.Assignee}}, nil
}

func writeResolution(text string, facts Facts) (Event, error) {
	if !facts.Tracker.May(facts.Actor, domain.WriteResolution) {
		return nil, rightMissing("write the resolution of this ticket")
	}
	var problems domain.Problems
	checkMarkdown("resolution", text, &problems)
	return ResolutionWritten{Resolution: text}, problems.Err()
}

func rightMissing(what string) error {
	return domain.Errorf(domain.Forbidden, "right-missing", "none of your roles may %s", what)
}
