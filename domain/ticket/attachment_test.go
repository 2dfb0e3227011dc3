package ticket

import (
	"fmt"
	"slices"
	"testing"

	"suivi/domain"
)

// waiting are the uploads that the actor of a specification may attach.
func waiting() map[domain.AttachmentID]domain.File {
	return map[domain.AttachmentID]domain.File{"att_a": file("att_a"), "att_b": file("att_b"), "att_big": {ID: "att_big", Size: 101}}
}

func file(id domain.AttachmentID) domain.File {
	return domain.File{ID: id, Name: string(id) + ".txt", Size: 100, Type: "text/plain", Hash: "hash of " + string(id)}
}

func TestFilesAreAttachedByWhoMayCommentAndInternalOnesByStaff(t *testing.T) {
	t.Parallel()
	ids := func(ids ...domain.AttachmentID) []domain.AttachmentID { return ids }
	a, b := FileAttached{File: file("att_a")}, FileAttached{File: file("att_b")}
	on := func(f FileAttached, comment, note int, internal bool) FileAttached {
		f.Comment, f.Note, f.Internal = comment, note, internal
		return f
	}
	said := life(deed{pupil, Commented{Comment: 1, Body: "Hi"}}, deed{helper, NoteAdded{Note: 1, Body: "Hm"}})
	gone := slices.Concat(said, []deed{{pupil, CommentDeleted{Comment: 1}}, {helper, NoteDeleted{Note: 1}}})
	mutePupils := by(domain.Reporter, nil, domain.CommentOn)
	full, fullInside := life(), life()
	for i := range MaxFiles {
		full = append(full, deed{pupil, FileAttached{File: file(domain.AttachmentID(fmt.Sprint(i)))}})
		fullInside = append(fullInside, deed{helper, FileAttached{File: file(domain.AttachmentID(fmt.Sprint(i))), Internal: true}})
	}
	less := slices.Concat(full, []deed{{pupil, FileRemoved{Attachment: "7"}}})
	judge(t, map[string]spec{
		"the reporter attaches two files":             {given: life(), when: Attach{Files: ids("att_a", "att_b")}, by: pupil, then: []Event{a, b}},
		"the same twice is once":                      {given: life(), when: Attach{Files: ids("att_a", "att_a")}, by: pupil, then: []Event{a}},
		"no file is a mistake":                        {given: life(), when: Attach{}, by: pupil, code: "invalid-input"},
		"somebody else's upload is none":              {given: life(), when: Attach{Files: ids("att_a", "att_c")}, by: pupil, code: "invalid-input"},
		"a file that is too large by now":             {given: life(), when: Attach{Files: ids("att_big")}, by: pupil, code: "invalid-input"},
		"who does not see the ticket is not told":     {given: life(), when: Attach{Files: ids("att_a")}, by: other, code: "ticket-not-found"},
		"who may not comment does not attach":         {in: help(mutePupils), given: life(), when: Attach{Files: ids("att_a")}, by: pupil, code: "right-missing"},
		"not in an archived tracker":                  {in: help(archived), given: life(), when: Attach{Files: ids("att_a")}, by: boss, code: "tracker-archived"},
		"on one's comment":                            {given: said, when: Attach{Files: ids("att_a"), Comment: 1}, by: pupil, then: []Event{on(a, 1, 0, false)}},
		"not on another's comment":                    {given: said, when: Attach{Files: ids("att_a"), Comment: 1}, by: helper, code: "right-missing"},
		"a manager on any":                            {given: said, when: Attach{Files: ids("att_a"), Comment: 1}, by: boss, then: []Event{on(a, 1, 0, false)}},
		"not on one that is not there":                {given: said, when: Attach{Files: ids("att_a"), Comment: 2}, by: boss, code: "comment-not-found"},
		"nor on a deleted one":                        {given: gone, when: Attach{Files: ids("att_a"), Comment: 1}, by: boss, code: "comment-deleted"},
		"staff attach what staff see":                 {given: life(), when: Attach{Files: ids("att_a"), Internal: true}, by: helper, then: []Event{on(a, 0, 0, true)}},
		"a reporter does not":                         {given: life(), when: Attach{Files: ids("att_a"), Internal: true}, by: pupil, code: "right-missing"},
		"a file of a note is internal":                {given: said, when: Attach{Files: ids("att_a"), Note: 1}, by: helper, then: []Event{on(a, 0, 1, true)}},
		"not on another's note":                       {given: said, when: Attach{Files: ids("att_a"), Note: 1}, by: solver, code: "right-missing"},
		"nor on a deleted note":                       {given: gone, when: Attach{Files: ids("att_a"), Note: 1}, by: boss, code: "note-deleted"},
		"a reporter is not told whether there is one": {given: said, when: Attach{Files: ids("att_a"), Note: 1}, by: pupil, code: "right-missing"},
		"a comment is for all or for staff":           {given: said, when: Attach{Files: ids("att_a"), Comment: 1, Internal: true}, by: boss, code: "internal-on-comment"},
		"a ticket can be full":                        {given: full, when: Attach{Files: ids("att_a")}, by: boss, code: "too-many-files"},
		"but not full of what one does not see":       {given: fullInside, when: Attach{Files: ids("att_a")}, by: pupil, then: []Event{a}},
		"what was removed makes room for one":         {given: less, when: Attach{Files: ids("att_a")}, by: pupil, then: []Event{a}},
		"and not for two":                             {given: less, when: Attach{Files: ids("att_a", "att_b")}, by: pupil, code: "too-many-files"},
		"a comment with files": {
			given: said, when: WithFiles{Comment{"See"}, ids("att_a")}, by: pupil,
			then: []Event{Commented{Comment: 2, Body: "See"}, on(a, 2, 0, false)},
		},
		"a note with files": {
			given: said, when: WithFiles{AddNote{"See"}, ids("att_a")}, by: helper,
			then: []Event{NoteAdded{Note: 2, Body: "See"}, on(a, 0, 2, true)},
		},
		"an edited comment with a picture more": {
			given: said, when: WithFiles{EditComment{Comment: 1, Body: "See"}, ids("att_a")}, by: pupil,
			then: []Event{CommentEdited{Comment: 1, Body: "See"}, on(a, 1, 0, false)},
		},
		"an edited note with a picture more": {
			given: said, when: WithFiles{EditNote{Note: 1, Body: "See"}, ids("att_a")}, by: helper,
			then: []Event{NoteEdited{Note: 1, Body: "See"}, on(a, 0, 1, true)},
		},
		"an edited ticket with a picture more": {
			given: said, when: WithFiles{Edit{Description: new("See")}, ids("att_a")}, by: pupil, then: []Event{Edited{Description: new("See"), Answers: map[string]string{}}, a},
		},
		"another's comment is not edited for it":   {given: said, when: WithFiles{EditComment{Comment: 1, Body: "See"}, ids("att_a")}, by: helper, code: "right-missing"},
		"a refused comment attaches nothing":       {given: said, when: WithFiles{Comment{""}, ids("att_a")}, by: pupil, code: "invalid-input"},
		"a comment with another's upload":          {given: said, when: WithFiles{Comment{"See"}, ids("att_c")}, by: pupil, code: "invalid-input"},
		"no comment with files where they are off": {in: help(mute), given: said, when: WithFiles{Comment{"See"}, ids("att_a")}, by: pupil, code: "comments-disabled"},
	})
}

func TestAPostBringsItsFiles(t *testing.T) {
	t.Parallel()
	events, err := Decide(Ticket{}, Post{Number: 1, Summary: "No sound", Files: []domain.AttachmentID{"att_a"}, Answers: map[string]string{"product": "a"}},
		Facts{Tracker: help(), Actor: pupil, OccurredAt: monday, Files: waiting(), MaxFileSize: 100})
	if err != nil || events[1].(FileAttached).ID != "att_a" {
		t.Errorf("got %v, %v", events, err)
	}
	events, err = Decide(Ticket{}, Post{Number: 1, Summary: "No sound", Files: []domain.AttachmentID{"att_c"}},
		Facts{Tracker: help(), Actor: pupil, OccurredAt: monday, Files: waiting(), MaxFileSize: 100})
	if domain.CodeOf(err) != "invalid-input" {
		t.Errorf("got %v, %v", events, err)
	}
}

func TestFilesAreRemovedByWhoAttachedThemAndManagers(t *testing.T) {
	t.Parallel()
	open, inside := FileAttached{File: file("att_a"), Comment: 1}, FileAttached{File: file("att_b"), Note: 1, Internal: true}
	given := life(deed{pupil, Commented{Comment: 1, Body: "Hi"}}, deed{helper, NoteAdded{Note: 1, Body: "Hm"}}, deed{pupil, open}, deed{helper, inside})
	openGone := FileRemoved{Attachment: "att_a", Name: "att_a.txt"}
	insideGone := FileRemoved{Attachment: "att_b", Name: "att_b.txt", Internal: true}
	judge(t, map[string]spec{
		"who attached it":                         {given: given, when: RemoveFile{"att_a"}, by: pupil, then: []Event{openGone}},
		"a manager":                               {given: given, when: RemoveFile{"att_a"}, by: boss, then: []Event{openGone}},
		"nobody else":                             {given: given, when: RemoveFile{"att_a"}, by: helper, code: "right-missing"},
		"not twice":                               {given: append(given, deed{pupil, openGone}), when: RemoveFile{"att_a"}, by: pupil, code: "attachment-not-found"},
		"not what never was":                      {given: given, when: RemoveFile{"att_c"}, by: boss, code: "attachment-not-found"},
		"an internal one is not there for all":    {given: given, when: RemoveFile{"att_b"}, by: pupil, code: "attachment-not-found"},
		"who attached the internal one":           {given: given, when: RemoveFile{"att_b"}, by: helper, then: []Event{insideGone}},
		"other staff not":                         {given: given, when: RemoveFile{"att_b"}, by: solver, code: "right-missing"},
		"a deleted comment takes its files along": {given: given, when: DeleteComment{1}, by: pupil, then: []Event{CommentDeleted{1}, openGone}},
		"a deleted note too":                      {given: given, when: DeleteNote{1}, by: helper, then: []Event{NoteDeleted{1}, insideGone}},
	})
}

func TestAnInternalFileLeavesNoTrace(t *testing.T) {
	t.Parallel()
	before := given(posted())
	after := before
	for _, event := range []Event{FileAttached{File: file("att_a"), Internal: true}, FileRemoved{Attachment: "att_a", Internal: true}} {
		after = Evolve(after, event, domain.Meta{OccurredAt: monday.AddDate(0, 0, 1)})
	}
	if after.Version != before.Version || !after.UpdatedAt.Equal(before.UpdatedAt) || len(after.Inner.Files) != 0 {
		t.Errorf("got %+v, want %+v", after, before)
	}
	if open := Evolve(before, FileAttached{File: file("att_a")}, domain.Meta{OccurredAt: monday}); open.Version != before.Version+1 {
		t.Errorf("got version %d", open.Version)
	}
}
