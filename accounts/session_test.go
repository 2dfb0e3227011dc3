package accounts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/accounts"
	"suivi/domain"
)

func TestASessionIsItsPersonOnEveryNode(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		session, secret := n.signIn(t, " ADA@example.org ")
		want := accounts.Session{
			ID: session.ID, Person: ada.ID, CreatedAt: n.now(), LastSeenAt: n.now(), ExpiresAt: n.now().Add(14 * 24 * time.Hour),
			Agent: "Firefox", Address: "192.0.2.7",
		}
		ada.CreatedAt = n.now()
		for _, node := range []*accounts.Accounts{n.here, n.here, n.there} {
			p, s, err := node.BySession(t.Context(), secret)
			if err != nil || p != ada || s != want {
				t.Errorf("got %+v, %+v, %v; want %+v, %+v", p, s, err, ada, want)
			}
		}
		listed, err := n.there.Sessions(t.Context(), ada.ID)
		if diff := cmp.Diff([]accounts.Session{want}, listed); err != nil || diff != "" {
			t.Errorf("%v, want - got:\n%s", err, diff)
		}
	})
}

// A session that the client brings, or a secret that it thinks out, is never taken over.
func TestEverySignInHasASecretOfItsOwnThatIsNowhereStored(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		n.join(t, "Ada", "ada@example.org")
		planted := "suis_" + strings.Repeat("A", 43)
		first, one := n.signIn(t, "ada@example.org")
		second, two := n.signIn(t, "ada@example.org")
		if one == two || first.ID == second.ID || !strings.HasPrefix(one, "suis_") || len(one) != 48 {
			t.Errorf("got the secrets %q and %q of %s and %s", one, two, first.ID, second.ID)
		}
		for _, wrong := range []string{"", planted, first.ID, one + "A", one[:47], strings.ToUpper(one), "sui_" + one[5:], " " + one} {
			_, _, err := n.here.BySession(t.Context(), wrong)
			wantCode(t, err, domain.Unauthenticated, "signed-out")
		}
		_, _, err := n.here.Authenticate(t.Context(), one)
		wantCode(t, err, domain.Unauthenticated, "bad-token")
		var rows []string
		if err := n.db.Read.SelectContext(t.Context(), &rows, `SELECT id || hash || person || agent FROM sessions LIMIT 10`); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(rows, "\n"); len(rows) != 2 || strings.Contains(all, one[5:]) || strings.Contains(all, two[5:]) {
			t.Errorf("got the rows %q, want two without a secret", rows)
		}
	})
}

func TestAnEndedSessionIsOutAtOnceHereAndWithinASecondElsewhere(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		bob := n.join(t, "Bob", "bob@example.org")
		session, secret := n.signIn(t, "ada@example.org")
		kept, keptSecret := n.signIn(t, "ada@example.org")
		for _, node := range []*accounts.Accounts{n.here, n.there} {
			if _, _, err := node.BySession(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, n.here.EndSession(t.Context(), domain.By{Person: bob.ID}, session.ID), domain.NotFound, "session-not-found")
		if err := n.here.EndSession(t.Context(), domain.By{Person: ada.ID}, session.ID); err != nil {
			t.Fatal(err)
		}
		_, _, err := n.here.BySession(t.Context(), secret)
		wantCode(t, err, domain.Unauthenticated, "signed-out")
		n.pass(time.Second)
		_, _, err = n.there.BySession(t.Context(), secret)
		wantCode(t, err, domain.Unauthenticated, "signed-out")
		wantCode(t, n.here.EndSession(t.Context(), domain.By{Person: ada.ID}, session.ID), domain.NotFound, "session-not-found")

		_, other := n.signIn(t, "ada@example.org")
		if err := n.here.EndOtherSessions(t.Context(), domain.By{Person: ada.ID}, kept.ID); err != nil {
			t.Fatal(err)
		}
		_, _, err = n.here.BySession(t.Context(), other)
		wantCode(t, err, domain.Unauthenticated, "signed-out")
		if _, _, err := n.here.BySession(t.Context(), keptSecret); err != nil {
			t.Error(err)
		}
	})
}

func TestASessionEndsAfterFourteenDaysUnusedAndNinetyInAll(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		_, unused := n.signIn(t, "ada@example.org")
		_, used := n.signIn(t, "ada@example.org")
		wantSessions := func(want int) {
			t.Helper()
			if listed, err := n.here.Sessions(t.Context(), ada.ID); err != nil || len(listed) != want {
				t.Errorf("got %d sessions, %v, want %d", len(listed), err, want)
			}
		}
		n.pass(13 * day)
		if _, _, err := n.here.BySession(t.Context(), used); err != nil {
			t.Fatal(err)
		}
		n.pass(day)
		_, _, err := n.here.BySession(t.Context(), unused)
		wantCode(t, err, domain.Unauthenticated, "signed-out")
		for range 6 { // up to day 86
			wantSessions(1)
			n.pass(12 * day)
			if _, _, err := n.here.BySession(t.Context(), used); err != nil {
				t.Fatal(err)
			}
		}
		n.pass(4*day - time.Microsecond)
		if _, s, err := n.here.BySession(t.Context(), used); err != nil || s.ExpiresAt != s.CreatedAt.Add(90*day) {
			t.Errorf("got %+v, %v, want it to end 90 days after it began", s, err)
		}
		n.pass(time.Microsecond)
		_, _, err = n.here.BySession(t.Context(), used) // remembered a moment ago
		wantCode(t, err, domain.Unauthenticated, "signed-out")
		wantSessions(0)
		n.signIn(t, "ada@example.org")
		var rows int
		if err := n.db.Read.GetContext(t.Context(), &rows, `SELECT count(*) FROM sessions`); err != nil || rows != 1 {
			t.Errorf("got %d rows, %v, want what has expired taken away", rows, err)
		}
	})
}

func TestTheLastUseOfASessionIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		_, secret := n.signIn(t, "ada@example.org")
		began := n.now()
		for _, c := range []struct{ pass, want time.Duration }{
			{59 * time.Second, 0}, {time.Second, time.Minute}, {59 * time.Second, time.Minute}, {2 * time.Second, 2*time.Minute + time.Second},
		} {
			n.pass(c.pass)
			if _, _, err := n.there.BySession(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
			listed, err := n.here.Sessions(t.Context(), ada.ID)
			if err != nil || len(listed) != 1 || listed[0].LastSeenAt.Sub(began) != c.want {
				t.Errorf("at %v: got %+v, %v, want it last seen at %v", n.now().Sub(began), listed, err, c.want)
			}
		}
	})
}

func TestWhatAClientSaysOfItselfIsShortAndOneLine(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		n.join(t, "Ada", "ada@example.org")
		from := accounts.Client{Address: strings.Repeat("9", 300), Agent: "Evil\r\n\x00\xff" + strings.Repeat("é", 300)}
		s, _, err := n.here.SignIn(t.Context(), "ada@example.org", goodPassword, from)
		if err != nil || len(s.Address) != 64 || len(s.Agent) > 255 || len(s.Agent) < 250 || !strings.HasPrefix(s.Agent, "Evil   é") {
			t.Errorf("got %+v, %v", s, err)
		}
	})
}
