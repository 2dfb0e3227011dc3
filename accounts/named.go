package accounts

import (
	"context"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"suivi/domain"
)

// Named are those whom somebody means who types an e-mail address or a name: who has
// the address; else who has the name; else whose names contain all of its words,
// whatever the accents and capitals. At most so many, by id, disabled people left out.
// It looks at everybody, as databases do not agree on accents: it is for a deed of
// a manager, not for each letter that is typed.
func (a *Accounts) Named(ctx context.Context, text string, most int) ([]Person, error) {
	switch p, err := a.ByEmail(ctx, text); {
	case err == nil && !p.Disabled:
		return []Person{p}, nil
	case err != nil && domain.KindOf(err) != domain.NotFound:
		return nil, err
	}
	wanted := foldName(text)
	if wanted == "" {
		return nil, nil
	}
	var exact, partly []Person
	for after := domain.UserID(""); ; {
		page, err := a.People(ctx, after, MaxPage)
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			switch name := foldName(p.Name); {
			case p.Disabled:
			case name == wanted:
				exact = append(exact, p)
			case len(partly) < most && hasWords(name, wanted):
				partly = append(partly, p)
			}
		}
		if len(page) < MaxPage {
			break
		}
		after = page[len(page)-1].ID
	}
	if len(exact) > 0 {
		return exact[:min(len(exact), most)], nil
	}
	return partly, nil
}

// foldName is a name as names are compared: small letters without accents, one space between words.
func foldName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(name))
	return strings.Join(strings.Fields(plain), " ")
}

func hasWords(name, words string) bool {
	for word := range strings.FieldsSeq(words) {
		if !strings.Contains(name, word) {
			return false
		}
	}
	return true
}
