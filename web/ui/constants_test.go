package ui

import (
	"html/template"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
)

// A page says the same whether its constants were written into the templates before or not.
func TestConstantsChangeNothingOfAPage(t *testing.T) {
	t.Parallel()
	said := func(text string) *message { return &message{forms: map[plural.Form]string{plural.Other: text}} }
	s := &speech{texts: map[string]*message{"plain": said("l’état"), "sharp": said(`<b> & "c" 'd'`), "with": said("for {name}")}}
	files := &static{urls: map[string]string{"ui.css": "/static/ui.css?v=1&w=2"}}
	read := func() *template.Template {
		return template.Must(template.New("page").Funcs(s.functions(files)).Parse(`{{define "icon"}}<use href="#i-{{.}}"/>{{end}}
{{define "all"}}{{t "sharp"}}{{template "icon" "up"}}{{end}}{{define "again"}}{{with .Next}}{{t "plain"}}{{template "again" .}}{{end}}{{end}}
{{define "page"}}<link href="{{static "ui.css"}}"><p title="{{t "sharp"}}">{{if .On}}{{t "plain"}}{{else}}{{t "sharp"}}{{end}}{{range .Names}}{{t "with" "name" .}}{{template "icon" "x"}}{{end}}</p>
{{template "all"}}{{template "icon" "a b"}}{{template "icon" .Name}}{{template "again" .}}{{$kept := t "sharp"}}{{$kept}}{{end}}`))
	}
	data := map[string]any{"On": true, "Names": []string{"<i>", "x"}, "Name": "n&m", "Next": map[string]any{"Next": nil}}
	written := read()
	writeConstants(written, s, files)
	for _, on := range []bool{true, false} {
		data["On"] = on
		var want, got strings.Builder
		if err := read().Execute(&want, data); err != nil {
			t.Fatal(err)
		}
		if err := written.Execute(&got, data); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("got  %s\nwant %s", got.String(), want.String())
		}
	}
	again := read()
	writeConstants(again, s, files)
	if left := again.Lookup("page").Tree.Root.String(); strings.Contains(left, "{{static") || strings.Contains(left, `template "all"`) || !strings.Contains(left, `template "icon" "a b"`) {
		t.Errorf("left: %s", left)
	}
}
