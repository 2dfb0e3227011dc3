package ticket

import (
	"testing"

	"suivi/domain"
	"suivi/domain/tracker"
)

func TestADeletedTicketIsThereForNobody(t *testing.T) {
	t.Parallel()
	root := domain.Actor{ID: "usr_root", Admin: true}
	gone := life(deed{pupil, Commented{Comment: 1, Body: "Hi"}}, deed{pupil, Watched{User: pupil.ID}}, deed{boss, Deleted{}})
	back := and(gone, deed{root, Undeleted{}})
	specs := map[string]spec{
		"a manager deletes":                          {given: life(), when: Delete{}, by: boss, then: []Event{Deleted{}}},
		"an administrator deletes":                   {given: life(), when: Delete{}, by: root, then: []Event{Deleted{}}},
		"a resolver does not":                        {given: life(), when: Delete{}, by: solver, code: "right-missing"},
		"the reporter does not":                      {given: life(), when: Delete{}, by: pupil, code: "right-missing"},
		"who does not see it neither":                {given: life(), when: Delete{}, by: other, code: "ticket-not-found"},
		"an administrator brings it back":            {given: gone, when: Undelete{}, by: root, then: []Event{Undeleted{}}},
		"a manager does not":                         {given: gone, when: Undelete{}, by: boss, code: "ticket-not-found"},
		"what is there needs not be brought back":    {given: back, when: Undelete{}, by: root},
		"and a manager is told whose business it is": {given: back, when: Undelete{}, by: boss, code: "admin-only"},
		"nor does what never was come back":          {when: Undelete{}, by: root, code: "ticket-not-found"},
		"it is back as it was":                       {given: back, when: Comment{"Ho"}, by: pupil, then: []Event{Commented{Comment: 2, Body: "Ho"}}},
		"and can be deleted again":                   {given: back, when: Delete{}, by: boss, then: []Event{Deleted{}}},
	}
	for name, command := range map[string]Command{
		"edited": Edit{Summary: new("T")}, "moved": ChangeState{To: tracker.Open}, "assigned": Assign{helper.ID}, "unassigned": Unassign{},
		"commented": Comment{"Hi"}, "noted": AddNote{"Hi"}, "watched": Watch{User: boss.ID}, "unwatched": Unwatch{pupil.ID}, "deleted": Delete{},
	} {
		for who, actor := range map[string]domain.Actor{"a manager": boss, "the reporter": pupil, "an administrator": root} {
			specs["a deleted ticket is not "+name+" by "+who] = spec{given: gone, when: command, by: actor, code: "ticket-not-found"}
		}
	}
	judge(t, specs)
}
