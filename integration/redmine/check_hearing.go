package redmine

import (
	"context"

	"suivi/domain"
	"suivi/domain/tracker"
)

// checkHearing looks at what is needed for tickets to hear of what people do there.
func (c *checker) checkHearing(context.Context) (bool, error) {
	m := c.at.Mirror
	if m.Direction != tracker.BothWays {
		return true, nil
	}
	if len(m.People) == 0 && m.Actor == "" {
		c.say("nobody-heard", "people", "Map people, or name an actor who stands for all others.", "Nobody in Redmine is anybody here: all that is done there would be refused.")
	}
	if m.Actor != "" && len(c.at.Tracker.Members[m.Actor]) == 0 {
		c.say("actor-without-role", "actor", "Give them a role in "+string(c.at.Tracker.Key)+", or name another actor.",
			"%s, who stands for people there who are nobody here, has no role in %s: all that those do would be refused.", m.Actor, c.at.Tracker.Key)
	}
	first := map[string]domain.UserID{}
	for _, user := range sortedKeys(m.People) {
		if other, twice := first[m.People[user]]; twice {
			c.say("person-twice", "people."+string(user), "Take one of them out.",
				"%s and %s are the same person in Redmine: what that person does would be done here as %[1]s.", other, user)
			continue
		}
		first[m.People[user]] = user
	}
	return true, nil
}
