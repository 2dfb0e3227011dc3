package mirrortest

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
	"suivi/integration"
	"suivi/integration/mirror"
)

// Run holds a tool against the contract. Each of its tests takes a rig of its own.
func Run(t *testing.T, rig func(t *testing.T) Rig) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Rig){
		"a twin is as its ticket, however often it is heard of":        testLife,
		"a process may die at any step":                                testCrashes,
		"a ticket that the site will not take parks alone":             testPoison,
		"a mirror that does not work has all wait, and then go on":     testGate,
		"a lost twin is made anew":                                     testLost,
		"a twin that was changed there is found and mended":            testSpoilt,
		"the twin of a deleted ticket goes, and one that left":         testLeaving,
		"an import makes the twins of all":                             testImport,
		"no twin of a prerequisite is no hindrance":                    testOrder,
		"a secret that is taken away has all wait":                     testDenied,
		"a paused mirror sends nothing":                                testPause,
		"a ticket that waits is parked once, whatever is said on it":   testPile,
		"a wrong secret is told before anything is sent":               testCheck,
		"the secret stands in no event, and in nothing that is parked": testSecret,
		"what people do there is done here, once":                      testHearing,
		"what was written down is known when a twin is heard anew":     testHearingAnew,
		"a sweep finds what no event tells of":                         testSweep,
		"a process may die while it hears":                             testHearingCrashes,
		"a process may die while it hears what depends on what":        testTyingCrashes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, rig(t))
		})
	}
}

func allTickets() eventstore.Filter { return eventstore.Filter{StreamPrefixes: []string{"ticket-"}} }

func (w *world) base(r *integration.Reactors) mirror.Base { return r }

// patience is how long is waited for anything.
const patience = time.Minute

func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			w.t.Fatalf("%s have passed and not: %s", patience, what)
		case <-tick.C:
		}
	}
}

func (w *world) twins(id domain.TicketID) int { return len(w.rig.Look(w.t, id)) }

// known tells whether the ticket knows of its twin.
func (w *world) known(id domain.TicketID) bool {
	_, has := w.ticket(id).Inner.Twin(w.rig.Tool().Name())
	return has
}

func (p *process) parked(t testing.TB) []integration.Parked {
	t.Helper()
	all, err := p.Parked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func testPoison(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	p := w.start()
	bad := w.post(rig.Poison)
	w.do(bad, ticket.Comment{Body: "Waits"})
	good := w.post("Good")
	w.do(good, ticket.Comment{Body: "Goes"})
	w.eventually("the good one is there", func() bool { s := rig.Look(t, good); return len(s) == 1 && len(s[0].Said) == 1 })
	w.eventually("the bad one is parked", func() bool { return len(p.parked(t)) > 0 })
	for _, k := range p.parked(t) {
		if k.Ticket != bad || k.Reason == "" {
			t.Errorf("parked: %+v", k)
		}
	}
	w.do(bad, ticket.Edit{Summary: new("Mended")})
	w.later.Add(3600)
	w.eventually("the mended one is there", func() bool {
		s := rig.Look(t, bad)
		return len(s) == 1 && s[0].Summary == "Mended" && cmp.Equal(s[0].Said, []string{"Waits"}) && len(p.parked(t)) == 0
	})
}

func testGate(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	p := w.start()
	w.proxy.shut(true)
	var ids []domain.TicketID
	for range 12 {
		ids = append(ids, w.post("Soon"))
	}
	w.eventually("all wait", func() bool { return len(p.parked(t)) >= len(ids) })
	if n := w.proxy.refused(); n > len(ids) {
		t.Errorf("%d requests for %d tickets that cannot get through", n, len(ids))
	}
	reasons := map[string]bool{}
	for _, k := range p.parked(t) {
		reasons[k.Reason] = true
	}
	if len(reasons) > 2 { // those that wait behind another of the same ticket say so
		t.Errorf("the reasons are %v", reasons)
	}
	w.proxy.shut(false)
	w.later.Add(120)
	w.eventually("all are there", func() bool {
		for _, id := range ids {
			if !w.known(id) || w.twins(id) != 1 {
				return false
			}
		}
		return len(p.parked(t)) == 0
	})
}

func testLost(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	id := w.post("Lost")
	w.do(id, ticket.Comment{Body: "One"})
	w.mustHear(1)
	rig.Lose(t, id)
	w.do(id, ticket.Comment{Body: "Two"})
	w.mustHear(1)
	if diff := cmp.Diff([]Seen{{Summary: "Lost", Said: []string{"One", "Two"}}}, rig.Look(t, id)); diff != "" {
		t.Error(diff)
	}
}

func testSpoilt(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	id, other := w.post("Right"), w.post("Right, too")
	w.mustHear(1)
	rig.Spoil(t, id)
	spoilt := rig.Look(t, id)
	p := w.start()
	none := func(uint64, uint64) {}
	head, _ := w.store.Head(t.Context(), allTickets())
	report, err := p.Look(t.Context(), w.key, none)
	if err != nil || report.Tickets != 2 || report.InStep != 1 || report.Change != 1 || len(report.Found) != 1 || report.Found[0].Ticket != id || len(report.Found[0].Drifts) == 0 {
		t.Errorf("got %+v, %v", report, err)
	}
	if diff := cmp.Diff(spoilt, rig.Look(t, id)); diff != "" {
		t.Errorf("a look changes: %s", diff)
	}
	if after, _ := w.store.Head(t.Context(), allTickets()); after != head {
		t.Error("a look writes events")
	}
	if done, err := p.Import(t.Context(), w.key, none); done != (mirror.Imported{Tickets: 2}) || err != nil || rig.Look(t, id)[0].Summary != "Right" {
		t.Errorf("got %+v, %v, %+v", done, err, rig.Look(t, id))
	}
	w.eventually("nothing is due", func() bool { s, err := p.Status(t.Context()); return err == nil && s[0].Due+s[0].Parked == 0 })
	if w.twins(other) != 1 {
		t.Error("another one has not one twin")
	}
}

func testLeaving(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	id, moved := w.post("Away"), w.post("Elsewhere")
	w.mustHear(1)
	w.do(id, ticket.Delete{})
	w.do(moved, ticket.Move{To: w.below})
	w.mustHear(1)
	for _, one := range []domain.TicketID{id, moved} {
		if w.twins(one) != 0 || w.known(one) {
			t.Errorf("%s has %d twins, known: %t", one, w.twins(one), w.known(one))
		}
	}
	w.do(id, ticket.Undelete{})
	w.do(id, ticket.Comment{Body: "Back"})
	w.mustHear(2)
	if diff := cmp.Diff([]Seen{{Summary: "Away", Said: []string{"Back"}}}, rig.Look(t, id)); diff != "" {
		t.Errorf("undeleted: %s", diff)
	}
	w.do(moved, ticket.Comment{Body: "Here"})
	w.mustHear(1)
	if w.twins(moved) != 0 {
		t.Error("it has a twin again, where there is no mirror")
	}
}

func testImport(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	var ids []domain.TicketID
	for range 5 {
		id := w.post("From before")
		w.do(id, ticket.Comment{Body: "One"})
		ids = append(ids, id)
	}
	p := w.start() // a new reactor begins now
	report, err := p.Look(t.Context(), w.key, func(uint64, uint64) {})
	if err != nil || report.Create != len(ids) {
		t.Errorf("got %+v, %v", report, err)
	}
	if _, err := p.Import(t.Context(), w.key, func(uint64, uint64) {}); err != nil {
		t.Fatal(err)
	}
	w.eventually("all are there", func() bool {
		s, err := p.Status(t.Context())
		return err == nil && s[0].Due+s[0].Parked == 0 && s[0].Lag == 0
	})
	for _, id := range ids {
		if diff := cmp.Diff([]Seen{{Summary: "From before", Said: []string{"One"}}}, rig.Look(t, id)); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

// The prerequisite gets its twin after the ticket that depends on it.
func testOrder(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	first, id := w.post("First"), w.post("Second")
	w.depend(id, first)
	p := w.start()
	w.do(id, ticket.Comment{Body: "Now"})
	w.eventually("the second is there", func() bool { return w.known(id) })
	w.do(first, ticket.Comment{Body: "Then"})
	w.eventually("the two are tied", func() bool {
		s := rig.Look(t, id)
		return len(s) == 1 && cmp.Equal(s[0].Prerequisites, []string{string(first)})
	})
	w.eventually("nothing is due", func() bool { s, err := p.Status(t.Context()); return err == nil && s[0].Due+s[0].Parked == 0 })
}

func testCheck(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	p := w.open(w.newDesk(), w.base)
	if problems, err := p.Check(t.Context(), w.key); err != nil || len(problems) > 0 {
		t.Errorf("what works: %+v, %v", problems, err)
	}
	w.proxy.shut(true)
	if problems, err := p.Check(t.Context(), w.key); err != nil || len(problems) == 0 || problems[0].Where != "secret" || problems[0].Detail == "" {
		t.Errorf("a secret that is not taken: %+v, %v", problems, err)
	}
	if _, err := p.SetSecret(t.Context(), integration.KeptSecret{Name: secretName, Site: "https://elsewhere.example.org"}, integration.NewSecret(rig.Secret), domain.By{Person: boss}); err != nil {
		t.Fatal(err)
	}
	before := w.proxy.soFar()
	problems, err := p.Check(t.Context(), w.key)
	if err != nil || len(problems) != 1 || problems[0].Code != "secret-for-another-site" || w.proxy.soFar() != before {
		t.Errorf("a secret for another site: %+v, %v", problems, err)
	}
	if _, err := p.Check(t.Context(), w.below); domain.CodeOf(err) != "mirror-not-found" {
		t.Errorf("a tracker without a mirror: %v", err)
	}
}

func testSecret(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	p := w.start()
	w.post(rig.Poison)
	id := w.post("Good")
	w.eventually("one is there, one is parked", func() bool { return w.known(id) && len(p.parked(t)) > 0 })
	w.proxy.shut(true)
	w.do(id, ticket.Comment{Body: "More"})
	w.eventually("it waits", func() bool { return len(p.parked(t)) > 1 })
	for e, err := range w.store.ReadAll(context.WithoutCancel(t.Context()), eventstore.Position{}, eventstore.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(e.Data, []byte(rig.Secret)) || bytes.Contains(e.Metadata, []byte(rig.Secret)) {
			t.Errorf("%s of %s holds the secret", e.Type, e.Stream)
		}
	}
	for _, k := range p.parked(t) {
		if strings.Contains(k.Reason, rig.Secret) {
			t.Errorf("the reason for %s holds the secret", k.Ticket)
		}
	}
}
