package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// sourceFile is what the rules of arch_test.go and coverage_test.go look at.
type sourceFile struct {
	path   string // from the module's folder
	pkg    string // the folder; tests of package x_test count as x
	test   bool
	ours   []imported // paths without "suivi/"
	others []imported
	uses   []use
	tests  []string // names of test functions
}

type imported struct {
	path string
	line int
}

// use is a selector of.name, where of is a package or any other identifier ("" for a longer expression).
type use struct {
	of, name string
	line     int
}

// parseModule reads every Go file of the module, whatever its build tags.
func parseModule(module fs.FS) ([]sourceFile, error) {
	var files []sourceFile
	err := fs.WalkDir(module, ".", func(at string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && at != "." && skipped(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(at) != ".go":
			return nil
		}
		file, err := parseFile(module, at)
		files = append(files, file)
		return err
	})
	return files, err
}

func skipped(folder string) bool {
	return strings.HasPrefix(folder, ".") || folder == "testdata" || folder == "bin" || folder == "data"
}

func parseFile(module fs.FS, at string) (sourceFile, error) {
	file := sourceFile{path: at, pkg: path.Dir(at), test: strings.HasSuffix(at, "_test.go")}
	text, err := fs.ReadFile(module, at)
	if err != nil {
		return file, fmt.Errorf("read %s: %w", at, err)
	}
	positions := token.NewFileSet()
	tree, err := parser.ParseFile(positions, at, text, parser.SkipObjectResolution)
	if err != nil {
		return file, fmt.Errorf("parse %s: %w", at, err)
	}
	line := func(n ast.Node) int { return positions.Position(n.Pos()).Line }
	renamed := map[string]string{} // local name of an import: the package's own
	for _, spec := range tree.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return file, fmt.Errorf("parse %s: import %s: %w", at, spec.Path.Value, err)
		}
		if spec.Name != nil {
			renamed[spec.Name.Name] = path.Base(name)
		}
		if ours, ok := strings.CutPrefix(name, "suivi/"); ok {
			file.ours = append(file.ours, imported{ours, line(spec)})
		} else {
			file.others = append(file.others, imported{name, line(spec)})
		}
	}
	file.uses, file.tests = usesIn(tree, renamed, line), testsIn(tree)
	return file, nil
}

func testsIn(tree *ast.File) []string {
	var tests []string
	for _, declared := range tree.Decls {
		if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
			tests = append(tests, f.Name.Name)
		}
	}
	return tests
}

func usesIn(tree *ast.File, renamed map[string]string, line func(ast.Node) int) []use {
	var uses []use
	ast.Inspect(tree, func(n ast.Node) bool {
		selected, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		u := use{name: selected.Sel.Name, line: line(selected.Sel)}
		if of, ok := selected.X.(*ast.Ident); ok {
			u.of = of.Name
			if own, ok := renamed[of.Name]; ok {
				u.of = own
			}
		}
		uses = append(uses, u)
		return true
	})
	return uses
}

// importersOf are the packages of which a file outside tests imports ours.
func importersOf(files []sourceFile, ours string) map[string]bool {
	found := map[string]bool{}
	for _, f := range files {
		for _, to := range f.ours {
			if to.path == ours && !f.test {
				found[f.pkg] = true
			}
		}
	}
	return found
}
