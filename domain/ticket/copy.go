package ticket

import (
	"maps"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Original is the ticket that a copy was made of, and the link between the two.
type Original struct {
	Ticket domain.TicketID `json:"ticket"`
	Link   string          `json:"link"`
}

// Copy posts the copy of a ticket in the parent tracker, Facts.Tracker, with as
// many of its comments as fit into one append. Only what everybody may see who
// sees the original goes with it: no internal note, no hidden answer.
type Copy struct {
	Number     int64
	Original   Ticket
	From       tracker.Tracker // the original's
	Transcript Transcript      // of the original
}

// CopyMore gives a copy the next of its original's comments.
type CopyMore struct {
	Upto       int // how many the original had when it was sent up
	Transcript Transcript
}

func (Copy) ticketCommand()     {}
func (CopyMore) ticketCommand() {}

// How much goes into one append at most, unless a single comment is more.
const (
	appendBytes  = 256 * 1024 // of JSON
	appendEvents = 400
)

func decideCopy(t Ticket, c Copy, facts Facts) ([]Event, error) {
	link, ok := c.Original.Inner.Active()
	switch {
	case !ok || t.Exists():
		return nil, nil
	case facts.Tracker.Archived:
		return nil, tracker.ErrArchived(facts.Tracker.Key)
	}
	to := copier{link: link.ID, files: c.Transcript.Files}
	answers := copiedAnswers(c.Original, c.From, facts)
	answered := to.answerFiles(answers, facts.Tracker)
	posted := Posted{
		Tracker: facts.Tracker.Key, Number: c.Number, Summary: c.Original.Summary, Description: to.text(c.Original.Description),
		Answers: answers, Reporter: c.Original.Reporter, CopyOf: &Original{c.Original.ID, link.ID},
	}
	events := append([]Event{posted}, entered(Ticket{Number: c.Number}, facts)...)
	events = append(append(events, answered...), to.filesOf(0, 0)...)
	t = t.after(events, facts)
	events = append(events, to.comments(t, link.Comments, c.Transcript.Comments)...)
	first := facts.Tracker.FirstAssignee(tracker.NewTicket{Number: c.Number, Answers: posted.Answers, Open: facts.OpenByAssignee})
	if first != "" {
		events = append(events, Assigned{Assignee: first})
		events = append(events, t.subscribe(domain.Actor{ID: first}, becauseAssigned, facts)...)
	}
	return events, nil
}

func copyMore(t Ticket, c CopyMore) []Event {
	to := copier{link: t.Inner.CopyOf.Link, files: c.Transcript.Files}
	return to.comments(t, c.Upto, c.Transcript.Comments)
}

// copier copies texts and files from a ticket to its copy.
type copier struct {
	link  string
	files []FileAttached // of the original
}

// comments are the events of the next comments that the copy lacks, with their files.
func (to copier) comments(t Ticket, upto int, all []Commented) []Event {
	var events []Event
	size, number := 0, t.Comments
	for _, said := range all {
		if said.Comment <= t.Inner.CopyOf.Comments || said.Comment > upto {
			continue
		}
		number++
		from := *said.Copied
		from.Link = to.link
		group := append([]Event{Commented{Comment: number, Body: to.text(said.Body), Copied: &from}}, to.filesOf(said.Comment, number)...)
		if size += sizeOf(group); len(events) > 0 && (size > appendBytes || len(events)+len(group) > appendEvents) {
			break
		}
		events = append(events, group...)
	}
	return events
}

// answerFiles gives the answers that are files the ids of their copies, and is the
// events of these. A file goes up as an answer alone: whether it may, its field says.
func (to copier) answerFiles(answers map[string]string, in tracker.Tracker) []Event {
	var events []Event
	for _, f := range to.files {
		if field, _ := in.Field(f.Field); field.Type == tracker.File && answers[f.Field] == string(f.ID) {
			file := f.File
			file.ID = to.id(f.ID)
			answers[f.Field] = string(file.ID)
			events = append(events, FileAttached{file, 0, 0, f.Field, false})
		}
	}
	return events
}

// filesOf are the events of the files of a comment, or of the ticket itself for number
// 0. Those that answer a field are not among them.
func (to copier) filesOf(comment, number int) []Event {
	var events []Event
	for _, f := range to.files {
		if f.Comment == comment && f.Field == "" {
			file := f.File
			file.ID = to.id(f.ID)
			// Without names of parts: who gives files another one says here whether such a file may go up.
			events = append(events, FileAttached{file, number, 0, "", false})
		}
	}
	return events
}

// id is that of the copy of a file: the same content under a name of its own.
func (to copier) id(file domain.AttachmentID) domain.AttachmentID {
	return domain.NewAttachmentID(to.link+"/"+string(file), 0)
}

// text is a text whose pictures are those of the copy.
func (to copier) text(text string) string {
	var pairs []string
	for _, f := range to.files {
		pairs = append(pairs, string(f.ID), string(to.id(f.ID)))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func sizeOf(events []Event) int {
	size := 0
	for _, e := range events {
		if _, data, err := Encode(e); err == nil { // else appending it fails, and says why
			size += len(data)
		}
	}
	return size
}

// copiedAnswers are the answers of a copy: those of its original to fields that
// have the same code and type in both trackers, as far as they are right in the
// parent and hidden from nobody below; for the rest what every new ticket has there.
func copiedAnswers(t Ticket, from tracker.Tracker, facts Facts) map[string]string {
	in := facts.Tracker
	answers := map[string]string{}
	for _, f := range in.Fields {
		switch answer := copiedAnswer(t, from, in, f); {
		case f.Inactive:
		case f.Type == tracker.Constant:
			answers[f.Code] = in.Constant(f, facts.Site)
		case answer != "":
			answers[f.Code] = answer
		default:
			answers[f.Code] = f.Default
		}
	}
	for _, f := range in.Fields {
		if !in.Asks(f, answers) {
			delete(answers, f.Code)
		}
	}
	maps.DeleteFunc(answers, func(_, answer string) bool { return answer == "" })
	if len(answers) == 0 {
		return nil
	}
	return answers
}

func copiedAnswer(t Ticket, from, in tracker.Tracker, f tracker.Field) string {
	below, known := from.Ever(f.Code)
	if !known || below.Hidden || below.Type != f.Type {
		return ""
	}
	answer, wrong := in.Answer(f, t.Answers[f.Code], "")
	if wrong != (tracker.Wrong{}) {
		return ""
	}
	return answer
}
