// Package readapi answers questions: lists, tickets, histories, counts, trackers,
// from the tables that projections keep, and a ticket as it was from the event
// store itself. Who may see what is one predicate, in visible.go. Nothing here
// changes anything; commands does that.
package readapi

import (
	"context"
	"log/slog"

	"github.com/gofiber/fiber/v2"
	lru "github.com/hashicorp/golang-lru/v2"

	"suivi/database"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/markdown"
	"suivi/readapi/lives"
)

// API answers reads. Between two requests it keeps what cannot change, and lives, which follow the tables. It is safe for concurrent use.
type API struct {
	db       *database.DB
	store    *eventstore.Store
	few      int
	many     int
	lives    *lives.Lives
	names    Names // nil: nobody's are known
	markdown *markdown.Renderer
	contents Contents // nil: files have none here

	trackersRead *lru.Cache[string, tracker.Tracker] // by document
	pasts        *lru.Cache[domain.TrackerKey, *deskPast]
	guesses      *lru.Cache[string, guess] // by what is looked for
}

// keptTrackers is how many trackers, as they are in a document, are remembered.
const keptTrackers = 256

// keptGuesses is of how many words it is remembered how common they are.
const keptGuesses = 1024

// few is how many visible tickets are worth naming and sorting, rather than
// walking along the sort and leaving out what is not visible.
const few = 500

// many says in how many texts a word stands that is worth looking for in one ticket after the
// other, rather than naming those that have it: when their number's square is so many times that of all texts.
const many = 20

// New makes an API on the read models' database and the store that they follow.
func New(db *database.DB, store *eventstore.Store) *API {
	return &API{
		db: db, store: store, few: few, many: many, lives: lives.New(db), markdown: markdown.New(),
		trackersRead: remembered[string, tracker.Tracker](keptTrackers), pasts: remembered[domain.TrackerKey, *deskPast](keptPasts),
		guesses: remembered[string, guess](keptGuesses),
	}
}

// Follow keeps what is in memory of tickets near to the tables until ctx ends, so that who asks need not wait for it.
func (a *API) Follow(ctx context.Context, logger *slog.Logger) { a.lives.Follow(ctx, logger) }

// remembered holds the values that were used last, so many of them.
func remembered[K comparable, V any](size int) *lru.Cache[K, V] {
	cache, _ := lru.New[K, V](size) // which fails for sizes below one alone
	return cache
}

// Edge is what the HTTP edge does for the routes. All of it is required.
type Edge struct {
	Who  func(*fiber.Ctx) domain.Actor // who asks; that they are somebody, the edge has checked
	Body func(*fiber.Ctx, any) error   // reads a body's JSON object, as for commands
	// See tells that the asker has a ticket before their eyes, and gives the ticket
	// as it is then; false when it could not be told.
	See func(*fiber.Ctx, domain.TicketID) (ticket.Ticket, bool)
	// Saved gives the parameters of a saved query that the asker may see, and the tracker that it is within.
	Saved func(c *fiber.Ctx, id string) (query string, within domain.TrackerKey, err error)
	// Follow answers with a feed, and goes on with it as more comes.
	Follow func(*fiber.Ctx, *Feed) error
	// Export answers with a table of tickets.
	Export func(*fiber.Ctx, *Export) error
	// Send answers with the content of a file, or with the part that is asked for.
	Send func(*fiber.Ctx, Content) error
}

// routes are the API's handlers, and the edge that they stand at.
type routes struct {
	*API
	edge Edge
}

func (to routes) who(c *fiber.Ctx) domain.Actor { return to.edge.Who(c) }

// Routes adds the routes of all reads.
func (a *API) Routes(r fiber.Router, edge Edge) {
	to := routes{a, edge}
	r.Get("/trackers", to.trackers)
	r.Get("/trackers/:key", to.tracker)
	r.Get("/trackers/:key/similar", to.similar)
	r.Get("/trackers/:key/workflow", to.workflow)
	r.Get("/trackers/:key/mirrors", to.mirrors)
	r.Post("/trackers/:key/workflow/preview", to.previewWorkflow)
	r.Get("/trackers/:key/parent/comparison", to.comparison)
	r.Get("/me/watches", to.watches)
	r.Get("/admin/deleted-tickets", to.deletedTickets)
	r.Get("/admin/deleted-tickets/:id", to.deletedTicket)
	r.Get("/admin/deleted-tickets/:id/history", to.deletedHistory)
	r.Get("/fields", to.sharedFields)
	r.Get("/fields/:code", to.sharedField)
	r.Get("/events", to.events)
	r.Get("/tickets", to.tickets)
	r.Get("/tickets.csv", to.table)
	r.Get("/tickets/counts", to.counts)
	r.Get("/find", to.find)
	to.reportRoutes(r)
	r.Get("/tickets/:id", to.ticket)
	r.Get("/tickets/:id/comments", to.comments)
	r.Get("/tickets/:id/comments/:cid/revisions", to.commentRevisions)
	r.Get("/tickets/:id/notes", to.notes)
	r.Get("/tickets/:id/notes/:cid/revisions", to.noteRevisions)
	r.Get("/tickets/:id/branches", to.branches)
	r.Get("/tickets/:id/watchers", to.watchers)
	r.Get("/tickets/:id/history", to.history)
	r.Get("/tickets/:id/state-history", to.stateHistory)
	r.Get("/tickets/:id/ownership-history", to.ownershipHistory)
	r.Get("/tickets/:id/transitions", to.transitions)
	r.Get("/tickets/:id/destinations", to.destinations)
	r.Get("/tickets/:id/dependencies", to.dependencies)
	r.Get("/tickets/:id/raise-requests", to.raiseRequests)
	r.Get("/tickets/:id/attachments", to.attachments)
	r.Get("/tickets/:id/html", to.texts)
	r.Get("/attachments/:aid", to.content)
	r.Get("/attachments/:aid/thumbnail", to.thumbnail)
}
