package accounts

import (
	"context"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"suivi/domain"
)

// Search lists up to limit people (at most MaxPage) in whose name or e-mail address
// every word of the text stands, whatever its case and accents, with ids greater than after, in the
// order of their ids.
func (a *Accounts) Search(ctx context.Context, text string, after domain.UserID, limit int) ([]Person, error) {
	wanted := folded(text)
	limit = min(max(limit, 0), MaxPage)
	found := []Person{}
	err := a.everybody(ctx, after, func(p Person) bool {
		if len(found) < limit && hasWords(folded(p.Name+" "+p.Email), wanted) {
			found = append(found, p)
		}
		return len(found) < limit
	})
	return found, err
}

// Named are those whom somebody means who types an e-mail address or a name: who has
// the address; else who has the name; else whose names contain all of its words,
// whatever the accents and capitals. At most so many, by id, disabled people left
// out. It is for a deed of a manager, not for each letter that is typed.
func (a *Accounts) Named(ctx context.Context, text string, most int) ([]Person, error) {
	switch p, err := a.ByEmail(ctx, text); {
	case err == nil && !p.Disabled:
		return []Person{p}, nil
	case err != nil && domain.KindOf(err) != domain.NotFound:
		return nil, err
	}
	wanted := folded(text)
	if wanted == "" {
		return nil, nil
	}
	var exact, partly []Person
	err := a.everybody(ctx, "", func(p Person) bool {
		switch name := folded(p.Name); {
		case p.Disabled:
		case name == wanted:
			exact = append(exact, p)
		case len(partly) < most && hasWords(name, wanted):
			partly = append(partly, p)
		}
		return len(exact) < most
	})
	if len(exact) > 0 {
		return exact, err
	}
	return partly, err
}

// everybody visits people by id, after the one given, until visit has had enough. It
// reads them all: the two databases fold texts differently, and a site has thousands
// of people, not millions.
func (a *Accounts) everybody(ctx context.Context, after domain.UserID, visit func(Person) (more bool)) error {
	for {
		people, err := a.People(ctx, after, MaxPage)
		if err != nil {
			return err
		}
		for _, p := range people {
			if !visit(p) {
				return nil
			}
		}
		if len(people) < MaxPage {
			return nil
		}
		after = people[len(people)-1].ID
	}
}

// folded is a text as people search it: small letters without accents, one space between words.
func folded(text string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return strings.Join(strings.Fields(plain), " ")
}

// hasWords tells whether all words stand somewhere in the text; both are folded.
func hasWords(text, words string) bool {
	for word := range strings.FieldsSeq(words) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
