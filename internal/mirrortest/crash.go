package mirrortest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// life is whole: a ticket on which much is said, and that depends on another one. hear
// is called whenever there is something to hear. It gives the twins of the two.
func (w *world) life(hear func()) []Seen {
	w.t.Helper()
	first := w.post("No light")
	hear()
	id := w.post("No sound")
	w.do(id, ticket.Comment{Body: "One"})
	w.say(id, "Two", "a.txt", "content")
	w.do(id, ticket.AddNote{Body: "Between us"})
	hear()
	w.do(id, ticket.EditComment{Comment: 1, Body: "One, better"})
	w.do(id, ticket.Comment{Body: "Two"}) // said once more
	w.do(id, ticket.Edit{Summary: new("No sound at all")})
	w.depend(id, first)
	hear()
	w.do(id, ticket.ChangeState{To: tracker.Working, Comment: "Three"})
	w.do(first, ticket.ChangeState{To: tracker.Resolved, Resolution: "A bulb"})
	hear()
	seen := append(w.rig.Look(w.t, first), w.rig.Look(w.t, id)...)
	for i := range seen {
		for j, on := range seen[i].Prerequisites {
			seen[i].Prerequisites[j] = strings.ReplaceAll(on, string(first), "the first")
		}
	}
	for _, one := range []domain.TicketID{first, id} {
		t := w.ticket(one)
		twin, has := t.Inner.Twin(w.rig.Tool().Name())
		if known := parts(twin); !has || one == id && (known[0] != 4 || known[1] != 1 || known[2] != 1) {
			w.t.Errorf("%s knows of its twin %+v", one, twin)
		}
	}
	return seen
}

// parts counts the comments, notes and files that are known, each once.
func parts(twin ticket.Twin) (n [3]int) {
	counted := map[ticket.Part]bool{}
	for _, p := range twin.Parts {
		p.ID = ""
		switch {
		case !p.Something() || counted[p]:
		case p.Comment > 0:
			n[0]++
		case p.Note > 0:
			n[1]++
		default:
			n[2]++
		}
		counted[p] = true
	}
	return n
}

// whole is what the life comes to.
func whole() []Seen {
	return []Seen{
		{Summary: "No light", Closed: true},
		{Summary: "No sound at all", Said: []string{"One, better", "Two", "internal: Between us", "Two", "Three"}, Files: []string{"a.txt content"}, Prerequisites: []string{"the first"}},
	}
}

func testLife(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	if diff := cmp.Diff(whole(), w.life(func() { w.mustHear(1) })); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(whole(), w.life(func() { w.mustHear(2) })); diff != "" {
		t.Errorf("every event twice: %s", diff)
	}
	w.at.Commit, w.at.Prepare = 0, 0
	before, err := w.store.Head(t.Context(), allTickets())
	w.mustHear(1)
	if after, err2 := w.store.Head(t.Context(), allTickets()); err != nil || err2 != nil || after != before {
		t.Errorf("hearing everything again has written something: %s, %s, %v, %v", before, after, err, err2)
	}
	p := w.open(w.newDesk(), w.base)
	report, err := p.Look(t.Context(), w.key, func(uint64, uint64) {})
	if err != nil || report.InStep != 4 || len(report.Found) > 0 {
		t.Errorf("in the end: %+v, %v", report, err)
	}
}

// death is when a process dies: at a write of ours, or at a request to the site.
type death struct {
	write   int // from 0; -1: at none
	request int // from 1; 0: at none
	after   bool
}

// survive has a process hear what there is until it dies, and the next ones, that remember
// nothing, begin anew with what was heard before.
func (w *world) survive(m *mortal, d *death) {
	w.t.Helper()
	before := w.proxy.soFar()
	if d.request > 0 {
		w.proxy.cut(d.request, d.after)
	}
	err := w.hear(m, 1)
	w.proxy.cut(0, false)
	if d.request > 0 {
		d.request = max(d.request-(w.proxy.soFar()-before), 0)
	}
	if err != nil {
		d.request = 0
		m.left, m.Commands = immortal, w.newDesk()
		at := w.at
		err = w.hear(m, 2)
		w.at = at
		if err == nil {
			err = w.hear(m, 1)
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func testCrashes(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	all := &mortal{Commands: w.newDesk(), left: immortal}
	before := w.proxy.soFar()
	w.life(func() { w.survive(all, &death{write: -1}) })
	requests := w.proxy.soFar() - before
	if all.writes < 8 || requests < 8 {
		t.Errorf("%d writes, %d requests in a life", all.writes, requests)
	}
	for _, d := range deaths(all.writes, requests, rig.Stride) {
		m := &mortal{Commands: w.newDesk(), left: immortal, after: d.after}
		if d.write >= 0 {
			m.left = d.write
		}
		left := d
		if diff := cmp.Diff(whole(), w.life(func() { w.survive(m, &left) })); diff != "" {
			t.Errorf("%+v: %s", d, diff)
		}
	}
}

// deaths are all steps at which a process can die, or as many as the stride leaves.
func deaths(writes, requests, stride int) (all []death) {
	stride = max(stride, 1)
	for _, after := range []bool{false, true} {
		for n := 0; n < writes; n += stride {
			all = append(all, death{write: n, after: after})
		}
		for n := 1; n <= requests; n += stride {
			all = append(all, death{write: -1, request: n, after: after})
		}
	}
	return all
}
