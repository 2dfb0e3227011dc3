package ticket

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Whatever people do, in whatever order: each real change of state or assignee
// is told once, from where the ticket stood, and nothing else changes by the way.
func TestAnyLifeTellsEachChangeOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		in := map[domain.TrackerKey]tracker.Tracker{"HELP": help(bugtracker), "NET": network()}
		if rapid.Bool().Draw(r, "strict") {
			in["HELP"] = help(strict)
		}
		desk := in["HELP"]
		desk.BackReport = rapid.SampledFrom([]tracker.BackReport{tracker.ReportInform, tracker.ReportResolve}).Draw(r, "backReport")
		in["HELP"] = desk
		ticket := given(posted())
		for range rapid.IntRange(1, 25).Draw(r, "commands") {
			command := drawCommand(r)
			actor := rapid.SampledFrom([]domain.Actor{boss, solver, helper, pupil, other, {ID: "usr_root", Admin: true}}).Draw(r, "actor")
			events, err := Decide(ticket, command, Facts{
				Tracker: in[ticket.Tracker], Target: in["NET"], Before: []tracker.Tracker{in["HELP"]}, Actor: actor, Parent: tracker.Tracker{Key: "TOP"}, OccurredAt: ticket.Inner.LastAt.Add(time.Second),
			})
			if err != nil && len(events) > 0 {
				r.Fatalf("a refusal with events: %v, %v", events, err)
			}
			before := ticket
			for _, event := range events {
				checkChange(r, ticket, event)
				ticket = Evolve(ticket, event, domain.Meta{Actor: actor.ID, OccurredAt: ticket.Inner.LastAt.Add(time.Second)})
			}
			checkUntouched(r, before, ticket, command, events)
		}
	})
}

func drawCommand(r *rapid.T) Command {
	text := rapid.SampledFrom([]string{"", "a", "b"})
	person := rapid.SampledFrom([]domain.UserID{boss.ID, solver.ID, helper.ID, pupil.ID, visitor.ID})
	switch rapid.IntRange(0, 12).Draw(r, "command") {
	case 0:
		edit := Edit{Answers: map[string]string{}}
		if rapid.Bool().Draw(r, "summary") {
			edit.Summary = new(text.Draw(r, "text"))
		}
		if rapid.Bool().Draw(r, "description") {
			edit.Description = new(text.Draw(r, "text"))
		}
		if rapid.Bool().Draw(r, "resolution") {
			edit.Resolution = new(text.Draw(r, "text"))
		}
		if rapid.Bool().Draw(r, "answer") {
			edit.Answers["room"] = text.Draw(r, "text")
		}
		return edit
	case 1, 2, 3:
		return ChangeState{To: rapid.SampledFrom(tracker.States()).Draw(r, "to"), Comment: text.Draw(r, "comment"), Resolution: text.Draw(r, "resolution")}
	case 4:
		return Assign{person.Draw(r, "person")}
	case 5:
		return Unassign{}
	case 6:
		return Comment{text.Draw(r, "comment")}
	case 7:
		return AddNote{text.Draw(r, "note")}
	case 9:
		return Move{To: "NET"}
	case 11, 12:
		return drawCascade(r)
	case 8:
		return Watch{User: person.Draw(r, "person")}
	default:
		return rapid.SampledFrom([]Command{Delete{}, Undelete{}}).Draw(r, "delete")
	}
}

func drawCascade(r *rapid.T) Command {
	return rapid.SampledFrom([]Command{
		Cascade{Link: "l-1"}, Cascade{Link: "l-1"}, Recall{}, Aim{Link: "l-1", Copy: "TOP-1"}, End{Link: "l-1", Why: EndDeleted},
		Report{Link: "l-1", Event: StateChanged{tracker.Working, tracker.Resolved}}, Report{Link: "l-1", Event: StateChanged{tracker.Resolved, tracker.Open}},
	}).Draw(r, "cascade")
}

// checkChange holds a change against the ticket that it happens to.
func checkChange(r *rapid.T, t Ticket, event Event) {
	switch e := event.(type) {
	case StateChanged:
		if e.From != t.State || e.To == e.From {
			r.Errorf("%+v happens to a ticket that is %s", e, t.State)
		}
	case Assigned:
		if e.Previous != t.Assignee || e.Assignee == t.Assignee {
			r.Errorf("%+v happens to a ticket of %q", e, t.Assignee)
		}
	case Unassigned:
		if e.Previous != t.Assignee || t.Assignee == "" {
			r.Errorf("%+v happens to a ticket of %q", e, t.Assignee)
		}
	}
}

// checkUntouched compares what the command does not name before and after it.
func checkUntouched(r *rapid.T, before, after Ticket, command Command, events []Event) {
	changes, moved := 0, after.State != before.State
	for _, event := range events {
		if _, ok := event.(StateChanged); ok {
			changes++
		}
	}
	if changes > 1 || (changes == 1) != moved {
		r.Errorf("%+v moves the ticket %d times: %v", command, changes, events)
	}
	free := []string{"Inner", "Version", "UpdatedAt"}
	switch c := command.(type) {
	case Edit:
		if c.Summary != nil {
			free = append(free, "Summary")
		}
		if c.Description != nil {
			free = append(free, "Description")
		}
		if c.Resolution != nil {
			free = append(free, "Resolution")
		}
		if len(c.Answers) > 0 {
			free = append(free, "Answers")
			if before.Answers["product"] != after.Answers["product"] {
				r.Errorf("%+v changes another answer", c)
			}
		}
	case ChangeState:
		free = append(free, "State", "List", "Rank", "Comments", "Resolution")
	case Assign, Unassign:
		free = append(free, "Assignee")
	case Comment:
		free = append(free, "Comments")
	case Move:
		free = append(free, "Tracker", "Before", "Brought", "Answers", "Assignee", "State", "List", "Rank")
	case Cascade, Recall, Report, End:
		free = append(free, "State", "List", "Rank")
	}
	if diff := cmp.Diff(before, after, cmpopts.IgnoreFields(Ticket{}, free...)); diff != "" {
		r.Errorf("%T touches more than it names: %s", command, diff)
	}
}
