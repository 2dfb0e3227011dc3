package ui

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/integration"
)

// Administration is what administrators look after beside people and tickets. Pages do
// not know it otherwise.
type Administration struct {
	Models   func(context.Context) ([]ReadModel, error)
	Reactors func(context.Context) ([]Reactor, error)
	Parked   func(context.Context) ([]integration.Parked, error)
	// Retry has parked work tried soon; Resolve says that nothing more is to be done about it.
	Retry   func(ctx context.Context, id string) error
	Resolve func(ctx context.Context, id string, by domain.UserID) error
	// Store tells why the event store cannot be reached.
	Store  func(context.Context) error
	Chores *Chores
}

// ReadModel is how a read model is doing.
type ReadModel struct {
	Name    string
	Version int
	Events  int64  // that its rows are made of
	Lag     uint64 // events that it has not yet
	State   string // running, standby, starting, rebuilding, stopped
	Why     string // it is stopped
}

// Reactor is how a reactor is doing.
type Reactor struct {
	Name   string
	Lag    uint64
	Parked int
	State  string
	Why    string
}

func (u *UI) adminRoutes(r fiber.Router) {
	r.Get("/admin", u.administratorAnyway(overview))
	r.Post("/admin/chores", u.administratorAnyway(orderChore))
	r.Get("/admin/parked", u.administrator(parkedPage))
	r.Post("/admin/parked/:id", u.administrator(dealWithParked))
	r.Get("/admin/mirrors", u.administrator(allMirrorsPage))
	r.Post("/admin/secrets", u.administrator(setSecret))
	r.Post("/admin/secrets/allow", u.administrator(allowSecret))
	r.Post("/admin/secrets/remove", u.administrator(removeSecret))
	r.Get("/admin/people", u.administrator(peoplePage))
	r.Get("/admin/people/invite", u.administrator(invitePage))
	r.Post("/admin/people/invite", u.administrator(invite))
	r.Get("/admin/people/:id", u.administrator(personPage))
	r.Post("/admin/people/:id", u.administrator(changePerson))
	r.Post("/admin/people/:id/link", u.administrator(newLink))
	r.Get("/admin/site", u.administrator(sitePage))
	r.Post("/admin/site", u.administrator(changeSite))
	r.Get("/admin/fields", u.administrator(libraryPage))
	r.Get("/admin/fields/edit", u.administrator(definitionPage))
	r.Post("/admin/fields/edit", u.administrator(define))
	r.Post("/admin/fields/delete", u.administrator(deleteDefinition))
	r.Get("/admin/deleted", u.administrator(deletedPage))
	r.Post("/admin/deleted/:id/undelete", u.administrator(undelete))
	r.Get("/admin/audit", u.administrator(auditPage))
	r.Get("/admin/audit/:id", u.administrator(replayPage))
}

// administrator serves administrators of the site. To others there is no such page.
func (u *UI) administrator(h handler) fiber.Handler {
	return u.person(func(p *page) error {
		if !p.who.Admin {
			return fiber.ErrNotFound
		}
		return h(p)
	})
}

// administratorAnyway serves them also while the read models cannot be asked.
func (u *UI) administratorAnyway(h handler) fiber.Handler {
	return u.signedIn(func(p *page) error {
		if !p.who.Admin {
			return fiber.ErrNotFound
		}
		return h(p)
	})
}

func (p *page) adminSections(active string) []tab {
	return p.sections([]section{
		{"/admin", "section.overview"}, {"/admin/people", "section.people"}, {"/admin/site", "section.site"},
		{"/admin/fields", "section.fields"}, {"/admin/deleted", "section.deleted"},
		{"/admin/mirrors", "section.mirrors"}, {"/admin/parked", "section.parked"}, {"/admin/audit", "section.audit"},
	}, active)
}

// adminFrame is the frame of a page of administration; what trackers there are is
// left out while the read models cannot be asked.
func (p *page) adminFrame(title string) (*chrome, surroundings, error) {
	if p.cfg.Built == nil || p.cfg.Built() == nil {
		return p.frame(title, "admin")
	}
	ch := p.bare(title)
	ch.Active = "admin"
	return ch, surroundings{}, nil
}
