package accounts_test

import (
	"testing"
	"time"

	"suivi/accounts"
	"suivi/database"
	"suivi/domain"
	"suivi/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// each runs f on both databases with empty accounts; another opens the same
// accounts once more, as a second node does.
func each(t *testing.T, f func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, url string) {
		open := func() *accounts.Accounts { return open(t, url) }
		f(t, open(), open)
	})
}

func open(t *testing.T, url string) *accounts.Accounts {
	t.Helper()
	db, err := database.Open(t.Context(), database.Config{URL: url, Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	people, err := accounts.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return people
}

func create(t *testing.T, people *accounts.Accounts, name, email string) accounts.Person {
	t.Helper()
	p, err := people.Create(t.Context(), accounts.Person{Name: name, Email: email})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func issue(t *testing.T, people *accounts.Accounts, user domain.UserID, expires time.Time) (string, accounts.Token) {
	t.Helper()
	plain, token, err := people.IssueToken(t.Context(), user, "a test", expires)
	if err != nil {
		t.Fatal(err)
	}
	return plain, token
}

func wantCode(t *testing.T, err error, kind domain.Kind, code string) {
	t.Helper()
	if domain.KindOf(err) != kind || domain.CodeOf(err) != code {
		t.Errorf("got %v (kind %d), want kind %d, code %s", err, domain.KindOf(err), kind, code)
	}
}
