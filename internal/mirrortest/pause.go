package mirrortest

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

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
