package main_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The rows of the checklist that docs/coverage.md goes through.
const coverageRows = 96

func TestCoverageNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	files, err := parseModule(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	for _, f := range files {
		for _, name := range f.tests {
			tests[name] = true
		}
	}
	text, err := os.ReadFile("../../docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	proven, _, ok := strings.Cut(string(text), "\n## To come")
	if !ok {
		t.Fatal("docs/coverage.md has no part of what is to come")
	}
	name := regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
	for line := range strings.Lines(proven) {
		row := coverageRow(line)
		if row == 0 {
			continue
		}
		named := name.FindAllStringSubmatch(line, -1)
		if len(named) == 0 {
			t.Errorf("row %d names no test", row)
		}
		for _, n := range named {
			if !tests[n[1]] {
				t.Errorf("row %d names %s, and there is no such test", row, n[1])
			}
		}
	}
}

func TestCoverageHasEachRowOnce(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]int{}
	for line := range strings.Lines(string(text)) {
		if row := coverageRow(line); row != 0 {
			seen[row]++
		}
	}
	for row := 1; row <= coverageRows; row++ {
		if seen[row] != 1 {
			t.Errorf("row %d stands there %d times", row, seen[row])
		}
		delete(seen, row)
	}
	for row := range seen {
		t.Errorf("there is no row %d in the checklist", row)
	}
}

// coverageRow is the number that a line of a table begins with; 0 for other lines.
func coverageRow(line string) int {
	cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
	row, err := strconv.Atoi(cell)
	if err != nil || !strings.HasPrefix(line, "| ") {
		return 0
	}
	return row
}
