package ticket

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

func TestACommentIsBranchedByStaff(t *testing.T) {
	t.Parallel()
	said := life(deed{pupil, Commented{Comment: 1, Body: "And the light"}}, deed{pupil, Commented{Comment: 2, Body: "Oh"}}, deed{pupil, CommentDeleted{2}})
	judge(t, map[string]spec{
		"a developer branches":               {given: said, when: Branch{1, "HELP-9"}, by: helper, then: []Event{Branched{1, "HELP-9"}}},
		"asking whether one may is nothing":  {given: said, when: Branch{Comment: 1}, by: helper},
		"a reporter does not":                {given: said, when: Branch{Comment: 1}, by: pupil, code: "right-missing"},
		"who does not see it neither":        {given: said, when: Branch{Comment: 1}, by: other, code: "ticket-not-found"},
		"a comment that is not there":        {given: said, when: Branch{Comment: 3}, by: helper, code: "comment-not-found"},
		"a deleted comment has nothing left": {given: said, when: Branch{Comment: 2}, by: helper, code: "comment-deleted"},
	})
}

func TestABranchTakesTheWatchersWithIt(t *testing.T) {
	t.Parallel()
	origin := &Origin{"HELP-7", 2}
	got, err := Decide(Ticket{}, Post{
		Number: 9, Summary: "S", OnBehalfOf: pupil.ID, BranchedFrom: origin,
		Watchers: map[domain.UserID][]domain.Topic{helper.ID: few, pupil.ID: none, visitor.ID: few},
	}, Facts{Tracker: help(helperFirst), Actor: boss, OccurredAt: monday.Add(time.Minute), WatchDefaults: defaults})
	want := []Event{
		Posted{Tracker: "HELP", Number: 9, Summary: "S", Reporter: pupil.ID, BranchedFrom: origin},
		Watched{User: helper.ID, Topics: few, Automatic: true}, Watched{User: pupil.ID, Topics: none, Automatic: true}, assignedToHelper,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
