package accounts_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"suivi/accounts"
	"suivi/domain"
)

func TestAnInvitationMakesAPersonWhoSetsAPasswordAndIsSignedIn(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		admin := create(t, n.here, "Admin", "admin@example.org")
		i, link, err := n.here.Invite(t.Context(), domain.By{Person: admin.ID}, accounts.Person{Name: "A. L.", Email: "ada@example.org", Language: "fr", Admin: true})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := n.there.Invitation(t.Context(), link); err != nil || got != i || i.By != admin.ID || i.ExpiresAt != n.now().Add(7*24*time.Hour) {
			t.Errorf("got %+v, %v, want %+v", got, err, i)
		}
		_, _, err = n.there.AcceptInvitation(t.Context(), link, "Ada", "short", "de", "Mars/Olympus", laptop())
		wantCode(t, err, domain.Invalid, "invalid-input")
		session, secret, err := n.there.AcceptInvitation(t.Context(), link, "Ada", goodPassword, "en", "Europe/Paris", laptop())
		if err != nil {
			t.Fatal(err)
		}
		want := i.Person
		want.Name, want.Language, want.TimeZone, want.HasPassword = "Ada", "en", "Europe/Paris", true
		if p, s, err := n.here.BySession(t.Context(), secret); err != nil || p != want || s != session || !p.Admin {
			t.Errorf("got %+v, %+v, %v; want %+v", p, s, err, want)
		}
		n.signIn(t, "ada@example.org")
		_, _, err = n.here.Invite(t.Context(), domain.By{Person: admin.ID}, accounts.Person{Name: "Other", Email: "ADA@example.org"})
		wantCode(t, err, domain.Refused, "email-taken")
		_, _, err = n.here.Invite(t.Context(), domain.By{Person: admin.ID}, accounts.Person{Email: "x"})
		wantCode(t, err, domain.Invalid, "invalid-input")
	})
}

func TestAnInvitationIsGoodOnceAlsoForTwoAtOnce(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		i, link, err := n.here.Invite(t.Context(), domain.By{}, accounts.Person{Name: "Ada", Email: "ada@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		var in atomic.Int32
		var all sync.WaitGroup
		for k := range 6 {
			all.Go(func() {
				_, _, err := []*accounts.Accounts{n.here, n.there}[k%2].AcceptInvitation(t.Context(), link, "", goodPassword, "", "", laptop())
				if err == nil {
					in.Add(1)
					return
				}
				wantCode(t, err, domain.NotFound, "invitation-not-found")
			})
		}
		all.Wait()
		if listed, err := n.here.Sessions(t.Context(), i.Person.ID); in.Load() != 1 || err != nil || len(listed) != 1 {
			t.Errorf("got %d people in, the sessions %v, %v; want one", in.Load(), listed, err)
		}
	})
}

func TestAnInvitationEnds(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		invite := func(p accounts.Person) (accounts.Person, string) {
			i, link, err := n.here.Invite(t.Context(), domain.By{}, p)
			if err != nil {
				t.Fatal(err)
			}
			return i.Person, link
		}
		wantNone := func(why, link string) {
			t.Helper()
			_, err := n.there.Invitation(t.Context(), link)
			wantCode(t, err, domain.NotFound, "invitation-not-found")
			_, _, err = n.there.AcceptInvitation(t.Context(), link, "", goodPassword, "", "", laptop())
			wantCode(t, err, domain.NotFound, "invitation-not-found")
			if t.Failed() {
				t.Fatal(why)
			}
		}
		wantNone("it was never one", "suii_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
		ada, first := invite(accounts.Person{Name: "Ada", Email: "ada@example.org"})
		_, second := invite(ada)
		wantNone("there is another", first)
		n.pass(7*24*time.Hour - time.Microsecond)
		if _, err := n.here.Invitation(t.Context(), second); err != nil {
			t.Error(err)
		}
		n.pass(time.Microsecond)
		wantNone("it has expired", second)

		_, third := invite(ada)
		for _, disabled := range []bool{true, false} {
			if _, err := n.here.UpdatePerson(t.Context(), domain.By{}, ada.ID, accounts.Changes{Disabled: &disabled}); err != nil {
				t.Fatal(err)
			}
			wantNone("its person was disabled", third)
			if disabled {
				_, _, err := n.here.Invite(t.Context(), domain.By{}, ada)
				wantCode(t, err, domain.Refused, "person-disabled")
			}
		}
		_, _, err := n.here.Invite(t.Context(), domain.By{}, accounts.Person{ID: "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"})
		wantCode(t, err, domain.NotFound, "person-not-found")
	})
}

func TestALinkForAForgottenPasswordSignsThePersonOutElsewhere(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		_, old := n.signIn(t, "ada@example.org")
		i, link, err := n.here.Invite(t.Context(), domain.By{}, accounts.Person{ID: ada.ID, Name: "Not taken over", Admin: true})
		if err != nil || !i.Person.HasPassword || i.Person.Name != "Ada" || i.Person.Admin {
			t.Fatalf("got %+v, %v", i, err)
		}
		n.signIn(t, "ada@example.org") // the old password is good until the link is used
		_, secret, err := n.here.AcceptInvitation(t.Context(), link, "", "a boat under the bridge", "", "", laptop())
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = n.here.BySession(t.Context(), old)
		wantCode(t, err, domain.Unauthenticated, "signed-out")
		if p, _, err := n.here.BySession(t.Context(), secret); err != nil || p.Name != "Ada" || p.ID != ada.ID {
			t.Errorf("got %+v, %v", p, err)
		}
		wantCode(t, n.try(t, n.here, "ada@example.org", goodPassword, "192.0.2.1"), domain.Unauthenticated, "wrong-credentials")
	})
}
