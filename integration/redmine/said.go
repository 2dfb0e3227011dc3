package redmine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"suivi/domain/ticket"
)

// markOf stands at the end of the first line of the note that something said is
// there. By it a note is found again whose writing was cut off.
func (a *aligner) markOf(said ticket.Said) string {
	return "(" + string(a.want.ID) + ", " + nameOf(said) + ")"
}

func nameOf(said ticket.Said) string {
	if said.Internal() {
		return "note " + strconv.Itoa(said.Note)
	}
	return "comment " + strconv.Itoa(said.Comment)
}

// note is the text of the note: who said it when and what it is, then what was said.
func (a *aligner) note(said ticket.Said) string {
	return a.name(said.Author) + ", " + said.At.UTC().Format(atMinute) + " " + a.markOf(said) + "\n\n" + a.text(said.Body)
}

// body is what was said in a note, below its first line.
func body(note string) string {
	_, below, _ := strings.Cut(clean(note), "\n")
	return below
}

// journalOf is the issue's journal with what was said.
func (a *aligner) journalOf(said ticket.Said) (Journal, bool) {
	mark := a.markOf(said)
	i := slices.IndexFunc(a.issue.Journals, func(j Journal) bool {
		first, _, _ := strings.Cut(clean(j.Notes), "\n")
		return strings.HasSuffix(first, mark)
	})
	if i < 0 {
		return a.knownAs(said)
	}
	return a.issue.Journals[i], true
}

// knownAs is the journal that is known to be what was said, though it has no mark.
func (a *aligner) knownAs(said ticket.Said) (Journal, bool) {
	for _, p := range slices.Backward(a.Twin.Parts) {
		name, ok := strings.CutPrefix(p.ID, journalPart)
		if !ok || said.Part != (ticket.Part{Comment: p.Comment, Note: p.Note}) {
			continue
		}
		i := slices.IndexFunc(a.issue.Journals, func(j Journal) bool { return a.isNamed(journalPart, name, j) && j.Notes != "" && !a.marked(j.Notes) })
		if i >= 0 {
			return a.issue.Journals[i], true
		}
	}
	return Journal{}, false
}

func (a *aligner) alignSaid(ctx context.Context) error {
	said := slices.DeleteFunc(slices.Clone(a.want.Said), func(s ticket.Said) bool { return s.Internal() && !a.at.Mirror.Notes })
	if err := a.matchAll(ctx, said); err != nil {
		return err
	}
	for _, one := range said {
		if err := a.alignOne(ctx, one); err != nil {
			return err
		}
	}
	return a.readSaid(ctx)
}

// readSaid reads back what was said without a look after each, and has it written down.
func (a *aligner) readSaid(ctx context.Context) error {
	if len(a.unread) == 0 {
		return nil
	}
	if err := a.read(ctx); err != nil {
		return err
	}
	unread := a.unread
	a.unread = nil
	return a.matchAll(ctx, unread)
}

func (a *aligner) alignOne(ctx context.Context, said ticket.Said) error {
	journal, there := a.journalOf(said)
	if err := a.heardOf(ctx, said, journal, there); err != nil {
		return err
	}
	switch {
	case !there && said.Deleted:
		return nil
	case !there:
		return a.say(ctx, said)
	}
	d := difference{what: nameOf(said), want: said.Body, found: body(journal.Notes)}
	switch {
	case said.Internal() && !journal.Private:
		d.want, d.found = "private", "public"
		return a.withdraw(ctx, d, journal)
	case said.Deleted:
		d.want = "deleted"
		if journal.Notes == "" {
			return nil
		}
		return a.edit(ctx, d, journal, "")
	case !a.says(journal, said):
		return a.edit(ctx, d, journal, a.noteIn(journal, said))
	case !said.Internal() && journal.Private:
		d.want, d.found = "public", "private"
		a.drift(d, "Redmine has it as a private note")
	}
	return nil
}

func part(said ticket.Said, journal Journal) ticket.Part {
	p := said.Part
	p.ID = journalPart + journal.key()
	return p
}

// say writes a note and reads it back.
func (a *aligner) say(ctx context.Context, said ticket.Said) error {
	d := difference{what: nameOf(said), want: said.Body, found: "not there"}
	if said.Internal() {
		why, err := a.tool.notPrivate(ctx, a.site, a.at)
		if err != nil {
			return err
		}
		if why != "" {
			a.drift(d, "not sent: "+why)
			return nil
		}
	}
	if a.Look {
		a.drift(d, "")
		return nil
	}
	a.writes()
	if said.Internal() {
		return a.sayPrivately(ctx, said, d)
	}
	if client, others := a.site.as(ctx, a.at, said.Author); others && client != a.site.Client {
		if done, err := a.sayAs(ctx, client, said, d); done || err != nil {
			return err
		}
	}
	a.unread = append(a.unread, said)
	return a.refusal(a.update(ctx, a.site.Client, Change{"notes": a.note(said)}), d)
}

// sayAs has the author say it. What they may, is not known: only a look tells whether it was done.
func (a *aligner) sayAs(ctx context.Context, author *Client, said ticket.Said, d difference) (done bool, err error) {
	err = a.update(ctx, author, Change{"notes": a.note(said)})
	if err := a.refusal(err, d); err != nil {
		return false, err
	}
	if err := a.read(ctx); err != nil {
		return false, err
	}
	journal, there := a.journalOf(said)
	if !there {
		return false, nil
	}
	return true, a.match(ctx, a.partsOf(said, journal)...)
}

// sayPrivately writes an internal note. It is the key's own person who does: what
// they may was looked at, what others may is not known.
func (a *aligner) sayPrivately(ctx context.Context, said ticket.Said, d difference) error {
	err := a.update(ctx, a.site.Client, Change{"notes": a.note(said), "private_notes": true})
	if err := a.refusal(err, d); err != nil {
		return err
	}
	if err := a.read(ctx); err != nil {
		return err
	}
	journal, there := a.journalOf(said)
	switch {
	case !there:
		return nil
	case journal.Private:
		return a.match(ctx, a.partsOf(said, journal)...)
	}
	a.tool.leaked(a.at)
	d.want, d.found = "private", "public"
	return a.withdraw(ctx, d, journal)
}

// withdraw takes a note away that everybody could read and must not.
func (a *aligner) withdraw(ctx context.Context, d difference, journal Journal) error {
	if a.Look {
		a.drift(d, "")
		return nil
	}
	a.writes()
	a.why[d.what] = "Redmine made it public, so it was taken away again: see that the role of the key's person may “Set notes as private”"
	return a.edit(ctx, d, journal, "")
}

// edit gives a note another text; an empty one takes it away.
func (a *aligner) edit(ctx context.Context, d difference, journal Journal, text string) error {
	if a.Look {
		a.drift(d, "")
		return nil
	}
	a.writes()
	if err := a.intendText(ctx, journal, text); err != nil {
		return err
	}
	err := again(ctx, func() error { return a.site.EditNote(ctx, journal.ID, text) })
	if refused(err) {
		a.why[d.what] = fmt.Sprintf("Redmine does not let the key's person edit it: %v", err)
		return nil
	}
	if err != nil {
		return err
	}
	return a.wroteText(ctx, journal, text)
}
