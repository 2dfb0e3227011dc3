package mirrortest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

func testPause(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	w.mirror(func(m *tracker.Mirror) { m.Paused = true })
	p := w.start()
	before := w.proxy.soFar()
	id := w.post("Waits")
	w.eventually("it waits", func() bool { return len(p.parked(t)) > 0 })
	if n := w.proxy.soFar() - before; n > 0 || w.twins(id) > 0 {
		t.Errorf("%d requests", n)
	}
	w.mirror(func(*tracker.Mirror) {})
	w.eventually("it goes on", func() bool { return w.twins(id) == 1 && len(p.parked(t)) == 0 })
}

// testPile also has the ticket get its twin while it is parked: the one that depends on it hears of that.
func testPile(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	w.mirror(func(m *tracker.Mirror) { m.Paused = true })
	p := w.start()
	id, after := w.post("Waits"), w.post("Waits for it")
	w.depend(after, id)
	want := Seen{Summary: "Waits"}
	for n := range 200 / max(rig.Stride, 1) { // few, where a site is slow
		want.Said = append(want.Said, "Word "+strconv.Itoa(n))
		w.do(id, ticket.Comment{Body: want.Said[n]})
	}
	w.eventually("all is heard", func() bool { s, err := p.Status(t.Context()); return err == nil && s[0].Lag == 0 && s[0].Parked > 1 })
	if all := p.parked(t); len(all) != 2 {
		t.Errorf("%d are parked of two tickets: %+v", len(all), all)
	}
	w.mirror(func(*tracker.Mirror) {})
	w.eventually("nothing waits", func() bool {
		s, err := p.Status(t.Context())
		return err == nil && s[0].Parked+s[0].Due+int(s[0].Lag) == 0 && w.known(id) && w.known(after)
	})
	if diff := cmp.Diff([]Seen{want}, rig.Look(t, id)); diff != "" {
		t.Error(diff)
	}
	w.eventually("the two are tied", func() bool {
		s := rig.Look(t, after)
		return len(s) == 1 && cmp.Equal(s[0].Prerequisites, []string{string(id)})
	})
}

// testDenied has an administrator say that other trackers may use the secret, and take it back.
func testDenied(t *testing.T, rig Rig) {
	w := newWorld(t, rig)
	p := w.start()
	id := w.post("Works")
	w.eventually("it is there, and nothing is still on its way", func() bool {
		s, err := p.Status(t.Context())
		return err == nil && w.known(id) && s[0].Parked+s[0].Due+int(s[0].Lag) == 0
	})
	allow := func(trackers ...domain.TrackerKey) {
		t.Helper()
		if _, err := p.AllowSecret(t.Context(), secretName, trackers, domain.By{Person: boss}); err != nil {
			t.Fatal(err)
		}
	}
	allow(w.below)
	before := w.proxy.soFar()
	w.do(id, ticket.Comment{Body: "Waits"})
	w.eventually("it waits", func() bool {
		all := p.parked(t)
		return len(all) == 1 && strings.Contains(all[0].Reason, "is not for the tracker "+string(w.key))
	})
	problems, err := p.Check(t.Context(), w.key)
	if err != nil || len(problems) != 1 || problems[0].Code != "secret-for-other-trackers" || problems[0].Where != "secret" {
		t.Errorf("got %+v, %v", problems, err)
	}
	if _, err := p.Look(t.Context(), w.key, func(uint64, uint64) {}); domain.CodeOf(err) != "secret-for-other-trackers" {
		t.Errorf("a look: %v", err)
	}
	if n := w.proxy.soFar() - before; n > 0 {
		t.Errorf("%d requests with a secret that it may not use", n)
	}
	allow(w.key, w.below)
	w.later.Add(120)
	w.eventually("it goes on", func() bool { s := rig.Look(t, id); return len(s) == 1 && len(s[0].Said) == 1 && len(p.parked(t)) == 0 })
}
