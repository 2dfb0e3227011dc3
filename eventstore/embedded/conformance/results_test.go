package conformance_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The words of `go test -json` for how a test ended. One that did not has none.
const (
	passed  = "pass"
	failed  = "fail"
	skipped = "skip"
)

// results is what `go test -json` said of one package.
type results struct {
	tests  map[string]*testResult
	output string // of the package itself: what the compiler said, or a panic
}

type testResult struct {
	name    string
	outcome string
	output  string
}

// tally counts tests without sub-tests.
type tally struct{ passed, skipped, failed int }

func parseResults(r io.Reader) (*results, error) {
	got := &results{tests: map[string]*testResult{}}
	for lines := json.NewDecoder(r); ; {
		var line struct{ Action, Test, Output string }
		err := lines.Decode(&line)
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return nil, err
		}
		got.add(line.Action, line.Test, line.Output)
	}
}

func (r *results) add(action, name, output string) {
	if name == "" {
		r.output += output
		return
	}
	test := r.tests[name]
	if test == nil {
		test = &testResult{name: name}
		r.tests[name] = test
	}
	test.output += output
	switch action {
	case passed, failed, skipped:
		test.outcome = action
	}
}

// leaves are the tests without sub-tests, by name.
func (r *results) leaves() []*testResult {
	parents := map[string]bool{}
	for name := range r.tests {
		for i, c := range name {
			if c == '/' {
				parents[name[:i]] = true
			}
		}
	}
	var leaves []*testResult
	for _, name := range slices.Sorted(maps.Keys(r.tests)) {
		if !parents[name] {
			leaves = append(leaves, r.tests[name])
		}
	}
	return leaves
}

// tally counts the leaves; one that did not end has failed.
func (r *results) tally() tally {
	n := tally{passed: len(r.named(passed)), skipped: len(r.named(skipped))}
	n.failed = len(r.leaves()) - n.passed - n.skipped
	return n
}

// named lists the leaves that ended in that way.
func (r *results) named(outcome string) []string {
	var names []string
	for _, test := range r.leaves() {
		if test.outcome == outcome {
			names = append(names, test.name)
		}
	}
	return names
}

// unfinished lists the leaves that did not end.
func (r *results) unfinished() []string { return r.named("") }

func TestResultsCountTestsWithoutSubTests(t *testing.T) {
	t.Parallel()
	got, err := parseResults(strings.NewReader(`
		{"Action":"start","Package":"p"}
		{"Action":"run","Test":"A"}
		{"Action":"run","Test":"A/one"}
		{"Action":"output","Test":"A/one","Output":"why\n"}
		{"Action":"fail","Test":"A/one"}
		{"Action":"run","Test":"A/two"}
		{"Action":"skip","Test":"A/two"}
		{"Action":"fail","Test":"A"}
		{"Action":"run","Test":"B"}
		{"Action":"pass","Test":"B"}
		{"Action":"run","Test":"C"}
		{"Action":"output","Output":"panic\n"}
		{"Action":"fail","Package":"p"}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tally{passed: 1, skipped: 1, failed: 2}, got.tally(), cmp.AllowUnexported(tally{})); diff != "" {
		t.Errorf("tally (-want +got):\n%s", diff)
	}
	if why := got.tests["A/one"].output; why != "why\n" {
		t.Errorf("got output %q", why)
	}
	if diff := cmp.Diff([]string{"C"}, got.unfinished()); diff != "" {
		t.Errorf("unfinished (-want +got):\n%s", diff)
	}
	if got.output != "panic\n" {
		t.Errorf("got output %q of the package", got.output)
	}
}
