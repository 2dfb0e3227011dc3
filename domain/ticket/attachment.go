package ticket

import (
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// MaxFiles is how many files a ticket has at most, and again as many internal ones;
// those that answer fields are counted in neither.
const MaxFiles = 100

// FileAttached adds a file to the ticket, or to one of its comments or internal notes,
// or as the answer to a field.
type FileAttached struct {
	domain.File
	Comment int    `json:"comment,omitempty"`
	Note    int    `json:"note,omitempty"`
	Field   string `json:"field,omitempty"` // the field's code
	// Internal is true for a file of a note, and for any other that is for staff alone.
	Internal bool `json:"internal,omitempty"`
}

// FileRemoved takes a file away. That there was one stays.
type FileRemoved struct {
	Attachment domain.AttachmentID `json:"attachment"`
	Name       string              `json:"name"`
	Internal   bool                `json:"internal,omitempty"` // as the file was
	Field      string              `json:"field,omitempty"`    // whose answer it was
}

func (FileAttached) ticketEvent() string { return fileAttachedV1 }
func (FileRemoved) ticketEvent() string  { return fileRemovedV1 }

// Attach adds uploads of the actor to the ticket, or to one of its comments or notes.
type Attach struct {
	Files    []domain.AttachmentID
	Comment  int // 0: none
	Note     int // 0: none
	Internal bool
}

// WithFiles carries out a command that says something, and attaches files to what
// it says: to its comment or note, or to the ticket where there is none.
type WithFiles struct {
	Command Command // a Comment, AddNote or ChangeState, or an edit of a text
	Files   []domain.AttachmentID
}

// RemoveFile takes a file away.
type RemoveFile struct{ Attachment domain.AttachmentID }

func (Attach) ticketCommand()     {}
func (WithFiles) ticketCommand()  {}
func (RemoveFile) ticketCommand() {}

// Uploads are the uploads that a command attaches to a ticket of the tracker.
func Uploads(command Command, in tracker.Tracker) []domain.AttachmentID {
	switch c := command.(type) {
	case Attach:
		return c.Files
	case WithFiles:
		return slices.Concat(c.Files, Uploads(c.Command, in))
	case Post:
		return slices.Concat(c.Files, filesIn(c.Answers, in))
	case Edit:
		return filesIn(c.Answers, in)
	case TakeIn:
		var all []domain.AttachmentID
		for _, one := range c.Commands {
			all = append(all, Uploads(one, in)...)
		}
		return all
	}
	return nil
}

// MayUpload tells whether the command attaches uploads, or does so in some tracker.
func MayUpload(command Command) bool {
	switch c := command.(type) {
	case Post:
		return len(c.Files)+len(c.Answers) > 0
	case Edit:
		return len(c.Answers) > 0
	}
	return len(Uploads(command, tracker.Tracker{})) > 0
}

// Attached is what decisions ask about a file that is there.
type Attached struct {
	ID            domain.AttachmentID
	Name          string
	By            domain.UserID
	Comment, Note int
	Field         string
	Internal      bool
}

func attached(all []Attached, e FileAttached, by domain.UserID) []Attached {
	return append(slices.Clip(all), Attached{ID: e.ID, Name: e.Name, By: by, Comment: e.Comment, Note: e.Note, Field: e.Field, Internal: e.Internal})
}

func removed(all []Attached, id domain.AttachmentID) []Attached {
	return slices.DeleteFunc(slices.Clone(all), func(a Attached) bool { return a.ID == id })
}

func attach(t Ticket, c Attach, facts Facts) ([]Event, error) {
	var said Remark
	var err error
	switch {
	case c.Comment != 0 && (c.Note != 0 || c.Internal):
		return nil, domain.Errorf(domain.Invalid, "internal-on-comment", "a file is for staff, or on a comment that everybody reads")
	case c.Comment != 0:
		said, err = t.ownComment(c.Comment, "add files to this comment", facts)
	case c.Note != 0:
		said, err = t.ownNote(c.Note, facts)
	case c.Internal && !facts.Tracker.May(facts.Actor, domain.SeeInternal):
		err = rightMissing("attach internal files")
	case !c.Internal && !facts.Tracker.May(facts.Actor, domain.CommentOn):
		err = rightMissing("attach files to this ticket")
	}
	switch {
	case err != nil:
		return nil, err
	case said.Deleted && c.Note != 0:
		return nil, domain.Errorf(domain.Refused, "note-deleted", "the internal note %d of %s has been deleted", c.Note, t.ID)
	case said.Deleted:
		return nil, domain.Errorf(domain.Refused, "comment-deleted", "the comment %d of %s has been deleted", c.Comment, t.ID)
	case len(c.Files) == 0:
		var problems domain.Problems
		problems.Add("attachments", "required", "there is no file")
		return nil, problems.Err()
	}
	c.Internal = c.Internal || c.Note != 0
	return t.attachments(c, facts)
}

// attachments are the events that attach the files where c says.
func (t Ticket) attachments(c Attach, facts Facts) ([]Event, error) {
	var problems domain.Problems
	var events []Event
	there := 0
	for _, a := range t.Inner.Files {
		if a.Internal == c.Internal && a.Field == "" {
			there++
		}
	}
	for i, id := range c.Files {
		file, ours := facts.Files[id]
		switch {
		case slices.Contains(c.Files[:i], id):
		case !ours:
			problems.Add("attachments", "unknown-upload", "%s is no upload of yours that waits to be attached", id)
		case file.Size > facts.MaxFileSize:
			problems.Add("attachments", "file-too-large", "%q has more than %d bytes", file.Name, facts.MaxFileSize)
		default:
			events = append(events, FileAttached{File: file, Comment: c.Comment, Note: c.Note, Internal: c.Internal})
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if there+len(events) > MaxFiles {
		return nil, domain.Errorf(domain.Refused, "too-many-files", "%s has %d files; it can have %d", t.ID, there, MaxFiles)
	}
	return events, nil
}

// withFiles decides the command, then attaches to what it has said.
func withFiles(t Ticket, c WithFiles, facts Facts) ([]Event, error) {
	events, err := Decide(t, c.Command, facts)
	if err != nil {
		return nil, err
	}
	to := Attach{Files: c.Files}
	for _, event := range events {
		switch said := event.(type) {
		case Commented:
			to.Comment = said.Comment
		case CommentEdited:
			to.Comment = said.Comment
		case NoteAdded:
			to.Note, to.Internal = said.Note, true
		case NoteEdited:
			to.Note, to.Internal = said.Note, true
		}
	}
	if to.Comment == 0 && to.Note == 0 && !facts.Tracker.May(facts.Actor, domain.CommentOn) {
		return nil, rightMissing("attach files to this ticket")
	}
	files, err := t.after(events, facts).attachments(to, facts)
	return append(events, files...), err
}

// removeFile is for whoever attached the file, or manages comments. An internal one
// is not there for others.
func removeFile(t Ticket, c RemoveFile, facts Facts) ([]Event, error) {
	i := slices.IndexFunc(t.Inner.Files, func(a Attached) bool { return a.ID == c.Attachment })
	if i < 0 || t.Inner.Files[i].Internal && !facts.Tracker.May(facts.Actor, domain.SeeInternal) {
		return nil, domain.ErrNoAttachment(c.Attachment)
	}
	file := t.Inner.Files[i]
	if file.Field != "" {
		return nil, t.isAnswer(file, facts)
	}
	own := file.By == facts.Actor.ID && (file.Internal || facts.Tracker.May(facts.Actor, domain.CommentOn))
	if !own && !facts.Tracker.May(facts.Actor, domain.ManageComments) {
		return nil, rightMissing("remove this file")
	}
	return []Event{file.removal()}, nil
}

func (a Attached) removal() FileRemoved {
	return FileRemoved{Attachment: a.ID, Name: a.Name, Internal: a.Internal, Field: a.Field}
}

// removeAll takes away the files of a comment or note that goes.
func (t Ticket) removeAll(of func(Attached) bool) []Event {
	var events []Event
	for _, a := range t.Inner.Files {
		if of(a) {
			events = append(events, a.removal())
		}
	}
	return events
}
