package ui

import (
	"errors"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/markdown"
)

// helpView is a document of the program's own.
type helpView struct {
	*chrome

	Of   string // the language that it is in
	Text template.HTML
}

// helpFor answers GET /help: with the guides in the reader's language.
func helpFor(p *page) error { return p.redirect("/help/guide/"+p.code+"/README", "") }

// help answers GET /help/{document}, by its path without the ending.
func help(p *page) error {
	name, err := url.PathUnescape(p.path("*"))
	if err != nil || !fs.ValidPath(name) {
		return errNoHelp()
	}
	if path.Ext(name) == ".png" {
		return p.helpPicture(name)
	}
	document, err := fs.ReadFile(p.cfg.Docs, name+".md")
	if errors.Is(err, fs.ErrNotExist) {
		return errNoHelp()
	}
	if err != nil {
		return err
	}
	text, title, err := markdown.Own(document, func(to string) string { return p.helpAddress(path.Dir(name), to) })
	if err != nil {
		return err
	}
	frame, _, err := p.frame(title, "help")
	if err != nil {
		return err
	}
	of := "en"
	if strings.HasPrefix(name, "guide/fr/") {
		of = "fr"
	}
	return p.show("help", helpView{frame, of, template.HTML(text)}) //nolint:gosec // a document of ours
}

// helpAddress is where a link of a document in the folder leads; "" when what it names is not in the program.
func (p *page) helpAddress(folder, to string) string {
	file, anchor, anchored := strings.Cut(to, "#")
	switch {
	case strings.Contains(to, "://"), file == "":
		return to
	case anchored:
		anchor = "#" + anchor
	}
	file = path.Join(folder, file)
	if _, err := fs.Stat(p.cfg.Docs, file); err != nil {
		return ""
	}
	return "/help/" + strings.TrimSuffix(file, ".md") + anchor
}

func (p *page) helpPicture(name string) error {
	picture, err := fs.ReadFile(p.cfg.Docs, name)
	if err != nil {
		return errNoHelp()
	}
	p.c.Set(fiber.HeaderCacheControl, "private, max-age=86400")
	p.c.Set(fiber.HeaderContentType, "image/png")
	return p.c.Send(picture)
}

func errNoHelp() error {
	return domain.Errorf(domain.NotFound, "help-not-found", "there is no such document")
}
