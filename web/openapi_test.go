package web_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/web"
)

// strict is the document with every answer closed: an undocumented part is an
// error in tests, where readers of the document must be ready for new parts.
var strict = sync.OnceValues(func() (routers.Router, error) {
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	delete(raw, "servers") // the router wants it with a host, or not at all
	closeObjects(raw)
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", lastLine)
	if text, err = json.Marshal(raw); err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc)
})

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

// checkAnswer holds an answer against the document. What the document does not
// know must be refused.
func checkAnswer(t testing.TB, req *http.Request, a answer) {
	t.Helper()
	router, err := strict()
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(req)
	if err != nil {
		if a.status < 400 {
			t.Errorf("%s %s answers %d but is not in the document: %v", req.Method, req.URL.Path, a.status, err)
		}
		return
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		t.Errorf("%s %s answers %d %s, which is not what the document says: %v", req.Method, req.URL.Path, a.status, a.body, err)
	}
}

func TestTheDocumentIsValid(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("got OpenAPI %s, want 3.1", doc.OpenAPI)
	}
	seen := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.OperationID == "" || seen[operation.OperationID] || operation.Summary == "" || len(operation.Tags) == 0 {
				t.Errorf("%s %s wants tags, a summary and an operationId of its own", method, path)
			}
			seen[operation.OperationID] = true
		}
	}
}

// Every component is used: what no route refers to is a leftover.
func TestTheDocumentHasNoLeftovers(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components map[string]map[string]json.RawMessage `json:"components"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	named := []string{"#/components/schemas/Verification"} // in words: the last line of a stream
	for kind, components := range doc.Components {
		for name := range components {
			ref := "#/components/" + kind + "/" + name
			if kind != "securitySchemes" && !slices.Contains(named, ref) && !bytes.Contains(text, []byte(`"`+ref+`"`)) {
				t.Errorf("nothing refers to %s", ref)
			}
		}
	}
}

func TestTheDocumentAndTheRouterAgree(t *testing.T) {
	t.Parallel()
	parameter := regexp.MustCompile(`:(\w+)`)
	var routes []string
	for _, route := range newApp(web.Config{}).GetRoutes(true) {
		if route.Method != http.MethodHead { // comes with every GET
			routes = append(routes, route.Method+" "+parameter.ReplaceAllString(route.Path, "{$1}"))
		}
	}
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	for _, route := range routes {
		if !slices.Contains(documented, route) {
			t.Errorf("%s is not in the document", route)
		}
	}
	for _, route := range documented {
		if !slices.Contains(routes, route) {
			t.Errorf("%s is in the document alone", route)
		}
	}
	if len(routes) < 30 {
		t.Errorf("got %d routes, want all", len(routes))
	}
}

func TestTheDocumentNamesEveryRight(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var named []domain.Right
	for _, name := range doc.Components.Schemas["Right"].Value.Enum {
		named = append(named, domain.Right(name.(string)))
	}
	if diff := cmp.Diff(domain.Rights(), named); diff != "" {
		t.Errorf("rights (-domain +document):\n%s", diff)
	}
}

// What a route wants of who asks stands in the document, in one word or several of which one is enough. The
// program's own tests (TestNoSecretLeaves…, TestTheTableOfRights…) hold the routes to it.
func TestTheDocumentSaysWhatRightEachRouteWants(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"everybody", "person", "admin", "see-tracker", "see-ticket"}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			rights, _ := operation.Extensions["x-rights"].([]any)
			if len(rights) == 0 {
				t.Errorf(`%s %s wants "x-rights": any of %v or of the rights`, method, path, words)
			}
			for _, right := range rights {
				if name, _ := right.(string); !slices.Contains(words, name) && !domain.Right(name).Valid() {
					t.Errorf("%s %s: there is no right %v", method, path, right)
				}
			}
			open := slices.Contains(rights, any("everybody"))
			if public := operation.Security != nil && len(*operation.Security) == 0; public != open {
				t.Errorf("%s %s: a token is needed: %t, the rights say %v", method, path, !public, rights)
			}
		}
	}
}

func TestTheDocumentIsServedToAnybody(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite://"+t.TempDir()+"/accounts.db", web.Config{})
	a := s.ask(t, "GET", "/api/v1/openapi.json", "", "")
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if a.status != http.StatusOK || !bytes.Equal(a.body, want) || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %s, %d bytes; want the document", a.status, a.header.Get("Content-Type"), len(a.body))
	}
	a.wantSafeHeaders(t)
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
