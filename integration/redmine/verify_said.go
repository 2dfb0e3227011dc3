package redmine

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

var markForm = regexp.MustCompile(`\(([A-Z][A-Z0-9]+-\d+), (comment|note) (\d+)\)\s*$`)

// noted is a note that is something said here. first is its first line, if Suivi wrote it.
type noted struct{ name, first, below string }

// noteOf reads a journal as something said: by its mark, or as one that somebody there
// wrote and that is known as such.
func (v *verifier) noteOf(journal Journal) (noted, bool) {
	first, below, _ := strings.Cut(journal.Notes, "\n")
	mark := markForm.FindStringSubmatch(strings.TrimRight(first, "\r"))
	if len(mark) > 0 && mark[1] == string(v.want.ID) {
		return noted{mark[2] + " " + mark[3], first, below}, true
	}
	number := strconv.Itoa(journal.ID) // alone: from before seconds were kept
	named := number + "@" + strconv.FormatInt(journal.CreatedOn.Unix(), 10)
	if journal.Notes == "" || !v.twin.Has("theirs-"+number) && !v.twin.Has("theirs-"+named) {
		return noted{}, false
	}
	for _, p := range v.twin.Parts {
		if (p.ID == "journal-"+number || p.ID == "journal-"+named) && p.Note+p.Comment > 0 {
			return noted{nameOf(ticket.Said{Part: p}), "", journal.Notes}, true
		}
	}
	return noted{}, false
}

// said holds the notes against what was said: each once, in order, by whom, and
// private exactly if it is internal. Where people write on both sides, each side has its
// own order: what Suivi wrote is in the ticket's.
func (v *verifier) said(journals []Journal) {
	var found []noted
	private := map[string]bool{}
	for _, journal := range journals {
		if note, ok := v.noteOf(journal); ok {
			found, private[note.name] = append(found, note), journal.Private
		}
	}
	v.order(found)
	for _, said := range v.want.Said {
		for _, note := range found {
			if note.name == nameOf(said) {
				v.equal(note.name+" is private", said.Note != 0, private[note.name])
				v.equal(note.name+" names its author", true, note.first == "" || strings.HasPrefix(note.first, v.named(said.Author)+","))
				v.words(note.name, said.Body, note.below)
			}
		}
	}
}

// order holds the names of the notes against those of what was said.
func (v *verifier) order(found []noted) {
	is := func(said ticket.Said, ours bool) bool {
		return slices.ContainsFunc(found, func(n noted) bool { return n.name == nameOf(said) && (n.first != "" || !ours) })
	}
	var expected, ours, names, written []string
	for _, said := range v.want.Said {
		if !said.Deleted && (said.Note == 0 || v.at.Mirror.Notes || is(said, false)) {
			expected = append(expected, nameOf(said))
		}
		if !said.Deleted && is(said, true) {
			ours = append(ours, nameOf(said))
		}
	}
	for _, note := range found {
		names = append(names, note.name)
		if note.first != "" {
			written = append(written, note.name)
		}
	}
	if v.at.Mirror.Direction == tracker.BothWays {
		v.equal("notes that Suivi wrote in order", strings.Join(ours, "; "), strings.Join(written, "; "))
		slices.Sort(expected)
		slices.Sort(names)
	}
	v.equal("notes in order", strings.Join(expected, "; "), strings.Join(names, "; "))
}

func (v *verifier) files(issue Issue) {
	count := map[int64]int{}
	names := map[string]bool{}
	theirs := map[domain.AttachmentID]bool{} // whose size here may be another: pictures are rewritten
	for _, attachment := range issue.Files {
		if here := v.fileAddedThere(issue, attachment); here != "" {
			theirs[here] = true
			continue
		}
		count[attachment.Size]++
		key := attachment.Name + " " + strconv.FormatInt(attachment.Size, 10)
		v.equal("file "+key+" is there twice", false, names[key])
		names[key] = true
	}
	for _, file := range v.want.Files {
		field, _ := v.at.Tracker.Ever(file.Field)
		if file.Internal || field.Hidden || theirs[file.ID] {
			continue
		}
		count[file.Size]--
		v.equal("file "+file.Name+" is there", true, count[file.Size] >= 0)
	}
}

// fileAddedThere is which file here the attachment is that somebody there has added; "": none.
func (v *verifier) fileAddedThere(issue Issue, attachment Attachment) (here domain.AttachmentID) {
	if v.at.Mirror.Direction != tracker.BothWays || strings.HasPrefix(attachment.About, "("+string(v.want.ID)+",") {
		return ""
	}
	for _, p := range v.twin.Parts {
		if p.ID == "file-"+issue.fileKey(attachment.ID) || p.ID == "file-"+strconv.Itoa(attachment.ID) {
			here = p.Attachment
		}
	}
	return here
}
