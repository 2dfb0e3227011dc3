package web

import (
	"bytes"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
)

// The headers by which an administrator acts for another person, or in the past (ADR 0006).
const (
	HeaderActor      = "X-Suivi-Actor"
	HeaderOccurredAt = "X-Suivi-Occurred-At"
)

// maxAhead is how far ahead of ours the clock of an importer may be.
const maxAhead = time.Minute

// request is what the edge knows of a request, beside the request itself.
type request struct {
	id         string
	actor      accounts.Person // whose rights decide
	scope      accounts.Scope  // what the token is good for
	token      string          // its id
	via        domain.UserID   // the administrator who acts for them; "": nobody
	occurredAt time.Time       // of an imported deed; zero: now
}

type requestKey struct{}

// requestOf is nil for what was no readable request.
func requestOf(c *fiber.Ctx) *request {
	r, _ := c.Locals(requestKey{}).(*request)
	return r
}

// authenticate finds out who is asking, and for whom.
func (e *edge) authenticate(c *fiber.Ctx) error {
	token, ok := bearer(c.Request().Header.Peek(fiber.HeaderAuthorization))
	if !ok {
		return domain.Errorf(domain.Unauthenticated, "token-missing", "send a token: Authorization: Bearer sui_…")
	}
	r := requestOf(c)
	person, credential, err := e.cfg.Accounts.Authenticate(c.UserContext(), token)
	if err != nil {
		return err
	}
	r.actor, r.scope, r.token = person, credential.Scope, credential.Token
	if r.scope == accounts.ScopeRead && c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return scopeMissing()
	}
	if err := e.actForOther(c, r); err != nil {
		return err
	}
	return c.Next()
}

func scopeMissing() error {
	return domain.Errorf(domain.Forbidden, "scope-missing", "this token is not good for that; make one with a wider scope")
}

// bearer takes the token from an Authorization header. The scheme's name has no case (RFC 9110).
func bearer(header []byte) (token string, ok bool) {
	scheme, rest, ok := bytes.Cut(header, []byte(" "))
	if !ok || !bytes.EqualFold(scheme, []byte("bearer")) {
		return "", false
	}
	return string(bytes.TrimSpace(rest)), true
}

// actForOther obeys the headers of administrators. An empty one is a mistake, not an absent one.
func (e *edge) actForOther(c *fiber.Ctx, r *request) error {
	actors := c.Request().Header.PeekAll(HeaderActor)
	user, asOther := "", len(actors) > 0
	if asOther {
		user = string(bytes.Join(actors, []byte(", ")))
	}
	times := c.Request().Header.PeekAll(HeaderOccurredAt)
	if !asOther && len(times) == 0 {
		return nil
	}
	if !r.actor.Admin {
		return adminOnly()
	}
	if len(times) > 0 {
		at, err := occurredAt(string(bytes.Join(times, []byte(", "))), time.Now())
		if err != nil {
			return err
		}
		r.occurredAt = at
	}
	if !asOther {
		return nil
	}
	person, err := e.cfg.Accounts.ByID(c.UserContext(), domain.UserID(user))
	if domain.KindOf(err) == domain.NotFound {
		return wrongHeader(HeaderActor, "unknown-user", "there is no such person")
	}
	r.via, r.actor = r.actor.ID, person
	return err
}

func occurredAt(text string, now time.Time) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999:
		return at, wrongHeader(HeaderOccurredAt, "bad-time", "a time as in 2019-06-30T09:15:00Z")
	case at.After(now.Add(maxAhead)):
		return at, wrongHeader(HeaderOccurredAt, "in-the-future", "this is still to come")
	}
	return at, nil
}

func wrongHeader(name, code, sentence string) error {
	return &domain.Error{
		Kind: domain.Invalid, Code: code, Message: name + ": " + sentence,
		Fields: []domain.FieldError{{Field: name, Code: code}},
	}
}

func adminOnly() error {
	return domain.Errorf(domain.Forbidden, "admin-only", "this is for administrators")
}

// requireAdmin is the check of routes that only administrators may use.
func requireAdmin(c *fiber.Ctx) error {
	if !requestOf(c).actor.Admin {
		return adminOnly()
	}
	return nil
}

// actor tells reads who asks.
func actor(c *fiber.Ctx) domain.Actor { return requestOf(c).actor.Actor() }

// by tells the accounts' record who asks, and with what.
func by(c *fiber.Ctx) domain.By {
	r := requestOf(c)
	return domain.By{Person: r.actor.ID, Via: r.via, Token: r.token, Source: domain.SourceAPI}
}

// caller tells commands who asks, and by which channel.
func caller(c *fiber.Ctx) (commands.Caller, error) {
	r := requestOf(c)
	source := domain.SourceAPI
	if !r.occurredAt.IsZero() {
		source = domain.SourceImport
	}
	return commands.Caller{Actor: r.actor.Actor(), Via: r.via, Source: source, OccurredAt: r.occurredAt, RequestID: r.id}, nil
}
