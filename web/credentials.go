package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
)

// own is the check of routes on what one signs in with. Who acts for somebody
// has no business there.
func own(c *fiber.Ctx) (domain.UserID, error) {
	r := requestOf(c)
	if r.via != "" {
		return "", domain.Errorf(domain.Forbidden, "own-only", "this is for the person alone")
	}
	return r.actor.ID, nil
}

// ownToChange wants the widest scope besides: a token must not make a better one,
// nor outlive itself.
func ownToChange(c *fiber.Ctx) (domain.UserID, error) {
	if requestOf(c).scope != accounts.ScopeAdmin {
		return "", scopeMissing()
	}
	return own(c)
}

func (e *edge) setMyPassword(c *fiber.Ctx) error {
	if _, err := ownToChange(c); err != nil {
		return err
	}
	var body struct {
		Old      string `json:"old"`
		Password string `json:"password"`
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	if err := e.cfg.Accounts.SetPassword(c.UserContext(), by(c), body.Old, body.Password, ""); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// shownSession is a session as its owner sees it.
type shownSession struct {
	ID         string    `json:"id"`
	CreatedAt  time.Time `json:"createdAt"`
	LastSeenAt time.Time `json:"lastSeenAt"`
	ExpiresAt  time.Time `json:"expiresAt"`
	Agent      string    `json:"agent"`
	Address    string    `json:"address"`
}

func (e *edge) mySessions(c *fiber.Ctx) error {
	user, err := own(c)
	if err != nil {
		return err
	}
	sessions, err := e.cfg.Accounts.Sessions(c.UserContext(), user)
	if err != nil {
		return err
	}
	shown := make([]shownSession, len(sessions))
	for i, s := range sessions {
		shown[i] = shownSession{s.ID, s.CreatedAt, s.LastSeenAt, s.ExpiresAt, s.Agent, s.Address}
	}
	return c.JSON(fiber.Map{"sessions": shown})
}

func (e *edge) endMySession(c *fiber.Ctx) error {
	if _, err := ownToChange(c); err != nil {
		return err
	}
	if err := e.cfg.Accounts.EndSession(c.UserContext(), by(c), c.Params("id")); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// shownToken is what is known of a token as its owner sees it.
type shownToken struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Scope      accounts.Scope `json:"scope"`
	CreatedAt  time.Time      `json:"createdAt"`
	ExpiresAt  *time.Time     `json:"expiresAt,omitempty"`
	LastUsedAt *time.Time     `json:"lastUsedAt,omitempty"`
}

func showToken(t accounts.Token) shownToken {
	shown := shownToken{ID: t.ID, Name: t.Label, Scope: t.Scope, CreatedAt: t.CreatedAt}
	if !t.ExpiresAt.IsZero() {
		shown.ExpiresAt = &t.ExpiresAt
	}
	if !t.LastUsedAt.IsZero() {
		shown.LastUsedAt = &t.LastUsedAt
	}
	return shown
}

func (e *edge) myTokens(c *fiber.Ctx) error {
	user, err := own(c)
	if err != nil {
		return err
	}
	tokens, err := e.cfg.Accounts.Tokens(c.UserContext(), user)
	if err != nil {
		return err
	}
	shown := make([]shownToken, len(tokens))
	for i, t := range tokens {
		shown[i] = showToken(t)
	}
	return c.JSON(fiber.Map{"tokens": shown})
}

func (e *edge) makeMyToken(c *fiber.Ctx) error {
	user, err := ownToChange(c)
	if err != nil {
		return err
	}
	var body struct {
		Name      string         `json:"name"`
		Scope     accounts.Scope `json:"scope"`
		ExpiresAt time.Time      `json:"expiresAt"`
	}
	if err := commands.ReadBody(c, &body); err != nil {
		return err
	}
	plain, token, err := e.cfg.Accounts.IssueToken(c.UserContext(), by(c),
		accounts.Token{Person: user, Label: body.Name, Scope: body.Scope, ExpiresAt: body.ExpiresAt})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"token": showToken(token), "secret": plain})
}

func (e *edge) revokeMyToken(c *fiber.Ctx) error {
	if _, err := ownToChange(c); err != nil {
		return err
	}
	if err := e.cfg.Accounts.RevokeOwnToken(c.UserContext(), by(c), c.Params("id")); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
