package accounts_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/accounts"
	"suivi/domain"
)

// told are deeds as a reader sees them, the first of all first.
func told(t *testing.T, people *accounts.Accounts, q accounts.DeedQuery) []string {
	t.Helper()
	q.Limit = accounts.MaxPage
	deeds, more, err := people.Deeds(t.Context(), q)
	if err != nil || more {
		t.Fatal(more, err)
	}
	var all []string
	for _, d := range slices.Backward(deeds) {
		all = append(all, string(d.Kind))
	}
	return all
}

// life does every deed once, ten minutes apart, and answers what was secret in them.
func (n nodes) life(t *testing.T) (root, bob accounts.Person, secrets []string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		n.pass(10 * time.Minute)
	}
	root, token, _, err := n.here.EnsureAdmin(t.Context())
	must(err)
	code, err := n.here.SetupCode(t.Context())
	must(err)
	_, session, err := n.here.Setup(t.Context(), code, accounts.Person{Name: "Root", Email: "root@example.org"}, "an owl in the attic", laptop())
	must(err)
	by := domain.By{Person: root.ID, Source: domain.SourceWeb}
	invitation, link, err := n.here.Invite(t.Context(), by, accounts.Person{Name: "Bob", Email: "bob@example.org"})
	must(err)
	bob = invitation.Person
	self := domain.By{Person: bob.ID, Source: domain.SourceWeb}
	_, other, err := n.here.AcceptInvitation(t.Context(), link, "Robert", "a tram through the rain", "fr", "Europe/Paris", laptop())
	must(err)
	_, _, err = n.here.SignIn(t.Context(), "bob@example.org", "not the password", laptop())
	wantCode(t, err, domain.Unauthenticated, "wrong-credentials")
	_, _, err = n.here.SignIn(t.Context(), "bob@example.org", "nor this one", laptop())
	wantCode(t, err, domain.Unauthenticated, "wrong-credentials")
	_, _, err = n.here.SignIn(t.Context(), "a password in the wrong field", "whatever it is", laptop())
	wantCode(t, err, domain.Unauthenticated, "wrong-credentials")
	_, _, err = n.here.SignIn(t.Context(), "nobody@example.org", "whatever it is", laptop())
	wantCode(t, err, domain.Unauthenticated, "wrong-credentials")
	n.pass(time.Minute)
	first, third, err := n.here.SignIn(t.Context(), "bob@example.org", "a tram through the rain", laptop())
	must(err)
	must(n.here.EndSession(t.Context(), self, first.ID))
	wantCode(t, n.here.SetPassword(t.Context(), self, "a wrong old one", "a barge on the canal", ""), domain.Forbidden, "wrong-password")
	n.pass(time.Minute)
	must(n.here.SetPassword(t.Context(), self, "a tram through the rain", "a barge on the canal", ""))
	must(n.here.EndOtherSessions(t.Context(), self, ""))
	plain, made, err := n.here.IssueToken(t.Context(), self, accounts.Token{Person: bob.ID, Label: "reports", Scope: accounts.ScopeRead})
	must(err)
	must(n.here.RevokeOwnToken(t.Context(), self, made.ID))
	must(n.here.RevokeToken(t.Context(), by, made.ID)) // it is already
	must(n.here.ReplacePassword(t.Context(), domain.By{Source: domain.SourceCommandLine}, bob.ID, "snow over the tracks"))
	email, yes, no := "robert@example.org", true, false
	for _, c := range []accounts.Changes{{Email: &email}, {Email: &email}, {Admin: &yes}, {Admin: &no}, {Disabled: &yes}, {Disabled: &no}} {
		_, err := n.here.UpdatePerson(t.Context(), by, bob.ID, c)
		must(err)
	}
	must(n.here.SetPreferences(t.Context(), by, accounts.Site, accounts.Preferences{Watch: &[]domain.Topic{"comment"}}))
	must(n.here.SetPreferences(t.Context(), self, bob.ID, accounts.Preferences{Watch: &[]domain.Topic{}})) // nobody else's business
	return root, bob, []string{
		token, code, strings.ReplaceAll(code, "-", ""), session, link, other, third, plain, "an owl in the attic", "a tram through the rain", "not the password",
		"nor this one", "a password in the wrong field", "nobody@example.org", "whatever it is", "a wrong old one", "a barge on the canal", "snow over the tracks",
	}
}

func TestEveryDeedIsRecordedWithWhoDidIt(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		root, bob, _ := n.life(t)
		want := []string{
			"created", "admin-given", "token-made", "set-up", "signed-in", "created", "invited", "invitation-accepted", "signed-in", "sign-in-failed", "sign-in-failed",
			"signed-in", "session-ended", "password-refused", "password-set", "sessions-ended", "token-made", "token-revoked", "password-replaced",
			"changed", "admin-given", "admin-taken", "disabled", "enabled", "site-changed",
		}
		if diff := cmp.Diff(want, told(t, n.there, accounts.DeedQuery{})); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
		for name, c := range map[string]struct {
			query accounts.DeedQuery
			want  []string
		}{
			"whom it was done to, and what they did": {accounts.DeedQuery{People: []domain.UserID{bob.ID}, Kinds: []accounts.DeedKind{accounts.Created, accounts.SignedIn}}, []string{"created", "signed-in", "signed-in"}},
			"who did it":                             {accounts.DeedQuery{People: []domain.UserID{root.ID}, Kinds: []accounts.DeedKind{accounts.Invited, accounts.Disabled}}, []string{"invited", "disabled"}},
			"by which channel":                       {accounts.DeedQuery{Source: domain.SourceCommandLine}, []string{"password-replaced"}},
			"from a moment on":                       {accounts.DeedQuery{From: n.now().Add(-30 * time.Minute)}, []string{"enabled", "site-changed"}},
			"before a moment":                        {accounts.DeedQuery{To: n.now().Add(-10 * 24 * time.Hour)}, nil},
			"nobody's":                               {accounts.DeedQuery{People: []domain.UserID{"usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"}}, nil},
			"of the program itself":                  {accounts.DeedQuery{Source: domain.SourceSystem}, []string{"created", "admin-given", "token-made"}},
		} {
			if diff := cmp.Diff(c.want, told(t, n.here, c.query)); diff != "" {
				t.Errorf("%s: want - got:\n%s", name, diff)
			}
		}
	})
}

func TestADeedSaysWhoWhatAndToWhomInBothLanguages(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		root, bob, _ := n.life(t)
		deeds, _, err := n.here.Deeds(t.Context(), accounts.DeedQuery{Kinds: []accounts.DeedKind{accounts.Changed, accounts.SignInFailed}, Limit: 10})
		if err != nil || len(deeds) != 3 {
			t.Fatalf("got %v, %v", deeds, err)
		}
		for i := range deeds {
			if deeds[i].ID == "" || deeds[i].At.IsZero() || deeds[i].At.Location() != time.UTC {
				t.Errorf("got %+v", deeds[i])
			}
			deeds[i].ID, deeds[i].At = "", time.Time{}
		}
		from := accounts.About{Address: laptop().Address, Agent: laptop().Agent}
		want := []accounts.Deed{
			{Kind: accounts.Changed, Person: bob.ID, By: domain.By{Person: root.ID, Source: domain.SourceWeb}, Times: 1, About: accounts.About{
				Changes: []accounts.Change{{What: "email", From: "bob@example.org", To: "robert@example.org"}},
			}},
			{Kind: accounts.SignInFailed, By: domain.By{Source: domain.SourceWeb}, Times: 1, About: from}, // nobody has the address
			{Kind: accounts.SignInFailed, Person: bob.ID, By: domain.By{Source: domain.SourceWeb}, Times: 2, About: from},
		}
		if diff := cmp.Diff(want, deeds); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
		if got := deeds[0].Words(false); got != "Account changed: e-mail address “bob@example.org” → “robert@example.org”." {
			t.Error(got)
		}
		if got := deeds[2].Words(true); got != "Connexion refusée, 2 fois dans l’heure, en dernier depuis 192.0.2.7." {
			t.Error(got)
		}
	})
}

func TestEveryKindOfDeedHasASentence(t *testing.T) {
	t.Parallel()
	for _, kind := range accounts.DeedKinds() {
		d := accounts.Deed{Kind: kind}
		if fr, en := d.Words(true), d.Words(false); fr == en || fr == string(kind) || !strings.HasSuffix(en, ".") {
			t.Errorf("%s: %q, %q", kind, fr, en)
		}
	}
}

func TestNoSecretIsInTheRecordOfDeeds(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		_, _, secrets := n.life(t)
		rows, err := n.db.Read.QueryxContext(t.Context(), `SELECT * FROM deeds LIMIT 1000`) //nolint:unqueryvet // whatever columns there are
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var all strings.Builder
		for rows.Next() {
			row := map[string]any{}
			if err := rows.MapScan(row); err != nil {
				t.Fatal(err)
			}
			for _, value := range row {
				if bytes, ok := value.([]byte); ok {
					value = string(bytes)
				}
				fmt.Fprintln(&all, value)
			}
		}
		if rows.Err() != nil || !strings.Contains(all.String(), "reports") {
			t.Fatal(rows.Err(), "the deeds are not there")
		}
		for _, secret := range secrets {
			hash := sha256.Sum256([]byte(secret))
			quoted, _ := json.Marshal(secret) // never fails for a text
			for _, form := range []string{secret, strings.Trim(string(quoted), `"`), hex.EncodeToString(hash[:])} {
				if len(form) < 10 || strings.Contains(all.String(), form) {
					t.Errorf("%q is in the record", form)
				}
			}
		}
		if strings.Contains(all.String(), "$argon2") {
			t.Error("a password's hash is in the record")
		}
	})
}

func TestWhatCannotBeRecordedIsNotDone(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		bob := n.join(t, "Bob", "bob@example.org")
		session, secret := n.signIn(t, "bob@example.org")
		plain, token := issue(t, n.here, bob.ID, time.Time{})
		if _, err := n.db.Write.ExecContext(t.Context(), `DROP TABLE deeds`); err != nil {
			t.Fatal(err)
		}
		by, yes := domain.By{Person: bob.ID}, true
		_, createErr := n.here.Create(t.Context(), by, accounts.Person{Name: "Eve", Email: "eve@example.org"})
		_, _, inviteErr := n.here.Invite(t.Context(), by, accounts.Person{Name: "Eve", Email: "eve@example.org"})
		_, changeErr := n.here.UpdatePerson(t.Context(), by, bob.ID, accounts.Changes{Admin: &yes})
		_, _, signInErr := n.here.SignIn(t.Context(), "bob@example.org", goodPassword, laptop())
		_, _, failErr := n.here.SignIn(t.Context(), "bob@example.org", "another one", laptop())
		_, _, tokenErr := n.here.IssueToken(t.Context(), by, accounts.Token{Person: bob.ID, Label: "x", Scope: accounts.ScopeRead})
		for name, err := range map[string]error{
			"create": createErr, "invite": inviteErr, "change": changeErr, "sign in": signInErr, "fail to": failErr, "make a token": tokenErr,
			"set a password": n.here.SetPassword(t.Context(), by, goodPassword, "a barge on the canal", ""),
			"end a session":  n.here.EndSession(t.Context(), by, session.ID), "end sessions": n.here.EndOtherSessions(t.Context(), by, ""),
			"revoke":         n.here.RevokeToken(t.Context(), by, token.ID),
			"set the site's": n.here.SetPreferences(t.Context(), by, accounts.Site, accounts.Preferences{Watch: &[]domain.Topic{}}),
		} {
			if domain.KindOf(err) != domain.Internal || err == nil {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if there, err := n.there.People(t.Context(), "", 10); err != nil || len(there) != 1 || there[0].Admin {
			t.Errorf("got %+v, %v", there, err)
		}
		if _, _, err := n.there.BySession(t.Context(), secret); err != nil {
			t.Error("the session has ended: ", err)
		}
		if _, _, err := n.there.Authenticate(t.Context(), plain); err != nil {
			t.Error("the token has ended: ", err)
		}
	})
}

func TestDeedsComeInPagesAndEachOnce(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		n.life(t)
		var walked []string
		query := accounts.DeedQuery{Limit: 4}
		for more := true; more; {
			var page []accounts.Deed
			var err error
			if page, more, err = n.here.Deeds(t.Context(), query); err != nil || len(page) > 4 {
				t.Fatal(len(page), err)
			}
			for _, d := range page {
				walked = append(walked, string(d.Kind))
				query.Before = d.Place()
			}
		}
		slices.Reverse(walked)
		if diff := cmp.Diff(told(t, n.here, accounts.DeedQuery{}), walked); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
		for _, wrong := range []string{"x", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z/dee_1", "yesterday/dee_01ARZ3NDEKTSV4RRFFQ69G5FAV"} {
			_, _, err := n.here.Deeds(t.Context(), accounts.DeedQuery{Before: wrong, Limit: 1})
			wantCode(t, err, domain.Invalid, "invalid-input")
		}
	})
}

func TestSignInsAreKeptForAYearAndTheRestForGood(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		bob := n.join(t, "Bob", "bob@example.org")
		n.signIn(t, "bob@example.org")
		n.pass(accounts.SignInsKept + time.Hour)
		n.signIn(t, "bob@example.org")
		if diff := cmp.Diff([]string{"created", "password-replaced", "signed-in"}, told(t, n.here, accounts.DeedQuery{})); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
		mine, err := n.here.SignIns(t.Context(), bob.ID)
		if err != nil || len(mine) != 1 || mine[0].Kind != accounts.SignedIn || !mine[0].At.Equal(n.now()) {
			t.Errorf("got %+v, %v", mine, err)
		}
	})
}

func TestManyWrongPasswordsAreOneRowAnHour(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		bob := n.join(t, "Bob", "bob@example.org")
		for range 4 {
			n.pass(20 * time.Minute)
			if _, _, err := n.here.SignIn(t.Context(), "bob@example.org", "another one", laptop()); err == nil {
				t.Fatal("let in")
			}
		}
		mine, err := n.there.SignIns(t.Context(), bob.ID)
		if err != nil || len(mine) != 2 || mine[0].Times != 2 || mine[1].Times != 2 {
			t.Errorf("got %+v, %v", mine, err)
		}
	})
}
