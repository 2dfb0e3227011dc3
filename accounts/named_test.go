package accounts_test

import (
	"slices"
	"testing"

	"suivi/accounts"
	"suivi/domain"
)

func TestSomebodyIsMeantByAddressByNameAndByPartsOfIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		create(t, people, "Émile Durand", "emile@example.org")
		create(t, people, "Emile Durand-Petit", "petit@example.org")
		create(t, people, "Ada Lovelace", "ada@example.org")
		gone := create(t, people, "Ada Gone", "gone@example.org")
		yes := true
		if _, err := people.UpdatePerson(t.Context(), domain.By{}, gone.ID, accounts.Changes{Disabled: &yes}); err != nil {
			t.Fatal(err)
		}
		for typed, want := range map[string][]string{
			" EMILE@example.org": {"Émile Durand"},
			"emile durand":       {"Émile Durand"}, // the whole name goes before parts
			"DURAND  émile":      {"Émile Durand", "Emile Durand-Petit"},
			"e":                  {"Émile Durand", "Emile Durand-Petit"},
			"ada":                {"Ada Lovelace"},
			"gone@example.org":   nil,
			"nobody":             nil,
			"  ":                 nil,
		} {
			found, err := people.Named(t.Context(), typed, 2)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range found {
				got = append(got, p.Name)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q: got %v, want %v", typed, got, want)
			}
		}
	})
}
