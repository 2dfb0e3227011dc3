package commands

import "github.com/gofiber/fiber/v2"

// challenge answers GET /trackers/{key}/captcha with a new one each time.
func (to routes) challenge(c *fiber.Ctx) error {
	key, err := trackerKey(c)
	if err != nil {
		return err
	}
	caller, err := to.who(c)
	if err != nil {
		return err
	}
	challenge, err := to.Challenge(c.UserContext(), caller.Actor, key)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(challenge)
}

// spokenChallenge answers GET /trackers/{key}/captcha/{challenge}/audio.
func (to routes) spokenChallenge(c *fiber.Ctx) error {
	key, err := trackerKey(c)
	if err != nil {
		return err
	}
	caller, err := to.who(c)
	if err != nil {
		return err
	}
	sound, err := to.SpokenChallenge(c.UserContext(), caller.Actor, key, c.Params("challenge"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, "audio/wav")
	return c.Send(sound)
}
