package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

// holder is one person before one ticket, as the reference has it.
type holder struct {
	has func(domain.Right) bool
	own bool // they reported it, and wrote what stands on it
}

func (h holder) any(rights ...domain.Right) bool { return slices.ContainsFunc(rights, h.has) }

// deed is one request that wants a right, and the reference for who may send it: product.md §4 in Go.
type deed struct {
	operation string // of the document
	method    string
	path      string // below the ticket; from "/" on when it begins with a slash pair, below the tracker when with ":"
	body      any    // sent: a file
	may       func(h holder) bool
}

// stand is a ticket with something of everything on it, in a tracker of its own, and who stands before it.
type stand struct {
	*desk
	key, id, other, file string
	copy                 string // a copy of a ticket from below
	me, token, staff     string
	own, assignable      bool
	policy               domain.Policy
	role                 domain.Role
}

func (b *stand) deeds() []deed {
	only := func(right domain.Right) func(holder) bool { return func(h holder) bool { return h.has(right) } }
	either := func(mine, everyones domain.Right) func(holder) bool {
		return func(h holder) bool { return h.own && h.has(mine) || h.has(everyones) }
	}
	note := func(h holder) bool { return h.has(domain.SeeInternal) && (h.own || h.has(domain.ManageComments)) }
	own := func(h holder) bool { return h.own }
	everybody := func(holder) bool { return true }
	text := func(body string) any { return map[string]any{"body": body} }
	said := map[bool]string{true: "1", false: "2"}[b.own] // by whom the comments and notes are, that are changed
	configure, priority := only(domain.Configure), only(domain.ManagePriority)
	all := []deed{
		{"editTicket", "PATCH", "", map[string]any{"summary": "Edited"}, either(domain.EditOwn, domain.EditAny)},
		{"editTicket", "PATCH", "", map[string]any{"resolution": "Unmuted"}, only(domain.WriteResolution)},
		{"commentOnTicket", "POST", "/comments", text("Hello"), only(domain.CommentOn)},
		{"commentOnTicket", "POST", "/comments", map[string]any{"body": "Hm", "internal": true}, only(domain.SeeInternal)},
		{"editComment", "PATCH", "/comments/" + said, text("Hello again"), either(domain.CommentOn, domain.ManageComments)},
		{"branchTicket", "POST", "/comments/" + said + "/branch", map[string]any{}, func(h holder) bool { return h.has(domain.ChangeState) && h.has(domain.Post) }},
		{"deleteComment", "DELETE", "/comments/" + said, nil, either(domain.CommentOn, domain.ManageComments)},
		{"addNote", "POST", "/notes", text("Hm"), only(domain.SeeInternal)},
		{"editNote", "PATCH", "/notes/" + said, text("Hm, hm"), note},
		{"deleteNote", "DELETE", "/notes/" + said, nil, note},
		{"addPrerequisite", "PUT", "/prerequisites/" + b.other, nil, only(domain.ManageDependencies)},
		{"removePrerequisite", "DELETE", "/prerequisites/" + b.other, nil, only(domain.ManageDependencies)},
		{"rankTicket", "POST", "/rank", map[string]any{"move": "top"}, priority},
		{"refuseRaise", "POST", "/raise-requests/1/refuse", map[string]any{"answer": "No"}, priority},
		{"requestRaise", "POST", "/raise-requests", map[string]any{"reason": "Soon"}, own},
		{"grantRaise", "POST", "/raise-requests/2/grant", map[string]any{"move": "top"}, priority},
		{"watchTicket", "PUT", "/watchers/" + b.me, map[string]any{"events": []string{"comment"}}, func(h holder) bool { return h.own || h.any(domain.Watch) }},
		{"unwatchTicket", "DELETE", "/watchers/" + b.me, nil, everybody},
		{"watchTicket", "PUT", "/watchers/" + b.staff, map[string]any{}, only(domain.ManageWatchers)},
		{"unwatchTicket", "DELETE", "/watchers/" + b.staff, nil, only(domain.ManageWatchers)},
		{"attachFiles", "POST", "/attachments", sent{"b.txt", "", "b"}, only(domain.CommentOn)},
		{"attachFiles", "POST", "/attachments?internal=true", sent{"c.txt", "", "c"}, only(domain.SeeInternal)},
		{"removeAttachment", "DELETE", "/attachments/" + b.file, nil, either(domain.CommentOn, domain.ManageComments)},
		{"assignTicket", "PUT", "/assignee", map[string]any{"user": b.staff}, only(domain.AssignAnybody)},
		{"unassignTicket", "DELETE", "/assignee", nil, only(domain.AssignAnybody)},
		{"moveTicket", "POST", "/move", map[string]any{"tracker": b.key}, only(domain.Move)}, // where it is
		{"previewTickets", "POST", "//tickets/bulk/preview", map[string]any{"tickets": []string{b.id}, "watch": map[string]any{}}, func(h holder) bool { return h.has(domain.Bulk) && (h.own || h.has(domain.Watch)) }},
		{"changeTickets", "POST", "//tickets/bulk", map[string]any{"tickets": []string{b.id}, "watch": map[string]any{}}, func(h holder) bool { return h.has(domain.Bulk) && (h.own || h.has(domain.Watch)) }},
		{"changeState", "POST", "/state", map[string]any{"to": "waiting"}, only(domain.ChangeState)},
		{"postTicket", "POST", ":/tickets", map[string]any{"summary": "Mine"}, only(domain.Post)},
		{"postTicket", "POST", ":/tickets", map[string]any{"summary": "Theirs", "onBehalfOf": b.staff}, func(h holder) bool { return h.has(domain.Post) && h.has(domain.ChangeState) }},
		{"previewWorkflow", "POST", ":/workflow/preview", map[string]any{"rules": []any{}}, configure},
		{"configureTracker", "PATCH", ":", map[string]any{"name": "Renamed"}, configure},
		{"setRules", "PUT", ":/workflow", map[string]any{"rules": []any{}}, configure},
		{"resetRules", "DELETE", ":/workflow", nil, configure},
		{"setField", "PUT", ":/fields/room", map[string]any{"type": "text", "label": map[string]any{}}, configure},
		{"orderFields", "PUT", ":/fields", map[string]any{"codes": []string{"room"}}, configure},
		{"removeField", "DELETE", ":/fields/room", nil, configure},
		{"setMirror", "PUT", ":/mirrors/redmine", map[string]any{"site": "https://redmine.example.org", "secret": "no-such-secret", "project": "p"}, configure},
		{"checkMirror", "POST", ":/mirrors/redmine/check", nil, configure},
		{"proposeMirror", "POST", ":/mirrors/redmine/propose", nil, configure},
		{"mirrorProjects", "POST", ":/mirrors/redmine/projects", map[string]any{"site": "https://redmine.example.org", "secret": "no-such-secret"}, configure},
		{"orderMirrorWork", "POST", ":/mirrors/redmine/work", map[string]any{"kind": "look"}, configure},
		{"cancelMirrorWork", "DELETE", ":/mirrors/redmine/work", nil, configure},
		{"replayMirror", "POST", ":/mirrors/redmine/parked/replay", nil, configure},
		{"retryMirror", "POST", ":/mirrors/redmine/parked/none/retry", nil, configure},
		{"resolveMirror", "POST", ":/mirrors/redmine/parked/none/resolve", nil, configure},
		{"removeMirror", "DELETE", ":/mirrors/redmine", nil, configure},
		{"removeParent", "DELETE", ":/parent", nil, configure},
		{"setParent", "PUT", ":/parent", map[string]any{"parent": "TOP"}, configure},
		{"cascadeTicket", "POST", "/cascade", nil, only(domain.Cascade)},
		{"recallTicket", "POST", "/recall", nil, only(domain.Cascade)},
		{"refuseTicket", "POST", "//tickets/" + b.copy + "/refuse", map[string]any{"reason": "Not ours"}, only(domain.Cascade)},
		{"setMember", "PUT", ":/members/" + b.staff, map[string]any{"roles": []string{"developer"}}, configure},
		{"resetRights", "DELETE", ":/roles/resolver", nil, configure},
		{"setRights", "PUT", ":/roles/resolver", map[string]any{"granted": []string{"post"}}, configure},
		{"deleteTicket", "DELETE", "", nil, only(domain.Delete)},
		{"removeMember", "DELETE", ":/members/" + b.staff, nil, configure},
		{"archiveTracker", "PUT", ":/archived", nil, configure},
		{"unarchiveTracker", "DELETE", ":/archived", nil, configure},
	}
	if b.assignable { // to be given a ticket is a right of its own
		taking := func(h holder) bool { return h.any(domain.TakeUnassigned, domain.AssignAnybody) }
		take := []deed{{"assignTicket", "PUT", "/assignee", map[string]any{"user": b.me}, taking}, {"unassignTicket", "DELETE", "/assignee", nil, everybody}} // giving back
		at := slices.IndexFunc(all, func(d deed) bool { return d.operation == "previewTickets" })
		all = slices.Insert(all, at, take...)
	}
	return all
}

// prepare makes the tracker and the ticket while the role may do everything, and then sets its rights.
func (b *stand) prepare(mode domain.Mode, changes *domain.RightChanges) {
	b.t.Helper()
	b.policy = domain.Policy{Mode: mode}
	last := ""
	do := func(token, method, path string, body any) (said struct{ ID string }) {
		b.t.Helper()
		a := b.ask(token, method, "/api/v1"+path, body)
		if a.status >= 300 {
			b.t.Fatalf("%s %s: got %d %s", method, path, a.status, a.body)
		}
		last = a.position
		_ = json.Unmarshal(a.body, &said) // some say nothing
		return said
	}
	tracker := "/trackers/" + b.key
	do(b.desk.token, "POST", "/trackers", map[string]any{
		"key": b.key, "name": b.key, "mode": mode, "members": map[string][]domain.Role{b.me: {b.role}, b.staff: {domain.Developer}},
	})
	do(b.desk.token, "PUT", tracker+"/roles/"+string(b.role), map[string]any{"granted": domain.Rights()})
	author := b.desk.token
	if b.own {
		author = b.token
	}
	b.id = do(author, "POST", tracker+"/tickets", map[string]any{"summary": "Before us"}).ID
	b.other = do(b.desk.token, "POST", tracker+"/tickets", map[string]any{"summary": "Another", "onBehalfOf": b.me}).ID // which they see
	ticket := "/tickets/" + b.id
	for _, token := range []string{b.token, b.desk.token} { // 1 is theirs, 2 is not
		do(token, "POST", ticket+"/comments", map[string]any{"body": "Hello"})
		do(token, "POST", ticket+"/notes", map[string]any{"body": "Hm"})
	}
	f, _ := b.attach(author, "/api/v1"+ticket+"/attachments", sent{"a.txt", "", "a"})
	b.file = f.ID
	do(author, "POST", ticket+"/raise-requests", map[string]any{"reason": "Soon"})
	do(b.desk.token, "DELETE", ticket+"/watchers/"+b.me, nil)
	low := "/trackers/" + b.key + "L"
	do(b.desk.token, "POST", "/trackers", map[string]any{"key": b.key + "L", "name": "Below"})
	do(b.desk.token, "PUT", low+"/parent", map[string]any{"parent": b.key})
	post := map[string]any{"summary": "From below"}
	if b.own {
		post["onBehalfOf"] = b.me
	}
	b.copy = strings.TrimPrefix(b.cascade(b.desk.token, "/api/v1/tickets/"+do(b.desk.token, "POST", low+"/tickets", post).ID), "/api/v1/tickets/")
	if changes == nil {
		do(b.desk.token, "DELETE", tracker+"/roles/"+string(b.role), nil)
	} else {
		do(b.desk.token, "PUT", tracker+"/roles/"+string(b.role), changes)
		b.policy.Changes = map[domain.Role]domain.RightChanges{b.role: *changes}
	}
	b.assignable = b.policy.Holds([]domain.Role{b.role}, domain.BeAssignee)
	a := b.ask(b.desk.token, "GET", "/api/v1"+tracker, nil, "X-Suivi-After", last)
	b.want(http.StatusOK, a, nil)
}

// run tries each deed, and wants what the reference says.
func (b *stand) run() (tried int) {
	b.t.Helper()
	h := holder{own: b.own, has: func(right domain.Right) bool { return b.policy.Holds([]domain.Role{b.role}, right) }}
	for _, d := range b.deeds() {
		path, sees := "/tickets/"+b.id+d.path, h.own || h.has(domain.SeeAll)
		if rest, ofTracker := strings.CutPrefix(d.path, ":"); ofTracker {
			path, sees = "/trackers/"+b.key+rest, true
		} else if rest, ofSite := strings.CutPrefix(d.path, "//"); ofSite {
			path = "/" + rest
		}
		a := b.carryOut(b.token, d, "/api/v1"+path)
		status := a.status
		if d.operation == "changeTickets" || d.operation == "previewTickets" { // the answer to each ticket stands in it
			status = statusInside(b.t, a)
		}
		if ofMirror := strings.Contains(path, "/mirrors/redmine/"); ofMirror && (status == http.StatusConflict || status == http.StatusNotFound) {
			status = http.StatusOK // let in; it is the secret, the work or the parked event that there is not
		}
		tried++
		want := http.StatusForbidden
		switch {
		case !sees:
			want = http.StatusNotFound
		case d.may(h):
			want = http.StatusOK
		}
		if status < 300 {
			status = http.StatusOK
		}
		if status != want {
			b.t.Errorf("%s, %s, own %t, %s %s: got %d %s, want %d", b.key, b.role, b.own, d.method, path, status, a.body, want)
		}
		if want == http.StatusForbidden { // the next deed finds what it needs
			b.carryOut(b.desk.token, d, "/api/v1"+path)
		}
	}
	return tried
}

func (b *stand) carryOut(token string, d deed, path string) answer {
	b.t.Helper()
	if file, ok := d.body.(sent); ok {
		_, a := b.send(token, path, []sent{file})
		return a
	}
	return b.ask(token, d.method, path, d.body)
}

// statusInside is what became of the one ticket of a bulk command.
func statusInside(t *testing.T, a answer) int {
	t.Helper()
	var bulk struct {
		Results []struct {
			OK      bool
			Problem struct{ Code string }
		}
	}
	if err := json.Unmarshal(a.body, &bulk); err != nil || a.status != http.StatusOK || len(bulk.Results) != 1 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	switch r := bulk.Results[0]; {
	case r.OK:
		return http.StatusOK
	case r.Problem.Code == "ticket-not-found":
		return http.StatusNotFound
	case r.Problem.Code == "right-missing":
		return http.StatusForbidden
	}
	t.Fatalf("got %s", a.body)
	return 0
}

// worlds are the policies that the table is run in: the preset of each mode for each
// role, and for a reporter each right alone beside seeing all, and each right alone missing.
func worlds() []struct {
	mode    domain.Mode
	role    domain.Role
	changes *domain.RightChanges
} {
	type world = struct {
		mode    domain.Mode
		role    domain.Role
		changes *domain.RightChanges
	}
	var all []world
	for _, mode := range domain.Modes() {
		for _, role := range domain.Roles() {
			all = append(all, world{mode, role, nil})
		}
	}
	for _, right := range domain.Rights() {
		others := slices.DeleteFunc(domain.Rights(), func(r domain.Right) bool { return r == right })
		alone := slices.DeleteFunc(domain.Rights(), func(r domain.Right) bool { return r == right || r == domain.SeeAll })
		all = append(all,
			world{domain.Ticketing, domain.Reporter, &domain.RightChanges{Granted: []domain.Right{right, domain.SeeAll}, Revoked: alone}},
			world{domain.Ticketing, domain.Reporter, &domain.RightChanges{Granted: others, Revoked: []domain.Right{right}}})
	}
	return all
}

// The table of rights: roles by deeds, on one's own and on others' tickets, in every mode, and with every
// right granted and revoked by hand.
func TestTheTableOfRightsHoldsForEveryWrite(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{"key": "TOP", "name": "Above"}), nil)
	me, token := d.person("me")
	staff, _ := d.person("staff")
	tried := 0
	for i, w := range worlds() {
		for _, own := range []bool{true, false} {
			key := fmt.Sprintf("W%d%s", i, map[bool]string{true: "OWN", false: "OTHER"}[own])
			b := &stand{desk: d, key: key, me: me, token: token, staff: staff, own: own, role: w.role}
			b.prepare(w.mode, w.changes)
			d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/TOP/members/"+me, map[string]any{"roles": []string{"reporter"}}), nil)
			tried += b.run()
		}
	}
	if tried < 4000 {
		t.Errorf("tried %d deeds, want all", tried)
	}
}

// Whatever wants a right of a role is a deed of the table.
func TestTheTableOfRightsKnowsEveryWrite(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile("../../web/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	deeds := (&stand{}).deeds()
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			ofRole := slices.ContainsFunc(rightsOf(operation), func(right string) bool { return domain.Right(right).Valid() || right == "see-ticket" })
			known := slices.ContainsFunc(deeds, func(d deed) bool { return d.operation == operation.OperationID })
			if ofRole && !known && method != http.MethodGet {
				t.Errorf("%s %s wants a right and is no deed: add it", method, path)
			}
		}
	}
}

func TestRightsChangedByHandSurviveEveryModeAndDecideWhoSees(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "ticketing"})
	path := d.post(d.token, "Somebody else's")
	const tracker = "/api/v1/trackers/DESK"
	sees := func(role domain.Role, after string) bool {
		a := d.ask(tokens[role], "GET", path, nil, "X-Suivi-After", after)
		var list struct{ Tickets []any }
		d.want(http.StatusOK, d.ask(tokens[role], "GET", "/api/v1/tickets?tracker=DESK", nil), &list)
		if (a.status == http.StatusOK) != (len(list.Tickets) == 1) || a.status != http.StatusOK && a.status != http.StatusNotFound {
			t.Errorf("%s: the ticket answers %d, the list has %d", role, a.status, len(list.Tickets))
		}
		return a.status == http.StatusOK
	}
	set := d.ask(tokens[domain.Manager], "PUT", tracker+"/roles/reporter", map[string]any{"granted": []string{"see-all"}})
	d.want(http.StatusOK, set, nil)
	set = d.ask(tokens[domain.Manager], "PUT", tracker+"/roles/developer", map[string]any{"revoked": []string{"see-all"}})
	d.want(http.StatusOK, set, nil)
	for _, mode := range append(domain.Modes(), domain.Ticketing) {
		set = d.ask(tokens[domain.Manager], "PATCH", tracker, map[string]any{"mode": mode})
		d.want(http.StatusOK, set, nil)
		if !sees(domain.Reporter, set.position) || sees(domain.Developer, set.position) || !sees(domain.Resolver, set.position) {
			t.Errorf("in %s the rights set by hand do not hold", mode)
		}
	}
	var shown struct {
		RoleRights map[domain.Role]domain.RightChanges
		Rights     map[domain.Role][]domain.Right
	}
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "GET", tracker, nil), &shown)
	want := map[domain.Role]domain.RightChanges{
		domain.Reporter: {Granted: []domain.Right{domain.SeeAll}}, domain.Developer: {Revoked: []domain.Right{domain.SeeAll}},
	}
	if diff := cmp.Diff(want, shown.RoleRights); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]domain.Right{domain.Post, domain.CommentOn, domain.Watch, domain.EditOwn, domain.SeeAll}, shown.Rights[domain.Reporter]); diff != "" {
		t.Error(diff)
	}
	set = d.ask(tokens[domain.Manager], "DELETE", tracker+"/roles/reporter", nil)
	d.want(http.StatusOK, set, nil)
	if sees(domain.Reporter, set.position) {
		t.Error("the reporter still sees, and the mode says no")
	}
}

func TestAManagerCannotLockTheAdministratorsOut(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	const rights = "/api/v1/trackers/DESK/roles/manager"
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PUT", rights, map[string]any{"revoked": domain.Rights()}), nil)
	d.refused(http.StatusForbidden, "right-missing", d.ask(tokens[domain.Manager], "DELETE", rights, nil))
	d.want(http.StatusOK, d.ask(d.token, "DELETE", rights, nil), nil)
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PATCH", "/api/v1/trackers/DESK", map[string]any{"name": "Ours again"}), nil)
}
