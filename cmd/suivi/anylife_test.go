package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/dependency"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// chronicle is what the whole log comes to, read beside the service and folded here.
type chronicle struct {
	t        *testing.T
	store    *eventstore.Store
	after    eventstore.Position
	trackers map[domain.TrackerKey]tracker.Tracker
	tickets  map[domain.TicketID]ticket.Ticket
	waits    map[domain.TicketID]map[domain.TicketID]bool
	moves    map[domain.TicketID][]ticket.StateChanged
	owners   map[domain.TicketID]int
	compared map[domain.TicketID]uint64 // how many events each had when it was compared last
}

func newChronicle(t *testing.T, d *desk) *chronicle {
	t.Helper()
	at, err := url.Parse(storeOf(t, d.data))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := readLine(filepath.Join(d.data, "eventstore-admin.password"))
	at.User = url.UserPassword("admin", password)
	store, err := eventstore.Open(at.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return &chronicle{
		t: t, store: store, trackers: map[domain.TrackerKey]tracker.Tracker{}, tickets: map[domain.TicketID]ticket.Ticket{},
		waits: map[domain.TicketID]map[domain.TicketID]bool{}, moves: map[domain.TicketID][]ticket.StateChanged{}, owners: map[domain.TicketID]int{}, compared: map[domain.TicketID]uint64{},
	}
}

// read takes in what has been written since, and wants each event to be true when it was written.
func (c *chronicle) read(r *rapid.T) {
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	for e, err := range c.store.ReadAll(ctx, c.after, eventstore.Filter{}) {
		if err != nil {
			r.Fatal(err)
		}
		c.after = e.Position
		var meta domain.Meta
		switch prefix, _, _ := strings.Cut(e.Type, "."); prefix {
		case "ticket", "tracker", "dependencies":
			if err := json.Unmarshal(e.Metadata, &meta); err != nil {
				r.Fatal(err)
			}
			c.take(r, e, meta)
		}
	}
}

func (c *chronicle) take(r *rapid.T, e eventstore.Recorded, meta domain.Meta) {
	switch {
	case strings.HasPrefix(e.Stream, "tracker-"):
		event, err := tracker.Decode(e.Type, e.Data)
		if err != nil {
			r.Fatal(err)
		}
		key := domain.TrackerKey(strings.TrimPrefix(e.Stream, "tracker-"))
		c.trackers[key] = tracker.Evolve(c.trackers[key], event, meta)
	case strings.HasPrefix(e.Stream, "ticket-"):
		event, err := ticket.Decode(e.Type, e.Data)
		if err != nil {
			r.Fatal(err)
		}
		id := domain.TicketID(strings.TrimPrefix(e.Stream, "ticket-"))
		c.happen(r, id, event)
		c.tickets[id] = ticket.Evolve(c.tickets[id], event, meta)
	case e.Stream == dependency.Stream:
		event, err := dependency.Decode(e.Type, e.Data)
		if err != nil {
			r.Fatal(err)
		}
		c.link(r, event)
	}
}

// happen wants a ticket's event to be a real change, by the tracker as it is at that time.
func (c *chronicle) happen(r *rapid.T, id domain.TicketID, event ticket.Event) {
	t := c.tickets[id]
	in := c.trackers[t.Tracker]
	switch e := event.(type) {
	case ticket.Posted:
		in = c.trackers[e.Tracker]
	case ticket.Moved:
		if e.From != t.Tracker || e.To == e.From {
			r.Fatalf("%s is in %s, and moved from %s to %s", id, t.Tracker, e.From, e.To)
		}
		for code, answer := range e.Answers {
			field, ok := c.trackers[e.To].Field(code)
			if canonical, wrong := c.trackers[e.To].Answer(field, answer, ""); !ok || wrong != (tracker.Wrong{}) || canonical != answer {
				r.Fatalf("%s answers %s=%q in %s, which is not right there: %v", id, code, answer, e.To, wrong)
			}
		}
	case ticket.StateChanged:
		if e.From != t.State || e.To == e.From || !in.Enabled(e.To) {
			r.Fatalf("%s is %s in %s, and its state changed from %s to %s", id, t.State, t.Tracker, e.From, e.To)
		}
		c.moves[id] = append(c.moves[id], e)
	case ticket.Assigned:
		if e.Previous != t.Assignee || e.Assignee == e.Previous || !in.CanBeAssigned(e.Assignee) {
			r.Fatalf("%s is with %q, and went from %q to %q", id, t.Assignee, e.Previous, e.Assignee)
		}
		c.owners[id]++
	case ticket.Unassigned:
		if e.Previous != t.Assignee || e.Previous == "" {
			r.Fatalf("%s is with %q, and was taken from %q", id, t.Assignee, e.Previous)
		}
		c.owners[id]++
	}
	for code, answer := range ticket.AnswersIn(event) {
		field, ok := in.Field(code)
		if canonical, wrong := in.Answer(field, answer, t.Answers[code]); answer != "" && (!ok || wrong != tracker.Wrong{} || canonical != answer) {
			r.Fatalf("%s answers %s=%q, which was never right: %v", id, code, answer, wrong)
		}
	}
}

func (c *chronicle) link(r *rapid.T, event dependency.Event) {
	switch e := event.(type) {
	case dependency.Added:
		if c.waits[e.Ticket] == nil {
			c.waits[e.Ticket] = map[domain.TicketID]bool{}
		}
		c.waits[e.Ticket][e.Prerequisite] = true
		if c.reaches(e.Prerequisite, e.Ticket) {
			r.Fatalf("%s depends on %s in a circle", e.Ticket, e.Prerequisite)
		}
	case dependency.Removed:
		delete(c.waits[e.Ticket], e.Prerequisite)
	}
}

func (c *chronicle) reaches(from, to domain.TicketID) bool {
	if from == to {
		return true
	}
	for next := range c.waits[from] {
		if c.reaches(next, to) {
			return true
		}
	}
	return false
}

// crowd is who acts in the property, and the trackers that they act in.
type crowd struct {
	*desk
	tokens []string
	ids    []string
	done   map[string]int // the kinds of deeds that were granted
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{desk: serveDesk(t, t.TempDir(), "--auth"), done: map[string]int{}}
	for _, name := range []string{"ada", "bob", "cat", "dan"} {
		id, token := c.person(name)
		c.ids, c.tokens = append(c.ids, id), append(c.tokens, token)
	}
	for i, body := range []map[string]any{
		{"key": "TOP", "workflow": "relaxed", "mode": "ticketing"}, {"key": "ONE", "workflow": "strict", "mode": "bugtracker"}, {"key": "TWO", "workflow": "relaxed", "mode": "taskspread", "newTickets": "top"},
	} {
		body["name"] = body["key"]
		body["members"] = map[string][]domain.Role{c.ids[0]: {"reporter"}, c.ids[1]: {"developer"}, c.ids[2]: {"resolver"}, c.ids[3]: {"manager"}}
		c.want(http.StatusCreated, c.ask(c.token, "POST", "/api/v1/trackers", body), nil)
		fields := "/api/v1/trackers/" + fmt.Sprint(body["key"]) + "/fields/"
		c.want(http.StatusOK, c.ask(c.token, "PUT", fields+"room", object{"type": "text", "label": object{}, "mandatory": i == 1}), nil)
		c.want(http.StatusOK, c.ask(c.token, "PUT", fields+"kind", kinds("a", "b", "c")), nil)
		c.want(http.StatusOK, c.ask(c.token, "PUT", fields+"weight", object{"type": "number", "label": object{}, "hidden": true}), nil)
		if i > 0 {
			c.want(http.StatusOK, c.ask(c.token, "PUT", "/api/v1/trackers/"+fmt.Sprint(body["key"])+"/parent", object{"parent": "TOP"}), nil)
		}
	}
	c.tokens = append(c.tokens, c.token)
	return c
}

func kinds(codes ...string) object {
	options := []object{}
	for _, code := range codes {
		options = append(options, object{"code": code, "label": object{}})
	}
	return object{"type": "dropdown", "label": object{}, "options": options}
}

// request is what somebody sends.
type request struct {
	method, path string
	body         any
}

// draw is any deed on any ticket or tracker, of whatever sense.
func (c *crowd) draw(r *rapid.T, known []domain.TicketID) request {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(r, name) }
	desk := "/trackers/" + pick("tracker", "TOP", "ONE", "TWO")
	answers := rapid.SampledFrom([]object{{}, {"room": "B12"}, {"kind": "b"}, {"kind": "d"}, {"room": "B1", "kind": "a", "weight": "2.50"}, {"room": nil}, {"weight": "x"}}).Draw(r, "answers")
	if len(known) == 0 || rapid.IntRange(0, 7).Draw(r, "post") == 0 {
		return request{"POST", desk + "/tickets", object{"summary": "S", "answers": answers}}
	}
	one, other := pick("ticket", texts(known)...), pick("other", texts(known)...)
	path, person := "/tickets/"+one, pick("person", c.ids...)
	return rapid.SampledFrom([]request{
		{"PATCH", path, object{"summary": pick("summary", "S", "T"), "answers": answers}},
		{"POST", path + "/state", object{"to": pick("end", "resolved", "abandoned", "validated"), "resolution": "R"}},
		{"POST", path + "/state", object{"to": rapid.SampledFrom(tracker.States()).Draw(r, "to"), "comment": pick("say", "", "C")}},
		{"POST", path + "/state", object{"to": pick("begin", "open", "working")}},
		{"PUT", path + "/assignee", object{"user": person}},
		{"DELETE", path + "/assignee", nil},
		{"PUT", path + "/prerequisites/" + other, nil},
		{"DELETE", path + "/prerequisites/" + other, nil},
		{"POST", path + "/rank", object{"move": pick("move", "raise", "lower", "top", "bottom")}},
		{"POST", path + "/rank", object{"before": other}},
		{"POST", path + "/comments", object{"body": "Hello", "internal": rapid.Bool().Draw(r, "internal")}},
		{"POST", path + "/comments/1/branch", object{"tracker": desk[10:]}},
		{"POST", path + "/move", object{"tracker": desk[10:]}},
		{"POST", "/tickets/bulk", object{"tickets": []string{one}, "move": object{"tracker": desk[10:]}}},
		{"PUT", path + "/watchers/" + person, object{}},
		{"DELETE", path, nil},
		{"POST", path + "/undelete", nil},
		{"POST", path + "/raise-requests", object{"reason": "Soon"}},
		{"POST", path + "/raise-requests/1/grant", object{"move": "top"}},
		{"POST", "/tickets/bulk", object{"tickets": []string{one}, "state": object{"to": "open"}}},
		{"PUT", desk + "/fields/kind", kinds(strings.Split(pick("options", "abc", "ab", "abd", "bcd"), "")...)},
		{"PATCH", desk, object{"newTickets": pick("end", "top", "bottom"), "mode": pick("mode", "bugtracker", "ticketing", "taskspread")}},
		{"PATCH", desk, object{"states": []string{"open", "working", "resolved"}, "migrate": object{
			"blocked": "working", "waiting": "open", "testing": "working", "published": "resolved", "validated": "resolved", "abandoned": "resolved",
		}}},
		{"PATCH", desk, object{"states": []string{"open", "working", "blocked", "waiting", "testing", "published", "resolved", "validated", "abandoned"}}},
	}).Draw(r, "deed")
}

func texts(ids []domain.TicketID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}

// Whatever people do on several trackers, in whatever order: each event was true when it was written,
// dependencies are in no circle, ranks are those of the open tickets without holes, every change of state
// and assignee stands once in its history, and what is shown is what the log comes to.
func TestAnyLifeOfASiteIsTrue(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	log := newChronicle(t, c.desk)
	rapid.Check(t, func(r *rapid.T) {
		after := ""
		for range rapid.IntRange(5, 20).Draw(r, "deeds") {
			known := slices.Sorted(maps.Keys(log.tickets))
			do := c.draw(r, known[max(0, len(known)-12):]) // few, so that much happens to each
			a := c.ask(rapid.SampledFrom(c.tokens).Draw(r, "who"), do.method, "/api/v1"+do.path, do.body)
			if a.status >= 500 {
				r.Fatalf("%s %s: got %d %s", do.method, do.path, a.status, a.body)
			}
			if a.position != "" {
				after = later(r, after, a.position)
				c.done[do.method+" "+a.kind(do.path)]++
			}
			log.read(r)
		}
		c.compare(r, log, after)
	})
	if len(c.done) < 15 { // else the property says little
		t.Errorf("only these were ever granted: %v", c.done)
	}
	var last struct {
		Result struct{ Equal bool }
	}
	lines := strings.Split(strings.TrimSpace(string(c.ask(c.token, "POST", "/api/v1/admin/verify", nil).body)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || !last.Result.Equal {
		t.Errorf("the read models are not what the log comes to: %s", lines[len(lines)-1])
	}
}

// later is the later of two positions; "" is before all. A deed that changes nothing answers with an old one.
func later(r *rapid.T, a, b string) string {
	if a == "" {
		return b
	}
	before, err := eventstore.ParsePosition(a)
	if err != nil {
		r.Fatal(err)
	}
	if now, err := eventstore.ParsePosition(b); err != nil || now.Compare(before) < 0 {
		return a
	}
	return b
}

// kind is the path without what it names.
func (answer) kind(path string) string {
	return regexp.MustCompile(`[A-Z]+(-\d+)?|usr_\w+`).ReplaceAllString(path, "*")
}

// compare holds what is shown against the log.
func (c *crowd) compare(r *rapid.T, log *chronicle, after string) {
	for key := range log.trackers {
		want := []domain.TicketID{}
		for id, t := range log.tickets {
			if t.Tracker == key && t.List == tracker.OpenList && !t.Inner.Deleted {
				want = append(want, id)
			}
		}
		var got []domain.TicketID
		for place, row := range c.stackOf(r, key, after) {
			if got = append(got, row.ID); row.Rank != place+1 {
				r.Errorf("%s is P%d, and stands at %d", row.ID, row.Rank, place+1)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			r.Errorf("the stack of %s: got %v, want %v", key, got, want)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(log.tickets)) {
		c.compareTicket(r, log, id)
	}
}

type ranked struct {
	ID   domain.TicketID
	Rank int
}

func (c *crowd) stackOf(r *rapid.T, key domain.TrackerKey, after string) (all []ranked) {
	for next := ""; ; {
		var list struct {
			Tickets []ranked
			Next    string
		}
		a := c.ask(c.token, "GET", page("/api/v1/tickets?limit=200&sort=rank&tracker="+string(key), next), nil, "X-Suivi-After", after)
		if err := json.Unmarshal(a.body, &list); err != nil || a.status != http.StatusOK {
			r.Fatalf("got %d %s", a.status, a.body)
		}
		if all = append(all, list.Tickets...); list.Next == "" {
			return all
		}
		next = list.Next
	}
}

// compareTicket looks again only at what has happened since.
func (c *crowd) compareTicket(r *rapid.T, log *chronicle, id domain.TicketID) {
	want := log.tickets[id]
	if log.compared[id] == want.Inner.Events {
		return
	}
	log.compared[id] = want.Inner.Events
	path := "/api/v1/tickets/" + string(id)
	a := c.ask(c.token, "GET", path, nil)
	if want.Inner.Deleted {
		if a.status != http.StatusNotFound {
			r.Errorf("%s is deleted, and answers %d", id, a.status)
		}
		return
	}
	var got ticket.Ticket
	if err := json.Unmarshal(a.body, &got); err != nil {
		r.Fatal(err)
	}
	shown, err := json.Marshal(want)
	if err != nil {
		r.Fatal(err)
	}
	want = ticket.Ticket{}
	if err := json.Unmarshal(shown, &want); err != nil {
		r.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("%s: %s", id, diff)
	}
	var changes struct{ Changes []ticket.StateChanged }
	a = c.ask(c.token, "GET", path+"/state-history?limit=200", nil)
	if err := json.Unmarshal(a.body, &changes); err != nil {
		r.Fatal(err)
	}
	if !slices.Equal(changes.Changes, log.moves[id]) {
		r.Errorf("the states of %s: got %v, want %v", id, changes.Changes, log.moves[id])
	}
	a = c.ask(c.token, "GET", path+"/ownership-history?limit=200", nil)
	var owners struct{ Changes []object }
	if err := json.Unmarshal(a.body, &owners); err != nil || len(owners.Changes) != log.owners[id] {
		r.Errorf("the owners of %s: got %s, want %d changes", id, a.body, log.owners[id])
	}
}
