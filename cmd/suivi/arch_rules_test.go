package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// The rules are themselves tried: each breach is found, its lawful twin is not.
func TestArchitectureFindsEachBreach(t *testing.T) {
	t.Parallel()
	const header = "package x\n\n"
	cases := map[string]struct{ file, source, want string }{
		"an arrow upwards":            {"domain/a.go", `import _ "suivi/commands"`, "domain/a.go:3: domain must not import commands"},
		"an arrow down":               {"commands/a.go", `import _ "suivi/domain/ticket"`, ""},
		"a sibling":                   {"readapi/a.go", `import _ "suivi/projections"`, "readapi must not import projections"},
		"a package in no list":        {"helpers/a.go", ``, "the package helpers is in no list"},
		"a package one level deeper":  {"integration/redmine/client/a.go", ``, "is in no list"},
		"an integration":              {"integration/redmine/a.go", `import _ "suivi/commands"`, ""},
		"the embedded store":          {"commands/a.go", `import _ "suivi/eventstore/embedded"`, "commands must not import eventstore/embedded"},
		"the embedded store in tests": {"commands/a_test.go", `import _ "suivi/eventstore/embedded"`, ""},
		"a test in another layer":     {"commands/a_test.go", `import _ "suivi/readapi"`, "commands must not import readapi"},
		"what fills the tables":       {"readapi/a_test.go", `import _ "suivi/projections"`, ""},
		"testdb in tests":             {"accounts/a_test.go", `import _ "suivi/internal/testdb"`, ""},
		"testdb in the program":       {"cmd/suivi/a.go", `import _ "suivi/internal/testdb"`, "must not import internal/testdb"},
		"fiber in a projection":       {"projections/a.go", `import _ "github.com/gofiber/fiber/v2"`, "is imported in commands, readapi, web"},
		"fiber in a route":            {"readapi/a.go", `import _ "github.com/gofiber/fiber/v2"`, ""},
		"a driver in the read side":   {"readapi/a.go", `import _ "github.com/lib/pq"`, "is imported in database, projections, internal/testdb alone"},
		"the environment":             {"web/a.go", "import \"os\"\n\nvar v = os.Getenv(\"V\")", "web/a.go:5: os.Getenv: only cmd"},
		"the environment in cmd":      {"cmd/suivi/a.go", "import \"os\"\n\nvar v = os.Getenv(\"V\")", ""},
		"the environment, renamed":    {"web/a.go", "import env \"os\"\n\nvar v = env.Getenv(\"V\")", "os.Getenv: only cmd"},
		"a sleep in a test":           {"web/a_test.go", "import \"time\"\n\nfunc f() { time.Sleep(1) }", "time.Sleep: wait for the condition"},
		"a write round commands":      {"projections/a.go", "import \"suivi/eventstore\"\n\nfunc f(s *eventstore.Store) { s.Append() }", "s.Append: only commands writes"},
		"a write by a method value":   {"projections/a.go", "import \"suivi/eventstore\"\n\nfunc f(s *eventstore.Store) any { return s.Append }", "s.Append: only commands writes"},
		"a write through a field":     {"projections/a.go", "import \"suivi/eventstore\"\n\ntype t struct{ s *eventstore.Store }\n\nfunc (t t) f() { t.s.Append() }", ".Append: only commands writes"},
		"a write in commands":         {"commands/a.go", "import \"suivi/eventstore\"\n\nfunc f(s *eventstore.Store) { s.Append() }", ""},
		"a write in a test":           {"projections/a_test.go", "import \"suivi/eventstore\"\n\nfunc f(s *eventstore.Store) { s.Append() }", ""},
		"an error's status":           {"readapi/a.go", "import \"github.com/gofiber/fiber/v2\"\n\nvar v = fiber.StatusNotFound", "fiber.StatusNotFound: web/problem.go alone"},
		"a fiber error":               {"commands/a.go", "import \"github.com/gofiber/fiber/v2\"\n\nvar v = fiber.NewError(400)", "fiber.NewError: web/problem.go alone"},
		"a success's status":          {"commands/a.go", "import \"github.com/gofiber/fiber/v2\"\n\nvar v = fiber.StatusCreated", ""},
		"a file of no name":           {"domain/util.go", ``, "a name that says nothing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, err := parseModule(fstest.MapFS{c.file: {Data: []byte(header + c.source + "\n")}})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(violations(files), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Every direct dependency is named with its reason in an ADR, and every ADR in the index.
func TestArchitectureDecisionsAreWrittenDown(t *testing.T) {
	t.Parallel()
	decisions, err := filepath.Glob("../../docs/adr/[0-9]*.md")
	if err != nil {
		t.Fatal(err)
	}
	index := textOf(t, "../../docs/adr/README.md")
	var written strings.Builder
	for _, decision := range decisions {
		written.WriteString(textOf(t, decision))
		if !strings.Contains(index, "("+filepath.Base(decision)+")") {
			t.Errorf("docs/adr/README.md does not list %s: add a line", filepath.Base(decision))
		}
	}
	for _, module := range directRequires(textOf(t, "../../go.mod")) {
		if !strings.Contains(written.String(), "`"+module+"`") {
			t.Errorf("go.mod requires %s directly, but no ADR names it: add it with its reason to docs/adr/0003-dependencies.md", module)
		}
	}
}

func directRequires(gomod string) []string {
	var modules []string
	inside := false
	for line := range strings.Lines(gomod) {
		line = strings.TrimSpace(line)
		switch {
		case line == "require (":
			inside = true
		case line == ")":
			inside = false
		case strings.HasSuffix(line, "// indirect"):
		case inside && line != "":
			modules = append(modules, strings.Fields(line)[0])
		case strings.HasPrefix(line, "require "):
			modules = append(modules, strings.Fields(line)[1])
		}
	}
	return modules
}

func textOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
