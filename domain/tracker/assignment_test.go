package tracker

import (
	"slices"
	"testing"

	"suivi/domain"
)

// crew is a desk whose tickets can be given to helper, second and boss; the default is boss.
func crew(a Assignment, more ...Event) Tracker {
	events := desk(
		MemberSet{User: second, Roles: []domain.Role{domain.Resolver}}, FieldSet{product},
		Configured{DefaultAssignee: &boss.ID, Assignment: &a})
	return given(append(events, more...)...)
}

const second domain.UserID = "usr_second"

func TestTheFirstAssigneeIsFoundInTheTrackersWay(t *testing.T) {
	t.Parallel()
	byProduct := Assignment{By: ByField, Field: "product", People: map[string]domain.UserID{"a": helper.ID, "b": second}}
	inTurn := Assignment{By: ByRoundRobin, Among: []domain.UserID{second, helper.ID}}
	least := Assignment{By: ByLeastOpen, Among: []domain.UserID{helper.ID, second}}
	secondLeft := MemberSet{User: second, Roles: []domain.Role{domain.Reporter}}
	helperLeft := MemberRemoved{helper.ID}
	for name, c := range map[string]struct {
		in     Tracker
		ticket NewTicket
		want   domain.UserID
	}{
		"the default":                       {in: crew(Assignment{}), want: boss.ID},
		"the default by name":               {in: crew(Assignment{By: ByDefault}), want: boss.ID},
		"no default, nobody":                {in: crew(Assignment{}, MemberRemoved{boss.ID})},
		"by the answer":                     {in: crew(byProduct), ticket: NewTicket{Answers: map[string]string{"product": "b"}}, want: second},
		"no answer, the default":            {in: crew(byProduct), want: boss.ID},
		"an answer's person who has left":   {in: crew(byProduct, secondLeft), ticket: NewTicket{Answers: map[string]string{"product": "b"}}, want: boss.ID},
		"the first in turn":                 {in: crew(inTurn), ticket: NewTicket{Number: 1}, want: second},
		"the second in turn":                {in: crew(inTurn), ticket: NewTicket{Number: 2}, want: helper.ID},
		"the first again":                   {in: crew(inTurn), ticket: NewTicket{Number: 3}, want: second},
		"who has left is passed over":       {in: crew(inTurn, secondLeft), ticket: NewTicket{Number: 1}, want: helper.ID},
		"all in turn have left":             {in: crew(inTurn, secondLeft, helperLeft), ticket: NewTicket{Number: 1}, want: boss.ID},
		"everybody in turn, by id":          {in: crew(Assignment{By: ByRoundRobin}), ticket: NewTicket{Number: 3}, want: second},
		"the fewest open tickets":           {in: crew(least), ticket: NewTicket{Number: 1, Open: map[domain.UserID]int{helper.ID: 3, second: 2}}, want: second},
		"the same number, in turn":          {in: crew(least), ticket: NewTicket{Number: 2, Open: map[domain.UserID]int{helper.ID: 2, second: 2}}, want: second},
		"who has none has the fewest":       {in: crew(least), ticket: NewTicket{Number: 9, Open: map[domain.UserID]int{second: 1}}, want: helper.ID},
		"of those who are left, the fewest": {in: crew(least, secondLeft), ticket: NewTicket{Number: 1, Open: map[domain.UserID]int{helper.ID: 9}}, want: helper.ID},
	} {
		if got := c.in.FirstAssignee(c.ticket); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if all := c.in.FirstAssignees(); c.want != "" && !slices.Contains(all, c.want) {
			t.Errorf("%s: %v are said to be all, without %s", name, all, c.want)
		}
	}
}

func TestRoundRobinIsFair(t *testing.T) {
	t.Parallel()
	desk, got := crew(Assignment{By: ByRoundRobin}), map[domain.UserID]int{}
	for n := range int64(30) {
		got[desk.FirstAssignee(NewTicket{Number: n + 1})]++
	}
	for _, user := range desk.Assignable() {
		if got[user] != 10 {
			t.Errorf("%s has %d of 30, want 10", user, got[user])
		}
	}
}
