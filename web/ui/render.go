package ui

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

//go:embed templates/*.html
var templateFiles embed.FS

// frames are the templates that every page has.
func frames() []string {
	return []string{
		"templates/layout.html", "templates/parts.html", "templates/fields.html", "templates/settings.html", "templates/definition-parts.html", "templates/report-parts.html",
		"templates/mirror-parts.html", "templates/sections.html", "templates/timeline.html", "templates/nodes.html", "templates/board.html", "templates/row.html",
	}
}

// readTemplates parses the templates of each page with the texts of a language.
func readTemplates(s *speech, files *static) (map[string]*template.Template, error) {
	base, err := template.New("layout.html").Funcs(s.functions(files)).ParseFS(templateFiles, frames()...)
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	shared, err := base.Clone()
	if err != nil {
		return nil, fmt.Errorf("read the parts: %w", err)
	}
	writeConstants(shared, s, files)
	s.parts = newParts(shared)
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, name := range names {
		own, err := base.Clone()
		if err == nil {
			own, err = own.ParseFS(templateFiles, name)
		}
		if err != nil {
			return nil, fmt.Errorf("read the template %s: %w", name, err)
		}
		writeConstants(own, s, files)
		pages[strings.TrimSuffix(path.Base(name), ".html")] = own
	}
	return pages, nil
}

// functions are what templates call: t for a text, num for a number, size for bytes, part for
// what is on many pages, options for what is in a select, bar for a drawn bar, figure for a number that leads somewhere, figures for a row of such,
// idsOf for how wide tickets' ids are.
func (s *speech) functions(files *static) template.FuncMap {
	return template.FuncMap{
		"t":       s.say,
		"num":     func(n any) string { i, _ := whole(n); return s.shapes.number(i) },
		"size":    s.shapes.size,
		"static":  func(name string) string { return files.urls[name] },
		"dict":    dict,
		"part":    func(name string, value any) (template.HTML, error) { return s.parts.of(name, value) },
		"options": options,
		"idsOf":   idsOf,
		"figure":  figure,
		"figures": figures,
		"bar":     s.drawn,
	}
}

// dict gives a template several arguments, in pairs of name and value.
func dict(pairs ...any) map[string]any {
	named := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		named[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return named
}

// answer sends the page of the name. It is for the asker alone and of this moment.
func (p *page) answer(status int, name string, data any) error {
	c := p.c
	c.Response().ResetBody()
	if err := p.pages[name].ExecuteTemplate(c.Response().BodyWriter(), "layout.html", data); err != nil {
		c.Response().ResetBody() // what fails is told on a page of its own
		return fmt.Errorf("write the page %s: %w", name, err)
	}
	c.Status(status).Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderContentLanguage, p.code)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderVary, "Accept-Encoding, Accept-Language, Cookie")
	if !takesGzip(c) {
		return nil
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(fasthttp.AppendGzipBytesLevel(nil, c.Response().Body(), fasthttp.CompressBestSpeed))
}

func (p *page) show(name string, data any) error { return p.answer(fiber.StatusOK, name, data) }
