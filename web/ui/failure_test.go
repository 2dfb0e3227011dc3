package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// codesOfPrograms are the codes that no page can meet, each with the reason.
func codesOfPrograms() map[string]string {
	return map[string]string{
		"bad-idempotency-key": "a header of the API", "bad-if-match": "a header of the API", "bad-json": "a body of the API", "wrong-type": "a body of the API",
		"bad-token": "pages have sessions", "token-missing": "pages have sessions", "scope-missing": "pages have sessions", "own-only": "pages act for nobody else",
		"one-command": "pages build the commands of many tickets themselves", "name-one": "pages move by steps",
		"unknown-kind":     "pages offer the kinds that there are",
		"not-for-the-site": "the page of the site has no trackers",
		"rights-changed":   "ends a stream, which shows no text", "too-many-feeds": "ends a stream, which shows no text",
		"number-taken": "the next number is tried instead", "not-ready": "is told to who watches the program", "tracker-not-found": "pages offer the trackers that there are",
	}
}

// TestEveryRefusalHasASentenceInBothLanguages: whatever code an error of the program
// can have, a page says it in the reader's language, but for what is not there, which has a page of its own.
func TestEveryRefusalHasASentenceInBothLanguages(t *testing.T) {
	t.Parallel()
	codes, literals := refusals(t)
	if len(codes) < 150 {
		t.Fatalf("found only %d codes", len(codes))
	}
	programs := codesOfPrograms()
	for _, s := range speeches(t) {
		for _, code := range slices.Sorted(maps.Keys(codes)) {
			if s.has("error."+code) == (programs[code] != "") {
				t.Errorf("%s: error.%s of %s: a sentence, or a reason why no page can meet it; not both", s.code, code, codes[code])
			}
		}
		for _, key := range s.keys() {
			if code, ok := strings.CutPrefix(key, "error."); ok && !literals[code] {
				t.Errorf("%s: no error has the code of %s", s.code, key)
			}
		}
	}
	for code := range programs {
		if codes[code] == "" {
			t.Errorf("%s is on the list of what no page can meet, and no error has it", code)
		}
	}
}

// refusals are the codes in the program's source, each with a file that has it, and
// all of its texts that could be one.
func refusals(t *testing.T) (codes map[string]string, literals map[string]bool) {
	t.Helper()
	codes, literals = map[string]string{}, map[string]bool{}
	form := regexp.MustCompile(`^[a-z]+(?:-[a-z0-9]+)*$`)
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"node_modules", "testdata", "eventstore"}, entry.Name())):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if code := literal(n); form.MatchString(code) {
				literals[code] = true
			}
			if code := codeIn(n); form.MatchString(code) {
				codes[code] = path
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes, literals
}

// codeIn is the code of an error that is made there: Errorf(kind, code, …), Add(field,
// code, …) of problems, Wrong{code, …}, Code: code. What is not found answers with its own page.
func codeIn(n ast.Node) string {
	switch n := n.(type) {
	case *ast.CallExpr:
		switch name := lastName(n.Fun); {
		case len(n.Args) < 3:
		case name == "Errorf" && !slices.Contains([]string{"NotFound", "Internal"}, lastName(n.Args[0])),
			(name == "Add" || name == "add") && literal(n.Args[2]) != "":
			return literal(n.Args[1])
		}
	case *ast.CompositeLit:
		if lastName(n.Type) == "Wrong" && len(n.Elts) == 2 {
			return literal(n.Elts[0])
		}
	case *ast.KeyValueExpr:
		if lastName(n.Key) == "Code" {
			return literal(n.Value)
		}
	}
	return ""
}

func lastName(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return n.Sel.Name
	}
	return ""
}

func literal(n ast.Node) string {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}
