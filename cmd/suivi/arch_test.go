package main_test

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// arrows says which packages of ours a package may import; path.Match patterns
// are allowed on both sides. A new arrow or package needs an ADR first
// (docs/adr/), then a line here.
var arrows = map[string][]string{
	"domain":                          {},
	"domain/tracker":                  {"domain"},
	"domain/rank":                     {},
	"domain/ticket":                   {"domain", "domain/tracker", "domain/rank"},
	"domain/dependency":               {"domain", "domain/tracker", "domain/ticket"},
	"domain/library":                  {"domain", "domain/tracker"},
	"eventstore":                      {},
	"eventstore/embedded":             {"eventstore/embedded/*"},
	"eventstore/embedded/access":      {"eventstore/embedded/eventlog", "passwords"},
	"eventstore/embedded/eventlog":    {},
	"eventstore/embedded/conformance": {"eventstore/embedded", "eventstore/embedded/eventlog"},
	"eventstore/embedded/groups":      {"eventstore/embedded/eventlog"},
	"eventstore/embedded/linker":      {"eventstore/embedded/eventlog"},
	"database":                        {},
	"captcha":                         {"domain", "database"},
	"presence":                        {"domain", "database"},
	"blobs":                           {},
	"images":                          {},
	"files":                           {"domain", "database", "blobs", "images"},
	"commands":                        {"domain", "domain/*", "eventstore", "captcha", "files"},
	"projections":                     {"domain", "domain/*", "eventstore", "database"},
	"readapi":                         {"domain", "domain/*", "eventstore", "database", "markdown", "readapi/lives"},
	"readapi/lives":                   {"domain", "domain/tracker", "database"},
	"accounts":                        {"domain", "database", "passwords"},
	"passwords":                       {},
	"integration":                     {"domain", "domain/*", "eventstore", "database"},
	"integration/*":                   {"integration", "integration/mirror", "domain", "domain/*", "commands", "projections", "eventstore", "markdown"},
	"markdown":                        {},
	"docs":                            {},
	"web":                             {"domain", "domain/*", "commands", "readapi", "accounts"},
	"web/ui":                          {"domain", "domain/*", "commands", "readapi", "accounts", "markdown", "presence", "integration", "integration/mirror"},
	"cmd/*":                           {"*", "*/*", "*/*/*"},
	"internal/testdb":                 {},
	"internal/testredmine":            {},
	"internal/testdesk":               {"domain", "domain/*", "commands", "eventstore", "eventstore/embedded"},
	"internal/mirrortest":             {"integration", "integration/mirror", "domain", "domain/*", "commands", "eventstore", "internal/testdesk", "database", "files", "blobs"},
}

// testArrows are what tests may import besides: those of every package what a
// real store and a real database take, and the read side's what fills its tables.
var testArrows = map[string][]string{
	"*":                   {"internal/testdb", "internal/testdesk", "internal/mirrortest", "eventstore/embedded", "database"},
	"readapi":             {"projections"},
	"integration/redmine": {"internal/testredmine"},
}

// technologies keeps what we may want to replace one day behind one wall. The
// key is the beginning of an import path. Tests are free.
var technologies = map[string][]string{
	"github.com/EventStore/EventStore-Client-Go/": {"eventstore", "eventstore/embedded"},
	"github.com/gofiber/fiber/":                   {"commands", "readapi", "web", "web/ui", "cmd/*"},
	"github.com/lib/pq":                           {"database", "projections", "internal/testdb"}, // projections listens with it
	"modernc.org/sqlite":                          {"database", "eventstore/embedded/eventlog"},
	"github.com/pressly/goose/":                   {"database"},
	"github.com/spf13/cobra":                      {"cmd/*"},
	"github.com/yuin/goldmark":                    {"markdown"},
	"github.com/dchest/captcha":                   {"captcha"},
	"github.com/microcosm-cc/bluemonday":          {"markdown"},
	"github.com/minio/minio-go/":                  {"blobs"},
	"golang.org/x/image/":                         {"images"},
	"golang.org/x/crypto/argon2":                  {"passwords"},
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	files, err := parseModule(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("found %d Go files; is ../.. the module's folder?", len(files))
	}
	for _, wrong := range violations(files) {
		t.Error(wrong)
	}
}

// violations says what is wrong, where, and what to do.
func violations(files []sourceFile) []string {
	writers := importersOf(files, "eventstore")
	var wrong []string
	for _, f := range files {
		wrong = append(wrong, checkName(f)...)
		wrong = append(wrong, checkArrows(f)...)
		wrong = append(wrong, checkTechnologies(f)...)
		wrong = append(wrong, checkUses(f, writers)...)
	}
	return wrong
}

func checkName(f sourceFile) []string {
	vague := []string{"util", "utils", "common", "misc", "types"}
	if slices.Contains(vague, strings.TrimSuffix(path.Base(f.path), ".go")) || slices.Contains(vague, path.Base(f.pkg)) {
		return []string{f.path + ": a name that says nothing: name the file and the package after what they hold"}
	}
	return nil
}

func checkArrows(f sourceFile) []string {
	allowed, known := allowedFrom(f.pkg)
	if !known {
		return []string{fmt.Sprintf("%s: the package %s is in no list: put the code where it belongs (docs/developer.md), "+
			"or write an ADR and add the package to arrows in cmd/suivi/arch_test.go", f.path, f.pkg)}
	}
	if f.test {
		allowed = slices.Concat(allowed, testArrows["*"], testArrows[f.pkg])
	}
	var wrong []string
	for _, to := range f.ours {
		if to.path == f.pkg || matches(allowed, to.path) && (f.test || strings.HasPrefix(f.pkg, "internal/") || !strings.HasPrefix(to.path, "internal/")) {
			continue
		}
		wrong = append(wrong, fmt.Sprintf("%s:%d: %s must not import %s (it may import: %s): move the code to a package that may, "+
			"or write an ADR and add the arrow to cmd/suivi/arch_test.go", f.path, to.line, f.pkg, to.path, orNothing(allowed)))
	}
	return wrong
}

func checkTechnologies(f sourceFile) []string {
	if f.test {
		return nil
	}
	var wrong []string
	for _, to := range f.others {
		for prefix, homes := range technologies {
			if strings.HasPrefix(to.path, prefix) && !matches(homes, f.pkg) {
				wrong = append(wrong, fmt.Sprintf("%s:%d: %s is imported in %s alone: ask one of these packages instead",
					f.path, to.line, to.path, strings.Join(homes, ", ")))
			}
		}
	}
	return wrong
}

// emptyStore may append outside of commands: its server keeps nothing, it is
// there to be measured.
const emptyStore = "cmd/suivi/bench_grpc.go"

// checkUses looks at selectors only. It knows no types: in a package that
// imports the event store, every method called Append is taken for the store's.
func checkUses(f sourceFile, importsStore map[string]bool) []string {
	var wrong []string
	say := func(u use, format string) {
		wrong = append(wrong, fmt.Sprintf("%s:%d: "+format, f.path, u.line, u.of+"."+u.name))
	}
	inCmd, inEdge := matches([]string{"cmd/*"}, f.pkg), matches([]string{"cmd/*", "web", "web/ui", "integration/*", "internal/*"}, f.pkg)
	inStore := f.pkg == "commands" || strings.HasPrefix(f.pkg, "eventstore")
	for _, u := range f.uses {
		switch {
		case u.of == "time" && u.name == "Sleep":
			say(u, "%s: wait for the condition, with a deadline")
		case f.test:
		case u.of == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, u.name) && !inCmd && !strings.HasPrefix(f.pkg, "internal/"):
			say(u, "%s: only cmd reads the environment; take the value as an argument")
		case u.name == "Append" && importsStore[f.pkg] && !inStore && f.path != emptyStore:
			say(u, "%s: only commands writes to the event store; send a command through its Handler")
		case isErrorAnswer(u) && !inEdge:
			say(u, "%s: web/problem.go alone gives errors their HTTP status; return a domain.Errorf of the right kind")
		}
	}
	return wrong
}

// isErrorAnswer tells whether u names an HTTP answer of failure. Success codes
// (200 to 204) belong to the routes.
func isErrorAnswer(u use) bool {
	switch u.of {
	case "fiber":
		return u.name == "NewError" || strings.HasPrefix(u.name, "Err") || isStatus(u.name)
	case "http":
		return isStatus(u.name)
	}
	return false
}

func isStatus(name string) bool {
	return strings.HasPrefix(name, "Status") &&
		!slices.Contains([]string{"StatusOK", "StatusCreated", "StatusAccepted", "StatusNoContent"}, name)
}

func allowedFrom(pkg string) (allowed []string, known bool) {
	for from, to := range arrows {
		if matches([]string{from}, pkg) {
			return to, true
		}
	}
	return nil, false
}

func matches(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, pkg)
		return ok && err == nil
	})
}

func orNothing(list []string) string {
	if len(list) == 0 {
		return "nothing of ours"
	}
	return strings.Join(list, ", ")
}
