package ticket

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/tracker"
)

func newOnTop(t *tracker.Tracker) { t.NewTickets = tracker.AtTop }

func TestATicketIsInTheStackExactlyWhileItIsOpen(t *testing.T) {
	t.Parallel()
	entry, later := rank.Bottom(monday, 1), rank.Bottom(monday.Add(time.Hour), 1)
	var got Ticket
	for _, step := range []struct {
		event Event
		at    time.Time
		want  rank.Key
	}{
		{posted()[0], monday, entry},
		{StateChanged{From: tracker.Posted, To: tracker.Working}, monday, entry},
		{Ranked{Rank: "VV"}, monday, "VV"},
		{StateChanged{From: tracker.Working, To: tracker.Published}, monday, "VV"},
		{StateChanged{From: tracker.Published, To: tracker.Resolved}, monday, ""},
		{StateChanged{From: tracker.Resolved, To: tracker.Validated}, monday, ""},
		{StateChanged{From: tracker.Validated, To: tracker.Open}, monday.Add(time.Hour), later},
		{StateChanged{From: tracker.Open, To: tracker.Transferred}, monday.Add(time.Hour), ""},
	} {
		if got = Evolve(got, step.event, domain.Meta{OccurredAt: step.at}); got.Rank != step.want {
			t.Errorf("after %#v: got the rank %q, want %q", step.event, got.Rank, step.want)
		}
	}
}

func TestNewAndReopenedTicketsEnterWhereTheTrackerSays(t *testing.T) {
	t.Parallel()
	now := monday.Add(time.Minute)
	post := Posted{Tracker: "HELP", Number: 1, Summary: "S", Reporter: pupil.ID}
	resolved := deed{boss, StateChanged{From: tracker.Posted, To: tracker.Resolved}}
	judge(t, map[string]spec{
		"a new one at the bottom":      {when: Post{Number: 1, Summary: "S"}, by: pupil, then: []Event{post}},
		"a new one on top":             {in: help(newOnTop), when: Post{Number: 1, Summary: "S"}, by: pupil, then: []Event{post, Ranked{Rank: rank.Top(now, 1)}}},
		"a reopened one at the bottom": {given: life(resolved), when: ChangeState{To: tracker.Open}, by: boss, then: []Event{StateChanged{From: tracker.Resolved, To: tracker.Open}}},
		"a reopened one on top": {in: help(newOnTop), given: life(resolved), when: ChangeState{To: tracker.Open}, by: boss,
			then: []Event{StateChanged{From: tracker.Resolved, To: tracker.Open}, Ranked{Rank: rank.Top(now, 1)}}},
		"another state moves nothing": {in: help(newOnTop), given: life(), when: ChangeState{To: tracker.Working}, by: boss,
			then: []Event{StateChanged{From: tracker.Posted, To: tracker.Working}}},
	})
}

// stacked judges with the gap in which the ticket is to go.
func stacked(t *testing.T, gap *rank.Gap, given []deed, when Command, by domain.Actor) ([]Event, error) {
	t.Helper()
	return Decide(lived(given), when, Facts{Tracker: help(), Actor: by, OccurredAt: monday.Add(time.Minute), Gap: gap})
}

func TestMovesAndRaises(t *testing.T) {
	t.Parallel()
	gap := &rank.Gap{Above: "A1", Below: "C1"}
	moved := Ranked{Rank: gap.Key(1)}
	here := &rank.Gap{} // holds every place
	asked := deed{pupil, RaiseRequested{Request: 1, Reason: "Exam"}}
	refused := deed{boss, RaiseRefused{Request: 1, Answer: "No"}}
	closed := deed{boss, StateChanged{From: tracker.Posted, To: tracker.Resolved}}
	raise := rank.Move{Step: rank.Raise}
	for name, c := range map[string]struct {
		gap   *rank.Gap
		given []deed
		when  Command
		by    domain.Actor
		then  []Event
		code  string
	}{
		"a manager moves":                   {gap, life(), Rank{raise}, boss, []Event{moved}, ""},
		"next to another":                   {gap, life(), Rank{rank.Move{Before: "HELP-2"}}, boss, []Event{moved}, ""},
		"next to itself":                    {nil, life(), Rank{rank.Move{After: "HELP-1"}}, boss, nil, ""},
		"next to none":                      {nil, life(), Rank{rank.Move{After: "HELP-2"}}, boss, nil, "invalid-input"},
		"where it stands":                   {here, life(), Rank{raise}, boss, nil, ""},
		"the stack changes":                 {&rank.Gap{Above: "C1", Below: "A1"}, life(), Rank{raise}, boss, nil, "too-busy"},
		"a developer does not":              {gap, life(), Rank{raise}, helper, nil, "right-missing"},
		"the reporter does not":             {gap, life(), Rank{raise}, pupil, nil, "right-missing"},
		"a closed one has no rank":          {gap, life(closed), Rank{raise}, boss, nil, "not-in-stack"},
		"nowhere":                           {gap, life(), Rank{}, boss, nil, "invalid-input"},
		"to two places":                     {gap, life(), Rank{rank.Move{Step: rank.Raise, Before: "HELP-2"}}, boss, nil, "invalid-input"},
		"sideways":                          {gap, life(), Rank{rank.Move{Step: "left"}}, boss, nil, "invalid-input"},
		"the reporter asks":                 {nil, life(), RequestRaise{Reason: " Exam ", Urgent: true}, pupil, []Event{RaiseRequested{Request: 1, Reason: "Exam", Urgent: true}}, ""},
		"the assignee asks":                 {nil, life(deed{boss, Assigned{Assignee: helper.ID}}), RequestRaise{Reason: "Exam"}, helper, []Event{RaiseRequested{Request: 1, Reason: "Exam"}}, ""},
		"others do not":                     {nil, life(), RequestRaise{Reason: "Exam"}, boss, nil, "right-missing"},
		"not without a reason":              {nil, life(), RequestRaise{Reason: " "}, pupil, nil, "invalid-input"},
		"not a long one":                    {nil, life(), RequestRaise{Reason: strings.Repeat("x", MaxReason+1)}, pupil, nil, "invalid-input"},
		"not for a closed one":              {nil, life(closed), RequestRaise{Reason: "Exam"}, pupil, nil, "not-in-stack"},
		"not while one waits":               {nil, life(asked), RequestRaise{Reason: "Exam"}, pupil, nil, "raise-pending"},
		"again after an answer":             {nil, life(asked, refused), RequestRaise{Reason: "Exam"}, pupil, []Event{RaiseRequested{Request: 2, Reason: "Exam"}}, ""},
		"granted, and moved with it":        {gap, life(asked), GrantRaise{1, raise}, boss, []Event{RaiseGranted{Request: 1}, moved}, ""},
		"granted, where it stands already":  {here, life(asked), GrantRaise{1, raise}, boss, []Event{RaiseGranted{Request: 1}}, ""},
		"granted by a lower rank":           {gap, life(asked), GrantRaise{1, rank.Move{Step: rank.ToBottom}}, boss, nil, "invalid-input"},
		"granted by the reporter":           {gap, life(asked), GrantRaise{1, raise}, pupil, nil, "right-missing"},
		"granted, not asked for":            {gap, life(), GrantRaise{1, raise}, boss, nil, "raise-request-not-found"},
		"granted after a refusal":           {gap, life(asked, refused), GrantRaise{1, raise}, boss, nil, "raise-answered"},
		"granted, and closed meanwhile":     {gap, life(asked, closed), GrantRaise{1, raise}, boss, nil, "not-in-stack"},
		"refused with an answer":            {nil, life(asked), RefuseRaise{1, "Later"}, boss, []Event{RaiseRefused{Request: 1, Answer: "Later"}}, ""},
		"refused without":                   {nil, life(asked), RefuseRaise{1, ""}, boss, nil, "invalid-input"},
		"refused, and closed meanwhile":     {nil, life(asked, closed), RefuseRaise{1, "It is done"}, boss, []Event{RaiseRefused{Request: 1, Answer: "It is done"}}, ""},
		"refused by who may not see it":     {nil, life(asked), RefuseRaise{1, "No"}, visitor, nil, "ticket-not-found"},
		"refused by who may only change it": {nil, life(asked), RefuseRaise{1, "No"}, solver, nil, "right-missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := stacked(t, c.gap, c.given, c.when, c.by)
			if c.code == "" && err != nil || c.code != "" && domain.CodeOf(err) != c.code {
				t.Fatalf("got %v, %v; want %q", got, err, c.code)
			}
			if diff := cmp.Diff(c.then, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
