package tracker

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

var (
	admin   = domain.Actor{ID: "usr_admin", Admin: true}
	boss    = domain.Actor{ID: "usr_boss"}
	helper  = domain.Actor{ID: "usr_helper"}
	pupil   = domain.Actor{ID: "usr_pupil"}
	visitor = domain.Actor{ID: "usr_visitor"}
)

// desk is a tracker with a manager, a developer and a reporter.
func desk(more ...Event) []Event {
	return append([]Event{
		Created{Key: "HELP", Name: "Help desk", Mode: domain.Bugtracker, Workflow: Relaxed},
		MemberSet{User: boss.ID, Roles: []domain.Role{domain.Manager}},
		MemberSet{User: helper.ID, Roles: []domain.Role{domain.Developer}},
		MemberSet{User: pupil.ID, Roles: []domain.Role{domain.Reporter}},
	}, more...)
}

func given(events ...Event) Tracker {
	var t Tracker
	for _, e := range events {
		t = Evolve(t, e, domain.Meta{OccurredAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	}
	return t
}

var (
	product        = Field{Code: "product", Type: Dropdown, Label: Label{"Produit", "Product"}, Options: []Option{{Code: "a"}, {Code: "b"}}}
	byProduct      = Assignment{By: ByField, Field: "product", People: map[string]domain.UserID{"a": helper.ID}}
	withoutTesting = Configured{States: &[]State{Open, Working}, Migrate: map[State]State{Testing: Working}}
	texts          = Settings{Intro: &Label{"Bonjour", "Hello"}, ThankYou: &Label{EN: "Ta"}, ContactURL: new("https://example.org"), CommentsOff: new(true)}
	muted          = RightsSet{domain.Reporter, domain.RightChanges{Revoked: []domain.Right{domain.CommentOn}}}
	lockedOut      = RightsSet{domain.Manager, domain.RightChanges{Revoked: []domain.Right{domain.Configure}}}
	opening        = Rule{From: Posted, To: Open, Roles: []domain.Role{domain.Developer}}
	room           = Field{Code: "room", Type: Text, Label: Label{"Salle", "Room"}}
)

func TestDecide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given []Event
		when  Command
		by    domain.Actor
		facts Facts
		then  []Event
		code  string
	}{
		"an administrator creates a tracker, relaxed and a bugtracker unless named": {
			when: Create{Key: "HELP", Settings: Settings{Name: new(" Help desk ")}}, by: admin,
			then: []Event{Created{Key: "HELP", Name: "Help desk", Mode: domain.Bugtracker, Workflow: Relaxed}},
		},
		"a tracker is created with members, one of them the default assignee": {
			when: Create{
				Key: "HELP", Settings: Settings{Name: new("H"), Mode: new(domain.Ticketing), Workflow: new(Strict), DefaultAssignee: &helper.ID},
				Members: map[domain.UserID][]domain.Role{helper.ID: {domain.Resolver, domain.Developer, domain.Resolver}},
			}, by: admin,
			then: []Event{
				Created{Key: "HELP", Name: "H", Mode: domain.Ticketing, Workflow: Strict},
				MemberSet{User: helper.ID, Roles: []domain.Role{domain.Developer, domain.Resolver}},
				Configured{DefaultAssignee: &helper.ID},
			},
		},
		"nobody else creates trackers":     {when: Create{Key: "HELP", Settings: Settings{Name: new("H")}}, by: boss, code: "admin-only"},
		"a key is given once":              {given: desk(), when: Create{Key: "HELP", Settings: Settings{Name: new("H")}}, by: admin, code: "key-taken"},
		"a key has a form":                 {when: Create{Key: "help", Settings: Settings{Name: new("H")}}, by: admin, code: "invalid-input"},
		"a tracker needs a name":           {when: Create{Key: "HELP"}, by: admin, code: "invalid-input"},
		"a name is more than blanks":       {when: Create{Key: "HELP", Settings: Settings{Name: new("  ")}}, by: admin, code: "invalid-input"},
		"members have accounts":            {given: desk(), when: SetMember{"usr_ghost", []domain.Role{domain.Manager}}, by: boss, facts: Facts{UnknownUsers: []domain.UserID{"usr_ghost"}}, code: "invalid-input"},
		"members have roles":               {given: desk(), when: SetMember{helper.ID, nil}, by: boss, code: "invalid-input"},
		"roles are known":                  {given: desk(), when: SetMember{helper.ID, []domain.Role{"king"}}, by: boss, code: "invalid-input"},
		"the default assignee is a worker": {given: desk(), when: Configure{Settings{DefaultAssignee: &pupil.ID}}, by: boss, code: "invalid-input"},
		"a manager configures what is named and only what differs": {
			given: desk(), when: Configure{Settings{Name: new("New"), Mode: new(domain.Bugtracker)}}, by: boss,
			then: []Event{Configured{Name: new("New")}},
		},
		"naming what already is changes nothing":       {given: desk(), when: Configure{Settings{Name: new("Help desk"), Workflow: new(Relaxed)}}, by: boss},
		"a developer does not configure":               {given: desk(), when: Configure{Settings{Name: new("New")}}, by: helper, code: "right-missing"},
		"who is no member is told that there is none":  {given: desk(), when: Configure{Settings{Name: new("New")}}, by: visitor, code: "tracker-not-found"},
		"transferred needs a parent":                   {given: desk(), when: Configure{Settings{States: &[]State{Open, Transferred}}}, by: boss, code: "invalid-input"},
		"a state with tickets in it stays":             {given: desk(), when: Configure{Settings{States: &[]State{Open, Resolved}}}, by: boss, facts: Facts{UsedStates: []State{Posted, Waiting}}, code: "state-in-use"},
		"a mode whose states lack used ones is denied": {given: desk(), when: Configure{Settings{Mode: new(domain.Taskspread)}}, by: boss, facts: Facts{UsedStates: []State{Testing}}, code: "state-in-use"},
		"states chosen by hand survive a change of mode": {
			given: desk(Configured{States: &[]State{Testing}}), when: Configure{Settings{Mode: new(domain.Taskspread)}}, by: boss,
			facts: Facts{UsedStates: []State{Testing}}, then: []Event{Configured{Mode: new(domain.Taskspread)}},
		},
		"new tickets enter at the top":    {given: desk(), when: Configure{Settings{NewTickets: new(AtTop)}}, by: boss, then: []Event{Configured{NewTickets: new(AtTop)}}},
		"they enter at the bottom anyway": {given: desk(), when: Configure{Settings{NewTickets: new(AtBottom)}}, by: boss},
		"they enter at the bottom again":  {given: desk(Configured{NewTickets: new(AtTop)}), when: Configure{Settings{NewTickets: new(AtBottom)}}, by: boss, then: []Event{Configured{NewTickets: new(AtBottom)}}},
		"they do not enter in the middle": {given: desk(), when: Configure{Settings{NewTickets: new(StackEnd("middle"))}}, by: boss, code: "invalid-input"},
		"labels are set":                  {given: desk(), when: Configure{Settings{Labels: map[State]Label{Open: {EN: "Seen"}}}}, by: boss, then: []Event{Configured{Labels: map[State]Label{Open: {EN: "Seen"}}}}},
		"the same label is nothing":       {given: desk(Configured{Labels: map[State]Label{Open: {EN: "Seen"}}}), when: Configure{Settings{Labels: map[State]Label{Open: {EN: "Seen"}}}}, by: boss},
		"the same roles are nothing": {
			given: desk(), when: SetMember{boss.ID, []domain.Role{domain.Manager}}, by: boss,
		},
		"a member goes":                         {given: desk(), when: RemoveMember{helper.ID}, by: boss, then: []Event{MemberRemoved{helper.ID}}},
		"who is no member goes without a trace": {given: desk(), when: RemoveMember{visitor.ID}, by: boss},
		"a field is added":                      {given: desk(), when: SetField{product}, by: boss, then: []Event{FieldSet{product}}},
		"the same field is nothing":             {given: desk(FieldSet{product}), when: SetField{product}, by: boss},
		"a dropdown needs options":              {given: desk(), when: SetField{Field{Code: "x", Type: Dropdown}}, by: boss, code: "invalid-input"},
		"a text has no options":                 {given: desk(), when: SetField{Field{Code: "x", Type: Text, Options: product.Options}}, by: boss, code: "invalid-input"},
		"a field keeps its type":                {given: desk(FieldSet{product}), when: SetField{Field{Code: "product", Type: Text}}, by: boss, facts: Facts{Answered: true}, code: "invalid-input"},
		"an option in use is not erased":        {given: desk(FieldSet{product}), when: SetField{Field{Code: "product", Type: Dropdown, Options: []Option{{Code: "a"}}}}, by: boss, facts: Facts{UsedOptions: []string{"b"}}, code: "invalid-input"},
		"an option code stands once":            {given: desk(), when: SetField{Field{Code: "x", Type: Dropdown, Options: []Option{{Code: "a"}, {Code: "a"}}}}, by: boss, code: "invalid-input"},
		"a field code has a form":               {given: desk(), when: SetField{Field{Code: "X y", Type: Text}}, by: boss, code: "invalid-input"},
		"a field goes":                          {given: desk(FieldSet{product}), when: RemoveField{"product"}, by: boss, then: []Event{FieldRemoved{"product"}}},
		"a field that is not there does not go": {given: desk(), when: RemoveField{"product"}, by: boss, code: "field-not-found"},
		"fields are ordered":                    {given: desk(FieldSet{product}, FieldSet{room}), when: OrderFields{[]string{"room", "product"}}, by: boss, then: []Event{FieldsOrdered{[]string{"room", "product"}}}},
		"an order names every field":            {given: desk(FieldSet{product}, FieldSet{room}), when: OrderFields{[]string{"room"}}, by: boss, code: "invalid-input"},
		"an order names no field twice":         {given: desk(FieldSet{product}, FieldSet{room}), when: OrderFields{[]string{"room", "room"}}, by: boss, code: "invalid-input"},
		"a state with tickets in it is disabled when they are told where to go": {
			given: desk(), when: Configure{Settings{States: &[]State{Open, Working}, Migrate: map[State]State{Testing: Working}}}, by: boss,
			facts: Facts{UsedStates: []State{Posted, Testing}}, then: []Event{Configured{States: &[]State{Open, Working}, Migrate: map[State]State{Testing: Working}}},
		},
		"all of them must be told":             {given: desk(), when: Configure{Settings{States: &[]State{Open}, Migrate: map[State]State{Testing: Open}}}, by: boss, facts: Facts{UsedStates: []State{Waiting, Testing}}, code: "state-in-use"},
		"nothing goes to a disabled state":     {given: desk(), when: Configure{Settings{States: &[]State{Open}, Migrate: map[State]State{Testing: Waiting}}}, by: boss, code: "invalid-input"},
		"nothing leaves an enabled state":      {given: desk(), when: Configure{Settings{States: &[]State{Open}, Migrate: map[State]State{Open: Posted}}}, by: boss, code: "invalid-input"},
		"nothing migrates to what is no state": {given: desk(), when: Configure{Settings{States: &[]State{Open}, Migrate: map[State]State{Testing: "limbo"}}}, by: boss, code: "invalid-input"},
		"a mode migrates as well": {
			given: desk(), when: Configure{Settings{Mode: new(domain.Ticketing), Migrate: map[State]State{Testing: Working}}}, by: boss,
			facts: Facts{UsedStates: []State{Testing}}, then: []Event{Configured{Mode: new(domain.Ticketing), Migrate: map[State]State{Testing: Working}}},
		},
		"the same migration again is nothing": {
			given: desk(withoutTesting), when: Configure{Settings(withoutTesting)}, by: boss, facts: Facts{UsedStates: []State{Testing}},
		},
		"tickets are given by an answer": {
			given: desk(FieldSet{product}), when: Configure{Settings{Assignment: &byProduct}}, by: boss, then: []Event{Configured{Assignment: &byProduct}},
		},
		"the same way again is nothing":         {given: desk(FieldSet{product}, Configured{Assignment: &byProduct}), when: Configure{Settings{Assignment: &byProduct}}, by: boss},
		"an answer is to a dropdown":            {given: desk(FieldSet{room}), when: Configure{Settings{Assignment: &Assignment{By: ByField, Field: "room"}}}, by: boss, code: "invalid-input"},
		"an answer is one of the options":       {given: desk(FieldSet{product}), when: Configure{Settings{Assignment: &Assignment{By: ByField, Field: "product", People: map[string]domain.UserID{"c": helper.ID}}}}, by: boss, code: "invalid-input"},
		"an answer leads to who can take it":    {given: desk(FieldSet{product}), when: Configure{Settings{Assignment: &Assignment{By: ByField, Field: "product", People: map[string]domain.UserID{"a": pupil.ID}}}}, by: boss, code: "invalid-input"},
		"the turn comes to who can take it":     {given: desk(), when: Configure{Settings{Assignment: &Assignment{By: ByRoundRobin, Among: []domain.UserID{pupil.ID}}}}, by: boss, code: "invalid-input"},
		"the turn comes to each once":           {given: desk(), when: Configure{Settings{Assignment: &Assignment{By: ByLeastOpen, Among: []domain.UserID{helper.ID, helper.ID}}}}, by: boss, code: "invalid-input"},
		"there are four ways":                   {given: desk(), when: Configure{Settings{Assignment: &Assignment{By: "lot"}}}, by: boss, code: "invalid-input"},
		"a field is for the way by field alone": {given: desk(FieldSet{product}), when: Configure{Settings{Assignment: &Assignment{By: ByRoundRobin, Field: "product"}}}, by: boss, code: "invalid-input"},
		"people in turn are for the other two":  {given: desk(), when: Configure{Settings{Assignment: &Assignment{Among: []domain.UserID{helper.ID}}}}, by: boss, code: "invalid-input"},
		"a manager archives":                    {given: desk(), when: Archive{}, by: boss, then: []Event{Archived{}}},
		"a developer does not archive":          {given: desk(), when: Archive{}, by: helper, code: "right-missing"},
		"archived twice is archived once":       {given: desk(Archived{}), when: Archive{}, by: boss},
		"what is archived is not changed":       {given: desk(Archived{}), when: Configure{Settings{Name: new("New")}}, by: boss, code: "tracker-archived"},
		"nor are its members":                   {given: desk(Archived{}), when: RemoveMember{pupil.ID}, by: admin, code: "tracker-archived"},
		"who is no member knows nothing":        {given: desk(Archived{}), when: Archive{}, by: visitor, code: "tracker-not-found"},
		"what was archived is opened again":     {given: desk(Archived{}), when: Unarchive{}, by: boss, then: []Event{Unarchived{}}},
		"what is open is open":                  {given: desk(), when: Unarchive{}, by: boss},
		"texts, a place to turn to and the switch of comments are set": {
			given: desk(), when: Configure{texts}, by: boss, then: []Event{Configured(texts)},
		},
		"the same texts are nothing":      {given: desk(Configured(texts)), when: Configure{texts}, by: boss},
		"a text has at most 64 KiB":       {given: desk(), when: Configure{Settings{ThankYou: &Label{FR: strings.Repeat("x", MaxText+1)}}}, by: boss, code: "invalid-input"},
		"a text is text":                  {given: desk(), when: Configure{Settings{Intro: &Label{EN: "\x00"}}}, by: boss, code: "invalid-input"},
		"a place to turn to is a link":    {given: desk(), when: Configure{Settings{ContactURL: new("javascript:alert(1)")}}, by: boss, code: "invalid-input"},
		"a link has a host":               {given: desk(), when: Configure{Settings{ContactURL: new("https:help")}}, by: boss, code: "invalid-input"},
		"a mail address is a link too":    {given: desk(), when: Configure{Settings{ContactURL: new("mailto:help@example.org")}}, by: boss, then: []Event{Configured{ContactURL: new("mailto:help@example.org")}}},
		"the place to turn to goes again": {given: desk(Configured(texts)), when: Configure{Settings{ContactURL: new("")}}, by: boss, then: []Event{Configured{ContactURL: new("")}}},
		"rights of a role are changed by hand, in order": {
			given: desk(), when: SetRights{domain.Reporter, domain.RightChanges{Granted: []domain.Right{domain.EditAny, domain.SeeAll, domain.EditAny}, Revoked: []domain.Right{domain.Post}}}, by: boss,
			then: []Event{RightsSet{domain.Reporter, domain.RightChanges{Granted: []domain.Right{domain.SeeAll, domain.EditAny}, Revoked: []domain.Right{domain.Post}}}},
		},
		"the same changes of rights are nothing": {given: desk(muted), when: SetRights{domain.Reporter, muted.RightChanges}, by: boss},
		"no difference is the preset":            {given: desk(muted), when: SetRights{domain.Reporter, domain.RightChanges{}}, by: boss, then: []Event{RightsReset{domain.Reporter}}},
		"rights go back to the preset":           {given: desk(muted), when: ResetRights{domain.Reporter}, by: boss, then: []Event{RightsReset{domain.Reporter}}},
		"the preset's rights go back to nothing": {given: desk(), when: ResetRights{domain.Reporter}, by: boss},
		"rights have names":                      {given: desk(), when: SetRights{domain.Reporter, domain.RightChanges{Granted: []domain.Right{"fly"}}}, by: boss, code: "invalid-input"},
		"rights belong to a role":                {given: desk(), when: SetRights{Role: "king"}, by: boss, code: "role-not-found"},
		"nothing is granted and revoked at once": {given: desk(), when: SetRights{domain.Reporter, domain.RightChanges{Granted: []domain.Right{domain.Post}, Revoked: []domain.Right{domain.Post}}}, by: boss, code: "invalid-input"},
		"a right that was granted is had":        {given: desk(RightsSet{domain.Developer, domain.RightChanges{Granted: []domain.Right{domain.Configure}}}), when: RemoveMember{pupil.ID}, by: helper, then: []Event{MemberRemoved{pupil.ID}}},
		"a right that was revoked is not":        {given: desk(lockedOut), when: RemoveMember{pupil.ID}, by: boss, code: "right-missing"},
		"administrators are never locked out":    {given: desk(lockedOut), when: ResetRights{domain.Manager}, by: admin, then: []Event{RightsReset{domain.Manager}}},
		"rights survive a change of mode and back": {
			given: desk(muted, Configured{Mode: new(domain.Ticketing)}, Configured{Mode: new(domain.Bugtracker)}), when: SetRights{domain.Reporter, muted.RightChanges}, by: boss,
		},
		"an assignee must have the right": {given: desk(RightsSet{domain.Developer, domain.RightChanges{Revoked: []domain.Right{domain.BeAssignee}}}), when: Configure{Settings{DefaultAssignee: &helper.ID}}, by: boss, code: "invalid-input"},
		"rules are set by hand, roles in order": {
			given: desk(), when: SetRules{[]Rule{{From: Posted, To: Open, Roles: []domain.Role{domain.Manager, domain.Developer, domain.Manager}}}}, by: boss,
			then: []Event{RulesSet{[]Rule{{From: Posted, To: Open, Roles: []domain.Role{domain.Developer, domain.Manager}}}}},
		},
		"no rules at all is a choice":            {given: desk(), when: SetRules{nil}, by: boss, then: []Event{RulesSet{[]Rule{}}}},
		"the same rules are nothing":             {given: desk(RulesSet{[]Rule{opening}}), when: SetRules{[]Rule{opening}}, by: boss},
		"the preset chosen by hand is a choice":  {given: desk(), when: SetRules{StrictPreset(domain.Bugtracker)}, by: boss, then: []Event{RulesSet{StrictPreset(domain.Bugtracker)}}},
		"rules go back to the preset":            {given: desk(RulesSet{[]Rule{opening}}), when: ResetRules{}, by: boss, then: []Event{RulesReset{}}},
		"the preset goes back to nothing":        {given: desk(), when: ResetRules{}, by: boss},
		"a developer sets no rules":              {given: desk(), when: SetRules{[]Rule{opening}}, by: helper, code: "right-missing"},
		"a rule leads from one state to another": {given: desk(), when: SetRules{[]Rule{{From: Posted, To: Posted, Roles: opening.Roles}}}, by: boss, code: "invalid-input"},
		"a rule names known states":              {given: desk(), when: SetRules{[]Rule{{From: "asleep", To: Open, Roles: opening.Roles}}}, by: boss, code: "invalid-input"},
		"a rule does not lead to transferred":    {given: desk(), when: SetRules{[]Rule{{From: Open, To: Transferred, Roles: opening.Roles}}}, by: boss, code: "invalid-input"},
		"a rule names a role":                    {given: desk(), when: SetRules{[]Rule{{From: Posted, To: Open}}}, by: boss, code: "invalid-input"},
		"a rule names known roles":               {given: desk(), when: SetRules{[]Rule{{From: Posted, To: Open, Roles: []domain.Role{"king"}}}}, by: boss, code: "invalid-input"},
		"a rule names known requirements":        {given: desk(), when: SetRules{[]Rule{{From: Posted, To: Open, Roles: opening.Roles, Requires: []Requirement{"luck"}}}}, by: boss, code: "invalid-input"},
		"there are not endlessly many rules":     {given: desk(), when: SetRules{slices.Repeat([]Rule{opening}, MaxRules+1)}, by: boss, code: "invalid-input"},
		"an administrator configures everywhere": {given: desk(), when: RemoveMember{boss.ID}, by: admin, then: []Event{MemberRemoved{boss.ID}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.facts.Actor = c.by
			got, err := Decide(given(c.given...), c.when, c.facts)
			if c.code != "" {
				if domain.CodeOf(err) != c.code || err == nil {
					t.Fatalf("got %v, %v; want %s", got, err, c.code)
				}
				return
			}
			if diff := cmp.Diff(c.then, got); err != nil || diff != "" {
				t.Errorf("got %v, %v; want %v\n%s", got, err, c.then, diff)
			}
		})
	}
}

func TestEveryProblemOfAnInputIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Decide(Tracker{}, Create{Key: "help", Members: map[domain.UserID][]domain.Role{"usr_x": nil}}, Facts{Actor: admin})
	e, _ := errors.AsType[*domain.Error](err)
	want := []domain.FieldError{{Field: "key", Code: "bad-key"}, {Field: "name", Code: "required"}, {Field: "members.usr_x", Code: "required"}}
	if e == nil || !cmp.Equal(e.Fields, want) {
		t.Errorf("got %v, want fields %v", err, want)
	}
}

func TestEvolveSharesNothing(t *testing.T) {
	t.Parallel()
	before := given(desk(muted, FieldSet{product}, FieldSet{room}, MirrorSet{mirror}, Configured{Labels: map[State]Label{Open: {EN: "Seen"}}})...)
	same := given(desk(muted, FieldSet{product}, FieldSet{room}, MirrorSet{mirror}, Configured{Labels: map[State]Label{Open: {EN: "Seen"}}})...)
	for _, e := range []Event{
		Configured{Name: new("x"), Labels: map[State]Label{Open: {}, Posted: {FR: "Neuf"}}},
		MemberSet{User: pupil.ID, Roles: []domain.Role{domain.Manager}}, MemberRemoved{User: boss.ID},
		MirrorSet{Mirror{Tool: "redmine", Project: "other"}}, MirrorRemoved{"redmine"}, Archived{}, withoutTesting, RulesSet{[]Rule{opening}}, RulesReset{}, lockedOut, RightsReset{domain.Reporter},
		FieldSet{Field{Code: "product", Type: Dropdown}}, FieldRemoved{"product"}, FieldsOrdered{[]string{"room", "product"}},
	} {
		Evolve(before, e, domain.Meta{})
		if diff := cmp.Diff(same, before); diff != "" {
			t.Errorf("%T changed the tracker that it was given: %s", e, diff)
		}
	}
}

func TestWhenTheDefaultAssigneeLeavesThereIsNone(t *testing.T) {
	t.Parallel()
	after := given(desk(Configured{DefaultAssignee: &helper.ID}, MemberRemoved{helper.ID})...)
	if after.DefaultAssignee != "" {
		t.Errorf("got %q, want none", after.DefaultAssignee)
	}
}
