package ticket

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Uploads of whoever acts in a specification, but for the last.
var (
	scan    = domain.NewAttachmentID("scan", 0)
	photo   = domain.NewAttachmentID("photo", 0)
	big     = domain.NewAttachmentID("big", 0)
	foreign = domain.NewAttachmentID("foreign", 0)
)

func scans() map[domain.AttachmentID]domain.File {
	return map[domain.AttachmentID]domain.File{scan: file(scan), photo: file(photo), big: {ID: big, Size: 101}}
}

func withScans(t *tracker.Tracker) {
	t.Fields = []tracker.Field{
		{Code: "kind", Type: tracker.Radio, Options: options("paper", "none")}, {Code: "room", Type: tracker.Text},
		{Code: "scan", Type: tracker.File, Condition: &tracker.Condition{Field: "kind", Answers: []string{"paper"}}},
		{Code: "photo", Type: tracker.File}, {Code: "inner", Type: tracker.File, Hidden: true},
	}
}

func answeredBy(id domain.AttachmentID, field string) FileAttached {
	return FileAttached{File: file(id), Field: field}
}

// scanned is a ticket whose scan is answered.
func scanned(more ...Event) []Event {
	return append([]Event{
		Posted{Tracker: "HELP", Number: 1, Summary: "S", Answers: answers{"kind": "paper", "scan": string(scan)}, Reporter: pupil.ID}, answeredBy(scan, "scan"),
	}, more...)
}

func TestAnAnswerMayBeAFile(t *testing.T) {
	t.Parallel()
	post := func(answers answers, files ...domain.AttachmentID) Post {
		return Post{Number: 1, Summary: "S", Answers: answers, Files: files}
	}
	edit := func(answers answers) Edit { return Edit{Answers: answers} }
	replaced := FileRemoved{Attachment: scan, Name: string(scan) + ".txt", Field: "scan"}
	for name, c := range map[string]struct {
		given []Event
		when  Command
		by    domain.Actor
		then  []Event
		wrong string
		code  string
	}{
		"a post brings the file of its answer":        {when: post(answers{"kind": "paper", "scan": string(scan)}), by: pupil, then: scanned()},
		"another's upload is none":                    {when: post(answers{"photo": string(foreign)}), by: pupil, wrong: "answers.photo unknown-upload"},
		"one that is too large":                       {when: post(answers{"photo": string(big)}), by: pupil, wrong: "answers.photo file-too-large"},
		"what is no id of a file":                     {when: post(answers{"photo": "photo.jpg"}), by: pupil, wrong: "answers.photo not-a-file"},
		"one file for two fields":                     {when: post(answers{"kind": "paper", "photo": string(scan), "scan": string(scan)}), by: pupil, wrong: "answers.scan unknown-upload"},
		"a file of the ticket that is also an answer": {when: post(answers{"photo": string(photo)}, photo), by: pupil, wrong: "answers.photo unknown-upload"},
		"where the field is not asked":                {when: post(answers{"scan": string(scan)}), by: pupil, wrong: "answers.scan not-asked"},
		"of a field that is hidden from one":          {when: post(answers{"inner": string(scan)}), by: pupil, wrong: "answers.inner unknown-field"},
		"an id in a text is a text":                   {when: post(answers{"room": string(scan)}), by: pupil, then: []Event{Posted{Tracker: "HELP", Number: 1, Summary: "S", Answers: answers{"room": string(scan)}, Reporter: pupil.ID}}},
		"an edit replaces the file": {
			given: scanned(), when: edit(answers{"scan": string(photo)}), by: pupil,
			then: []Event{Edited{Answers: answers{"scan": string(photo)}}, replaced, answeredBy(photo, "scan")},
		},
		"or takes it away":                           {given: scanned(), when: edit(answers{"scan": ""}), by: pupil, then: []Event{Edited{Answers: answers{"scan": ""}}, replaced}},
		"the same answer again is nothing":           {given: scanned(), when: edit(answers{"scan": string(scan)}), by: pupil},
		"what is no longer asked goes with its file": {given: scanned(), when: edit(answers{"kind": "none"}), by: pupil, then: []Event{Edited{Answers: answers{"kind": "none", "scan": ""}}, replaced}},
		"another edit leaves it":                     {given: scanned(), when: edit(answers{"room": "12"}), by: pupil, then: []Event{Edited{Answers: answers{"room": "12"}}}},
		"the file of one field is not the other's":   {given: scanned(), when: edit(answers{"photo": string(foreign)}), by: pupil, wrong: "answers.photo unknown-upload"},
		"it goes only with its answer":               {given: scanned(), when: RemoveFile{scan}, by: boss, code: "file-is-answer"},
		"also for who attached it":                   {given: scanned(), when: RemoveFile{scan}, by: pupil, code: "file-is-answer"},
		"a hidden one is not there for others":       {given: scanned(Edited{Answers: answers{"inner": string(photo)}}, answeredBy(photo, "inner")), when: RemoveFile{photo}, by: pupil, code: "attachment-not-found"},
		"it is for staff":                            {given: scanned(Edited{Answers: answers{"inner": string(photo)}}, answeredBy(photo, "inner")), when: RemoveFile{photo}, by: helper, code: "file-is-answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := Facts{Tracker: help(withScans), Actor: c.by, OccurredAt: monday.Add(time.Minute), Files: scans(), MaxFileSize: 100}
			got, err := Decide(given(c.given), c.when, facts)
			if wrong := wrongParts(err); wrong != c.wrong || c.code != "" && codeOf(err) != c.code || c.wrong+c.code == "" && err != nil {
				t.Fatalf("got %v, %q; want %s%s", err, wrong, c.wrong, c.code)
			}
			if diff := cmp.Diff(c.then, seen(got), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhichUploadsACommandAttaches(t *testing.T) {
	t.Parallel()
	ids := []domain.AttachmentID{photo}
	for name, c := range map[string]struct {
		command Command
		want    []domain.AttachmentID
	}{
		"a post its files and those of its answers": {Post{Files: ids, Answers: answers{"scan": string(scan), "room": string(big)}}, []domain.AttachmentID{photo, scan}},
		"an edit those of its answers":              {Edit{Answers: answers{"scan": string(scan), "photo": "", "room": "12"}}, []domain.AttachmentID{scan}},
		"a change of state its files":               {WithFiles{ChangeState{To: tracker.Open}, ids}, ids},
		"an edit with files both":                   {WithFiles{Edit{Answers: answers{"scan": string(scan)}}, []domain.AttachmentID{photo}}, []domain.AttachmentID{photo, scan}},
		"a comment none":                            {Comment{string(scan)}, nil},
	} {
		if diff := cmp.Diff(c.want, Uploads(c.command, help(withScans))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if MayUpload(c.command) != (len(c.want) > 0) {
			t.Errorf("%s: it may attach uploads: %v", name, MayUpload(c.command))
		}
	}
}

// A file that answers a field goes where its answer goes.
func TestAMovedFileAnswersWhereItIsTaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to      []tracker.Field
		answers answers
		brought []Brought
	}{
		"to a file field":      {[]tracker.Field{{Code: "scan", Type: tracker.File}}, answers{"scan": string(scan)}, []Brought{{"HELP", "kind", "paper"}}},
		"never to a text":      {[]tracker.Field{{Code: "scan", Type: tracker.Text}}, nil, []Brought{{"HELP", "kind", "paper"}, {"HELP", "scan", string(scan)}}},
		"nor a text to a file": {[]tracker.Field{{Code: "kind", Type: tracker.File}}, nil, []Brought{{"HELP", "kind", "paper"}, {"HELP", "scan", string(scan)}}},
	} {
		ticket := given(scanned())
		events, err := Decide(ticket, Move{To: "NET"}, Facts{Tracker: help(withScans), Target: network(fields(c.to...)), Actor: boss, OccurredAt: monday})
		if err != nil {
			t.Fatal(err)
		}
		got := ticket.after(events, Facts{})
		if diff := cmp.Diff(c.answers, got.Answers, cmpopts.EquateEmpty()) + cmp.Diff(c.brought, got.Brought); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(got.Inner.Files) != 1 {
			t.Errorf("%s: the ticket has the files %v", name, got.Inner.Files)
		}
	}
}

func TestAChangeOfStateTakesFiles(t *testing.T) {
	t.Parallel()
	ids := []domain.AttachmentID{"att_a"}
	a, onComment := FileAttached{File: file("att_a")}, FileAttached{File: file("att_a"), Comment: 1}
	resolved := StateChanged{tracker.Posted, tracker.Resolved}
	resolve := ChangeState{To: tracker.Resolved, Resolution: "Done"}
	judge(t, map[string]spec{
		"on the comment that comes with it":  {given: life(), when: WithFiles{ChangeState{To: tracker.Resolved, Comment: "Look"}, ids}, by: solver, then: []Event{Commented{Comment: 1, Body: "Look"}, resolved, onComment}},
		"on the ticket where there is none":  {given: life(), when: WithFiles{resolve, ids}, by: solver, then: []Event{ResolutionWritten{"Done"}, resolved, a}},
		"who may not comment attaches none":  {in: help(by(domain.Resolver, nil, domain.CommentOn)), given: life(), when: WithFiles{resolve, ids}, by: solver, code: "right-missing"},
		"a refused change attaches nothing":  {given: life(), when: WithFiles{resolve, ids}, by: pupil, code: "role-missing"},
		"without comments in a mute tracker": {in: help(mute), given: life(), when: WithFiles{ChangeState{To: tracker.Resolved, Comment: "Look"}, ids}, by: solver, code: "comments-disabled"},
	})
}

// The files of a branch are those of its comment, whatever the tracker takes from people.
func TestABranchHasTheFilesOfItsComment(t *testing.T) {
	t.Parallel()
	got, err := Decide(Ticket{}, Post{Number: 9, Summary: "S", Copies: []domain.File{file("att_a")}}, Facts{Tracker: help(), Actor: boss, OccurredAt: monday})
	want := []Event{Posted{Tracker: "HELP", Number: 9, Summary: "S", Reporter: boss.ID}, FileAttached{File: file("att_a")}}
	if diff := cmp.Diff(want, seen(got)); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
