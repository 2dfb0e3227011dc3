package ticket

import (
	"regexp"
	"slices"
	"strings"

	"suivi/domain"
)

// maxMentions is how many people one text may call; further names are text like any other.
const maxMentions = 50

var mention = regexp.MustCompile(`(?:^|[^\w@])@(usr_[0-9A-HJKMNP-TV-Z]{26})\b`)

// Mentions are the people whom a text names as @usr_…, each once, in order.
func Mentions(text string) []domain.UserID {
	var people []domain.UserID
	if !strings.Contains(text, "@usr_") { // as nearly all texts, of which hundreds stand on one page
		return nil
	}
	for _, found := range mention.FindAllStringSubmatch(text, -1) {
		person := domain.UserID(found[1])
		if person.Valid() && !slices.Contains(people, person) && len(people) < maxMentions {
			people = append(people, person)
		}
	}
	return people
}

// mentioned are those of the text's people who see the ticket: nobody else is to
// hear of it. Who sees it has an account, so that need not be asked.
func (t Ticket) mentioned(text string, facts Facts) []domain.UserID {
	return slices.DeleteFunc(Mentions(text), func(person domain.UserID) bool {
		return !t.SeenBy(domain.Actor{ID: person}, facts.Tracker)
	})
}
