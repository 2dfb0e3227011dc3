package accounts_test

import (
	"sync"
	"testing"
	"time"

	"suivi/accounts"
	"suivi/domain"
)

func TestAChangeOfAPersonIsSeenEverywhereWithinASecond(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		want := n.join(t, "Ada", "ada@example.org")
		create(t, n.here, "Bob", "bob@example.org")
		_, secret := n.signIn(t, "ada@example.org")
		if _, _, err := n.there.BySession(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		want.Name, want.Email, want.Language, want.TimeZone, want.Admin = "Countess", "countess@example.org", "en", "America/Argentina/Ushuaia", true
		got, err := n.here.UpdatePerson(t.Context(), domain.By{}, want.ID, accounts.Changes{
			Name: new(" Countess "), Email: &want.Email, Language: &want.Language, TimeZone: &want.TimeZone, Admin: &want.Admin,
		})
		if err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		n.pass(time.Second)
		if p, _, err := n.there.BySession(t.Context(), secret); err != nil || p != want {
			t.Errorf("got %+v, %v, want %+v", p, err, want)
		}
		if got, err := n.here.UpdatePerson(t.Context(), domain.By{}, want.ID, accounts.Changes{}); err != nil || got != want {
			t.Errorf("without a change: got %+v, %v, want %+v", got, err, want)
		}
		_, err = n.here.UpdatePerson(t.Context(), domain.By{}, want.ID, accounts.Changes{Email: new("BOB@example.org")})
		wantCode(t, err, domain.Refused, "email-taken")
		for _, wrong := range []accounts.Changes{
			{Name: new("")}, {Email: new("x")}, {Language: new("de")}, {Language: new("FR")}, {TimeZone: new("Local")}, {TimeZone: new("Mars/Olympus")},
			{TimeZone: new("../../etc/passwd")}, {TimeZone: new("posix/Europe/Paris")}, {TimeZone: new("europe/paris\x00")},
		} {
			_, err := n.here.UpdatePerson(t.Context(), domain.By{}, want.ID, wrong)
			wantCode(t, err, domain.Invalid, "invalid-input")
		}
		_, err = n.here.UpdatePerson(t.Context(), domain.By{}, "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV", accounts.Changes{})
		wantCode(t, err, domain.NotFound, "person-not-found")
	})
}

func TestADisabledPersonIsOutAndStaysOutWithWhatTheyHad(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		_, secret := n.signIn(t, "ada@example.org")
		token, _ := issue(t, n.here, ada.ID, time.Time{})
		wantOut := func(node *accounts.Accounts) {
			t.Helper()
			_, _, err := node.BySession(t.Context(), secret)
			wantCode(t, err, domain.Unauthenticated, "signed-out")
			_, _, err = node.Authenticate(t.Context(), token)
			wantCode(t, err, domain.Unauthenticated, "bad-token")
		}
		for _, node := range []*accounts.Accounts{n.here, n.there} {
			if _, _, err := node.BySession(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
			if _, _, err := node.Authenticate(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		if p, err := n.here.UpdatePerson(t.Context(), domain.By{}, ada.ID, accounts.Changes{Disabled: new(true)}); err != nil || !p.Disabled {
			t.Fatalf("got %+v, %v", p, err)
		}
		wantOut(n.here)
		n.pass(time.Second)
		wantOut(n.there)
		wantCode(t, n.try(t, n.there, "ada@example.org", goodPassword, "192.0.2.1"), domain.Unauthenticated, "person-disabled")
		_, _, err := n.there.IssueToken(t.Context(), domain.By{}, accounts.Token{Person: ada.ID, Label: "x", Scope: accounts.ScopeRead})
		wantCode(t, err, domain.Refused, "person-disabled")
		if names, err := n.there.Names(t.Context(), []domain.UserID{ada.ID}); err != nil || names[ada.ID] != "Ada" {
			t.Errorf("got the names %v, %v", names, err)
		}
		if p, err := n.here.UpdatePerson(t.Context(), domain.By{}, ada.ID, accounts.Changes{Disabled: new(false)}); err != nil || p.Disabled {
			t.Fatalf("got %+v, %v", p, err)
		}
		n.pass(time.Second)
		wantOut(n.here)
		wantOut(n.there)
		n.signIn(t, "ada@example.org")
	})
}

func TestTheLastAdministratorStaysOne(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		var admins []accounts.Person
		for _, email := range []string{"a@example.org", "b@example.org"} {
			p, err := n.here.Create(t.Context(), domain.By{}, accounts.Person{Name: email, Email: email, Admin: true})
			if err != nil {
				t.Fatal(err)
			}
			admins = append(admins, p)
		}
		changes := []accounts.Changes{{Admin: new(false)}, {Disabled: new(true)}}
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i, node := range []*accounts.Accounts{n.here, n.there} {
			both.Go(func() { _, errs[i] = node.UpdatePerson(t.Context(), domain.By{}, admins[i].ID, changes[i]) })
		}
		both.Wait()
		if errs[0] == nil {
			errs[0], errs[1] = errs[1], errs[0]
		}
		wantCode(t, errs[0], domain.Refused, "last-admin")
		if errs[1] != nil {
			t.Error(errs[1])
		}
		if p, err := n.here.Administrator(t.Context()); err != nil || !p.Admin || p.Disabled {
			t.Errorf("got %+v, %v, want the one who stayed", p, err)
		}
	})
}
