package redmine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"suivi/domain/ticket"
)

// Redmine 5 leaves no trace of who edited a note, nor that anybody did. So the sum of
// each note's text is written down as soon as both sides have it: a note with another text was edited there.

// theirs tells whether somebody there wrote the note.
func (a *aligner) theirs(j Journal) bool { return a.knows(theirsPart, j) && !a.marked(j.Notes) }

// noteIn is the text of the journal with what was said: of one that somebody there wrote, what was said alone.
func (a *aligner) noteIn(j Journal, said ticket.Said) string {
	if a.theirs(j) {
		return a.text(said.Body)
	}
	return a.note(said)
}

// saidIn is what the journal's note says, as Markdown.
func (a *aligner) saidIn(j Journal) string {
	if a.marked(j.Notes) {
		return a.fromThere(body(j.Notes))
	}
	return a.fromThere(j.Notes)
}

// says tells whether the note says what was said.
func (a *aligner) says(j Journal, said ticket.Said) bool {
	if a.theirs(j) {
		return sameText(a.text(said.Body), j.Notes) || a.saidIn(j) == said.Body
	}
	return sameText(body(a.note(said)), body(j.Notes)) || a.both() && a.marked(j.Notes) && a.saidIn(j) == said.Body
}

// fromThere is a text of Redmine's as Markdown.
func (a *aligner) fromThere(text string) string {
	said := a.tool.texts.FromTextile
	if a.at.Mirror.Fixed[FixedFormatting] == Markdown {
		said = a.tool.texts.FromElsewhere
	}
	return strings.TrimSpace(said(clean(text), a.abroad))
}

// leaveTheirs takes long texts as they are there for those that are wanted, where they
// say the same: people there write in their own way.
func (a *aligner) leaveTheirs(w *wanted) {
	if !a.both() {
		return
	}
	line, _, _ := strings.Cut(w.description, "\n")
	if first, below, _ := strings.Cut(clean(a.issue.Description), "\n"); first == line && a.fromThere(below) == strings.TrimSpace(a.want.Description) {
		w.description = a.issue.Description
	}
	id, ok := number(a.at.Mirror.Fixed[FixedResolution])
	if there, _ := a.issue.Field(id); ok && len(there.Values) == 1 && a.fromThere(there.Values[0]) == strings.TrimSpace(a.want.Resolution) {
		i := slices.IndexFunc(w.fields, func(v FieldValue) bool { return v.ID == id })
		w.fields[i].Values = there.Values
	}
}

// text is a text of a note that is written down.
type text struct {
	part string // its id
	n    int    // which of the note's it is
	sum  string
	will bool // Suivi was about to write it
}

// texts are those of the journal's note that count: the last one that both sides had, and what Suivi was
// about to write since.
func (a *aligner) texts(j Journal) []text {
	var all []text
	for _, p := range a.Twin.Parts {
		for _, kind := range []string{textPart, willPart} {
			rest, ok := strings.CutPrefix(p.ID, kind)
			name, rest, _ := strings.Cut(rest, "-")
			if !ok || !a.isNamed(kind, name, j) {
				continue
			}
			n, sum, _ := strings.Cut(rest, "-")
			one := text{part: p.ID, sum: sum, will: kind == willPart}
			one.n, _ = strconv.Atoi(n)
			if !one.will {
				all = nil
			}
			all = append(all, one)
		}
	}
	return all
}

// textID is the part for the next text of the journal's note.
func (a *aligner) textID(kind string, j Journal, text string) string {
	n := 0
	if known := a.texts(j); len(known) > 0 {
		n = known[len(known)-1].n + 1
	}
	return kind + j.key() + "-" + strconv.Itoa(n) + "-" + digest(clean(text))
}

// endTexts are the parts for the end of the texts that the journal's note had, for when it has another one.
func (a *aligner) endTexts(j Journal) []ticket.Part {
	var ended []ticket.Part
	for _, one := range a.texts(j) {
		ended = append(ended, ticket.Part{ID: one.part, Ended: true})
	}
	return ended
}

// editedThere tells whether somebody there gave the note another text. Where the program died before one was
// written, or just after, it is the one or the other.
func (a *aligner) editedThere(j Journal) bool {
	known := a.texts(j) // none: from when nobody listened
	return len(known) > 0 && !slices.ContainsFunc(known, func(t text) bool { return t.sum == digest(clean(j.Notes)) })
}

// matchAll writes down which journals are what was said, of what is there.
func (a *aligner) matchAll(ctx context.Context, all []ticket.Said) error {
	var parts []ticket.Part
	for _, said := range all {
		if journal, there := a.journalOf(said); there && !a.changedThere(said, journal, there) {
			parts = append(parts, a.partsOf(said, journal)...)
		}
	}
	return a.match(ctx, parts...)
}

// partsOf are those for which journal is what was said, and with which text.
func (a *aligner) partsOf(said ticket.Said, j Journal) []ticket.Part {
	parts := []ticket.Part{part(said, j)}
	if a.both() && len(a.texts(j)) == 0 {
		parts = append(parts, ticket.Part{ID: a.textID(textPart, j, j.Notes)})
	}
	return parts
}

// intendText writes down which text a note is about to get; none: that it goes.
func (a *aligner) intendText(ctx context.Context, j Journal, text string) error {
	switch {
	case !a.both():
		return nil
	case text == "":
		return a.match(ctx, ticket.Part{ID: gonePart + j.key()})
	}
	return a.match(ctx, ticket.Part{ID: a.textID(willPart, j, text)})
}

// wroteText writes down which text the note has got.
func (a *aligner) wroteText(ctx context.Context, j Journal, text string) error {
	if !a.both() || text == "" {
		return nil
	}
	if err := a.read(ctx); err != nil { // Redmine may keep it otherwise than it was sent
		return err
	}
	i := slices.IndexFunc(a.issue.Journals, func(now Journal) bool { return now.key() == j.key() })
	if i < 0 {
		return nil
	}
	return a.match(ctx, append(a.endTexts(j), ticket.Part{ID: a.textID(textPart, j, a.issue.Journals[i].Notes)})...)
}
