package ticket

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suivi/domain"
	"suivi/domain/tracker"
)

func TestInternalNotesAreForStaff(t *testing.T) {
	t.Parallel()
	noted := life(deed{helper, NoteAdded{Note: 1, Body: "Hm"}}, deed{pupil, Commented{Comment: 1, Body: "Hi"}}, deed{solver, NoteAdded{Note: 2, Body: "Yes"}})
	gone := and(noted, deed{helper, NoteDeleted{1}})
	inHelp := func(t *tracker.Tracker) { withAdaAndBob(t); bugtracker(t) }
	text := "@" + string(ada) + " @" + string(bob) // who sees the ticket, but no notes
	judge(t, map[string]spec{
		"a worker writes one":                      {given: life(), when: AddNote{"Hm"}, by: helper, then: []Event{NoteAdded{Note: 1, Body: "Hm"}}},
		"notes have numbers of their own":          {given: noted, when: AddNote{"So"}, by: boss, then: []Event{NoteAdded{Note: 3, Body: "So"}}},
		"and comments theirs":                      {given: noted, when: Comment{"Ho"}, by: pupil, then: []Event{Commented{Comment: 2, Body: "Ho"}}},
		"a reporter writes none":                   {given: life(), when: AddNote{"Hm"}, by: pupil, code: "right-missing"},
		"a reporter who sees all neither":          {in: help(bugtracker), given: life(), when: AddNote{"Hm"}, by: other, code: "right-missing"},
		"a note says something":                    {given: life(), when: AddNote{""}, by: helper, code: "invalid-input"},
		"the author edits":                         {given: noted, when: EditNote{1, "Hmm"}, by: helper, then: []Event{NoteEdited{Note: 1, Body: "Hmm"}}},
		"a manager edits":                          {given: noted, when: EditNote{1, "Hmm"}, by: boss, then: []Event{NoteEdited{Note: 1, Body: "Hmm"}}},
		"another worker does not":                  {given: noted, when: EditNote{1, "Hmm"}, by: solver, code: "right-missing"},
		"the same text is nothing":                 {given: noted, when: EditNote{1, "Hm"}, by: helper},
		"an edited note says something":            {given: noted, when: EditNote{1, ""}, by: helper, code: "invalid-input"},
		"a note that is not there is not found":    {given: noted, when: EditNote{3, "Hmm"}, by: boss, code: "note-not-found"},
		"a reporter is not told whether there is":  {given: noted, when: EditNote{1, "Hmm"}, by: pupil, code: "right-missing"},
		"nor whether there is none":                {given: noted, when: DeleteNote{9}, by: pupil, code: "right-missing"},
		"the author deletes":                       {given: noted, when: DeleteNote{1}, by: helper, then: []Event{NoteDeleted{1}}},
		"another worker does not delete":           {given: noted, when: DeleteNote{1}, by: solver, code: "right-missing"},
		"deleting again is nothing":                {given: gone, when: DeleteNote{1}, by: boss},
		"a deleted note is not edited":             {given: gone, when: EditNote{1, "Hmm"}, by: helper, code: "note-deleted"},
		"who sees notes is told of a mention":      {in: help(inHelp), given: life(), when: AddNote{text}, by: helper, then: []Event{NoteAdded{Note: 1, Body: text, Mentions: []domain.UserID{ada}}}},
		"and of one in an edit":                    {in: help(inHelp), given: noted, when: EditNote{1, text}, by: helper, then: []Event{NoteEdited{Note: 1, Body: text, Mentions: []domain.UserID{ada}}}},
		"a comment tells of the same mention both": {in: help(inHelp), given: life(), when: Comment{text}, by: helper, then: []Event{Commented{Comment: 1, Body: text, Mentions: []domain.UserID{ada, bob}}}},
	})
}

// What answers show of a ticket is the same with and without internal events.
func TestAnInternalEventLeavesNoTrace(t *testing.T) {
	t.Parallel()
	at := monday
	open := given(posted(Commented{Comment: 1, Body: "Hi"}))
	noted := open
	for _, event := range []Event{NoteAdded{Note: 1, Body: "Hm"}, NoteEdited{Note: 1, Body: "Hmm"}, NoteDeleted{Note: 1}, Watched{User: helper.ID}, Unwatched{User: helper.ID}} {
		at = at.Add(time.Hour)
		noted = Evolve(noted, event, domain.Meta{Actor: helper.ID, OccurredAt: at})
		if !Internal(event) {
			t.Errorf("%T is not internal", event)
		}
	}
	if diff := cmp.Diff(open, noted, cmpopts.IgnoreFields(Ticket{}, "Inner")); diff != "" {
		t.Error(diff)
	}
	if noted.Inner.Events != open.Inner.Events+5 || !noted.Inner.LastAt.Equal(at) {
		t.Errorf("got %d events, the last at %s", noted.Inner.Events, noted.Inner.LastAt)
	}
}

func TestHistoryDoesNotGoBackBehindAnInternalEventEither(t *testing.T) {
	t.Parallel()
	noted := Evolve(given(posted()), NoteAdded{Note: 1, Body: "Hm"}, domain.Meta{Actor: helper.ID, OccurredAt: monday.Add(time.Hour)})
	_, err := Decide(noted, Comment{"Hi"}, Facts{Tracker: help(), Actor: boss, OccurredAt: monday.Add(time.Minute)})
	if domain.CodeOf(err) != "before-last-change" {
		t.Errorf("got %v", err)
	}
}
