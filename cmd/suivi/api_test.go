package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"suivi/accounts"
	"suivi/database"
)

// reader asks a running service and holds every answer against the OpenAPI
// document, with its answers closed: a part that is not documented is an error.
type reader struct {
	*desk
	t      *testing.T
	router routers.Router
	seen   map[string]bool // the operations that have answered well
}

func newReader(t *testing.T, d *desk) (*reader, *openapi3.T) {
	t.Helper()
	text, err := os.ReadFile("../../web/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	delete(raw, "servers") // the router wants it with a host, or not at all
	closeObjects(raw)
	if text, err = json.Marshal(raw); err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", lastLine)
	openapi3filter.RegisterBodyDecoder("image/jpeg", openapi3filter.FileBodyDecoder)
	return &reader{desk: d, t: t, router: router, seen: map[string]bool{}}, doc
}

func closeObjects(value any) {
	switch value := value.(type) {
	case map[string]any:
		if _, open := value["additionalProperties"]; !open && value["type"] == "object" && value["properties"] != nil {
			value["additionalProperties"] = false
		}
		for _, v := range value {
			closeObjects(v)
		}
	case []any:
		for _, v := range value {
			closeObjects(v)
		}
	}
}

// lastLine decodes a stream of lines for the validator, which knows one value a body: the last line.
func lastLine(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	var last any
	err = json.Unmarshal(lines[len(lines)-1], &last)
	return last, err
}

// ask sends a request and reads the answer into what the caller gives, unless that is nil. headers are name, value, name, value.
func (r *reader) ask(method, path, body string, want int, into any, headers ...string) http.Header {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if resp.StatusCode != want {
		r.t.Errorf("%s %s: got %d %s, want %d", method, path, resp.StatusCode, text, want)
	}
	r.check(req, resp, text)
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			r.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return resp.Header
}

func (r *reader) check(req *http.Request, resp *http.Response, text []byte) {
	r.t.Helper()
	route, params, err := r.router.FindRoute(req)
	if err != nil {
		r.t.Errorf("%s %s is not in the document: %v", req.Method, req.URL.Path, err)
		return
	}
	err = openapi3filter.ValidateResponse(r.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(text)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		r.t.Errorf("%s %s answers %d %s, which is not what the document says: %v", req.Method, req.URL.Path, resp.StatusCode, text, err)
	}
	if resp.StatusCode < 300 {
		r.seen[route.Operation.OperationID] = true
	}
}

// TestEveryRouteAnswersWhatTheDocumentSays walks through all of the API once.
func TestEveryRouteAnswersWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	r, doc := newReader(t, serveDesk(t, t.TempDir()))
	var ada, me struct{ ID string }
	r.ask("POST", "/api/v1/people", `{"name":"Ada","email":"ada@example.org"}`, 201, &ada)
	r.ask("GET", "/api/v1/me", "", 200, &me)
	r.ask("GET", "/api/v1/people?limit=1", "", 200, nil)
	r.walkAccount(ada.ID)
	r.walkTracker(ada.ID)
	after := r.walkTicket(ada.ID)
	r.walkReads(after)
	r.walkAttachments()
	r.ask("POST", "/api/v1/trackers", `{"key":"TOP","name":"Second level"}`, 201, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/parent", `{"parent":"TOP"}`, 200, nil)
	r.walkMove()
	r.ask("PUT", "/api/v1/trackers/TOP/parent", `{"parent":"HELP"}`, 409, nil)
	r.ask("PUT", "/api/v1/trackers/TOP/parent", `{"parent":"top"}`, 422, nil)
	r.ask("DELETE", "/api/v1/trackers/HELP/parent", "", 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/archived", "", 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/fields/late", `{"type":"text","label":{}}`, 409, nil)
	r.ask("GET", "/api/v1/trackers?archived=only", "", 200, nil)
	r.ask("GET", "/api/v1/trackers?archived=some", "", 422, nil)
	r.ask("DELETE", "/api/v1/trackers/HELP/archived", "", 200, nil)
	r.walkCascade()
	r.walkWatches(ada.ID)
	r.walkDeleted(ada.ID)
	r.walkBulk(ada.ID)
	r.walkQueries()
	r.ask("GET", "/api/v1/admin/projections", "", 200, nil)
	r.ask("POST", "/api/v1/admin/projections/tickets/rebuild", "", 200, nil)
	r.ask("POST", "/api/v1/admin/projections/none/rebuild", "", 404, nil)
	r.ask("POST", "/api/v1/admin/blobs/collect", "", 200, nil)
	r.ask("POST", "/api/v1/admin/verify", "", 200, nil)
	for _, path := range []string{"/api/v1/openapi.json", "/health/live", "/health/ready"} {
		r.ask("GET", path, "", 200, nil)
	}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			ofTool := strings.HasPrefix(path, "/api/v1/admin/mirrors/") && len(mirrorTools(nil)) == 0 // then nothing can be done there
			ofTool = ofTool || slices.Contains(askingTools(), operation.OperationID)
			if !r.seen[operation.OperationID] && !ofTool {
				t.Errorf("%s %s has not been tried: add it here", method, path)
			}
		}
	}
}

// walkAccount changes what the accounts know of ada and of who asks.
func (r *reader) walkAccount(ada string) {
	r.t.Helper()
	r.ask("PATCH", "/api/v1/me", `{"name":"Root","language":"fr","timeZone":"Europe/Paris"}`, 200, nil)
	r.ask("PATCH", "/api/v1/me", `{"language":"de"}`, 422, nil)
	r.ask("PATCH", "/api/v1/people/"+ada, `{"name":"Ada L.","disabled":true}`, 200, nil)
	r.ask("PATCH", "/api/v1/people/"+ada, `{"disabled":false}`, 200, nil)
	r.ask("POST", "/api/v1/people/"+ada+"/invitation", "", 201, nil)
	r.ask("POST", "/api/v1/invitations", `{"name":"Bob","email":"bob@example.org"}`, 201, nil)
	r.ask("POST", "/api/v1/invitations", `{"name":"Bob","email":"bob@example.org"}`, 409, nil)
	r.ask("PUT", "/api/v1/me/password", `{"password":"short"}`, 422, nil)
	r.ask("PUT", "/api/v1/me/password", `{"password":"correct horse battery"}`, 204, nil)
	r.ask("PUT", "/api/v1/me/password", `{"old":"wrong horse battery","password":"correct horse battery"}`, 403, nil)
	db, err := database.Open(r.t.Context(), database.Config{URL: "sqlite://" + filepath.Join(r.data, "accounts.db"), Durable: true})
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	people, err := accounts.Open(r.t.Context(), db)
	if err == nil { // as a page does, as the API signs nobody in
		_, _, err = people.SignIn(r.t.Context(), "admin@localhost", "correct horse battery", accounts.Client{Address: "127.0.0.1", Agent: "a test"})
	}
	if err != nil {
		r.t.Fatal(err)
	}
	var list struct{ Sessions []struct{ ID string } }
	r.ask("GET", "/api/v1/me/sessions", "", 200, &list)
	r.ask("DELETE", "/api/v1/me/sessions/"+list.Sessions[0].ID, "", 204, nil)
	r.ask("GET", "/api/v1/me/sign-ins", "", 200, nil)
	r.ask("GET", "/api/v1/admin/deeds?kind=created,invited&from=2020-01-01T00:00:00Z&limit=1", "", 200, nil)
	r.ask("GET", "/api/v1/admin/deeds?kind=erased", "", 422, nil)
	var made struct{ Token struct{ ID string } }
	r.ask("POST", "/api/v1/me/tokens", `{"name":"script","scope":"read","expiresAt":"2100-01-01T00:00:00Z"}`, 201, &made)
	r.ask("POST", "/api/v1/me/tokens", `{"name":"script","scope":"all"}`, 422, nil)
	r.ask("GET", "/api/v1/me/tokens", "", 200, nil)
	r.ask("DELETE", "/api/v1/me/tokens/"+made.Token.ID, "", 204, nil)
}

func (r *reader) walkTracker(ada string) {
	r.t.Helper()
	r.ask("POST", "/api/v1/trackers", `{"key":"HELP","name":"Help desk","workflow":"strict","labels":{"open":{"fr":"Vu"}}}`, 201, nil)
	r.ask("POST", "/api/v1/trackers", `{"key":"HELP","name":"Help desk"}`, 409, nil)
	r.ask("POST", "/api/v1/trackers", `{"key":"help","nmae":""}`, 422, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/members/"+ada, `{"roles":["developer","manager"]}`, 200, nil)
	r.ask("PATCH", "/api/v1/trackers/HELP", fmt.Sprintf(`{"defaultAssignee":%q,"states":["posted","open","working","resolved"]}`, ada), 200, nil)
	r.ask("PATCH", "/api/v1/trackers/HELP", `{"intro":{"fr":"Bonjour"},"thankYou":{"en":"Thanks for {ticket}"},"contactUrl":"https://example.org","commentsOff":true}`, 200, nil)
	r.ask("PATCH", "/api/v1/trackers/HELP", `{"commentsOff":false}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/roles/reporter", `{"granted":["see-all"],"revoked":["edit-own"]}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/roles/king", `{}`, 404, nil)
	r.ask("DELETE", "/api/v1/trackers/HELP/roles/reporter", "", 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/roles/developer", `{"granted":["edit-any"]}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/workflow", `{"rules":[{"from":"posted","to":"open","roles":["developer"],"requires":["comment"]}]}`, 200, nil)
	r.ask("POST", "/api/v1/trackers/HELP/workflow/preview", `{"rules":[]}`, 200, nil)
	r.ask("POST", "/api/v1/trackers/HELP/workflow/preview", `{"rulez":[]}`, 422, nil)
	r.ask("DELETE", "/api/v1/trackers/HELP/workflow", "", 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/fields/room", `{"type":"text","label":{"en":"Room"}}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/fields/kind", `{"type":"dropdown","label":{"en":"Kind"},"options":[{"code":"a","label":{"fr":"A"}},{"code":"b","label":{},"retired":true}]}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/fields/parts", `{"type":"checkbox","label":{},"layout":"horizontal","help":{"fr":"Lesquels ?"},"default":"a","hidden":true,"listable":true,"options":[{"code":"a","label":{}},{"code":"c","label":{}}],"condition":{"field":"kind","answers":["a"]}}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/fields/parts", `{"type":"text","label":{},"condition":{"field":"parts","answers":["a"]}}`, 422, nil)
	r.ask("DELETE", "/api/v1/trackers/HELP/fields/kind", "", 409, nil)
	r.ask("PUT", "/api/v1/fields/campus", `{"type":"radio","label":{"en":"Campus"},"layout":"horizontal","options":[{"code":"n","label":{}}],"default":"n"}`, 200, nil)
	r.ask("PUT", "/api/v1/fields/other", `{"type":"text","label":{}}`, 200, nil)
	r.ask("PUT", "/api/v1/fields/other", `{"type":"text","label":{},"hidden":true}`, 422, nil)
	used := r.ask("PUT", "/api/v1/trackers/HELP/fields/campus", `{"shared":true,"listable":true}`, 200, nil).Get("X-Suivi-Position")
	r.ask("DELETE", "/api/v1/fields/campus", "", 409, nil)
	r.ask("DELETE", "/api/v1/fields/other", "", 200, nil)
	r.ask("GET", "/api/v1/fields", "", 200, nil, "X-Suivi-After", used)
	r.ask("GET", "/api/v1/fields/campus", "", 200, nil)
	r.ask("GET", "/api/v1/fields/other", "", 404, nil)
	r.ask("PATCH", "/api/v1/trackers/HELP", `{"course":{"id":"C-7","name":"Algebra"}}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/fields/course", `{"type":"constant","label":{},"source":"course-name","inactive":true}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/fields", `{"codes":["kind","room","parts","campus","course"]}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/fields/old", `{"type":"text","label":{}}`, 200, nil)
	r.ask("PATCH", "/api/v1/trackers/HELP", fmt.Sprintf(`{"assignment":{"by":"field","field":"kind","people":{"a":%q}}}`, ada), 200, nil)
	r.ask("PATCH", "/api/v1/trackers/HELP", fmt.Sprintf(`{"assignment":{"by":"least-open","among":[%q]}}`, ada), 200, nil)
	r.ask("DELETE", "/api/v1/trackers/HELP/fields/old", "", 200, nil)
	r.ask("DELETE", "/api/v1/trackers/HELP/fields/old", "", 404, nil)
	r.ask("DELETE", "/api/v1/trackers/HELP/members/usr_01ARZ3NDEKTSV4RRFFQ69G5FAV", "", 200, nil)
	r.walkMirrors(ada)
	r.ask("PATCH", "/api/v1/trackers/HELP", `{"name":"x"}`, 412, nil, "If-Match", `"1"`)
}

// askingTools are the operations for which a real Redmine is asked, or that want what only one leads to:
// TestAManagerConnectsARealRedmineStepByStep, TestAParkedTicketIsSeenAndDealtWith, TestAWorkOnAMirrorIsAloneAndEndsCleanly, TestTheMirrorIsTrueWhateverDies.
func askingTools() []string {
	return []string{"proposeMirror", "mirrorProjects", "retryMirror", "resolveMirror", "cancelMirrorWork"}
}

// walkMirror is what managers do with one mirror, whose site is never asked.
func (r *reader) walkMirror(at, after string) {
	r.t.Helper()
	r.ask("GET", at+"/status", "", 200, nil, "X-Suivi-After", after)
	r.ask("GET", at+"/sites", "", 200, nil)
	r.ask("POST", at+"/projects", `{"site":"https://elsewhere.example.org","secret":"key"}`, 409, nil)
	r.ask("POST", at+"/projects", `{"site":"https://tool.example.org","secret":"key","value":"s3cret"}`, 422, nil)
	r.ask("POST", at+"/propose", `{"site":"https://elsewhere.example.org","secret":"key","project":"p"}`, 409, nil)
	r.ask("POST", at+"/check", `{"site":"https://elsewhere.example.org","secret":"key","project":"p"}`, 200, nil)
	r.ask("POST", at+"/work", `{"kind":"nonsense"}`, 422, nil)
	r.ask("DELETE", at+"/work", "", 404, nil)
	r.ask("POST", at+"/work", `{"kind":"look"}`, 202, nil)
	await(r.t, "the work has ended", func() bool {
		var state struct{ Work struct{ Ended time.Time } }
		r.ask("GET", at+"/status", "", 200, &state)
		return !state.Work.Ended.IsZero()
	})
	r.ask("POST", at+"/parked/replay", "", 202, nil)
	r.ask("POST", at+"/parked/none/retry", "", 404, nil)
	r.ask("POST", at+"/parked/none/resolve", "", 404, nil)
}

// walkMirrors leaves nothing of what it tries, and asks no tool anything.
func (r *reader) walkMirrors(ada string) {
	r.t.Helper()
	const secrets, mirrors = "/api/v1/admin/secrets", "/api/v1/trackers/HELP/mirrors"
	r.ask("PUT", secrets+"/key", `{"site":"https://tool.example.org","value":"s3cret"}`, 200, nil)
	r.ask("PUT", secrets+"/Key", `{"site":"tool","value":""}`, 422, nil)
	r.ask("PUT", secrets+"/key", `{"site":"https://tool.example.org","value":"s3cret"}`, 403, nil, "X-Suivi-Actor", ada)
	r.ask("PUT", secrets+"/key", `{"site":"https://tool.example.org","value":"s3cret","trackers":["NONE"]}`, 422, nil)
	r.ask("PATCH", secrets+"/key", `{"trackers":["NONE"]}`, 422, nil)
	r.ask("PATCH", secrets+"/none", `{"trackers":["HELP"]}`, 404, nil)
	r.ask("PATCH", secrets+"/key", `{"trackers":["HELP"]}`, 200, nil)
	r.ask("PATCH", secrets+"/key", `{"trackers":["HELP"]}`, 403, nil, "X-Suivi-Actor", ada)
	r.ask("GET", secrets, "", 200, nil)
	const whole = `{"site":"https://tool.example.org/","secret":"key","project":"p","direction":"both","deletion":"close","notes":true,"paused":true,
		"states":{"open":"1"},"fields":{"kind":{"as":"priority","id":"1","answers":{"a":"2"}}},"fixed":{"type":"3"},"people":{%q:"ada"}}`
	at := r.ask("PUT", mirrors+"/none", fmt.Sprintf(whole, ada), 200, nil).Get("X-Suivi-Position")
	r.ask("PUT", mirrors+"/none", fmt.Sprintf(whole, "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"), 422, nil)
	r.ask("PUT", mirrors+"/none", `{"site":"https://tool.example.org","secret":"key","project":"p","value":"s3cret"}`, 422, nil)
	r.ask("GET", mirrors, "", 200, nil, "X-Suivi-After", at)
	r.ask("POST", "/api/v1/hooks/none/HELP", `{}`, 401, nil)
	r.ask("GET", "/api/v1/trackers/HELP", "", 200, nil)
	r.ask("GET", "/api/v1/trackers", "", 200, nil)
	r.ask("POST", mirrors+"/none/check", "", 200, nil)
	r.ask("POST", mirrors+"/none/propose", "", 404, nil)
	r.ask("POST", mirrors+"/none/check", fmt.Sprintf(whole, ada), 200, nil)
	r.ask("GET", mirrors+"/none/status", "", 404, nil)
	r.ask("POST", mirrors+"/none/work", `{"kind":"look"}`, 404, nil)
	r.ask("GET", "/api/v1/admin/mirrors/none", "", 404, nil)
	for _, tool := range mirrorTools(nil) { // HELP has no ticket yet, so that nobody is asked anything
		path := "/api/v1/admin/mirrors/" + tool.Name()
		at := r.ask("PUT", mirrors+"/"+tool.Name(), `{"site":"https://tool.example.org","secret":"key","project":"p"}`, 200, nil).Get("X-Suivi-Position")
		r.ask("GET", path, "", 200, nil, "X-Suivi-After", at)
		r.walkMirror(mirrors+"/"+tool.Name(), at)
		r.ask("PUT", secrets+"/key-hook", `{"site":"https://tool.example.org","value":"k3y"}`, 200, nil)
		name, value := signed("k3y", `{}`)
		r.ask("POST", "/api/v1/hooks/"+tool.Name()+"/HELP", `{}`, 202, nil, name, value)
		r.ask("DELETE", mirrors+"/"+tool.Name(), "", 200, nil)
	}
	r.ask("DELETE", mirrors+"/none", "", 200, nil)
	r.ask("DELETE", mirrors+"/none", "", 404, nil)
	r.ask("DELETE", secrets+"/key", "", 204, nil)
	r.ask("DELETE", secrets+"/key", "", 404, nil)
}

// walkTicket leaves HELP-1 with some history, and says how far a reader must be to see it.
func (r *reader) walkTicket(ada string) string {
	r.t.Helper()
	const post = `{"summary":"No light","answers":{"room":"B12","kind":"a"}}`
	r.ask("POST", "/api/v1/trackers/HELP/tickets", post, 201, nil, "Idempotency-Key", "one")
	r.ask("POST", "/api/v1/trackers/HELP/tickets", post, 201, nil, "Idempotency-Key", "one")
	r.ask("POST", "/api/v1/trackers/HELP/tickets", `{"summary":"Old","onBehalfOf":"`+ada+`"}`, 201, nil, "X-Suivi-Occurred-At", "2019-06-30T09:15:00Z")
	r.ask("POST", "/api/v1/trackers/NONE/tickets", post, 404, nil)
	r.ask("PATCH", "/api/v1/tickets/HELP-1", `{"description":"At *all*","answers":{"room":null},"resolution":"A new bulb"}`, 200, nil)
	r.ask("DELETE", "/api/v1/tickets/HELP-1/assignee", "", 200, nil)
	r.ask("PUT", "/api/v1/tickets/HELP-1/assignee", `{"user":"`+ada+`"}`, 200, nil)
	r.ask("POST", "/api/v1/tickets/HELP-1/state", `{"to":"working","comment":"On my way"}`, 200, nil)
	r.ask("POST", "/api/v1/tickets/HELP-1/state", `{"to":"working"}`, 409, nil)
	r.walkDependencies()
	r.walkStack(ada)
	r.ask("POST", "/api/v1/tickets/HELP-1/comments", `{"body":"Done, @`+ada+`"}`, 201, nil, "X-Suivi-Actor", ada)
	r.ask("PUT", "/api/v1/trackers/HELP/fields/human", `{"type":"captcha","label":{}}`, 200, nil)
	r.ask("PUT", "/api/v1/trackers/HELP/members/"+ada, `{"roles":["reporter"]}`, 200, nil)
	var challenge struct{ ID string }
	r.ask("GET", "/api/v1/trackers/HELP/captcha", "", 200, &challenge, "X-Suivi-Actor", ada)
	r.ask("GET", "/api/v1/trackers/HELP/captcha", "", 404, nil)
	r.ask("GET", "/api/v1/trackers/HELP/captcha/"+challenge.ID+"/audio", "", 200, nil, "X-Suivi-Actor", ada)
	r.ask("PUT", "/api/v1/trackers/HELP/members/"+ada, `{"roles":["developer","manager"]}`, 200, nil)
	return r.walkComments()
}

// walkStack asks for two raises as ada, the assignee, and answers them.
func (r *reader) walkStack(ada string) {
	r.t.Helper()
	r.ask("PATCH", "/api/v1/trackers/HELP", `{"newTickets":"top"}`, 200, nil)
	r.ask("POST", "/api/v1/tickets/HELP-1/rank", `{"move":"raise"}`, 200, nil)
	r.ask("POST", "/api/v1/tickets/HELP-1/rank", `{"after":"HELP-2"}`, 200, nil)
	r.ask("POST", "/api/v1/tickets/HELP-1/rank", `{"after":"HELP-99"}`, 422, nil)
	const requests = "/api/v1/tickets/HELP-1/raise-requests"
	r.ask("POST", requests, `{"reason":"The exam","urgent":true}`, 201, nil, "X-Suivi-Actor", ada)
	r.ask("POST", requests, `{"reason":"The exam"}`, 409, nil, "X-Suivi-Actor", ada)
	r.ask("POST", requests+"/1/refuse", `{"answer":"Tomorrow"}`, 200, nil)
	r.ask("POST", requests+"/1/refuse", `{"answer":"Tomorrow"}`, 409, nil)
	r.ask("POST", requests, `{"reason":"It is tomorrow"}`, 201, nil, "X-Suivi-Actor", ada)
	r.ask("POST", requests+"/2/grant", `{"move":"top"}`, 200, nil)
	r.ask("POST", requests+"/9/grant", `{"move":"top"}`, 404, nil)
}

// walkDependencies leaves HELP-1 with the prerequisite HELP-2.
func (r *reader) walkDependencies() {
	r.t.Helper()
	r.ask("PUT", "/api/v1/tickets/HELP-1/prerequisites/HELP-2", "", 200, nil)
	r.ask("PUT", "/api/v1/tickets/HELP-2/prerequisites/HELP-1", "", 409, nil)
	r.ask("PUT", "/api/v1/tickets/HELP-2/prerequisites/HELP-99", "", 404, nil)
	r.ask("DELETE", "/api/v1/tickets/HELP-2/prerequisites/HELP-1", "", 200, nil)
	r.ask("DELETE", "/api/v1/tickets/HELP-2/prerequisites/x", "", 404, nil)
	r.ask("PUT", "/api/v1/tickets/HELP-1/prerequisites/HELP-2", "", 412, nil, "If-Match", `"99"`)
}

// walkComments edits the second comment and deletes the first.
func (r *reader) walkComments() string {
	r.t.Helper()
	r.ask("PATCH", "/api/v1/tickets/HELP-1/comments/2", `{"body":"Well done"}`, 200, nil)
	branch := r.ask("POST", "/api/v1/tickets/HELP-1/comments/2/branch", `{"summary":"The switch","answers":{"room":"B12"}}`, 201, nil)
	r.ask("POST", "/api/v1/tickets/HELP-1/comments/9/branch", `{}`, 404, nil)
	for _, path := range []string{"/api/v1/tickets/HELP-1", branch.Get("Location")} {
		r.ask("GET", path+"/branches", "", 200, nil, "X-Suivi-After", branch.Get("X-Suivi-Position"))
	}
	r.ask("PATCH", "/api/v1/tickets/HELP-1/comments/9", `{"body":"Well done"}`, 404, nil)
	r.ask("PATCH", "/api/v1/tickets/HELP-1/comments/x", `{"body":"Well done"}`, 404, nil)
	r.ask("DELETE", "/api/v1/tickets/HELP-1/comments/1", "", 200, nil)
	r.ask("PATCH", "/api/v1/tickets/HELP-1/comments/1", `{"body":"Back"}`, 409, nil)
	return r.walkNotes()
}

func (r *reader) walkNotes() string {
	r.t.Helper()
	var note, comment struct{ Note, Comment int }
	r.ask("POST", "/api/v1/tickets/HELP-1/notes", `{"body":"Between us"}`, 201, &note)
	r.ask("POST", "/api/v1/tickets/HELP-1/comments", `{"body":"Between us","internal":true}`, 201, &comment)
	if note.Note != 1 || comment.Note != 2 || comment.Comment != 0 {
		r.t.Errorf("got %+v and %+v, want the notes 1 and 2", note, comment)
	}
	r.ask("PATCH", "/api/v1/tickets/HELP-1/notes/1", `{"body":"Between you and me"}`, 200, nil)
	header := r.ask("DELETE", "/api/v1/tickets/HELP-1/notes/2", "", 200, nil)
	r.ask("PATCH", "/api/v1/tickets/HELP-1/notes/3", `{"body":"x"}`, 404, nil)
	for _, path := range []string{"/notes", "/notes?at=2", "/notes/1/revisions"} {
		r.ask("GET", "/api/v1/tickets/HELP-1"+path, "", 200, nil, "X-Suivi-After", header.Get("X-Suivi-Position"))
	}
	return header.Get("X-Suivi-Position")
}

// walkDeleted deletes a ticket and brings it back.
func (r *reader) walkDeleted(ada string) {
	r.t.Helper()
	deleted := r.ask("DELETE", "/api/v1/tickets/HELP-2", "", 204, nil, "Idempotency-Key", "gone").Get("X-Suivi-Position")
	r.ask("DELETE", "/api/v1/tickets/HELP-2", "", 204, nil, "Idempotency-Key", "gone")
	r.ask("DELETE", "/api/v1/tickets/HELP-2", "", 404, nil)
	r.ask("POST", "/api/v1/tickets/HELP-2/comments", `{"body":"Hello?"}`, 404, nil)
	for path, status := range map[string]int{"/tickets/HELP-2": 404, "/admin/deleted-tickets": 200, "/admin/deleted-tickets/HELP-2": 200, "/admin/deleted-tickets/HELP-2/history": 200} {
		r.ask("GET", "/api/v1"+path, "", status, nil, "X-Suivi-After", deleted)
	}
	r.ask("POST", "/api/v1/tickets/HELP-2/undelete", "", 404, nil, "X-Suivi-Actor", ada)
	back := r.ask("POST", "/api/v1/tickets/HELP-2/undelete", "", 200, nil).Get("X-Suivi-Position")
	r.ask("POST", "/api/v1/tickets/HELP-2/undelete", "", 403, nil, "X-Suivi-Actor", ada)
	r.ask("GET", "/api/v1/tickets/HELP-2", "", 200, nil, "X-Suivi-After", back)
	r.ask("GET", "/api/v1/admin/deleted-tickets/HELP-2", "", 404, nil, "X-Suivi-After", back)
}

// walkBulk carries out commands on many tickets.
func (r *reader) walkBulk(ada string) {
	r.t.Helper()
	const both = `{"tickets":["HELP-1","HELP-2"],`
	const path = "/api/v1/tickets/bulk"
	for _, command := range []string{
		`"watch":{}`, `"unwatch":{}`, `"comment":{"body":"Both of you"}`, `"comment":{"body":"Hm","internal":true}`, `"edit":{"answers":{"room":"B13"}}`,
		`"unassign":{}`, `"assign":{"user":"` + ada + `"}`, `"state":{"to":"resolved","resolution":"Light"}`, `"state":{"to":"resolved"}`,
	} {
		r.ask("POST", path+"/preview", both+command+"}", 200, nil)
		r.ask("POST", path, both+command+"}", 200, nil, "Idempotency-Key", command)
	}
	r.ask("POST", path, `{"tickets":["HELP-1"],"comment":{"body":""}}`, 200, nil)
	for _, wrong := range []string{`{"tickets":[],"delete":{}}`, `{"tickets":["HELP-1","HELP-1"],"delete":{}}`, `{"tickets":["HELP-1"]}`, both + `"delete":{},"unassign":{}}`} {
		r.ask("POST", path, wrong, 422, nil)
		r.ask("POST", path+"/preview", wrong, 422, nil)
	}
	r.ask("POST", path, both+`"delete":{}}`, 422, nil, "If-Match", `"1"`)
}

// walkMove moves a ticket up to TOP and back.
func (r *reader) walkMove() {
	r.t.Helper()
	const ticket = "/api/v1/tickets/HELP-1"
	r.ask("GET", "/api/v1/trackers/TOP/parent/comparison", "", 404, nil)
	r.ask("GET", ticket+"/destinations?x=1", "", 422, nil)
	r.ask("POST", ticket+"/move", `{"tracker":"NONE"}`, 422, nil)
	r.ask("POST", ticket+"/move", `{"tracker":"TOP"}`, 412, nil, "If-Match", `"1"`)
	up := r.ask("POST", ticket+"/move", `{"tracker":"TOP"}`, 200, nil).Get("X-Suivi-Position")
	for _, path := range []string{ticket, ticket + "/history", ticket + "/destinations", "/api/v1/trackers/HELP/parent/comparison"} {
		r.ask("GET", path, "", 200, nil, "X-Suivi-After", up)
	}
	r.ask("POST", "/api/v1/tickets/bulk", `{"tickets":["HELP-1"],"move":{"tracker":"HELP"}}`, 200, nil)
}

// walkWatches sets watches, and what new ones are for.
func (r *reader) walkQueries() {
	r.t.Helper()
	var saved struct{ ID string }
	r.ask("POST", "/api/v1/queries", `{"name":"Mine","tracker":"HELP","shared":true,"query":"assignee=me&sort=-number","columns":["number","rank"]}`, 201, &saved)
	r.ask("POST", "/api/v1/queries", `{"name":"Nonsense","query":"colour=red"}`, 422, nil)
	r.ask("GET", "/api/v1/queries", "", 200, nil)
	r.ask("GET", "/api/v1/queries?limit=0", "", 422, nil)
	one := "/api/v1/queries/" + saved.ID
	r.ask("GET", one, "", 200, nil)
	r.ask("PUT", one, `{"name":"Mine, all","query":"list=all&assignee=me"}`, 200, nil)
	r.ask("GET", "/api/v1/tickets?saved="+saved.ID, "", 200, nil)
	r.ask("DELETE", one, "", 204, nil)
	r.ask("GET", one, "", 404, nil)
	r.ask("PUT", "/api/v1/me/columns/HELP", `{"columns":["state","field.room","reportedAt"]}`, 200, nil)
	r.ask("PUT", "/api/v1/me/columns/all", `{"columns":["weather"]}`, 422, nil)
	r.ask("PUT", "/api/v1/me/columns/NONE", `{"columns":[]}`, 404, nil)
	r.ask("GET", "/api/v1/me/columns", "", 200, nil)
	r.ask("DELETE", "/api/v1/me/columns/HELP", "", 204, nil)
	r.ask("DELETE", "/api/v1/me/columns/NONE", "", 404, nil)
}

func (r *reader) walkWatches(ada string) {
	r.t.Helper()
	var p struct {
		Watch    []string
		Trackers map[string]struct{ Watch []string }
		Site     struct{ Watch []string }
	}
	r.ask("PUT", "/api/v1/admin/preferences", `{"watch":["resolved","comment"]}`, 200, nil)
	r.ask("PUT", "/api/v1/admin/preferences", `{"trackers":{"HELP":{"watch":[]}}}`, 422, nil)
	r.ask("GET", "/api/v1/admin/preferences", "", 403, nil, "X-Suivi-Actor", ada)
	r.ask("GET", "/api/v1/admin/preferences", "", 200, nil)
	r.ask("PATCH", "/api/v1/admin/settings", `{"closedPanels":["history"]}`, 200, nil)
	r.ask("PATCH", "/api/v1/admin/settings", `{"closedPanels":[],"newFields":["mandatory","hidden"]}`, 422, nil)
	r.ask("GET", "/api/v1/admin/settings", "", 200, nil)
	r.ask("PUT", "/api/v1/me/preferences", `{"watch":["weather"]}`, 422, nil)
	r.ask("PUT", "/api/v1/me/preferences", `{"watch":[],"trackers":{"HELP":{"watch":["edit"]}}}`, 200, nil, "X-Suivi-Actor", ada)
	r.ask("GET", "/api/v1/me/preferences", "", 200, &p, "X-Suivi-Actor", ada)
	if len(p.Watch) != 0 || len(p.Trackers["HELP"].Watch) != 1 || len(p.Site.Watch) != 2 {
		r.t.Errorf("got %+v", p)
	}
	path := "/api/v1/tickets/HELP-2/watchers/" + ada
	r.ask("DELETE", path, "", 200, nil)
	var w struct{ Events []string }
	header := r.ask("PUT", path, `{}`, 200, &w)
	if len(w.Events) != 1 || w.Events[0] != "edit" {
		r.t.Errorf("got %v, want Ada's default in HELP", w.Events)
	}
	r.ask("PUT", path, `{"events":["weather"]}`, 422, nil)
	r.ask("PUT", "/api/v1/tickets/HELP-2/watchers/usr_01ARZ3NDEKTSV4RRFFQ69G5FAV", `{}`, 422, nil)
	for _, read := range []string{"/tickets/HELP-2/watchers", "/me/watches", "/tickets?scope=watching&list=all"} {
		r.ask("GET", "/api/v1"+read, "", 200, nil, "X-Suivi-After", header.Get("X-Suivi-Position"), "X-Suivi-Actor", ada)
	}
	r.ask("DELETE", "/api/v1/me/watches?tracker=HELP", "", 200, nil, "X-Suivi-Actor", ada)
	r.ask("DELETE", "/api/v1/me/watches?tracker=help", "", 422, nil)
}

// walkAttachments leaves no file behind.
func (r *reader) walkAttachments() {
	r.t.Helper()
	body, contentType := multipartOf(r.t, sent{"a.jpg", "", photoOf(r.t, 4, 2)}, sent{"b.txt", "", "hello"})
	var up struct{ Uploads, Attachments []file }
	send := func(path string, want int) http.Header {
		return r.ask("POST", "/api/v1"+path, string(body), want, &up, "Content-Type", contentType)
	}
	send("/uploads", 201)
	ids := fmt.Sprintf("%q,%q", up.Uploads[0].ID, up.Uploads[1].ID)
	r.ask("POST", "/api/v1/tickets/HELP-1/comments", `{"body":"See","attachments":[`+ids+`]}`, 201, nil)
	r.ask("POST", "/api/v1/tickets/HELP-1/notes", `{"body":"See","attachments":[`+ids+`]}`, 422, nil)
	send("/tickets/HELP-1/attachments?note=9", 404)
	after := send("/tickets/HELP-1/attachments?internal=true", 201).Get("X-Suivi-Position")
	var list struct{ Attachments []file }
	r.ask("GET", "/api/v1/tickets/HELP-1/attachments", "", 200, &list, "X-Suivi-After", after)
	r.ask("GET", "/api/v1/tickets/HELP-1/html", "", 200, nil)
	r.ask("GET", "/api/v1/tickets/HELP-1/html?at=1", "", 200, nil)
	for _, f := range list.Attachments {
		path, thumbnail := "/api/v1/attachments/"+f.ID, 404
		if f.Width > 0 {
			thumbnail = 200
		}
		r.ask("GET", path, "", 206, nil, "Range", "bytes=1-2")
		r.ask("GET", path, "", 416, nil, "Range", "bytes=1000000-")
		etag := r.ask("GET", path, "", 200, nil).Get("ETag")
		r.ask("GET", path, "", 304, nil, "If-None-Match", etag)
		r.ask("GET", path+"/thumbnail", "", thumbnail, nil)
		r.ask("DELETE", "/api/v1/tickets/HELP-1/attachments/"+f.ID, "", 200, nil)
		r.ask("DELETE", "/api/v1/tickets/HELP-1/attachments/"+f.ID, "", 404, nil)
	}
}

func (r *reader) walkReads(after string) {
	r.t.Helper()
	r.ask("GET", "/api/v1/trackers/HELP/similar?summary=ink&description=none", "", 200, nil, "X-Suivi-After", after)
	r.ask("GET", "/api/v1/trackers/HELP/similar?title=ink", "", 422, nil)
	r.ask("GET", "/api/v1/trackers/NONE/similar?summary=ink", "", 404, nil)
	for _, path := range []string{
		"/trackers", "/trackers/HELP", "/trackers/HELP/workflow", "/tickets?list=all&limit=1&sort=-field.room", "/tickets/counts?field.kind=a", "/find?q=help-1", "/find?q=1&tracker=HELP",
		"/tickets/HELP-1", "/tickets/HELP-1?at=1", "/tickets/HELP-2?at=2019-07-01T00:00:00Z", "/tickets/HELP-1/comments", "/tickets/HELP-1/comments?at=1",
		"/tickets/HELP-1/comments/1/revisions", "/tickets/HELP-1/comments/2/revisions?limit=1",
		"/tickets/HELP-1/history?limit=2", "/tickets/HELP-1/state-history", "/tickets/HELP-1/ownership-history", "/tickets/HELP-1/transitions",
		"/tickets/HELP-1/dependencies", "/tickets/HELP-2/dependencies?depth=1",
		"/tickets/HELP-1/raise-requests?limit=1", "/tickets?tracker=HELP&sort=rank", "/trackers/HELP",
	} {
		r.ask("GET", "/api/v1"+path, "", 200, nil, "X-Suivi-After", after, "Accept-Language", "fr")
	}
	r.ask("GET", "/api/v1/events?tracker=HELP&type=ticket", "", 200, nil, "X-Suivi-After", after, "Accept", "application/json")
	for path, status := range map[string]int{
		"/tickets.csv?list=all": 200, "/tickets.csv?list=some": 422,
		"/reports/status?tracker=HELP": 200, "/reports/evolution": 200, "/reports/times": 200, "/reports/open-work?tracker=HELP": 200, "/reports/status?colour=red": 422,
		"/events?after=soon": 422, "/tickets?nonsense=1": 422, "/tickets?state=x": 422, "/tickets/HELP-99": 404, "/tickets/x": 404, "/tickets/HELP-1?at=99": 422,
		"/tickets/HELP-1?at=2001-01-01T00:00:00Z": 404, "/find?q=99": 404, "/find?q=x": 422, "/trackers/NONE": 404, "/trackers/x": 404,
	} {
		r.ask("GET", "/api/v1"+path, "", status, nil)
	}
}
