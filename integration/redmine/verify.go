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
	v.files(issue)
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
