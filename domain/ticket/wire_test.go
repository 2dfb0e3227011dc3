package ticket

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Every name ever stored, with an event that uses every part of it. The golden
// files are never edited: they are what stands in people's logs.
var golden = map[string]Event{
	postedV1: Posted{
		Tracker: "HELP", Number: 7, Summary: "No sound", Description: "Since *today*",
		Answers: map[string]string{"product": "a"}, Reporter: "usr_1",
	},
	editedV1: Edited{
		Summary: new("Still no sound"), Description: new(""), Answers: map[string]string{"product": "", "room": "12"},
	},
	resolutionWrittenV1:             ResolutionWritten{Resolution: "Unmuted"},
	stateChangedV1:                  StateChanged{From: tracker.Posted, To: tracker.Working},
	assignedV1:                      Assigned{Assignee: "usr_2", Previous: "usr_1"},
	unassignedV1:                    Unassigned{Previous: "usr_2"},
	commentedV1:                     Commented{Comment: 1, Body: "Hello"},
	commentedV1 + with + "mentions": Commented{Comment: 1, Body: "Hello", Mentions: []domain.UserID{"usr_2"}},
	commentEditedV1:                 CommentEdited{Comment: 1, Body: "Hello again", Mentions: []domain.UserID{"usr_2"}},
	commentDeletedV1:                CommentDeleted{Comment: 1},
	noteAddedV1:                     NoteAdded{Note: 1, Body: "Between us", Mentions: []domain.UserID{"usr_2"}},
	noteEditedV1:                    NoteEdited{Note: 1, Body: "Between you and me", Mentions: []domain.UserID{"usr_2"}},
	noteDeletedV1:                   NoteDeleted{Note: 1},
	watchedV1:                       Watched{User: "usr_2", Topics: []domain.Topic{"resolved", "comment"}, Automatic: true},
	unwatchedV1:                     Unwatched{User: "usr_2"},
	deletedV1:                       Deleted{},
	undeletedV1:                     Undeleted{},
	branchedV1:                      Branched{Comment: 2, Ticket: "HELP-9"},
	postedV1 + with + "branched":    Posted{Tracker: "HELP", Number: 9, Summary: "No sound", Reporter: "usr_1", BranchedFrom: &Origin{"HELP-7", 2}},
	rankedV1:                        Ranked{Rank: "VV"},
	raiseRequestedV1:                RaiseRequested{Request: 1, Reason: "The exam is tomorrow", Urgent: true},
	raiseGrantedV1:                  RaiseGranted{Request: 1},
	raiseRefusedV1:                  RaiseRefused{Request: 1, Answer: "So is everybody's"},
	fileAttachedV1: FileAttached{
		File: domain.File{ID: "att_2", Name: "pièce jointe.pdf", Size: 7, Type: "application/pdf", Hash: "ab"}, Comment: 2,
	},
	fileAttachedV1 + with + "picture": FileAttached{
		File: domain.File{ID: "att_2", Name: "a.png", Size: 7, Type: "image/png", Hash: "ab", Picture: &domain.Picture{Width: 3, Height: 4, Thumbnail: "cd", ThumbnailType: "image/jpeg"}},
		Note: 1, Internal: true,
	},
	movedV1: Moved{
		From: "HELP", To: "NET", Answers: map[string]string{"product": "a"}, Brought: []Brought{{From: "HELP", Code: "room", Answer: "12"}},
	},
	fileAttachedV1 + with + "field": FileAttached{
		File: domain.File{ID: "att_2", Name: "scan.pdf", Size: 7, Type: "application/pdf", Hash: "ab"}, Field: "scan",
	},
	fileRemovedV1 + with + "field": FileRemoved{Attachment: "att_2", Name: "scan.pdf", Field: "scan"},
	fileRemovedV1:                  FileRemoved{Attachment: "att_2", Name: "a.png", Internal: true},
	cascadedV1:                     Cascaded{Link: "l-1", To: "TOP"},
	cascadeLinkedV1:                CascadeLinked{Link: "l-1", Copy: "TOP-3"},
	cascadeReportedV1:              CascadeReported{Link: "l-1", State: tracker.Resolved, Resolution: new("Unmuted")},
	cascadeRefusedV1:               CascadeRefused{Link: "l-1", Reason: "Not ours"},
	cascadeEndedV1:                 CascadeEnded{Link: "l-1", Why: EndRefused, Reason: "Not ours"},
	mirroredV1:                     Mirrored{Tool: "redmine", Site: "https://redmine.example.org", ID: "7", URL: "https://redmine.example.org/issues/7"},
	mirrorMatchedV1:                MirrorMatched{Tool: "redmine", ID: "7", Parts: []Part{{ID: "1"}, {ID: "2", Comment: 1}, {ID: "3", Note: 1}, {ID: "4", Attachment: "att_2"}}},
	mirrorRefusedV1:                MirrorRefused{Tool: "redmine", ID: "7", Change: "5", Code: "right-missing", Reason: "you may not change the state of this ticket"},
	unmirroredV1:                   Unmirrored{Tool: "redmine", ID: "7", Why: TicketLeft},
	unmirroredV1 + with + "gone":   Unmirrored{Tool: "redmine", ID: "7", Why: TwinLost, Gone: true},
	postedV1 + with + "copy":       Posted{Tracker: "TOP", Number: 3, Summary: "No sound", Reporter: "usr_1", CopyOf: &Original{"HELP-7", "l-1"}},
	commentedV1 + with + "copied":  Commented{Comment: 1, Body: "Hello", Copied: &Copied{Link: "l-1", Comment: 2, Author: "usr_2", At: monday}},

	mirrorMatchedV1 + with + "ended": MirrorMatched{Tool: "redmine", ID: "7", Parts: []Part{{ID: "1", Ended: true}}},
}

// with parts a stored name from a part that came to its shape later.
const with = "+"

func TestStoredEventsAreReadForEver(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != len(golden) {
		t.Fatalf("%d golden files, %d golden events, %v: one for each name ever stored", len(files), len(golden), err)
	}
	for file, event := range golden {
		name, _, _ := strings.Cut(file, with)
		stored, err := os.ReadFile(filepath.Join("testdata", file+".json"))
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := Decode(name, stored)
		if diff := cmp.Diff(event, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		written, data, err := Encode(event)
		if err != nil || written != name || !bytes.Equal(data, bytes.TrimSpace(stored)) {
			t.Errorf("Encode(%T) = %s %s, %v; want %s %s", event, written, data, err, name, stored)
		}
	}
}

func TestUnknownAndBrokenEventsAreErrors(t *testing.T) {
	t.Parallel()
	if e, err := Decode("ticket.posted.v9", []byte(`{}`)); err == nil {
		t.Errorf("got %v, want an error", e)
	}
	if e, err := Decode(postedV1, []byte(`{"number":"x"}`)); err == nil {
		t.Errorf("got %v, want an error", e)
	}
}
