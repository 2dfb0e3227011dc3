package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testdb"
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
func serveArgs() []string { return []string{"--auth", "--mirror-poll", "200ms", "--mirror-sweep", "1500ms"} }

func newTogether(t *testing.T) *together {
	t.Helper()
	// On Postgres: on SQLite Redmine gives the numbers of deleted notes to the next ones.
	m := &mirrored{t: t, redmine: testredmine.Start(t, testredmine.Config{Postgres: testdb.Postgres(t)})}
	m.project = m.redmine.NewProject(t)
	m.proxy = testredmine.NewProxy(t, m.redmine.URL)
	var err error
	if m.file, err = os.Executable(); err != nil {
		t.Fatal(err)
	}
	if *redmineSteps >= longRun {
		m.file = buildProgram(t)
	}
	m.desk = serveDeskFrom(t, m.file, t.TempDir(), serveArgs()...)
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
		"states": statuses(), "people": mapped, "fixed": object{"tracker": "3", "priority": "2", "external-id": "1", "resolution": "4", "reported-by": "5"},
	}), nil)
	w.log = newChronicle(t, m.desk)
	return w
}

// step is one thing that somebody does; the numbers choose among what there is by then.
type step struct{ who, side, what, ticket, pick, more int }

func drawStep(t *rapid.T) step {
	n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
	return step{n("who", 2), n("side", 1), n("what", 999), n("ticket", 999), n("pick", 999), n("more", 999)}
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
	w := newTogether(t)
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

func (w *together) tag() string { w.tags++; return fmt.Sprintf("tag%05d", w.tags) }

func (w *together) post(who int) {
	w.t.Helper()
	var posted struct{ ID string }
	summary, description := w.tag(), w.tag()
	w.want(http.StatusCreated, w.ask(w.people[who].token, "POST", "/api/v1/trackers/HELP/tickets", object{"summary": summary, "description": "**It** is\n\n* " + description}), &posted)
	s := &shared{id: posted.ID, path: "/api/v1/tickets/" + posted.ID, files: map[string]bool{}, values: map[string]*value{}}
	for of, now := range map[string]string{ofState: "posted", ofAssignee: "", ofSummary: summary, ofDescription: description} {
		s.values[of] = &value{now: now, there: now, may: []string{now}}
	}
	w.tickets = append(w.tickets, s)
}

func (w *together) do(s step) {
	w.t.Helper()
	what := s.what % 20
	if what == 19 && len(w.tickets) < 8 {
		w.post(s.who)
		return
	}
	on := w.tickets[s.ticket%len(w.tickets)]
	side := s.side
	if on.issue == 0 {
		side = 0
	}
	names := [2]string{"here: ", "there: "}
	switch {
	case what < 5:
		w.kinds[names[side]+"say"]++
		w.say(on, s, side, false)
	case what < 7:
		w.kinds[names[side]+"note"]++
		w.say(on, s, side, true)
	case what < 14:
		of := []string{ofState, ofState, ofAssignee, ofSummary, ofDescription, ofState, ofAssignee}[what-7]
		w.kinds[names[side]+of]++
		w.change(on, s, side, of)
	case what < 16:
		w.kinds[names[side]+"file"]++
		w.attach(on, s, side)
	case what < 18:
		w.reword(on, s, side, false, names[side])
	default:
		w.reword(on, s, side, true, names[side])
	}
}

// there has somebody change the issue with their own key; two writes at one moment are no fault of theirs.
func (w *together) there(who int, on *shared, change redmine.Change) {
	w.t.Helper()
	w.until(func() error { return w.people[who].there.Update(w.t.Context(), on.issue, change) })
}

func (w *together) until(do func() error) {
	w.t.Helper()
	var err error
	for range 20 {
		if err = do(); err == nil {
			return
		}
		var refusal *redmine.Error
		if refusal, _ = err.(*redmine.Error); refusal == nil || !refusal.Conflict() {
			break
		}
	}
	w.t.Fatal(err)
}

func (w *together) say(on *shared, s step, side int, internal bool) {
	said := &word{tags: []string{w.tag()}, by: s.who, there: side == 1, internal: internal}
	on.words = append(on.words, said)
	if side == 1 {
		change := redmine.Change{"notes": "*So* it is, " + said.tags[0], "private_notes": internal}
		if to := w.other(on.values[ofState], statuses(), s, 1); s.more%3 == 0 { // with a new status at the same time
			change["status_id"] = statuses()[to]
			on.values[ofState].act(1, to)
		}
		w.there(s.who, on, change)
		return
	}
	a := w.ask(w.people[s.who].token, "POST", on.path+"/comments", object{"body": "**So** it is, " + said.tags[0], "internal": internal})
	w.want(http.StatusCreated, a, nil)
}

// other is a state that is not the one that the side has now.
func (w *together) other(v *value, of map[string]string, s step, side int) string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(of)), func(name string) bool { return name == "posted" || name == [2]string{v.now, v.there}[side] })
	return names[s.pick%len(names)]
}

func (w *together) change(on *shared, s step, side int, of string) {
	w.t.Helper()
	v, p := on.values[of], w.people[s.who]
	to, method, path, body := w.tag(), "PATCH", on.path, object{}
	change := redmine.Change{}
	switch of {
	case ofState:
		to = w.other(v, statuses(), s, side)
		method, path, body = "POST", on.path+"/state", object{"to": to}
		change["status_id"] = statuses()[to]
	case ofAssignee:
		all := map[string]string{"": ""}
		for _, p := range w.people {
			all[p.id] = strconv.Itoa(p.thereID)
		}
		to = w.other(v, all, s, side)
		method, path, body = "PUT", on.path+"/assignee", object{"user": to}
		if to == "" {
			method, body = "DELETE", nil
		}
		change["assigned_to_id"] = all[to]
	case ofSummary:
		body[of], change["subject"] = to, to
	case ofDescription:
		body[of] = "**New**: " + to
		issue, err := p.there.Issue(w.t.Context(), max(on.issue, 1))
		if err != nil && side == 1 {
			w.t.Fatal(err)
		}
		first, _, _ := strings.Cut(issue.Description, "\n")
		change["description"] = strings.TrimSpace(first) + "\n\n*New*: " + to
	}
	v.act(side, to)
	if side == 1 {
		w.there(s.who, on, change)
		return
	}
	a := w.ask(p.token, method, path, body)
	if method == "DELETE" && a.status == http.StatusNoContent {
		return
	}
	w.want(http.StatusOK, a, nil)
}

func (w *together) attach(on *shared, s step, side int) {
	w.t.Helper()
	p := w.people[s.who]
	if gone := w.some(slices.Sorted(maps.Keys(on.files)), s, func(name string) bool { return on.files[name] }); gone != "" && s.more%4 == 0 {
		w.detach(on, p, gone, side)
		return
	}
	name := w.tag() + ".txt"
	on.files[name] = true
	if side == 0 {
		w.attachHere(p, on, name)
		return
	}
	w.until(func() error {
		token, err := p.there.Upload(w.t.Context(), name, strings.NewReader("content of "+name))
		if err != nil {
			return err
		}
		return p.there.Update(w.t.Context(), on.issue, redmine.Change{"uploads": []any{object{"token": token, "filename": name}}})
	})
}

func (w *together) attachHere(p someone, on *shared, name string) {
	w.t.Helper()
	w.desk.attach(p.token, on.path+"/attachments", sent{name, "text/plain", "content of " + name})
}

// detach removes a file that the side has; if it does not have it yet, nothing is done.
func (w *together) detach(on *shared, p someone, name string, side int) {
	w.t.Helper()
	if side == 1 {
		issue, err := p.there.Issue(w.t.Context(), on.issue)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, f := range issue.Files {
			if f.Name == name {
				on.files[name] = false
				w.until(func() error { return p.there.RemoveFile(w.t.Context(), f.ID) })
			}
		}
		return
	}
	for _, f := range w.ticket(on).Files {
		if f.Name == name {
			on.files[name] = false
			if a := w.ask(p.token, "DELETE", "/api/v1/attachments/"+string(f.ID), nil); a.status != http.StatusNoContent && a.status != http.StatusOK && a.status != http.StatusNotFound {
				w.t.Fatalf("remove %s: %d %s", name, a.status, a.body)
			}
		}
	}
}

func (w *together) some(of []string, s step, is func(string) bool) string {
	of = slices.DeleteFunc(of, func(one string) bool { return !is(one) })
	if len(of) == 0 {
		return ""
	}
	return of[s.pick%len(of)]
}

// reword edits or deletes something said that both sides have.
func (w *together) reword(on *shared, s step, side int, remove bool, name string) {
	w.t.Helper()
	words := slices.DeleteFunc(slices.Clone(on.words), func(one *word) bool { return one.deleted || one.number == 0 })
	if len(words) == 0 {
		return
	}
	said, p := words[s.pick%len(words)], w.people[s.who]
	kind := "/comments/"
	if said.internal {
		kind = "/notes/"
	}
	path := on.path + kind + strconv.Itoa(said.number)
	if remove {
		w.kinds[name+"delete"]++
		said.deleted = true
		if side == 1 {
			w.until(func() error { return ifThere(p.there.EditNote(w.t.Context(), said.journal, "")) })
			return
		}
		w.ask(p.token, "DELETE", path, nil)
		return
	}
	w.kinds[name+"edit"]++
	said.tags = append(said.tags, w.tag())
	last := said.tags[len(said.tags)-1]
	if side == 1 {
		before := ""
		issue, err := p.there.Issue(w.t.Context(), on.issue)
		for _, j := range issue.Journals {
			if first, _, more := strings.Cut(j.Notes, "\n"); j.ID == said.journal && more && strings.Contains(first, "("+on.id) {
				before = strings.TrimSpace(first) + "\n\n"
			}
		}
		w.until(func() error { return err })
		w.until(func() error { return ifThere(p.there.EditNote(w.t.Context(), said.journal, before+"_Rather_ "+last)) })
		return
	}
	w.ask(p.token, "PATCH", path, object{"body": "_Rather_ " + last})
}

// ifThere is no error for a note that was taken away at the same time on the other side.
func ifThere(err error) error {
	if e, ok := err.(*redmine.Error); ok && e.Status == http.StatusNotFound {
		return nil
	}
	return err
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
	w.log = newChronicle(w.t, w.desk)
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
func (w *together) look() mirror.Report {
	w.t.Helper()
	lines := strings.Split(strings.TrimSpace(string(w.ask(w.token, "POST", "/api/v1/admin/mirrors/redmine/HELP/look", nil).body)), "\n")
	var end struct{ Result mirror.Report }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil {
		w.t.Fatalf("%v in %s", err, lines)
	}
	return end.Result
}
