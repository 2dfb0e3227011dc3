package redmine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// What Suivi itself has done to an issue must never be heard as somebody else's. Notes
// and files carry a mark. Values cannot, and whoever has the key may also work there by hand: so
// before values are written, it is written down which, and after which moment (moment.go). The first
// journal of the key's person after that one which says so is Suivi's own, also when the
// program died in between; any other is by hand.

// both tells whether the ticket hears of its issue.
func (a *aligner) both() bool { return a.at.Mirror.Direction == tracker.BothWays }

// intend writes down that the values are about to be written.
func (a *aligner) intend(ctx context.Context, values []difference) error {
	var sums []string
	for _, d := range values {
		sums = append(sums, a.sums(d)...)
	}
	return a.announce(ctx, sums...)
}

// announce writes down that details with the sums are about to be made.
func (a *aligner) announce(ctx context.Context, sums ...string) error {
	if !a.both() {
		return nil
	}
	var parts []ticket.Part
	for _, sum := range sums {
		parts = append(parts, ticket.Part{ID: setsPart + a.now().String() + "-" + sum})
	}
	return a.match(ctx, parts...)
}

// sums are the details that the journal will have in which the value is written.
func (a *aligner) sums(d difference) []string {
	if d.key != fieldKey {
		return []string{sumOf("attr", d.key, "=", fmt.Sprint(d.value))}
	}
	written, _ := d.value.(map[string]any) // fieldChange makes it
	name := fmt.Sprint(written["id"])
	several, ok := written["value"].([]string)
	if !ok {
		return []string{sumOf("cf", name, "=", fmt.Sprint(written["value"]))}
	}
	id, _ := number(name)
	had, _ := a.issue.Field(id)
	var sums []string
	for _, value := range several {
		if value != "" && !slices.Contains(had.Values, value) {
			sums = append(sums, sumOf("cf", name, "+", value))
		}
	}
	for _, value := range had.Values {
		if !slices.Contains(several, value) {
			sums = append(sums, sumOf("cf", name, "-", value))
		}
	}
	return sums
}

// sumsOf are the sums by which the detail may have been announced.
func sumsOf(d Detail) []string {
	sums := []string{sumOf(d.Property, d.Name, "=", d.New)}
	if d.Property == "cf" && d.New != "" {
		return append(sums, sumOf(d.Property, d.Name, "+", d.New))
	}
	return append(sums, sumOf(d.Property, d.Name, "-", d.Old))
}

func sumOf(property, name, how, value string) string {
	return digest(strings.Join([]string{property, name, how + clean(value)}, "\x00"))
}

// digest tells texts apart, in few letters.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// intent is a value that Suivi was about to write: after a moment, and up to another.
type intent struct {
	part         string // its id
	after, until moment // until is none where nothing was announced since
	sum          string
	done         Journal // in which it was
}

// may tells whether the journal may be the one.
func (i intent) may(j Journal) bool {
	return i.done.ID == 0 && !i.after.had(j) && (i.until == moment{} || i.until.had(j))
}

func (a *aligner) intents() []intent {
	var all []intent
	began := 0 // where those after the same moment begin
	for _, p := range a.Twin.Parts {
		rest, ok := strings.CutPrefix(p.ID, setsPart)
		if !ok {
			continue
		}
		at, sum, _ := strings.Cut(rest, "-")
		after := momentOf(at)
		if len(all) > 0 && all[began].after != after {
			for ; began < len(all); began++ { // what was not done by then never was
				all[began].until = after
			}
		}
		all = append(all, intent{part: p.ID, after: after, sum: sum})
	}
	return all
}

// done are the announcements with the journals in which they were carried out.
func (a *aligner) done() []intent {
	all := a.intents()
	if len(all) == 0 {
		return nil
	}
	for _, j := range a.issue.Journals {
		if j.User.ID != a.site.me.ID || a.knows(journalPart, j) {
			continue
		}
		for _, d := range j.Details {
			sums := sumsOf(d)
			for i, one := range all {
				if one.may(j) && slices.Contains(sums, one.sum) {
					all[i].done = j
				}
			}
		}
	}
	return all
}

// own are the journals of values that Suivi has written.
func (a *aligner) own() map[int]bool {
	own := map[int]bool{}
	for _, one := range a.done() {
		own[one.done.ID] = true // 0 is no journal
	}
	return own
}

// marked tells whether the note carries a mark of the ticket's.
func (a *aligner) marked(note string) bool {
	first, _, _ := strings.Cut(clean(note), "\n")
	mark := markForm.FindStringSubmatch(first)
	return len(mark) > 0 && mark[1] == string(a.want.ID)
}

// since is the moment after which the issue is heard.
func (a *aligner) since() (since moment, known bool) {
	for _, p := range a.Twin.Parts {
		if rest, ok := strings.CutPrefix(p.ID, heardPart); ok {
			return momentOf(rest), true
		}
	}
	return moment{}, false
}

// begin writes down from where on the issue is heard: now, as which journals of the time
// when nobody listened were Suivi's own is not known any more. An issue on which Suivi
// has done nothing since it was made is heard whole.
func (a *aligner) begin(ctx context.Context) error {
	if _, known := a.since(); known {
		return nil
	}
	var from moment
	if len(a.Twin.Parts) > 0 || slices.ContainsFunc(a.issue.Journals, func(j Journal) bool { return j.User.ID == a.site.me.ID }) {
		from = a.now()
	}
	return a.match(ctx, ticket.Part{ID: heardPart + from.String()})
}
