package ticket

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/tracker"
)

// network is a tracker right below HELP, where the solver works and the helper does not.
func network(change ...func(*tracker.Tracker)) tracker.Tracker {
	return help(append([]func(*tracker.Tracker){func(t *tracker.Tracker) {
		t.Key, t.Parent = "NET", "HELP"
		t.Members = map[domain.UserID][]domain.Role{boss.ID: {domain.Manager}, solver.ID: {domain.Resolver}, helper.ID: {domain.Reporter}}
	}}, change...)...)
}

func fields(fields ...tracker.Field) func(*tracker.Tracker) {
	return func(t *tracker.Tracker) { t.Fields = fields }
}

func notFor(user domain.UserID) func(*tracker.Tracker) {
	return func(t *tracker.Tracker) { delete(t.Members, user) }
}

func states(states ...tracker.State) func(*tracker.Tracker) {
	return func(t *tracker.Tracker) { t.Chosen = states }
}

func solverFirst(t *tracker.Tracker) { t.DefaultAssignee = solver.ID }
func onTop(t *tracker.Tracker)       { t.NewTickets = tracker.AtTop }
func alone(t *tracker.Tracker)       { t.Parent = "" }

func TestMove(t *testing.T) {
	t.Parallel()
	product := map[string]string{"product": "a"}
	moved := Moved{From: "HELP", To: "NET", Answers: product}
	for name, c := range map[string]struct {
		in, to tracker.Tracker
		given  []Event
		by     domain.Actor
		then   []Event
		code   string
	}{
		"a resolver moves it to a tracker right below":          {by: solver, then: []Event{moved}},
		"a manager likewise":                                    {by: boss, then: []Event{moved}},
		"a developer may not":                                   {by: helper, code: "right-missing"},
		"a developer who has been given the right may":          {in: help(by(domain.Developer, []domain.Right{domain.Move})), by: helper, then: []Event{moved}},
		"a reporter may not":                                    {by: pupil, code: "right-missing"},
		"who does not see it is told that there is none":        {by: other, code: "ticket-not-found"},
		"a tracker that one does not see is like none":          {to: network(notFor(solver.ID)), by: solver, code: "invalid-input"},
		"who may not post there may not move there":             {to: network(by(domain.Resolver, nil, domain.Post)), by: solver, code: "right-missing"},
		"an administrator needs no role there":                  {to: network(notFor(boss.ID)), by: domain.Actor{ID: boss.ID, Admin: true}, then: []Event{moved}},
		"to its parent, too":                                    {in: help(func(t *tracker.Tracker) { t.Parent = "NET" }), to: network(alone), by: solver, then: []Event{moved}},
		"to one that stands elsewhere it does not":              {to: network(alone), by: solver, code: "not-adjacent"},
		"to an archived one it does not":                        {to: network(archived), by: solver, code: "tracker-archived"},
		"from an archived one it does not":                      {in: help(archived), by: solver, code: "tracker-archived"},
		"where it is already, nothing happens":                  {to: help(), by: solver},
		"a transferred one is brought back first":               {given: []Event{StateChanged{tracker.Posted, tracker.Transferred}}, by: solver, code: "ticket-transferred"},
		"an assignee who can be one there stays, and the state": {given: []Event{Assigned{Assignee: solver.ID}, StateChanged{tracker.Posted, tracker.Working}}, by: solver, then: []Event{moved}},
		"an assignee who cannot is taken away, and it is new": {
			given: []Event{assignedToHelper, StateChanged{tracker.Posted, tracker.Working}}, by: solver,
			then: []Event{moved, Unassigned{Previous: helper.ID}, StateChanged{tracker.Working, tracker.Posted}},
		},
		"or replaced by the default, who then watches": {
			to: network(solverFirst), given: []Event{assignedToHelper, StateChanged{tracker.Posted, tracker.Working}}, by: boss,
			then: []Event{moved, Assigned{Assignee: solver.ID, Previous: helper.ID}, watching(solver.ID), StateChanged{tracker.Working, tracker.Posted}},
		},
		"a default who cannot be one there either is not":   {to: network(helperFirst), given: []Event{assignedToHelper}, by: solver, then: []Event{moved, Unassigned{Previous: helper.ID}}},
		"nobody is not replaced by the default":             {to: network(solverFirst), given: opened, by: solver, then: []Event{moved}},
		"a state that is not used there becomes posted":     {to: network(states(tracker.Open)), given: []Event{StateChanged{tracker.Posted, tracker.Testing}}, by: solver, then: []Event{moved, StateChanged{tracker.Testing, tracker.Posted}}},
		"a closed one stays closed":                         {given: []Event{StateChanged{tracker.Posted, tracker.Resolved}}, by: solver, then: []Event{moved}},
		"a stack that new ones enter on top takes it there": {to: network(onTop), by: solver, then: []Event{moved, Ranked{rank.Top(monday, 1)}}},
		"unless it is closed":                               {to: network(onTop), given: []Event{StateChanged{tracker.Posted, tracker.Resolved}}, by: solver, then: []Event{moved}},
		"one that its state opens again enters, too":        {to: network(onTop, states(tracker.Open)), given: []Event{StateChanged{tracker.Posted, tracker.Resolved}}, by: solver, then: []Event{moved, StateChanged{tracker.Resolved, tracker.Posted}, Ranked{rank.Top(monday, 1)}}},
		"a strict workflow has no say": {in: help(strict), to: network(strict), given: []Event{assignedToHelper, StateChanged{tracker.Posted, tracker.Working}}, by: solver,
			then: []Event{moved, Unassigned{Previous: helper.ID}, StateChanged{tracker.Working, tracker.Posted}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !c.in.Exists() {
				c.in = help()
			}
			if !c.to.Exists() {
				c.to = network()
			}
			facts := Facts{Tracker: c.in, Target: c.to, Actor: c.by, OccurredAt: monday}
			got, err := Decide(given(posted(c.given...)), Move{To: c.to.Key}, facts)
			if code := codeOf(err); code != c.code {
				t.Fatalf("got %v, want the code %q", err, c.code)
			}
			if diff := cmp.Diff(c.then, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return domain.CodeOf(err)
}

func watching(user domain.UserID) Event {
	return Watched{User: user, Topics: Topics(), Automatic: true}
}

// An answer goes to the field of its code that takes it and is asked there; the others are brought along.
func TestMovedAnswersGoByFieldCode(t *testing.T) {
	t.Parallel()
	options := []tracker.Option{{Code: "a"}, {Code: "b"}}
	source := help(fields(
		tracker.Field{Code: "kind", Type: tracker.Radio, Options: options},
		tracker.Field{Code: "room", Type: tracker.Text},
		tracker.Field{Code: "size", Type: tracker.Text},
		tracker.Field{Code: "cost", Type: tracker.Number, Hidden: true},
		tracker.Field{Code: "site", Type: tracker.Constant, Source: tracker.SourceSiteName},
		tracker.Field{Code: "who", Type: tracker.User},
	))
	answers := map[string]string{"kind": "a", "room": "12", "size": "7,50", "cost": "9", "site": "UB", "who": string(helper.ID)}
	for name, c := range map[string]struct {
		to   []tracker.Field
		want map[string]string
	}{
		"no field, no answer":                   {},
		"the same fields keep all":              {to: source.Fields, want: answers},
		"in the form of the field there":        {to: []tracker.Field{{Code: "size", Type: tracker.Number}}, want: map[string]string{"size": "7.5"}},
		"what is wrong there is brought":        {to: []tracker.Field{{Code: "room", Type: tracker.Date}, {Code: "size", Type: tracker.Text}}, want: map[string]string{"size": "7,50"}},
		"an option that is not there, too":      {to: []tracker.Field{{Code: "kind", Type: tracker.Radio, Options: options[1:]}}},
		"what was hidden is not told to all":    {to: []tracker.Field{{Code: "cost", Type: tracker.Number}}},
		"what everybody read may become hidden": {to: []tracker.Field{{Code: "room", Type: tracker.Text, Hidden: true}}, want: map[string]string{"room": "12"}},
		"a constant only to a constant":         {to: []tracker.Field{{Code: "site", Type: tracker.Text}, {Code: "room", Type: tracker.Constant, Source: tracker.SourceTrackerKey}}, want: map[string]string{"site": "UB"}},
		"a person who is a member there":        {to: []tracker.Field{{Code: "who", Type: tracker.User}}, want: map[string]string{"who": string(helper.ID)}},
		"what is not asked there is brought": {
			to: []tracker.Field{{Code: "kind", Type: tracker.Radio, Options: options}, {Code: "room", Type: tracker.Text, Condition: &tracker.Condition{Field: "kind", Answers: []string{"b"}}},
				{Code: "size", Type: tracker.Text, Condition: &tracker.Condition{Field: "room", Answers: []string{"12"}}}},
			want: map[string]string{"kind": "a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ticket := given([]Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Answers: answers, Reporter: pupil.ID}})
			events, err := Decide(ticket, Move{To: "NET"}, Facts{Tracker: source, Target: network(fields(c.to...)), Actor: boss, OccurredAt: monday})
			if err != nil {
				t.Fatal(err)
			}
			got := ticket.after(events, Facts{})
			if diff := cmp.Diff(c.want, got.Answers, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			brought := map[string]string{}
			for _, b := range got.Brought {
				if brought[b.Code] = b.Answer; b.From != "HELP" {
					t.Errorf("%s is said to be from %s", b.Code, b.From)
				}
			}
			for code, answer := range answers {
				if _, kept := got.Answers[code]; kept == (brought[code] == answer) {
					t.Errorf("%s is kept: %v, and brought: %q", code, kept, brought[code])
				}
			}
		})
	}
}

// It enters the stack of its new tracker as a new ticket does, wherever it stood in the old one.
func TestAMovedTicketEntersAtTheBottom(t *testing.T) {
	t.Parallel()
	later := monday.Add(time.Hour)
	ticket := given(posted(Ranked{rank.Top(monday, 1)}))
	events, err := Decide(ticket, Move{To: "NET"}, Facts{Tracker: help(), Target: network(), Actor: boss, OccurredAt: later})
	if err != nil {
		t.Fatal(err)
	}
	if got := ticket.after(events, Facts{OccurredAt: later}); got.Rank != rank.Bottom(later, 1) {
		t.Errorf("got the rank %q, want %q", got.Rank, rank.Bottom(later, 1))
	}
	closed := given(posted(StateChanged{tracker.Posted, tracker.Resolved}, Moved{From: "HELP", To: "NET"}))
	if closed.Rank != "" {
		t.Errorf("a closed ticket has the rank %q", closed.Rank)
	}
}

// Whoever moves a ticket back has all its answers back.
func TestAMoveBackBringsTheAnswersBack(t *testing.T) {
	t.Parallel()
	there := network(fields(tracker.Field{Code: "plug", Type: tracker.Text}))
	ticket := given(posted(Edited{Answers: map[string]string{"room": "12"}}))
	away, err := Decide(ticket, Move{To: "NET"}, Facts{Tracker: help(), Target: there, Actor: boss, OccurredAt: monday})
	if err != nil {
		t.Fatal(err)
	}
	moved := ticket.after(append(away, Edited{Answers: map[string]string{"plug": "7"}}), Facts{})
	back, err := Decide(moved, Move{To: "HELP"}, Facts{Tracker: there, Target: help(), Before: []tracker.Tracker{help()}, Actor: boss, OccurredAt: monday})
	if err != nil {
		t.Fatal(err)
	}
	got := moved.after(back, Facts{})
	if diff := cmp.Diff(map[string]string{"product": "a", "room": "12"}, got.Answers); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Brought{{From: "NET", Code: "plug", Answer: "7"}}, got.Brought); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]domain.TrackerKey{"HELP", "NET"}, got.Before); diff != "" || got.Tracker != "HELP" || got.ID != "HELP-1" {
		t.Errorf("%s in %s was in %v", got.ID, got.Tracker, got.Before)
	}
}

func TestWhatWasHiddenWhereATicketCameFromStaysHidden(t *testing.T) {
	t.Parallel()
	secret := tracker.Field{Code: "cost", Type: tracker.Number, Hidden: true}
	before := help(fields(secret, tracker.Field{Code: "room", Type: tracker.Text}))
	now := network(fields(tracker.Field{Code: "cost", Type: tracker.Number}, tracker.Field{Code: "room", Type: tracker.Number, Hidden: true}))
	ticket := Ticket{
		ID: "HELP-1", Tracker: "NET", Before: []domain.TrackerKey{"HELP"}, Answers: map[string]string{"cost": "3", "room": "4"},
		Brought: []Brought{{"HELP", "cost", "9"}, {"HELP", "room", "B12"}},
	}
	for name, c := range map[string]struct {
		by      domain.Actor
		before  []tracker.Tracker
		answers map[string]string
		brought []Brought
	}{
		"staff there see all":                         {by: solver, answers: ticket.Answers, brought: ticket.Brought},
		"others what is not hidden, each by its own":  {by: helper, before: []tracker.Tracker{before}, answers: map[string]string{"cost": "3"}, brought: []Brought{{"HELP", "room", "B12"}}},
		"of a tracker that is not known, nothing":     {by: helper, answers: map[string]string{"cost": "3"}},
		"staff of where it came from are others here": {by: pupil, before: []tracker.Tracker{before}, answers: map[string]string{"cost": "3"}, brought: []Brought{{"HELP", "room", "B12"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ticket.SeenAs(c.by, now, c.before...)
			if diff := cmp.Diff(c.answers, got.Answers); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.brought, got.Brought, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
