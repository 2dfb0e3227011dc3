package accounts_test

import (
	"strings"
	"testing"

	"suivi/accounts"
)

func TestPeopleAreFoundByWordsOfNameAndAddressWhateverCaseAndAccents(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		create(t, people, "Éloïse Durand", "ed@example.org")
		create(t, people, "Ada Lovelace", "ada@example.org")
		create(t, people, "Elois Dupont", "dupont@example.com")
		for text, want := range map[string]string{
			"eloise": "Éloïse Durand", "ÉLOIS": "Éloïse Durand, Elois Dupont", "du elois": "Éloïse Durand, Elois Dupont",
			"lovelace ada@": "Ada Lovelace", "example.com": "Elois Dupont", "nobody": "", "": "Éloïse Durand, Ada Lovelace, Elois Dupont",
		} {
			if got := namesOf(search(t, people, text, accounts.Person{}, 10)); got != want {
				t.Errorf("%q: got %s, want %s", text, got, want)
			}
		}
		first := search(t, people, "elois", accounts.Person{}, 1)
		if got := namesOf(search(t, people, "elois", first[0], 1)); namesOf(first) != "Éloïse Durand" || got != "Elois Dupont" {
			t.Errorf("got %s, then %s", namesOf(first), got)
		}
	})
}

func search(t *testing.T, people *accounts.Accounts, text string, after accounts.Person, limit int) []accounts.Person {
	t.Helper()
	found, err := people.Search(t.Context(), text, after.ID, limit)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func namesOf(people []accounts.Person) string {
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}
