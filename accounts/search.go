package accounts

import (
	"context"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"suivi/domain"
)

// Search lists up to limit people (at most MaxPage) in whose name or e-mail address
// every word of the text stands, whatever its case and accents, with ids greater than after, in the
// order of their ids. It looks at everybody: the two databases fold texts differently, and
// a site has thousands of people, not millions.
func (a *Accounts) Search(ctx context.Context, text string, after domain.UserID, limit int) ([]Person, error) {
	words := strings.Fields(folded(text))
	limit = min(max(limit, 0), MaxPage)
	found := []Person{}
	for len(found) < limit {
		people, err := a.People(ctx, after, MaxPage)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if len(found) < limit && p.says(words) {
				found = append(found, p)
			}
		}
		if len(people) < MaxPage {
			break
		}
		after = people[len(people)-1].ID
	}
	return found, nil
}

// says tells whether all words stand in the person's name or e-mail address.
func (p Person) says(words []string) bool {
	said := folded(p.Name + " " + p.Email)
	for _, word := range words {
		if !strings.Contains(said, word) {
			return false
		}
	}
	return true
}

// folded is the text in small letters without accents.
func folded(text string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	if err != nil {
		plain = text
	}
	return strings.ToLower(plain)
}
