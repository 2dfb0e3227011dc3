package redmine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// wanted is an issue as it is to be, but for what was said and attached.
type wanted struct {
	tracker, status, priority int // 0: no counterpart there; it stays as it is
	assignee                  int // 0: nobody
	subject, description      string
	fields                    []FieldValue
	why                       map[string]string // why a part has no counterpart
}

// wanted works it out. by is who has made the issue, or will.
func (a *aligner) wanted(ctx context.Context, by int) (wanted, error) {
	if err := a.learnNames(ctx); err != nil {
		return wanted{}, err
	}
	m, w := a.at.Mirror, wanted{why: map[string]string{}, subject: a.want.Summary, description: a.description(by)}
	var ok bool
	if w.status, ok = number(m.States[a.want.State]); !ok {
		w.why["status"] = fmt.Sprintf("the state %s is mapped to no status", a.want.State)
	}
	w.tracker, _ = number(m.Fixed[FixedTracker])
	w.priority, _ = number(m.Fixed[FixedPriority])
	if a.want.Assignee != "" {
		w.assignee, _ = number(m.People[a.want.Assignee]) // who is not there cannot be named
	}
	for _, code := range sortedKeys(m.Fields) {
		a.answer(&w, code, m.Fields[code])
	}
	w.set(m.Fixed[FixedExternalID], string(a.want.ID))
	w.set(m.Fixed[FixedResolution], a.text(a.want.Resolution))
	w.set(m.Fixed[FixedReportedBy], a.name(a.want.Reporter))
	a.leaveTheirs(&w)
	return w, nil
}

func (w *wanted) set(field string, values ...string) {
	if id, ok := number(field); ok {
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		w.fields = append(w.fields, FieldValue{ID: id, Values: values})
	}
}

// answer puts the ticket's answer to a field where the mapping says.
func (a *aligner) answer(w *wanted, code string, to tracker.FieldMapping) {
	given := a.want.Answers[code]
	field, _ := a.at.Tracker.Ever(code)
	switch to.As {
	case AsPriority, AsTracker:
		id, ok := number(to.Answers[given])
		switch {
		case given == "": // as all have it
		case !ok:
			w.why[to.As] = fmt.Sprintf("the answer %q to %s is mapped to none", given, code)
		case to.As == AsTracker:
			w.tracker = id
		default:
			w.priority = id
		}
	case AsField:
		w.set(to.ID, a.values(field, to, given)...)
		if n := len(w.fields); n > 0 && len(w.fields[n-1].Values) > 1 {
			w.fields[n-1].Multiple = true // as far as can be known before there is an issue
		}
	}
}

// values are the answer as people there read it.
func (a *aligner) values(field tracker.Field, to tracker.FieldMapping, given string) []string {
	switch {
	case given == "":
		return nil
	case field.Type == tracker.User:
		return []string{a.name(domain.UserID(given))}
	case field.Type == tracker.File:
		for _, file := range a.want.Files {
			if string(file.ID) == given {
				return []string{file.Name}
			}
		}
		return nil
	case len(field.Options) == 0:
		return []string{given}
	}
	var values []string
	for _, code := range field.Type.Codes(given) {
		name := code
		if i := slices.IndexFunc(field.Options, func(o tracker.Option) bool { return o.Code == code }); i >= 0 {
			name = label(field.Options[i].Label, code)
		}
		values = append(values, cmp.Or(to.Answers[code], name))
	}
	return values
}

// description begins with a line that says what it is: Redmine lets nobody set who
// made an issue, or when.
func (a *aligner) description(by int) string {
	line := string(a.want.ID)
	if id, known := number(a.at.Mirror.People[a.want.Reporter]); (!known || id != by) && a.at.Mirror.Fixed[FixedReportedBy] == "" {
		line += ", reported by " + a.name(a.want.Reporter)
	}
	line += ", " + a.want.ReportedAt.UTC().Format(atMinute)
	if a.want.URL != "" {
		line += ": " + a.want.URL
	}
	return strings.TrimSpace(line + "\n\n" + a.text(a.want.Description))
}

const atMinute = "2006-01-02 15:04 UTC"

// text is a text as Redmine formats texts.
func (a *aligner) text(markdown string) string {
	if a.at.Mirror.Fixed[FixedFormatting] == Markdown {
		return a.tool.texts.Elsewhere(markdown, a.abroad)
	}
	return a.tool.texts.Textile(markdown, a.abroad)
}

func (a *aligner) name(user domain.UserID) string {
	return cmp.Or(a.abroad.Names[string(user)], string(user))
}

// learnNames asks for the names of everybody whom the ticket names.
func (a *aligner) learnNames(ctx context.Context) error {
	if a.abroad.Names != nil {
		return nil
	}
	people := []domain.UserID{a.want.Reporter}
	if a.both() { // whom texts there may name
		people = append(people, sortedKeys(a.at.Mirror.People)...)
	}
	texts := []string{a.want.Description, a.want.Resolution}
	for _, said := range a.want.Said {
		people, texts = append(people, said.Author), append(texts, said.Body)
	}
	for _, answer := range a.want.Answers {
		texts = append(texts, "@"+answer)
	}
	for _, text := range texts {
		for _, found := range strings.Split(text, "@")[1:] {
			if id := domain.UserID(found[:min(len(found), idLength)]); id.Valid() {
				people = append(people, id)
			}
		}
	}
	slices.Sort(people)
	names, err := a.tool.cfg.Names(ctx, slices.Compact(people))
	if err != nil {
		return fmt.Errorf("ask for the names of people: %w", err)
	}
	a.abroad.Names = map[string]string{}
	for id, name := range names {
		a.abroad.Names[string(id)] = name
	}
	return nil
}

// idLength is how long a person's id is: "usr_" and a ULID.
const idLength = 4 + 26

// difference is one thing in which an issue is not as wanted.
type difference struct {
	what, want, found string
	key               string // of a Change
	value             any
}

func (d difference) drift(why string) mirror.Drift {
	return mirror.Drift{What: d.what, Want: short(d.want), Found: short(d.found), Why: why}
}

func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return text
}

// differences compares the issue with what is wanted.
func differences(issue Issue, w wanted) []difference {
	var all []difference
	text := func(what, want, found string) {
		if !sameText(want, found) {
			all = append(all, difference{what: what, want: want, found: found, key: what, value: want})
		}
	}
	ref := func(what, key string, want int, found Ref, empty any) {
		switch {
		case want == found.ID:
		case want != 0:
			all = append(all, difference{what: what, want: strconv.Itoa(want), found: strconv.Itoa(found.ID) + " " + found.Name, key: key, value: want})
		case empty != nil:
			all = append(all, difference{what: what, want: "none", found: found.Name, key: key, value: empty})
		}
	}
	// The tracker comes first: it decides which statuses and fields there are.
	ref("tracker", "tracker_id", w.tracker, issue.Tracker, nil)
	ref("status", "status_id", w.status, issue.Status.Ref, nil)
	ref("priority", "priority_id", w.priority, issue.Priority, nil)
	ref("assignee", "assigned_to_id", w.assignee, issue.Assignee, "") // null would be ignored
	text("subject", w.subject, issue.Subject)
	text("description", w.description, issue.Description)
	for _, want := range w.fields {
		found, there := issue.Field(want.ID)
		if there && sameValues(want.Values, found.Values) || !there && len(want.Values) == 0 {
			continue
		}
		what := fmt.Sprintf("field %d", want.ID)
		if found.Name != "" {
			what += " " + found.Name
		}
		all = append(all, difference{what: what, want: strings.Join(want.Values, ", "), found: strings.Join(found.Values, ", "),
			key: fieldKey, value: fieldChange(want, found.Multiple || !there && want.Multiple)})
	}
	return all
}

// fieldKey is the key of a Change for custom fields, which are told in one list.
const fieldKey = "custom_fields"

func fieldChange(want FieldValue, multiple bool) map[string]any {
	switch {
	case multiple && len(want.Values) == 0:
		return map[string]any{"id": want.ID, "value": []string{""}}
	case multiple:
		return map[string]any{"id": want.ID, "value": want.Values}
	}
	return map[string]any{"id": want.ID, "value": strings.Join(want.Values, ", ")}
}

// sameValues tells whether they say the same: in any order, or in one text.
func sameValues(want, found []string) bool {
	a, b := slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(found))
	return slices.Equal(a, b) || sameText(strings.Join(want, ", "), strings.Join(found, ", "))
}

// sameText tells whether two texts are the same but for the ends of lines and blanks round them.
func sameText(a, b string) bool { return clean(a) == clean(b) }

func clean(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// change is what to write for the differences.
func change(of []difference) Change {
	c := Change{}
	var fields []any
	for _, d := range of {
		if d.key == fieldKey {
			fields = append(fields, d.value)
			continue
		}
		c[d.key] = d.value
	}
	if len(fields) > 0 {
		c[fieldKey] = fields
	}
	return c
}
