package accounts_test

import (
	"sync/atomic"
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
	return openAt(t, url, time.Now)
}

func openAt(t *testing.T, url string, clock func() time.Time) *accounts.Accounts {
	t.Helper()
	people, err := accounts.OpenAt(t.Context(), openDB(t, url), clock)
	if err != nil {
		t.Fatal(err)
	}
	return people
}

func openDB(t *testing.T, url string) *database.DB {
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
	return db
}

// clock is a time that passes only when a test says so.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(c.passed.Load()))
}

func (c *clock) pass(d time.Duration) { c.passed.Add(int64(d)) }

// nodes is two nodes on empty accounts, at a time that the test sets.
type nodes struct {
	*clock
	here, there *accounts.Accounts
	db          *database.DB // to look behind them
}

func eachPair(t *testing.T, f func(t *testing.T, n nodes)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, url string) {
		c := new(clock)
		f(t, nodes{c, openAt(t, url, c.now), openAt(t, url, c.now), openDB(t, url)})
	})
}

const goodPassword = "a tram through the rain"

// join makes a person with the goodPassword.
func (n nodes) join(t *testing.T, name, email string) accounts.Person {
	t.Helper()
	p := create(t, n.here, name, email)
	if err := n.here.ReplacePassword(t.Context(), domain.By{}, p.ID, goodPassword); err != nil {
		t.Fatal(err)
	}
	p.HasPassword = true
	return p
}

// signIn signs a person in with the goodPassword.
func (n nodes) signIn(t *testing.T, email string) (accounts.Session, string) {
	t.Helper()
	session, secret, err := n.here.SignIn(t.Context(), email, goodPassword, laptop())
	if err != nil {
		t.Fatal(err)
	}
	return session, secret
}

func laptop() accounts.Client { return accounts.Client{Address: "192.0.2.7", Agent: "Firefox"} }

func create(t *testing.T, people *accounts.Accounts, name, email string) accounts.Person {
	t.Helper()
	p, err := people.Create(t.Context(), domain.By{}, accounts.Person{Name: name, Email: email})
	if err != nil {
		t.Fatal(err)
	}
	for time.Now().UnixMilli() <= p.CreatedAt.UnixMilli() { //nolint:revive // ids of one millisecond are in no order
	}
	return p
}

func issue(t *testing.T, people *accounts.Accounts, user domain.UserID, expires time.Time) (string, accounts.Token) {
	t.Helper()
	plain, token, err := people.IssueToken(t.Context(), domain.By{}, accounts.Token{Person: user, Label: "a test", Scope: accounts.ScopeWrite, ExpiresAt: expires})
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
