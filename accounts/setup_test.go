package accounts_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"suivi/accounts"
	"suivi/domain"
)

func founder() accounts.Person {
	return accounts.Person{Name: "Ada", Email: "ada@example.org", Language: "fr", TimeZone: "Europe/Paris"}
}

func (n nodes) wantSetup(t *testing.T, want bool) {
	t.Helper()
	if got, err := n.there.NeedsSetup(t.Context()); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func (n nodes) setupCode(t *testing.T, node *accounts.Accounts) string {
	t.Helper()
	code, err := node.SetupCode(t.Context())
	if err != nil || len(code) != 19 {
		t.Fatalf("got the code %q, %v", code, err)
	}
	return code
}

func TestSetupWithTheCodeGivesTheFirstAdministratorANameAndAPassword(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		first, token, _, err := n.here.EnsureAdmin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n.wantSetup(t, true)
		code, other := n.setupCode(t, n.here), n.setupCode(t, n.there)
		for _, wrong := range []string{"", "AAAA-AAAA-AAAA-AAAA", code[:14], token} {
			_, _, err := n.here.Setup(t.Context(), wrong, founder(), goodPassword, laptop())
			wantCode(t, err, domain.Forbidden, "wrong-setup-code")
		}
		_, _, err = n.here.Setup(t.Context(), code, founder(), "short", laptop())
		wantCode(t, err, domain.Invalid, "invalid-input")
		_, secret, err := n.there.Setup(t.Context(), " "+strings.ToLower(strings.ReplaceAll(code, "-", " ")), founder(), goodPassword, laptop())
		if err != nil {
			t.Fatal(err)
		}
		want := founder()
		want.ID, want.CreatedAt, want.Admin, want.HasPassword = first.ID, first.CreatedAt, true, true
		if p, _, err := n.here.BySession(t.Context(), secret); err != nil || p != want {
			t.Errorf("got %+v, %v, want %+v", p, err, want)
		}
		if p, _, err := n.here.Authenticate(t.Context(), token); err != nil || p != want {
			t.Errorf("by the first token: got %+v, %v, want %+v", p, err, want)
		}
		n.wantSetup(t, false)
		for _, used := range []string{code, other, ""} {
			_, _, err := n.here.Setup(t.Context(), used, accounts.Person{Name: "Eve", Email: "eve@example.org"}, goodPassword, laptop())
			wantCode(t, err, domain.Refused, "already-set-up")
		}
		if code, err := n.here.SetupCode(t.Context()); err != nil || code != "" {
			t.Errorf("got the code %q, %v, want none", code, err)
		}
	})
}

func TestSetupIsDoneOnceHoweverManyTryAtOnce(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		codes := []string{n.setupCode(t, n.here), n.setupCode(t, n.there)}
		var done atomic.Int32
		var all sync.WaitGroup
		for i, node := range []*accounts.Accounts{n.here, n.there, n.here, n.there} {
			all.Go(func() {
				p := founder()
				p.Email = string(rune('a'+i)) + p.Email
				_, _, err := node.Setup(t.Context(), codes[i%2], p, goodPassword, laptop())
				if err == nil {
					done.Add(1)
					return
				}
				wantCode(t, err, domain.Refused, "already-set-up")
			})
		}
		all.Wait()
		people, err := n.here.People(t.Context(), "", 10)
		if done.Load() != 1 || err != nil || len(people) != 1 || !people[0].Admin {
			t.Errorf("it was done %d times and there are %+v, %v; want one administrator", done.Load(), people, err)
		}
	})
}

func TestSetupTakesOverWhoHasTheAddressUnlessTheyHaveAPassword(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := create(t, n.here, "A. L.", "ADA@example.org")
		bob := n.join(t, "Bob", "bob@example.org")
		code := n.setupCode(t, n.here)
		taken := founder()
		taken.Email = bob.Email
		_, _, err := n.here.Setup(t.Context(), code, taken, goodPassword, laptop())
		wantCode(t, err, domain.Refused, "email-taken")
		n.wantSetup(t, true)
		session, _, err := n.here.Setup(t.Context(), code, founder(), goodPassword, laptop())
		if err != nil || session.Person != ada.ID {
			t.Errorf("got %+v, %v, want %s", session, err, ada.ID)
		}
	})
}

func TestSetupIsNotNeededOnceAnAdministratorHasAPassword(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		n.join(t, "Bob", "bob@example.org") // no administrator
		n.wantSetup(t, true)
		code := n.setupCode(t, n.here)
		first, _, _, err := n.here.EnsureAdmin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := n.here.ReplacePassword(t.Context(), domain.By{}, first.ID, goodPassword); err != nil {
			t.Fatal(err)
		}
		n.wantSetup(t, false)
		_, _, err = n.here.Setup(t.Context(), code, founder(), goodPassword, laptop())
		wantCode(t, err, domain.Refused, "already-set-up")
	})
}
