package accounts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/accounts"
	"suivi/database"
	"suivi/domain"
	"suivi/internal/testdb"
)

func TestATokenSignsItsPersonIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts) {
		ada := create(t, people, "Ada", "ada@example.org")
		plain, token := issue(t, people, ada.ID, time.Now().Add(time.Hour))
		if !strings.HasPrefix(plain, "sui_") || len(plain) != 47 {
			t.Errorf("got the token %q, want sui_ and 43 characters", plain)
		}
		for _, node := range []*accounts.Accounts{people, people, another()} {
			got, shown, err := node.Authenticate(t.Context(), plain)
			if want := (accounts.Credential{Token: token.ID, Scope: accounts.ScopeWrite}); err != nil || shown != want {
				t.Fatalf("got %+v, %v, want %+v", shown, err, want)
			}
			if diff := cmp.Diff(ada, got); diff != "" {
				t.Errorf("want - got:\n%s", diff)
			}
		}
		listed, err := people.Tokens(t.Context(), ada.ID)
		if err != nil || len(listed) != 1 {
			t.Fatalf("got %v, %v; want one token", listed, err)
		}
		if used := listed[0].LastUsedAt; time.Since(used).Abs() > time.Minute {
			t.Errorf("got last use %v, want about now", used)
		}
		listed[0].LastUsedAt = time.Time{}
		if diff := cmp.Diff(token, listed[0]); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
	})
}

func TestATokenThatIsNotOursIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		plain, token := issue(t, people, create(t, people, "Ada", "ada@example.org").ID, time.Time{})
		other := []byte(plain)
		other[10] ^= 1
		for _, wrong := range []string{"", "sui_", plain[:46], plain + "A", " " + plain, strings.ToUpper(plain),
			string(other), token.ID, "sui_" + strings.Repeat("\x00", 43), "sui_" + strings.Repeat("'", 43)} {
			_, _, err := people.Authenticate(t.Context(), wrong)
			wantCode(t, err, domain.Unauthenticated, "bad-token")
		}
	})
}

func TestARevokedTokenEndsAtOnceHereAndWithinASecondElsewhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts) {
		there := another()
		plain, token := issue(t, people, create(t, people, "Ada", "ada@example.org").ID, time.Time{})
		for _, node := range []*accounts.Accounts{people, there} {
			if _, _, err := node.Authenticate(t.Context(), plain); err != nil {
				t.Fatal(err)
			}
		}
		if err := people.RevokeToken(t.Context(), domain.By{}, token.ID); err != nil {
			t.Fatal(err)
		}
		revoked := time.Now()
		_, _, err := people.Authenticate(t.Context(), plain)
		wantCode(t, err, domain.Unauthenticated, "bad-token")
		asked := revoked
		for err = nil; err == nil && time.Since(revoked) < time.Minute; {
			asked = time.Now()
			_, _, err = there.Authenticate(t.Context(), plain)
		}
		wantCode(t, err, domain.Unauthenticated, "bad-token")
		if took := asked.Sub(revoked); took > 1100*time.Millisecond {
			t.Errorf("the token was good for %v after it was revoked, want at most 1 s", took)
		}
		if err := people.RevokeToken(t.Context(), domain.By{}, token.ID); err != nil {
			t.Errorf("revoking again: %v", err)
		}
		wantCode(t, people.RevokeToken(t.Context(), domain.By{}, "tok_none"), domain.NotFound, "token-not-found")
		if listed, err := people.Tokens(t.Context(), token.Person); err != nil || len(listed) != 0 {
			t.Errorf("got %v, %v; want no tokens", listed, err)
		}
	})
}

func TestATokenExpiresAlsoWhileItIsRemembered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		ada := create(t, people, "Ada", "ada@example.org")
		expires := time.Now().Add(300 * time.Millisecond)
		plain, _ := issue(t, people, ada.ID, expires)
		for {
			asked := time.Now()
			_, _, err := people.Authenticate(t.Context(), plain)
			if asked.Before(expires.Truncate(time.Microsecond)) {
				if err != nil && time.Now().Before(expires) {
					t.Fatal(err)
				}
				continue
			}
			wantCode(t, err, domain.Unauthenticated, "bad-token")
			return
		}
	})
}

func TestAWrongTokenIsNotIssued(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		ada := create(t, people, "Ada", "ada@example.org").ID
		good := accounts.Token{Person: ada, Label: "label", Scope: accounts.ScopeRead}
		for _, c := range []struct {
			change func(*accounts.Token)
			kind   domain.Kind
			code   string
		}{
			{func(t *accounts.Token) { t.Person = "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV" }, domain.NotFound, "person-not-found"},
			{func(t *accounts.Token) { t.Label = "" }, domain.Invalid, "invalid-input"},
			{func(t *accounts.Token) { t.Label = "two\nlines" }, domain.Invalid, "invalid-input"},
			{func(t *accounts.Token) { t.ExpiresAt = time.Now().Add(-time.Second) }, domain.Invalid, "invalid-input"},
			{func(t *accounts.Token) { t.Scope = "" }, domain.Invalid, "invalid-input"},
			{func(t *accounts.Token) { t.Scope = "root" }, domain.Invalid, "invalid-input"},
		} {
			wrong := good
			c.change(&wrong)
			_, _, err := people.IssueToken(t.Context(), domain.By{}, wrong)
			wantCode(t, err, c.kind, c.code)
		}
	})
}

func TestTheTokenItselfIsNotInTheDatabase(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		people := open(t, url)
		plain, _ := issue(t, people, create(t, people, "Ada", "ada@example.org").ID, time.Time{})
		db, err := database.Open(t.Context(), database.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var rows []string
		if err := db.Read.SelectContext(t.Context(), &rows, `SELECT id || hash || label || person FROM tokens LIMIT 10`); err != nil {
			t.Fatal(err)
		}
		if len(rows) != 1 || strings.Contains(rows[0], plain[4:]) {
			t.Errorf("got the rows %q, want one without the token", rows)
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	db, err := database.Open(b.Context(), database.Config{URL: testdb.SQLite(b), Durable: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	people, err := accounts.Open(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	_, plain, _, err := people.EnsureAdmin(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, _, err := people.Authenticate(b.Context(), plain); err != nil {
				b.Error(err)
			}
		}
	})
}

func TestATokenForWritingMakesNobodyAnAdministrator(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts) {
		ada, err := people.Create(t.Context(), domain.By{}, accounts.Person{Name: "Ada", Email: "ada@example.org", Admin: true})
		if err != nil {
			t.Fatal(err)
		}
		for scope, admin := range map[accounts.Scope]bool{accounts.ScopeRead: true, accounts.ScopeWrite: false, accounts.ScopeAdmin: true} {
			plain, _, err := people.IssueToken(t.Context(), domain.By{}, accounts.Token{Person: ada.ID, Label: "a test", Scope: scope})
			if err != nil {
				t.Fatal(err)
			}
			for _, node := range []*accounts.Accounts{people, people, another()} {
				if p, got, err := node.Authenticate(t.Context(), plain); err != nil || got.Scope != scope || p.ID != ada.ID || p.Admin != admin {
					t.Errorf("%s: got %+v, %q, %v, want the administrator's right: %v", scope, p, got, err, admin)
				}
			}
		}
	})
}
