package ui

import (
	"encoding/json"
	"regexp"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// The most that a ticket's page shows; what goes beyond is rare, and said.
const (
	mostEvents   = 1000
	mostRemarks  = 200
	mostWatchers = 200
)

// stands is what stands on a ticket, and the people who are named there.
type stands struct {
	comments []readapi.Comment
	notes    []readapi.Note
	events   []readapi.Happened
	later    bool
	files    []readapi.Attachment
	watchers []readapi.Watcher
	raises   []readapi.RaiseRequest
	people   people
}

func (p *page) standsOn(s readapi.Sight) (all stands, err error) {
	reads, ctx := p.cfg.Reads, p.ctx()
	var moreComments, moreNotes bool
	if all.comments, moreComments, err = reads.Comments(ctx, s, 0, mostRemarks); err != nil {
		return all, err
	}
	if all.notes, moreNotes, err = reads.Notes(ctx, s, 0, mostRemarks); err != nil {
		return all, err
	}
	if all.events, all.later, err = reads.History(ctx, s, p.code == "fr", mostEvents); err != nil {
		return all, err
	}
	all.later = all.later || moreComments || moreNotes
	if all.files, err = reads.Attachments(ctx, s); err != nil {
		return all, err
	}
	if all.watchers, err = reads.Watchers(ctx, s, mostWatchers); err != nil {
		return all, err
	}
	if all.raises, err = reads.RaiseRequests(ctx, s, mostRemarks); err != nil {
		return all, err
	}
	all.people, err = p.people(ctx, all.named(s)...)
	return all, err
}

var userID = regexp.MustCompile(`usr_[0-9A-HJKMNP-TV-Z]{26}`)

// named are all people whom the page names.
func (all stands) named(s readapi.Sight) []domain.UserID {
	t := s.Ticket()
	seen := map[domain.UserID]bool{t.Reporter: true, t.Assignee: true}
	for _, c := range all.comments {
		seen[c.Author], seen[c.EditedBy], seen[c.DeletedBy] = true, true, true
	}
	for _, n := range all.notes {
		seen[n.Author], seen[n.EditedBy], seen[n.DeletedBy] = true, true, true
	}
	for _, e := range all.events {
		seen[e.Actor] = true
		for _, id := range userID.FindAllString(e.Words, -1) {
			seen[domain.UserID(id)] = true
		}
	}
	for _, w := range all.watchers {
		seen[w.User] = true
	}
	for _, r := range all.raises {
		seen[r.Asker], seen[r.AnsweredBy] = true, true
	}
	for _, f := range all.files {
		seen[f.Author] = true
	}
	for code, answer := range t.Answers {
		if f, ok := s.Tracker().Ever(code); ok && f.Type == tracker.User {
			seen[domain.UserID(answer)] = true
		}
	}
	for _, id := range s.Tracker().Assignable() {
		seen[id] = true
	}
	delete(seen, "")
	ids := make([]domain.UserID, 0, len(seen))
	for id := range seen {
		ids = append(ids, id)
	}
	return ids
}

// entry is one thing of a ticket's timeline: a comment, an internal note, or
// something that happened.
type entry struct {
	Kind     string // comment, note or event
	Number   int
	Path     string // of the comment or note
	Actor    personView
	At       when
	HTML     safeHTML
	Words    string
	Icon     string
	Edited   when // the zero one: never
	Deleted  bool
	By       personView // who deleted it
	Files    []fileView
	CanEdit  bool
	CanGrow  bool // a ticket out of it
	CanPurge bool // delete it, and read its earlier texts when it has been
}

// timeline is what was said and what happened, in the order of the log. What a
// comment has become stands at the comment's place.
func (p *page) timeline(s readapi.Sight, all stands) []entry {
	var entries []entry
	comments, notes := map[int]readapi.Comment{}, map[int]readapi.Note{}
	for _, c := range all.comments {
		comments[c.Comment] = c
	}
	for _, n := range all.notes {
		notes[n.Note] = n
	}
	for _, e := range all.events {
		switch e.Type {
		case "ticket.posted.v1", "ticket.watched.v1", "ticket.unwatched.v1", "ticket.comment_edited.v1", "ticket.comment_deleted.v1", "ticket.note_edited.v1", "ticket.note_deleted.v1":
		case "ticket.commented.v1":
			if c, ok := comments[numberIn(e, "comment")]; ok {
				entries = append(entries, p.remark(s, all, "comment", c.Comment, c.Remark))
			}
		case "ticket.note_added.v1":
			if n, ok := notes[numberIn(e, "note")]; ok {
				entries = append(entries, p.remark(s, all, "note", n.Note, n.Remark))
			}
		case "ticket.file_attached.v1":
			if numberIn(e, "comment") == 0 && numberIn(e, "note") == 0 {
				entries = append(entries, p.event(e, all.people))
			}
		default:
			entries = append(entries, p.event(e, all.people))
		}
	}
	return entries
}

// numberIn is a number in an event's data; 0 when it has none.
func numberIn(e readapi.Happened, name string) int {
	var data map[string]json.RawMessage
	var n int
	if json.Unmarshal(e.Data, &data) != nil || json.Unmarshal(data[name], &n) != nil {
		return 0
	}
	return n
}

func (p *page) remark(s readapi.Sight, all stands, kind string, number int, r readapi.Remark) entry {
	base := "/tickets/" + string(s.Ticket().ID) + "/" + kind + "s/"
	own, manages := r.Author == p.who.ID, s.May(domain.ManageComments)
	live := r.DeletedAt == nil && !s.Tracker().Archived
	e := entry{
		Kind: kind, Number: number, Path: base + p.plain(number), Actor: all.people[r.Author], At: p.when(r.OccurredAt, p.now, p.zone),
		HTML: shownHTML(r.HTML), Deleted: r.DeletedAt != nil, By: all.people[r.DeletedBy],
		CanEdit: live && (own || manages), CanPurge: manages || own && live,
		CanGrow: kind == "comment" && r.DeletedAt == nil && s.May(domain.ChangeState),
		Files: p.fileViews(all.files, s, all.people, func(a readapi.Attachment) bool {
			return kind == "comment" && a.Comment == number || kind == "note" && a.Note == number
		}),
	}
	if r.EditedAt != nil {
		e.Edited = p.when(*r.EditedAt, p.now, p.zone)
	}
	return e
}

func (p *page) event(e readapi.Happened, shown people) entry {
	words := userID.ReplaceAllStringFunc(e.Words, func(id string) string {
		if name := shown[domain.UserID(id)].Name; name != "" {
			return name
		}
		return id
	})
	return entry{Kind: "event", Actor: shown[e.Actor], At: p.when(e.OccurredAt, p.now, p.zone), Words: p.typeset(words), Icon: eventIcon(e.Type)}
}

// typeset puts no-break spaces where French has them.
func (p *page) typeset(text string) string {
	if p.code != "fr" {
		return text
	}
	return strings.NewReplacer(" :", thin+":", " ;", thin+";", " !", thin+"!", " ?", thin+"?", "« ", "«"+thin, " »", thin+"»").Replace(text)
}

func eventIcon(name string) string {
	switch {
	case strings.Contains(name, "state_changed"):
		return "arrow"
	case strings.Contains(name, "assigned"):
		return "person"
	case strings.Contains(name, "file_"):
		return "clip"
	case strings.Contains(name, "depend"), strings.Contains(name, "prerequisite"), strings.Contains(name, "branched"):
		return "link"
	case strings.Contains(name, "rank"), strings.Contains(name, "raise"):
		return "rank"
	case strings.Contains(name, "watch"):
		return "eye"
	}
	return "pencil"
}
