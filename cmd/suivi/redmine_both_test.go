package main

import (
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

// How much people do on both sides, and with which luck. `make redmine` takes more.
var (
	redmineSteps = flag.Int("redmine.steps", 30, "things that people do on both sides of a mirror")
	redmineSeed  = flag.Int("redmine.seed", 0, "what they do; 0: something else each time")
)

// batch is how many things are done before both sides are waited for.
const batch = 30

// someone is a person who has an account on both sides. On both, all may do everything.
type someone struct {
	id, token string
	there     *redmine.Client
	thereID   int
}

// word is something said, which is known by the tag in its text: of several that it may have now, if it was edited on both sides.
type word struct {
	tags     []string
	by       int // of whom
	there    bool
	internal bool
	deleted  bool
	number   int // here
	journal  int // there
}

// value is something of a ticket that both sides can change, as it was last seen equal, with what was done since.
type value struct {
	now, there string // as whoever acts on the side finds it
	may        []string
	acts       [2]int // here and there, since
	least      int    // events that there are of it at least
	most       int
}

func (v *value) act(side int, to string) {
	v.acts[side]++
	v.may = append(v.may, to)
	if side == 0 {
		v.now = to
	} else {
		v.there = to
	}
}

// settle takes in what both sides have now.
func (v *value) settle(now string) {
	done := v.acts[0] + v.acts[1]
	if v.most += done; v.acts[0] == 0 || v.acts[1] == 0 {
		v.least += done
	}
	*v = value{now: now, there: now, may: []string{now}, least: v.least, most: v.most}
}

// shared is a ticket that people work on from both sides.
type shared struct {
	id, path string
	issue    int // 0: not there yet
	words    []*word
	files    map[string]bool // by name; false: removed
	values   map[string]*value
}

// The values that both sides can change.
const (
	ofState, ofAssignee, ofSummary, ofDescription = "state", "assignee", "summary", "description"
)

func statuses() map[string]string {
	return map[string]string{"posted": "1", "working": "2", "testing": "3", "blocked": "4", "validated": "5", "abandoned": "6"}
}

// together is a site on both sides of which people act.
type together struct {
	*mirrored
	people  []someone
	tickets []*shared
	log     *chronicle
	tags    int
	kinds   map[string]int // how often what was done
}

// serveArgs are for a service that looks often.
func serveArgs() []string {
	return []string{"--auth", "--mirror-poll", "200ms", "--mirror-sweep", "1500ms"}
}

func newTogether(t *testing.T, args ...string) *together {
	t.Helper()
	m := &mirrored{t: t, redmine: testredmine.Start(t, redmineData(t))}
	m.project = m.redmine.NewProject(t)
	m.proxy = testredmine.NewProxy(t, m.redmine.URL)
	var err error
	if m.file, err = os.Executable(); err != nil {
		t.Fatal(err)
	}
	if *redmineSteps >= longRun {
		m.file = buildProgram(t)
	}
	m.desk = serveDeskFrom(t, m.file, t.TempDir(), args...)
	w := &together{mirrored: m, kinds: map[string]int{}}
	mapped, members := object{}, object{}
	for _, login := range []string{testredmine.Manager, testredmine.Developer, testredmine.Reporter} {
		m.redmine.ChangeRole(t, m.project, login, testredmine.Manager)
		p := someone{thereID: m.redmine.User(t, login)}
		p.id, p.token = m.person(login)
		if p.there, err = redmine.NewClient(m.redmine.URL, testredmine.Key(login)); err != nil {
			t.Fatal(err)
		}
		mapped[p.id], members[p.id] = strconv.Itoa(p.thereID), []string{"manager"}
		w.people = append(w.people, p)
	}
	m.want(http.StatusCreated, m.ask(m.token, "POST", "/api/v1/trackers", object{"key": "HELP", "name": "Help", "mode": "custom", "workflow": "relaxed", "members": members,
		"states": slices.Sorted(maps.Keys(statuses()))}), nil)
	m.want(http.StatusOK, m.ask(m.token, "PUT", "/api/v1/admin/secrets/redmine", object{"site": m.proxy.URL, "value": testredmine.Key(testredmine.Manager)}), nil)
	m.want(http.StatusOK, m.ask(m.token, "PUT", "/api/v1/trackers/HELP/mirrors/redmine", object{
		"site": m.proxy.URL, "secret": "redmine", "project": m.project, "direction": "both", "deletion": "close", "notes": true, "actor": w.people[0].id,
		"states": statuses(), "people": mapped, "fixed": object{"tracker": "3", "priority": "2", "external-id": "1", "resolution": "4", "reported-by": "5", "formatting": m.formatting()},
	}), nil)
	w.log = newChronicle(t, m.desk)
	return w
}

// step is one thing that somebody does; the numbers choose among what there is by then.
type step struct{ who, side, what, ticket, pick, more int }

// drawStep draws by single bits: rapid's numbers are mostly small ones.
func drawStep(t *rapid.T) step {
	n := func(name string) (drawn int) {
		for _, bit := range rapid.SliceOfN(rapid.Bool(), 10, 10).Draw(t, name) {
			drawn *= 2
			if bit {
				drawn++
			}
		}
		return drawn
	}
	return step{n("who") % 3, n("side") % 2, n("what"), n("ticket"), n("pick"), n("more")}
}

// TestBothSidesConvergeWhateverPeopleDoOnThem: people say, change, edit, attach and delete, here and in
// Redmine, at the same time, while Suivi is killed now and then. Then both sides are
// equal, with everything that was done, once, and the log says who did it and where.
func TestBothSidesConvergeWhateverPeopleDoOnThem(t *testing.T) {
	t.Parallel()
	seed := *redmineSeed
	if seed == 0 {
		seed = int(time.Now().UnixNano() % 1_000_000)
	}
	t.Logf("-redmine.seed %d", seed)
	steps := rapid.SliceOfN(rapid.Custom(drawStep), *redmineSteps, *redmineSteps).Example(seed)
	w := newTogether(t, serveArgs()...)
	for range 3 {
		w.post(0)
	}
	w.converge()
	began := time.Now()
	for i, s := range steps {
		w.do(s)
		if i%(4*batch) == batch/2 {
			w.kill()
			w.desk = serveDeskFrom(t, w.file, w.data, serveArgs()...)
			w.log = newChronicle(t, w.desk)
		}
		if i%batch == batch-1 {
			w.converge()
		}
	}
	w.converge()
	w.quiet()
	w.verified(len(w.tickets))
	t.Logf("%d steps on %d tickets in %v: %v", len(steps), len(w.tickets), time.Since(began).Round(time.Second), w.kinds)
}

// ticket is the ticket as the log tells it.
func (w *together) ticket(on *shared) ticket.Whole {
	w.t.Helper()
	var whole ticket.Whole
	for e, err := range w.log.store.Read(w.t.Context(), domain.TicketID(on.id).Stream(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		event, meta := w.decode(e.Type, e.Data, e.Metadata)
		whole = whole.With(event, meta)
	}
	return whole
}

func (w *together) decode(name string, data, metadata []byte) (ticket.Event, domain.Meta) {
	w.t.Helper()
	event, err := ticket.Decode(name, data)
	if err != nil {
		w.t.Fatal(err)
	}
	var meta domain.Meta
	if err := json.Unmarshal(metadata, &meta); err != nil {
		w.t.Fatal(err)
	}
	return event, meta
}

// converge waits until nothing is due or unheard, and wants both sides to have what was done.
func (w *together) converge() {
	w.t.Helper()
	var last mirror.Report
	var status struct{ Reactor integration.Status }
	deadline := time.Now().Add(2 * time.Minute)
	for again := time.NewTicker(300 * time.Millisecond); ; <-again.C {
		if time.Now().After(deadline) {
			w.t.Fatalf("no convergence: %+v, %+v", last, status)
		}
		w.want(http.StatusOK, w.ask(w.token, "GET", "/api/v1/admin/mirrors/redmine", nil), &status)
		if r := status.Reactor; r.Lag != 0 || r.Parked != 0 || r.Due != 0 {
			continue
		}
		if last = w.look(); last.Tickets == len(w.tickets) && last.InStep == last.Tickets {
			break
		}
	}
	for _, on := range w.tickets {
		w.compare(on)
	}
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// look is a reconciliation.
func (w *together) look() (report mirror.Report) {
	w.t.Helper()
	if err := json.Unmarshal(w.worked("look").Result, &report); err != nil {
		w.t.Fatal(err)
	}
	return report
}
