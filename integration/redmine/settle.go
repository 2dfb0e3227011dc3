package redmine

import (
	"context"
	"slices"
	"strings"
	"time"

	"suivi/domain/ticket"
)

// usuallyLate is how long after the second that it says a journal may come to be seen, unless told otherwise:
// longer than Redmine keeps a transaction open.
const usuallyLate = time.Minute

// enoughEnded is how many parts must have ended for it to be worth an event.
const enoughEnded = 16

// settle lets the issue be heard from a later moment on: one before which nothing is news, nor
// may come to be. What is known of single changes until then, and what was announced, ends. So what
// is known of an issue grows with what is said on it, and not with each change. It is called when nothing is news.
func (a *aligner) settle(ctx context.Context) error {
	since, known := a.since()
	if !known || !a.both() || a.Look {
		return nil
	}
	to := a.surely()
	if since.covers(to) {
		to = since
	}
	var ended []ticket.Part
	for _, p := range a.Twin.Parts {
		if name, ok := strings.CutPrefix(p.ID, journalPart); ok && !p.Something() && to.covers(momentOf(name)) {
			ended = append(ended, ticket.Part{ID: p.ID, Ended: true})
		}
	}
	there := map[string]bool{}
	for _, r := range a.issue.Relations {
		there[relationPart+a.issue.relationKey(r)], there[partID(relationPart, r.ID)] = true, true
	}
	for _, p := range a.Twin.Parts {
		if strings.HasPrefix(p.ID, relationPart) && !there[p.ID] {
			ended = append(ended, ticket.Part{ID: p.ID, Ended: true})
		}
	}
	for _, one := range a.done() {
		if one.done.ID != 0 && to.had(one.done) || one.until != (moment{}) && to.covers(one.until) {
			ended = append(ended, ticket.Part{ID: one.part, Ended: true})
		}
	}
	if len(ended) < enoughEnded {
		return nil
	}
	if to != since {
		ended = append(ended, ticket.Part{ID: heardPart + since.String(), Ended: true}, ticket.Part{ID: heardPart + to.String()})
	}
	return a.match(ctx, ended...)
}

// surely is the last moment before which no journal may still come to be seen, by Redmine's clock.
func (a *aligner) surely() moment {
	late := a.now().second - int64(a.tool.cfg.Late/time.Second)
	n := slices.IndexFunc(a.issue.Journals, func(j Journal) bool { return j.CreatedOn.Unix() > late })
	return momentAfter(a.issue.Journals[:max(n, 0)])
}
