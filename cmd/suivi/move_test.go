package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

const netPath = "/api/v1/trackers/NET"

// branched is a service with NET right below DESK: the manager and the resolver
// of DESK work there too, its reporter and developer do not.
func branched(d *desk) (tokens, ids map[domain.Role]string) {
	d.t.Helper()
	tokens, ids = staffed(d, nil)
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", object{"key": "NET", "name": "Network", "members": object{
		ids[domain.Manager]: []string{"manager"}, ids[domain.Resolver]: []string{"resolver"},
	}}), nil)
	d.want(http.StatusOK, d.ask(d.token, "PUT", netPath+"/parent", object{"parent": "DESK"}), nil)
	return tokens, ids
}

func (d *desk) fieldOf(key, code string, field object) string {
	d.t.Helper()
	if field["label"] == nil {
		field["label"] = object{"en": "The " + code + " of " + key}
	}
	a := d.ask(d.token, "PUT", "/api/v1/trackers/"+key+"/fields/"+code, field)
	d.want(http.StatusOK, a, nil)
	return a.position
}

type movedTicket struct {
	ID, Tracker, State, Assignee string
	MovedFrom                    []string
	Answers                      map[string]string
	Brought                      []struct{ From, Code, Answer string }
	Fields                       []struct {
		Code, From string
		Label      struct{ EN string }
	}
}

func (d *desk) move(token, path, to string) (t movedTicket, position string) {
	d.t.Helper()
	a := d.ask(token, "POST", path+"/move", object{"tracker": to})
	d.want(http.StatusOK, a, &t)
	return t, a.position
}

// listed are the ids that the query lists.
func (d *desk) listed(token, query, after string) []string {
	d.t.Helper()
	var list struct{ Tickets []struct{ ID string } }
	d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/tickets?"+query, nil, "X-Suivi-After", after), &list)
	ids := []string{}
	for _, t := range list.Tickets {
		ids = append(ids, t.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestAMovedTicketTakesEverythingAlong(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		t := d.t
		tokens, ids := branched(d)
		manager, reporter, developer, resolver := tokens[domain.Manager], tokens[domain.Reporter], tokens[domain.Developer], tokens[domain.Resolver]
		d.fieldOf("DESK", "room", object{"type": "text", "listable": true})
		d.fieldOf("DESK", "size", object{"type": "text"})
		d.fieldOf("NET", "room", object{"type": "text", "listable": true})
		d.fieldOf("NET", "size", object{"type": "number"})
		other := d.post(reporter, "Another")
		id := d.postWith(reporter, map[string]string{"room": "B12", "size": "quite large"}).ID
		path := "/api/v1/tickets/" + id
		d.want(http.StatusOK, d.ask(manager, "PUT", path+"/assignee", object{"user": ids[domain.Developer]}), nil)
		d.want(http.StatusOK, d.ask(developer, "POST", path+"/state", object{"to": "working"}), nil)
		d.want(http.StatusCreated, d.ask(developer, "POST", path+"/comments", object{"body": "I look into it"}), nil)
		d.want(http.StatusCreated, d.ask(developer, "POST", path+"/notes", object{"body": "Between us"}), nil)
		d.want(http.StatusCreated, d.ask(reporter, "POST", path+"/raise-requests", object{"reason": "The exam"}), nil)
		d.want(http.StatusOK, d.ask(manager, "PUT", path+"/prerequisites/"+strings.TrimPrefix(other, "/api/v1/tickets/"), nil), nil)
		_, before := d.attach(reporter, path+"/attachments", sent{"a.txt", "", "hello"})
		var version struct{ Version int }
		d.want(http.StatusOK, d.ask(reporter, "GET", path, nil, "X-Suivi-After", before), &version)

		moved, after := d.move(resolver, path, "NET")
		if moved.ID != id || moved.Tracker != "NET" || moved.State != "posted" || moved.Assignee != "" || !slices.Equal(moved.MovedFrom, []string{"DESK"}) {
			t.Errorf("got %+v", moved)
		}
		if diff := cmp.Diff(map[string]string{"room": "B12"}, moved.Answers); diff != "" || fmt.Sprint(moved.Brought) != "[{DESK size quite large}]" {
			t.Errorf("brought %v, and answers: %s", moved.Brought, diff)
		}
		// Its parts are all there, under the id that it had.
		for part, want := range map[string]string{
			"/comments": "I look into it", "/notes": "Between us", "/attachments": "a.txt", "/dependencies": `"DESK-1"`, "/raise-requests": `"outcome":"pending"`,
			"/watchers": ids[domain.Developer], "/state-history": `"to":"working"`, "/ownership-history": ids[domain.Developer], "/history": "Moved from DESK to NET.",
		} {
			if a := d.ask(manager, "GET", path+part, nil, "X-Suivi-After", after); a.status != http.StatusOK || !strings.Contains(string(a.body), want) {
				t.Errorf("%s: got %d %s, want %s in it", part, a.status, a.body, want)
			}
		}
		var read movedTicket
		d.want(http.StatusOK, d.ask(reporter, "GET", path, nil), &read)
		if fmt.Sprint(read.Fields) != "[{room  {The room of NET}} {size DESK {The size of DESK}}]" {
			t.Errorf("the fields are %v", read.Fields)
		}
		// It is where it is now, and as of a time before where it was.
		for query, want := range map[string][]string{
			"tracker=NET": {id}, "tracker=DESK": {"DESK-1"}, "tracker=NET&field.room=B12": {id}, "tracker=NET&field.size=quite+large": {},
			"q=quite+large": {id}, "q=B12": {id}, "tracker=NET&q=" + id: {id}, "tracker=NET&state=posted": {id}, "tracker=NET&sort=rank": {id},
		} {
			if diff := cmp.Diff(want, d.listed(resolver, query, after)); diff != "" {
				t.Errorf("%s: %s", query, diff)
			}
		}
		var then, found struct {
			Tracker string
			State   string
			Answers map[string]string
			Tickets []movedTicket
		}
		d.want(http.StatusOK, d.ask(resolver, "GET", fmt.Sprintf("%s?at=%d", path, version.Version), nil), &then)
		if diff := cmp.Diff(map[string]string{"room": "B12", "size": "quite large"}, then.Answers); diff != "" || then.Tracker != "DESK" || then.State != "working" {
			t.Errorf("before the move it was %+v: %s", then, diff)
		}
		for _, number := range []string{id, "%232&tracker=NET"} {
			d.want(http.StatusOK, d.ask(resolver, "GET", "/api/v1/find?q="+number, nil), &found)
			if len(found.Tickets) != 1 || found.Tickets[0].ID != id {
				t.Errorf("%s finds %+v", number, found.Tickets)
			}
		}
		if got := d.stack(manager, after); len(got) != 1 || got[0] != "DESK-1" {
			t.Errorf("the stack that it left has %v", got)
		}
		// Its tracker says who sees it: a watcher who is no member there does not, a reporter does.
		for token, want := range map[string]int{developer: http.StatusNotFound, reporter: http.StatusOK, resolver: http.StatusOK} {
			if a := d.ask(token, "GET", path, nil); a.status != want {
				t.Errorf("got %d %s, want %d", a.status, a.body, want)
			}
		}
		d.want(http.StatusOK, d.ask(d.token, "PUT", netPath+"/members/"+ids[domain.Developer], object{"roles": []string{"reporter"}}), nil)
		d.want(http.StatusOK, d.ask(developer, "GET", path, nil, "X-Suivi-After", d.ask(manager, "POST", path+"/raise-requests/1/grant", object{"move": "top"}).position), nil)
		// And back again, with all its answers.
		back, _ := d.move(manager, path, "DESK")
		if diff := cmp.Diff(map[string]string{"room": "B12", "size": "quite large"}, back.Answers); diff != "" || len(back.Brought) != 0 || back.Tracker != "DESK" {
			t.Errorf("back it is %+v: %s", back, diff)
		}
	})
}

func TestWhereATicketMayGoIsToldAndTheRestRefused(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		tokens, ids := branched(d)
		manager, resolver := tokens[domain.Manager], tokens[domain.Resolver]
		for _, key := range []string{"OLD", "LAB", "FAR"} {
			d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", object{"key": key, "name": key, "members": object{ids[domain.Manager]: []string{"manager"}}}), nil)
		}
		for _, key := range []string{"OLD", "LAB"} {
			d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/"+key+"/parent", object{"parent": "DESK"}), nil)
		}
		d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/OLD/archived", nil), nil)
		path := d.post(tokens[domain.Reporter], "Where to?")
		position := d.ask(manager, "PUT", path+"/assignee", object{"user": ids[domain.Resolver]}).position
		for token, want := range map[string]string{
			manager:  "[{LAB LAB true } {NET Network true } {OLD OLD false tracker-archived}]",
			resolver: "[{NET Network true }]", tokens[domain.Reporter]: "[]", tokens[domain.Developer]: "[]",
		} {
			var got struct {
				Destinations []struct {
					Tracker, Name string
					Allowed       bool
					Code          string
				}
			}
			d.want(http.StatusOK, d.ask(token, "GET", path+"/destinations", nil, "X-Suivi-After", position), &got)
			if fmt.Sprint(got.Destinations) != want {
				d.t.Errorf("got %v, want %s", got.Destinations, want)
			}
		}
		to := func(token, key string) answer { return d.ask(token, "POST", path+"/move", object{"tracker": key}) }
		d.refused(http.StatusConflict, "tracker-archived", to(manager, "OLD"))
		d.refused(http.StatusConflict, "not-adjacent", to(manager, "FAR"))
		d.refused(http.StatusForbidden, "right-missing", to(tokens[domain.Developer], "NET"))
		for _, key := range []string{"LAB", "NONE", "no key", ""} { // LAB is there, and the resolver does not see it
			if diff := cmp.Diff(map[string]string{"tracker": "unknown-tracker"}, d.wrongs(to(resolver, key))); diff != "" {
				d.t.Errorf("%q: %s", key, diff)
			}
		}
		d.want(http.StatusOK, to(manager, "DESK"), nil) // where it is
		if moved, _ := d.move(resolver, path, "NET"); moved.Assignee != ids[domain.Resolver] {
			d.t.Errorf("an assignee who can be one there is replaced: %+v", moved)
		}
		d.refused(http.StatusConflict, "not-adjacent", to(manager, "LAB")) // beside, not above or below
	})
}

// The number of a ticket that has moved is taken for ever, also for a service that has just started.
func TestTheNumberOfAMovedTicketIsNotGivenAgain(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, again func() *desk) {
		tokens, _ := branched(d)
		d.post(tokens[domain.Reporter], "First")
		last := d.post(tokens[domain.Reporter], "Last")
		_, position := d.move(tokens[domain.Manager], last, "NET")
		d.want(http.StatusOK, d.ask(tokens[domain.Manager], "GET", last, nil, "X-Suivi-After", position), nil)
		if next := d.post(tokens[domain.Reporter], "Next"); next != "/api/v1/tickets/DESK-3" {
			d.t.Errorf("got %s", next)
		}
		_, position = d.move(tokens[domain.Manager], "/api/v1/tickets/DESK-3", "NET")
		d = again()
		if next := d.post(tokens[domain.Reporter], "Later"); next != "/api/v1/tickets/DESK-4" {
			d.t.Errorf("after a restart: got %s", next)
		}
		var posted struct{ ID string }
		d.want(http.StatusCreated, d.ask(tokens[domain.Manager], "POST", netPath+"/tickets", object{"summary": "Own"}), &posted)
		if want := []string{"DESK-2", "DESK-3", "NET-1"}; posted.ID != "NET-1" || !slices.Equal(d.listed(tokens[domain.Manager], "tracker=NET", position), want[:2]) && !slices.Equal(d.listed(tokens[domain.Manager], "tracker=NET", position), want) {
			d.t.Errorf("NET numbers its own from 1: got %s", posted.ID)
		}
	})
}

// What is hidden in the tracker that a ticket comes from is hidden from those who
// read it where it is now, by every exit; and what is hidden there as well.
func TestWhatWasHiddenBeforeAMoveIsToldByNoExit(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		tokens, ids := branched(d)
		manager, reporter := tokens[domain.Manager], tokens[domain.Reporter]
		d.want(http.StatusOK, d.ask(d.token, "PUT", netPath+"/members/"+ids[domain.Reporter], object{"roles": []string{"reporter"}}), nil)
		d.fieldOf("DESK", "secret", object{"type": "text", "hidden": true, "listable": true, "default": "S3CRET-a"})
		d.fieldOf("DESK", "open", object{"type": "text", "listable": true})
		d.fieldOf("DESK", "late", object{"type": "text"})
		d.fieldOf("NET", "secret", object{"type": "text", "listable": true})
		d.fieldOf("NET", "open", object{"type": "text", "hidden": true, "listable": true})
		id := d.postWith(reporter, map[string]string{"open": "V1SIBLE", "late": "L4TER"}).ID
		path := "/api/v1/tickets/" + id
		d.want(http.StatusOK, d.ask(manager, "PATCH", path, object{"answers": object{"secret": "S3CRET-b"}}), nil)
		moved, _ := d.move(manager, path, "NET")
		if moved.Answers["secret"] != "" || fmt.Sprint(moved.Brought) != "[{DESK late L4TER} {DESK secret S3CRET-b}]" {
			d.t.Errorf("a field that everybody reads takes the hidden answer: %+v", moved)
		}
		d.want(http.StatusOK, d.ask(manager, "PATCH", path, object{"answers": object{"secret": "public"}}), nil)
		// Hidden where it came from only after the move: that counts, too.
		last := d.fieldOf("DESK", "late", object{"type": "text", "hidden": true})
		exits := []string{
			path, path + "?at=1", path + "?at=2", path + "?at=3", path + "?at=4", path + "/history", path + "/html", path + "/comments", path + "/destinations",
			"/api/v1/tickets?tracker=NET", "/api/v1/tickets?fields=secret,open,late", "/api/v1/tickets?sort=field.secret", "/api/v1/find?q=" + id, netPath + "/parent/comparison", "/api/v1/events",
		}
		silent := func(after string) {
			for _, exit := range exits {
				a := d.ask(reporter, "GET", exit, nil, "X-Suivi-After", after, "Accept", "application/json")
				d.want(http.StatusOK, a, nil)
				for _, canary := range []string{"S3CRET", "V1SIBLE", "L4TER"} {
					if strings.Contains(string(a.body), canary) {
						d.t.Errorf("%s tells a reporter %s", exit, a.body)
					}
				}
			}
			if staff := d.ask(manager, "GET", path+"/history", nil); !strings.Contains(string(staff.body), "S3CRET-b") || !strings.Contains(string(staff.body), "L4TER") {
				d.t.Errorf("staff are not told: %s", staff.body)
			}
		}
		silent(last)
		for query, want := range map[string][2]int{ // for a reporter, and for staff
			"q=S3CRET": {0, 1}, "q=V1SIBLE": {0, 1}, "q=L4TER": {0, 1}, "q=public": {1, 1}, "field.open=V1SIBLE": {0, 1}, "field.secret=S3CRET-b": {0, 0},
			"field.secret=public": {1, 1}, "field.late=L4TER": {0, 0},
		} {
			if got := [2]int{len(d.listed(reporter, query, last)), len(d.listed(manager, query, last))}; got != want {
				d.t.Errorf("%s: got %v, want %v", query, got, want)
			}
		}
		var read movedTicket
		d.want(http.StatusOK, d.ask(reporter, "GET", path, nil), &read)
		if diff := cmp.Diff(map[string]string{"secret": "public"}, read.Answers); diff != "" || len(read.Brought) != 0 {
			d.t.Errorf("brought %v, and answers %s", read.Brought, diff)
		}
		// Two trackers further it is still hidden.
		d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", object{"key": "LAB", "name": "Lab", "members": object{
			ids[domain.Manager]: []string{"manager"}, ids[domain.Reporter]: []string{"reporter"},
		}}), nil)
		d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/LAB/parent", object{"parent": "NET"}), nil)
		moved, last = d.move(manager, path, "LAB")
		if want := "[{DESK late L4TER} {DESK secret S3CRET-b} {NET open V1SIBLE} {NET secret public}]"; fmt.Sprint(moved.Brought) != want {
			d.t.Errorf("brought %v, want %s", moved.Brought, want)
		}
		exits = append(exits, path+"?at=5")
		silent(last)
	})
}

func TestAManagerMovesManyTicketsAtOnce(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := branched(d)
	var ids []string
	for range 3 {
		ids = append(ids, strings.TrimPrefix(d.post(tokens[domain.Reporter], "S"), "/api/v1/tickets/"))
	}
	a := d.ask(tokens[domain.Manager], "POST", "/api/v1/tickets/bulk", object{"tickets": ids, "move": object{"tracker": "NET"}})
	d.want(http.StatusOK, a, nil)
	if got := d.listed(tokens[domain.Manager], "tracker=NET", a.position); !slices.Equal(got, ids) {
		t.Errorf("got %v in %s, want %v", got, a.body, ids)
	}
}

func TestAParentsFieldsAreComparedThroughTheAPI(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		tokens, _ := branched(d)
		for code, fields := range map[string][2]object{
			"same": {{"type": "text"}, {"type": "text"}}, "other": {{"type": "text"}, {"type": "date"}},
			"kind": {{"type": "radio", "options": choices("a", "b")}, {"type": "radio", "options": choices("a")}}, "above": {{"type": "text"}, nil}, "here": {nil, {"type": "text"}},
			"inner": {{"type": "text", "hidden": true}, {"type": "text", "hidden": true}},
		} {
			for i, key := range []string{"DESK", "NET"} {
				if fields[i] != nil {
					d.fieldOf(key, code, fields[i])
				}
			}
		}
		last := d.fieldOf("NET", "same", object{"type": "text", "mandatory": true})
		type report struct {
			Tracker, Parent string
			Match           bool
			Counts          map[string]int
			Fields          []struct {
				Code, Verdict string
				Conflicts     []string
			}
		}
		var got report
		d.want(http.StatusOK, d.ask(tokens[domain.Manager], "GET", netPath+"/parent/comparison", nil, "X-Suivi-After", last), &got)
		verdicts := map[string]string{}
		for _, f := range got.Fields {
			verdicts[f.Code] = strings.Join(append([]string{f.Verdict}, f.Conflicts...), " ")
		}
		want := map[string]string{
			"same": "equal", "inner": "equal", "other": "conflicting type", "kind": "conflicting options", "above": "missing-here", "here": "missing-in-parent",
		}
		if diff := cmp.Diff(want, verdicts); diff != "" || got.Match || got.Tracker != "NET" || got.Parent != "DESK" || got.Counts["conflicting"] != 2 {
			d.t.Errorf("%+v: %s", got, diff)
		}
		d.refused(http.StatusNotFound, "no-parent", d.ask(tokens[domain.Manager], "GET", deskPath+"/parent/comparison", nil))
		d.refused(http.StatusNotFound, "tracker-not-found", d.ask(tokens[domain.Reporter], "GET", netPath+"/parent/comparison", nil))
	})
}
