// Package ui is what people see in a browser: pages, rendered here from templates,
// in French and in English. It asks readapi and sends commands by Go calls, so that
// pages and API obey alike. Every deed is a plain form, answered with a redirect;
// htmx sends the same forms and takes the same pages, and only makes it quicker.
// Who asks is found by a session cookie. Limits, deadlines and the log are web's.
package ui

import (
	"context"
	"io/fs"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"suivi/accounts"
	"suivi/commands"
	"suivi/presence"
	"suivi/readapi"
)

// Config is what the pages are made of. All of it is required, but for Built.
type Config struct {
	Commands *commands.Handler
	Reads    *readapi.API
	Accounts *accounts.Accounts
	// Wait returns when the read models have the position, so that the page after a
	// deed shows it.
	Wait func(ctx context.Context, commit, prepare uint64) error
	// Reached is the position that the read models have, as feeds have it; "": not known yet.
	Reached  func() string
	Presence *presence.Presence
	// Built tells why the read models cannot be asked yet.
	Built func() error
	// Client is the address of who sends a request, and whether they do so by https.
	Client func(*fiber.Ctx) (address string, https bool)
	// StatusOf is the HTTP status of an error.
	StatusOf func(error) int
	// Send answers with the content of a file.
	Send func(*fiber.Ctx, readapi.Content) error
	// Admin is what administrators look after.
	Admin   Administration
	Mirrors Mirrors
	// Export answers with a table of tickets.
	Export func(*fiber.Ctx, *readapi.Export) error
	// Docs are the documents for people, by their paths in the folder of documents.
	Docs fs.FS
	// Site is what this installation is called.
	Site string
	// MaxFile is how many bytes a file has at most.
	MaxFile int64
}

// UI answers pages. It keeps nothing between two requests and is safe for concurrent use.
type UI struct {
	cfg      Config
	static   *static
	speeches []*speech // the default language first
	matcher  language.Matcher
}

// New reads templates, catalogues and static files, which are in the program; it starts nothing.
func New(cfg Config) (*UI, error) {
	u := &UI{cfg: cfg}
	var err error
	if u.static, err = readStatic(); err != nil {
		return nil, err
	}
	if u.speeches, err = readSpeeches(); err != nil {
		return nil, err
	}
	var tags []language.Tag
	for _, s := range u.speeches {
		tags = append(tags, s.tag)
		if s.pages, err = readTemplates(s, u.static); err != nil {
			return nil, err
		}
	}
	u.matcher = language.NewMatcher(tags)
	return u, nil
}

// Routes adds the pages; follow answers with a feed.
func (u *UI) Routes(r fiber.Router, follow func(*fiber.Ctx, readapi.Following) error) {
	r.Get("/static/:name", u.static.serve)
	r.Use(u.guard)
	r.Get("/live", u.person(u.following(follow)))
	u.openRoutes(r)
	u.settingsRoutes(r) // before /trackers/:key
	u.listRoutes(r)
	u.ticketRoutes(r)
	u.reportRoutes(r)
	u.profileRoutes(r)
	u.adminRoutes(r)
}

// openRoutes are for everybody, signed in or not.
func (u *UI) openRoutes(r fiber.Router) {
	r.Get("/sign-in", u.anybody(signInPage))
	r.Post("/sign-in", u.anybody(signIn))
	r.Post("/sign-out", u.anybody(signOut))
	r.Get("/setup", u.anybody(setupPage))
	r.Post("/setup", u.anybody(setUp))
	r.Get("/invitations/:secret", u.anybody(invitationPage))
	r.Post("/invitations/:secret", u.anybody(acceptInvitation))
	r.Post("/look", u.anybody(setLook))
}

func (u *UI) listRoutes(r fiber.Router) {
	r.Get("/", u.person(desk))
	r.Get("/help", u.person(helpFor))
	r.Get("/help/*", u.person(help))
	r.Get("/tickets", u.person(listPage))
	r.Get("/tickets.csv", u.person(exportList))
	r.Get("/trackers/:key/tickets.csv", u.person(exportList))
	r.Post("/tickets/bulk", u.person(bulk))
	r.Get("/new", u.person(chooseTracker))
	r.Get("/trackers/:key", u.person(trackerPage))
	r.Get("/trackers/:key/tickets", u.person(listPage))
	r.Get("/trackers/:key/new", u.person(postPage))
	r.Post("/trackers/:key/new", u.person(post))
	r.Post("/trackers/:key/similar", u.person(similarPage))
	r.Get("/trackers/:key/challenge/:challenge/audio", u.person(spokenChallenge))
	r.Post("/columns", u.person(setColumns))
	r.Post("/queries", u.person(saveQuery))
	r.Post("/queries/:id/delete", u.person(deleteQuery))
}

func (u *UI) ticketRoutes(r fiber.Router) {
	r.Get("/tickets/:id", u.person(ticketPage))
	r.Get("/tickets/:id/posted", u.person(thanksPage))
	r.Get("/tickets/:id/past", u.person(pastPage))
	r.Get("/tickets/:id/edit", u.person(editPage))
	r.Post("/tickets/:id/edit", u.person(edit))
	r.Get("/tickets/:id/state", u.person(statePage))
	r.Post("/tickets/:id/state", u.person(changeState))
	r.Get("/tickets/:id/assignee", u.person(assigneePage))
	r.Post("/tickets/:id/assignee", u.person(assign))
	r.Post("/tickets/:id/rank", u.person(rankTicket))
	r.Post("/tickets/:id/raise-requests", u.person(requestRaise))
	r.Post("/tickets/:id/raise-requests/:rid", u.person(answerRaise))
	r.Post("/tickets/:id/watchers", u.person(watch))
	r.Get("/tickets/:id/watch", u.person(watchPage))
	r.Post("/tickets/:id/watch", u.person(setWatch))
	r.Post("/tickets/:id/prerequisites", u.person(changePrerequisite))
	r.Post("/tickets/:id/comments", u.person(comment))
	r.Get("/tickets/:id/:kind<regex(^(comments|notes)$)>/:number/edit", u.person(remarkPage))
	r.Post("/tickets/:id/:kind<regex(^(comments|notes)$)>/:number/edit", u.person(editRemark))
	r.Post("/tickets/:id/:kind<regex(^(comments|notes)$)>/:number/delete", u.person(deleteRemark))
	r.Get("/tickets/:id/:kind<regex(^(comments|notes)$)>/:number/revisions", u.person(revisionsPage))
	r.Post("/tickets/:id/attachments", u.person(attach))
	r.Post("/tickets/:id/attachments/:aid/remove", u.person(removeFile))
	r.Get("/tickets/:id/dependencies", u.person(graphPage))
	r.Post("/tickets/:id/move", u.person(moveTicket))
	r.Post("/tickets/:id/cascade", u.person(cascade))
	r.Post("/tickets/:id/recall", u.person(recall))
	r.Post("/tickets/:id/refuse", u.person(refuseCopy))
	r.Get("/tickets/:id/comments/:number/branch", u.person(branchPage))
	r.Post("/tickets/:id/comments/:number/branch", u.person(branch))
	r.Post("/tickets/:id/writing", u.person(writes))
	r.Post("/tickets/:id/delete", u.person(deleteTicket))
	r.Post("/uploads", u.person(upload))
	r.Get("/attachments/:aid", u.person(attachment))
	r.Get("/attachments/:aid/thumbnail", u.person(thumbnail))
}
