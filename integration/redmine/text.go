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
func (a *aligner) theirs(j Journal) bool { return a.Twin.Has(partID(theirsPart, j.ID)) }

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

// texts are the sums of the journal's note that are written down, the last one at the
// end, with what they are.
func (a *aligner) texts(j Journal) (sums []string, last string) {
	for _, p := range a.Twin.Parts {
		for _, kind := range []string{textPart, willPart} {
			if rest, ok := strings.CutPrefix(p.ID, partID(kind, j.ID)+"-"); ok {
				sums, last = append(sums, rest[strings.LastIndexByte(rest, '-')+1:]), kind
			}
		}
	}
	return sums, last
}

// textID is the part for the next text of the journal's note.
func (a *aligner) textID(kind string, j Journal, text string) string {
	sums, _ := a.texts(j)
	return partID(kind, j.ID) + "-" + strconv.Itoa(len(sums)) + "-" + digest(clean(text))
}

// editedThere tells whether somebody there gave the note another text.
func (a *aligner) editedThere(j Journal) bool {
	sums, last := a.texts(j)
	if len(sums) == 0 {
		return false // from when nobody listened
	}
	known := sums[len(sums)-1:]
	if last == willPart { // the program died: the one or the other
		known = sums[max(len(sums)-2, 0):]
	}
	return !slices.Contains(known, digest(clean(j.Notes)))
}

// matchSaid writes down which journal is what was said, and with which text.
func (a *aligner) matchSaid(ctx context.Context, said ticket.Said, j Journal) error {
	parts := []ticket.Part{part(said, j)}
	if sums, _ := a.texts(j); a.both() && len(sums) == 0 {
		parts = append(parts, ticket.Part{ID: a.textID(textPart, j, j.Notes)})
	}
	return a.match(ctx, parts...)
}

// intendText writes down which text a note is about to get; none: that it goes.
func (a *aligner) intendText(ctx context.Context, j Journal, text string) error {
	switch {
	case !a.both():
		return nil
	case text == "":
		return a.match(ctx, ticket.Part{ID: partID(gonePart, j.ID)})
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
	i := slices.IndexFunc(a.issue.Journals, func(now Journal) bool { return now.ID == j.ID })
	if i < 0 {
		return nil
	}
	return a.match(ctx, ticket.Part{ID: a.textID(textPart, j, a.issue.Journals[i].Notes)})
}
