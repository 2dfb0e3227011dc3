package mirrortest

import (
	"context"
	"testing"

	"suivi/domain/ticket"
	"suivi/integration/mirror"
)

// interrupted is a tool that finds, the first time that it aligns a twin and has written something down, that somebody
// was at work there.
type interrupted struct {
	mirror.Tool
	mirror.Hearing
	left  *int  // alignments until then; below 0: it was so
	known *bool // what was written down is, when it is asked for news again
}

const writtenDown = "written-down"

// Align is interrupted once.
func (i interrupted) Align(ctx context.Context, at mirror.Place, job mirror.Job) ([]mirror.Drift, error) {
	*i.left--
	if *i.left != 0 || job.Look {
		return i.Tool.Align(ctx, at, job)
	}
	if err := job.Match(ctx, ticket.Part{ID: writtenDown}); err != nil {
		return nil, err
	}
	return nil, mirror.ErrUnheard
}

// News looks at what is known.
func (i interrupted) News(ctx context.Context, at mirror.Place, job mirror.Job) ([]mirror.Change, error) {
	if *i.left == 0 {
		*i.known = job.Twin.Has(writtenDown)
	}
	return i.Hearing.News(ctx, at, job)
}

// Else what Suivi has just announced would be taken for somebody else's.
func testHearingAnew(t *testing.T, rig Rig) {
	hearing, ok := rig.Tool().(mirror.Hearing)
	if !ok {
		t.Skip("the tool hears nothing")
	}
	left, known := immortal, false
	tool := rig.Tool()
	rig.Tool = func() mirror.Tool { return interrupted{tool, hearing, &left, &known} }
	w := newWorld(t, rig)
	w.mirror(both)
	id := w.post("Heard anew")
	w.mustHear(1)
	left = 1
	w.do(id, ticket.Comment{Body: "One"})
	w.mustHear(1)
	if left != -1 || !known || len(rig.Look(t, id)[0].Said) != 1 {
		t.Errorf("what was written down is known: %t; %d alignments were left", known, left)
	}
}
