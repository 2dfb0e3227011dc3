package redmine

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
	"suivi/markdown"
)

// Verify reads the issue of a ticket and holds it against the ticket. It is a second
// reading of the rules, by other means than the code that writes issues, so that a
// mistake there shows here: it knows no first lines of notes nor differences, and
// compares texts by their words.
func (t *Tool) Verify(ctx context.Context, at mirror.Place, twin ticket.Twin, want mirror.Wanted) ([]mirror.Drift, error) {
	s, field, err := t.identified(ctx, at)
	if err != nil {
		return nil, err
	}
	v := &verifier{at: at, twin: twin, want: want, people: map[domain.UserID]string{}, texts: t.texts}
	everybody := []domain.UserID{want.Reporter}
	for _, said := range want.Said {
		everybody = append(everybody, said.Author)
	}
	if v.people, err = t.cfg.Names(ctx, everybody); err != nil {
		return nil, fmt.Errorf("ask for the names of people: %w", err)
	}
	found, err := s.Find(ctx, at.Mirror.Project, field, string(want.ID))
	if err != nil {
		return nil, ofMirror(err)
	}
	v.equal("issues that carry the id", 1, len(found))
	id, _ := number(twin.ID)
	issue, err := s.Issue(ctx, id)
	if isMissing(err) {
		v.equal("issue", "there", "gone")
		return v.drifts, nil
	}
	if err != nil {
		return nil, ofMirror(err)
	}
	v.equal("project", s.project.ID, issue.Project.ID)
	v.values(issue)
	v.said(issue.Journals)
	v.files(issue.Files)
	v.ties(issue)
	return v.drifts, nil
}

// verifier gathers what is not as it should be.
type verifier struct {
	at     mirror.Place
	twin   ticket.Twin
	want   mirror.Wanted
	people map[domain.UserID]string
	texts  *markdown.Renderer
	drifts []mirror.Drift
}

func (v *verifier) equal(what string, want, found any) {
	if want != found {
		v.drifts = append(v.drifts, mirror.Drift{What: what, Want: short(fmt.Sprint(want)), Found: short(fmt.Sprint(found))})
	}
}

func (v *verifier) values(issue Issue) {
	m := v.at.Mirror
	v.equal("status", m.States[v.want.State], strconv.Itoa(issue.Status.ID))
	assignee := ""
	if issue.Assignee.ID != 0 {
		assignee = strconv.Itoa(issue.Assignee.ID)
	}
	v.equal("assignee", m.People[v.want.Assignee], assignee)
	v.equal("subject", strings.TrimSpace(v.want.Summary), strings.TrimSpace(issue.Subject))
	first, below, _ := strings.Cut(issue.Description, "\n")
	v.equal("first line of the description", true, strings.HasPrefix(first, string(v.want.ID)+","))
	v.words("description", v.want.Description, below)
	v.answers(issue)
}

func (v *verifier) answers(issue Issue) {
	have := map[string]string{}
	for _, f := range issue.Fields {
		have[strconv.Itoa(f.ID)] = strings.Join(slices.Sorted(slices.Values(f.Values)), ",")
	}
	m := v.at.Mirror
	priority, kind := m.Fixed["priority"], m.Fixed["tracker"]
	for code, to := range m.Fields {
		answer := v.want.Answers[code]
		switch to.As {
		case "priority":
			if answer != "" {
				priority = to.Answers[answer]
			}
		case "tracker":
			if answer != "" {
				kind = to.Answers[answer]
			}
		case "field":
			v.equal("field "+code, v.shown(code, to, answer), have[to.ID])
		}
	}
	if priority != "" {
		v.equal("priority", priority, strconv.Itoa(issue.Priority.ID))
	}
	v.equal("tracker", kind, strconv.Itoa(issue.Tracker.ID))
	v.equal("external id", string(v.want.ID), have[m.Fixed["external-id"]])
	if id := m.Fixed["reported-by"]; id != "" {
		v.equal("reported by", v.named(v.want.Reporter), have[id])
	}
	if id := m.Fixed["resolution"]; id != "" {
		v.words("resolution", v.want.Resolution, have[id])
	}
}

// shown is an answer as it is shown there, with several values in order.
func (v *verifier) shown(code string, to tracker.FieldMapping, answer string) string {
	field, _ := v.at.Tracker.Ever(code)
	if field.Type == tracker.User && answer != "" {
		return v.named(domain.UserID(answer))
	}
	if len(field.Options) == 0 || answer == "" {
		return answer
	}
	var names []string
	for part := range strings.SplitSeq(answer, ",") {
		name := to.Answers[part]
		for _, option := range field.Options {
			if option.Code == part && name == "" {
				if name = option.Label.EN; name == "" {
					name = option.Label.FR
				}
			}
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

func (v *verifier) named(user domain.UserID) string {
	if name := v.people[user]; name != "" {
		return name
	}
	return string(user)
}

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
	id := strconv.Itoa(journal.ID)
	if journal.Notes == "" || !v.twin.Has("theirs-"+id) {
		return noted{}, false
	}
	for _, p := range v.twin.Parts {
		if p.ID == "journal-"+id && p.Note+p.Comment > 0 {
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
	var expected, ours, names, written []string
	for _, said := range v.want.Said {
		if said.Deleted || said.Note != 0 && !v.at.Mirror.Notes && !slices.ContainsFunc(found, func(n noted) bool { return n.name == nameOf(said) }) {
			continue
		}
		expected = append(expected, nameOf(said))
		if slices.ContainsFunc(found, func(n noted) bool { return n.name == nameOf(said) && n.first != "" }) {
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

func (v *verifier) files(attachments []Attachment) {
	count := map[int64]int{}
	names := map[string]bool{}
	theirs := map[domain.AttachmentID]bool{} // whose size here may be another: pictures are rewritten
	for _, attachment := range attachments {
		if here := v.fileAddedThere(attachment); here != "" {
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
func (v *verifier) fileAddedThere(attachment Attachment) (here domain.AttachmentID) {
	if v.at.Mirror.Direction != tracker.BothWays || strings.HasPrefix(attachment.About, "("+string(v.want.ID)+",") {
		return ""
	}
	for _, p := range v.twin.Parts {
		if p.ID == "file-"+strconv.Itoa(attachment.ID) {
			here = p.Attachment
		}
	}
	return here
}

func (v *verifier) ties(issue Issue) {
	for _, before := range v.want.Prerequisites {
		blocked := slices.ContainsFunc(issue.Relations, func(r Relation) bool {
			return strconv.Itoa(r.Issue) == before.Twin.ID && r.To == issue.ID && r.Type == "blocks"
		})
		v.equal("blocked by "+string(before.Ticket), true, blocked)
	}
	for _, user := range v.want.Watchers {
		id, mapped := v.at.Mirror.People[user]
		watches := slices.ContainsFunc(issue.Watchers, func(r Ref) bool { return strconv.Itoa(r.ID) == id })
		v.equal("watcher "+string(user), mapped, watches)
	}
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	markup = regexp.MustCompile("[*_#`~<>|\\[\\]\\\\&+=@^-]|!\\[|\\n +")
)

// words sees whether a text has the words of another one, in their order; and no
// others, where no markup could have brought some.
func (v *verifier) words(what, written, found string) {
	files := map[string]bool{}
	for _, file := range v.want.Files {
		files[string(file.ID)] = true
	}
	shown := v.texts.HTML(written, markdown.Known{Names: names(v.people), Files: files})
	want, have := split(html.UnescapeString(tags.ReplaceAllString(shown, " "))), split(found)
	at := 0
	for _, word := range have {
		if at < len(want) && want[at] == word {
			at++
		}
	}
	exact := !markup.MatchString(written)
	if at < len(want) || exact && len(have) != len(want) {
		v.equal(what, written, found)
	}
}

func names(of map[domain.UserID]string) map[string]string {
	all := map[string]string{}
	for id, name := range of {
		all[string(id)] = name
	}
	return all
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
