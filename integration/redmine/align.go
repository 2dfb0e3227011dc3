package redmine

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/integration/mirror"
	"suivi/markdown"
)

// aligner brings one issue into step with its ticket.
type aligner struct {
	mirror.Job
	tool   *Tool
	site   *site
	at     mirror.Place
	want   mirror.Wanted
	id     int
	issue  Issue // as it was read last
	abroad markdown.Abroad
	wrote  bool
	stale  bool              // something was written since it was read
	unread []ticket.Said     // written and not yet read back
	why    map[string]string // why something could not be mended, by what it is
	drifts []mirror.Drift
}

func newAligner(t *Tool, s *site, at mirror.Place, job mirror.Job) *aligner {
	a := &aligner{Job: job, tool: t, site: s, at: at, want: job.Want, why: map[string]string{}}
	a.abroad.Files, a.abroad.Newest = map[string]string{}, map[string]string{}
	for _, file := range a.files() {
		a.calls(file.ID, a.fileName(file))
	}
	return a
}

// open reads the issue of the job, which must be the ticket's.
func (t *Tool) open(ctx context.Context, at mirror.Place, job mirror.Job) (*aligner, error) {
	s, field, err := t.identified(ctx, at)
	if err != nil {
		return nil, err
	}
	a := newAligner(t, s, at, job)
	a.id, _ = number(job.Twin.ID)
	if err := a.read(ctx); err != nil {
		return nil, err
	}
	if a.another(field) {
		return nil, mirror.ErrTwinLost
	}
	return a, nil
}

// Align brings the issue into step and reads it back: first files, so that texts can
// show them, then what it is, then what was said, then what it is tied to.
func (t *Tool) Align(ctx context.Context, at mirror.Place, job mirror.Job) ([]mirror.Drift, error) {
	a, err := t.open(ctx, at, job)
	if err != nil {
		return nil, err
	}
	if err := a.heardAll(ctx); err != nil {
		return nil, ofMirror(err)
	}
	err = a.settle(ctx)
	if err == nil {
		err = a.pass(ctx)
	}
	if err == nil && job.Look {
		err = a.unheard(ctx)
	}
	if err != nil || job.Look || !a.wrote {
		return a.drifts, ofMirror(err)
	}
	// What Redmine ignored, it did not say: only another look tells.
	a.Look, a.drifts = true, nil
	if a.stale {
		if err := a.read(ctx); err != nil {
			return nil, err
		}
	}
	err = a.pass(ctx)
	return a.drifts, ofMirror(err)
}

// another tells whether the issue has become another ticket's: a Redmine on SQLite gives
// the number of a deleted issue to the next one.
func (a *aligner) another(field int) bool {
	carried, _ := a.issue.Field(field)
	return len(carried.Values) > 0 && !slices.Contains(carried.Values, string(a.want.ID))
}

func (a *aligner) read(ctx context.Context) error {
	issue, err := a.site.Issue(ctx, a.id)
	if isMissing(err) {
		return mirror.ErrTwinLost
	}
	a.issue, a.stale = issue, false
	a.learnFiles()
	return ofMirror(err)
}

// pass goes once over all that may differ.
func (a *aligner) pass(ctx context.Context) error {
	for _, part := range []func(context.Context) error{a.alignFiles, a.alignValues, a.alignSaid, a.alignRelations, a.alignWatchers} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// writes notes that something is being written.
func (a *aligner) writes() { a.wrote, a.stale = true, true }

// drift notes what differs and is not mended.
func (a *aligner) drift(d difference, why string) {
	if known := a.why[d.what]; why == "" {
		why = known
	}
	a.drifts = append(a.drifts, d.drift(why))
}

func (a *aligner) alignValues(ctx context.Context) error {
	w, err := a.wanted(ctx, a.issue.Author.ID)
	if err != nil {
		return err
	}
	for _, what := range sortedKeys(w.why) {
		a.drift(difference{what: what, want: "mapped", found: "not mapped"}, w.why[what])
	}
	different := differences(a.issue, w)
	if len(different) == 0 {
		return nil
	}
	if a.Look {
		for _, d := range different {
			why := ""
			if d.key == "status_id" {
				why = whyNotStatus(a.issue, w.status)
			}
			a.drift(d, why)
		}
		return nil
	}
	a.writes()
	if err := a.intend(ctx, different); err != nil {
		return err
	}
	err = a.update(ctx, a.site.Client, change(different))
	if e := asError(err); e == nil || e.Status != http.StatusUnprocessableEntity || len(different) == 1 {
		return a.refusal(err, different...)
	}
	// One wrong value keeps all of it from being saved: each alone, then.
	for _, d := range different {
		if err := a.refusal(a.update(ctx, a.site.Client, change([]difference{d})), d); err != nil {
			return err
		}
	}
	return nil
}

// refusal remembers why Redmine refused, and is another error.
func (a *aligner) refusal(err error, of ...difference) error {
	if !refused(err) || mirror.IsMisconfigured(err) {
		return err
	}
	for _, d := range of {
		a.why[d.what] = err.Error()
	}
	return nil
}

// update writes. That the key's own person may write nothing is no matter of this ticket.
func (a *aligner) update(ctx context.Context, by *Client, change Change) error {
	err := again(ctx, func() error { return by.Update(ctx, a.id, change) })
	if by == a.site.Client && hasStatus(err, http.StatusForbidden) {
		a.tool.forget(a.site)
		return mirror.Misconfigured("the project is closed, or the key's person may not edit its issues: %w", err)
	}
	return err
}

// mostConflicts is how often a write is tried again that met another one.
const mostConflicts = 8

// again repeats what met another write at the same moment, and so was not carried out.
func again(ctx context.Context, do func() error) error {
	err := do()
	for i := 0; i < mostConflicts && isConflict(err); i++ {
		pause := time.NewTimer(time.Duration(rand.Int64N(int64(10*time.Millisecond) << i))) //nolint:gosec // no secret
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
		err = do()
	}
	return err
}

// inNameOf does something as the person, or as the key's own person where Redmine
// does not let them.
func (a *aligner) inNameOf(ctx context.Context, user domain.UserID, do func(*Client) error) error {
	client, others := a.site.as(ctx, a.at, user)
	err := do(client)
	if others && client != a.site.Client && refused(err) {
		err = do(a.site.Client)
	}
	return err
}

// The parts of an issue that are remembered, by the beginnings of their ids.
const (
	journalPart  = "journal-"
	filePart     = "file-"
	relationPart = "relation-"
	watcherPart  = "watcher-"
	heardPart    = "heard-"  // a moment: what came after it is heard (moment.go)
	setsPart     = "sets-"   // a value that Suivi was about to write (own.go)
	theirsPart   = "theirs-" // a journal whose note somebody there wrote
	textPart     = "text-"   // a text of a note that is known on both sides (text.go)
	willPart     = "will-"   // one that Suivi was about to write
	gonePart     = "gone-"   // a journal whose note was taken away
)

func partID(kind string, id int) string { return kind + strconv.Itoa(id) }

// match has parts written down, unless they are known, or known no longer.
func (a *aligner) match(ctx context.Context, parts ...ticket.Part) error {
	parts = slices.DeleteFunc(parts, func(p ticket.Part) bool { return a.Twin.Has(p.ID) != p.Ended })
	if a.Look || len(parts) == 0 {
		return nil
	}
	if err := a.Match(ctx, parts...); err != nil {
		return err
	}
	a.Twin = a.Twin.With(parts...)
	return nil
}
