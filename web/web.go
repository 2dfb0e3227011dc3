// Package web is the HTTP edge: the fiber app, what happens to every request
// (request id, deadline, who is asking, headers, log), problem+json, the OpenAPI
// document, and the few routes that are neither commands nor reads: people,
// administration, health. What a command or a read does is in commands and readapi.
package web

import (
	"context"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/readapi"
)

// Config is what the edge is made of. Ready, Built and Logger may be nil, the rest is required.
type Config struct {
	Commands    *commands.Handler
	Reads       *readapi.API
	Accounts    *accounts.Accounts
	Projections Projections
	Reactors    Reactors
	Mirrors     Mirrors
	// Ready tells why the service cannot do its work now, beside its accounts. It must be cheap: anybody may ask.
	Ready func(context.Context) error
	// Built tells why the read models cannot be asked yet: they are being built. Commands
	// need them too, to know a repeated one again. It is asked for each request.
	Built   func() error
	Pages   Pages        // none: the API alone
	Proxies Proxies      // that are believed what they say of a client
	Logger  *slog.Logger // nil discards
	// MaxFile is how many bytes a file has at most; a request that brings files has little more.
	MaxFile int64
	// CollectBlobs takes away content that nothing needs any more. Its answer is encoded as the document's Collected.
	CollectBlobs func(context.Context) (any, error)
}

// Projections is what the edge asks of the read models, which it does not know otherwise.
type Projections struct {
	// Wait returns when the read models have the position, or with domain.Unavailable when ctx ends first.
	Wait func(ctx context.Context, commit, prepare uint64) error
	// News is closed when the read models next have more than now.
	News func() <-chan struct{}
	// Status is encoded as the document's ProjectionStatus list.
	Status func(context.Context) (any, error)
	// Rebuild and Verify tell how far they are, first of all at their start, and
	// end when ctx does. Verify's answer is encoded as the document's Verification.
	Rebuild func(ctx context.Context, name string, progress Progress) error
	Verify  func(ctx context.Context, progress Progress) (any, error)
}

// Progress hears how much of a long work is done. It may be called as often as one likes.
type Progress = func(done, total uint64)

// The limits of a request.
const (
	maxBody      = 1 << 20          // bytes
	maxHeaders   = 16 << 10         // bytes, the request line among them
	deadline     = 15 * time.Second // of the work behind an answer; long work streams and has none
	readTimeout  = 15 * time.Second // to send a request
	writeTimeout = 30 * time.Second // to take an answer, or one line of a stream
	idleTimeout  = 75 * time.Second // between two requests
)

// base is where the API's routes begin.
const base = "/api/v1"

// edge is what handlers and middleware share.
type edge struct {
	cfg       Config
	logger    *slog.Logger
	followers followers
}

// New makes the app; it starts nothing. Whoever serves it also shuts it down.
func New(cfg Config) *fiber.App {
	e := &edge{cfg: cfg, logger: cfg.Logger}
	if e.logger == nil {
		e.logger = slog.New(slog.DiscardHandler)
	}
	app := fiber.New(fiber.Config{
		Immutable: true, CaseSensitive: true, StrictRouting: true, // a path is what the document says, letter by letter
		BodyLimit: maxBody, ReadBufferSize: maxHeaders, DisablePreParseMultipartForm: true,
		StreamRequestBody: true, // guard reads all but files, and holds them to maxBody
		ReadTimeout:       readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		ErrorHandler: e.fail, DisableStartupMessage: true,
	})
	app.Server().Handler = knownMethods(app.Server().Handler, withContext(app.AcquireCtx, app.ReleaseCtx, e.refuseMethod))
	app.Server().HeaderReceived = e.received
	app.Use(e.guard)
	e.routes(app)
	return app
}

func (e *edge) routes(app *fiber.App) {
	app.Get("/health/live", live)
	app.Get("/health/ready", e.ready)
	api := app.Group(base)
	api.Get("/openapi.json", document)
	api.Post("/hooks/:tool/:key", e.hook)

	api.Use(e.authenticate, checkBody, e.catchUp) // everything below asks who it is
	api.Post("/trackers/:key/workflow/preview", e.catchUpAnyway)
	e.myRoutes(api)
	api.Get("/people", e.listPeople)
	api.Post("/people", e.createPerson)
	api.Patch("/people/:id", e.changePerson)
	api.Post("/people/:id/invitation", e.invitePerson)
	api.Post("/invitations", e.invite)
	api.Get("/admin/preferences", e.siteDefaults)
	api.Put("/admin/preferences", e.setSiteDefaults)
	api.Get("/admin/settings", e.siteSettings)
	api.Patch("/admin/settings", e.changeSiteSettings)
	api.Get("/admin/projections", e.projections)
	api.Post("/admin/projections/:name/rebuild", e.rebuild)
	api.Post("/admin/verify", e.verify)
	api.Get("/admin/deeds", e.deeds)
	e.mirrorRoutes(api)
	api.Get("/admin/parked", e.parked)
	api.Post("/admin/parked/:id/retry", e.retryParked)
	api.Post("/admin/parked/:id/resolve", e.resolveParked)
	api.Use(e.waitForBuild) // and everything below needs the read models
	api.Post("/admin/blobs/collect", e.collectBlobs)
	e.cfg.Commands.Routes(api, caller)
	e.cfg.Reads.Routes(api, readapi.Edge{Who: actor, Body: commands.ReadBody, See: e.see, Saved: e.saved, Send: sendContent, Follow: e.follow, Export: SendExport})
	api.Get("/queries", e.listQueries)
	api.Post("/queries", e.saveQuery)
	api.Get("/queries/:id", e.readQuery)
	api.Put("/queries/:id", e.changeQuery)
	api.Delete("/queries/:id", e.deleteQuery)
	api.Get("/me/columns", e.myColumns)
	api.Put("/me/columns/:list", e.setMyColumns)
	api.Delete("/me/columns/:list", e.resetMyColumns)
	if e.cfg.Pages.Routes != nil {
		e.cfg.Pages.Routes(app, e.followAs)
	}
}

// myRoutes are for whoever asks, about themselves.
func (e *edge) myRoutes(api fiber.Router) {
	api.Get("/me", me)
	api.Patch("/me", e.changeMe)
	api.Put("/me/password", e.setMyPassword)
	api.Get("/me/sessions", e.mySessions)
	api.Delete("/me/sessions/:id", e.endMySession)
	api.Get("/me/sign-ins", e.mySignIns)
	api.Get("/me/tokens", e.myTokens)
	api.Post("/me/tokens", e.makeMyToken)
	api.Delete("/me/tokens/:id", e.revokeMyToken)
	api.Get("/me/preferences", e.myPreferences)
	api.Put("/me/preferences", e.setMyPreferences)
}
