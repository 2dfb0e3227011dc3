package accounts_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"suivi/accounts"
	"suivi/domain"
)

func rawBase64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func TestAPasswordIsLongUncommonAndTellsNothingOfItsOwner(t *testing.T) {
	t.Parallel()
	people := open(t, "sqlite://"+t.TempDir()+"/accounts.db")
	ada := create(t, people, "Ada de Lovelace Éluard", "countess@analytical.example")
	for password, want := range map[string]string{
		"": "too-short", "123456789": "too-short", "éééééééé1": "too-short",
		strings.Repeat("ab1 ", 50) + "x": "too-long", strings.Repeat("é", 101): "too-long", "abcdefghi\xff": "bad-character",
		"Motdepasse123": "too-common", "1234567890": "too-common", "azertyuiop": "too-common", "PASSWORD1234": "too-common",
		"my-lovelace-1815": "tells-name", "xxCOUNTESSxx42": "tells-name", "countess@analytical.example": "tells-name", "le poète éluard": "tells-name",
		"deadly trains": "", goodPassword: "", "éééééééé12": "", strings.Repeat("ab1 ", 50): "", "ada, then ada 7": "", "nul\x00 in the middle": "",
	} {
		err := people.ReplacePassword(t.Context(), domain.By{}, ada.ID, password)
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", password, err)
			}
			continue
		}
		wantCode(t, err, domain.Invalid, "invalid-input")
		if wrong, ok := errors.AsType[*domain.Error](err); ok && (len(wrong.Fields) != 1 || wrong.Fields[0] != domain.FieldError{Field: "password", Code: want}) {
			t.Errorf("%q: got %v, want %s", password, wrong.Fields, want)
		}
	}
}

func TestAPasswordIsTheSameFromEveryKeyboard(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := create(t, n.here, "Ada", "ada@example.org")
		if err := n.here.ReplacePassword(t.Context(), domain.By{}, ada.ID, "e\u0301le\u0300ve modèle"); err != nil {
			t.Fatal(err)
		}
		if err := n.try(t, n.there, "ada@example.org", "\u00e9l\u00e8ve modèle", "192.0.2.1"); err != nil {
			t.Error(err)
		}
	})
}

func TestAnotherPasswordEndsAllSessionsButTheOneItWasSetIn(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		kept, keptSecret := n.signIn(t, "ada@example.org")
		_, otherSecret := n.signIn(t, "ada@example.org")
		if _, _, err := n.there.BySession(t.Context(), otherSecret); err != nil {
			t.Fatal(err)
		}
		_, link, err := n.here.Invite(t.Context(), domain.By{}, ada)
		if err != nil {
			t.Fatal(err)
		}
		const other = "a boat under the bridge"
		wantCode(t, n.here.SetPassword(t.Context(), domain.By{Person: ada.ID}, "wrong password", other, kept.ID), domain.Forbidden, "wrong-password")
		wantCode(t, n.here.SetPassword(t.Context(), domain.By{Person: ada.ID}, "", other, kept.ID), domain.Forbidden, "wrong-password")
		wantCode(t, n.here.SetPassword(t.Context(), domain.By{Person: ada.ID}, goodPassword, "short", kept.ID), domain.Invalid, "invalid-input")
		if _, _, err := n.here.BySession(t.Context(), otherSecret); err != nil {
			t.Errorf("after refusals: %v", err)
		}
		if err := n.here.SetPassword(t.Context(), domain.By{Person: ada.ID}, goodPassword, other, kept.ID); err != nil {
			t.Fatal(err)
		}
		n.pass(time.Second)
		for _, node := range []*accounts.Accounts{n.here, n.there} {
			_, _, err := node.BySession(t.Context(), otherSecret)
			wantCode(t, err, domain.Unauthenticated, "signed-out")
			if _, _, err := node.BySession(t.Context(), keptSecret); err != nil {
				t.Error(err)
			}
		}
		_, err = n.here.Invitation(t.Context(), link)
		wantCode(t, err, domain.NotFound, "invitation-not-found")
		wantCode(t, n.try(t, n.here, "ada@example.org", goodPassword, "192.0.2.1"), domain.Unauthenticated, "wrong-credentials")
		if err := n.try(t, n.there, "ada@example.org", other, "192.0.2.1"); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoHasATokenAloneSetsAFirstPassword(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := create(t, n.here, "Ada", "ada@example.org")
		wantCode(t, n.here.SetPassword(t.Context(), domain.By{Person: ada.ID}, "some old one", goodPassword, ""), domain.Forbidden, "wrong-password")
		if err := n.here.SetPassword(t.Context(), domain.By{Person: ada.ID}, "", goodPassword, ""); err != nil {
			t.Fatal(err)
		}
		n.signIn(t, "ada@example.org")
		wantCode(t, n.here.SetPassword(t.Context(), domain.By{Person: "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "", goodPassword, ""), domain.NotFound, "person-not-found")
	})
}

func TestAnOldPasswordIsNotGuessedByWhoHasTheSession(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		for range 6 {
			wantCode(t, n.here.SetPassword(t.Context(), domain.By{Person: ada.ID}, "wrong password", "a boat under the bridge", ""), domain.Forbidden, "wrong-password")
		}
		wantCode(t, n.there.SetPassword(t.Context(), domain.By{Person: ada.ID}, goodPassword, "a boat under the bridge", ""), domain.Limited, "too-many-tries")
		n.signIn(t, "ada@example.org") // is counted apart
	})
}

// The password is looked at for a while, in which it may change.
func TestASignInUnderWayDoesNotOutliveAnotherPassword(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		var secret string
		var signedIn error
		var both sync.WaitGroup
		both.Go(func() { _, secret, signedIn = n.there.SignIn(t.Context(), "ada@example.org", goodPassword, laptop()) })
		both.Go(func() {
			if err := n.here.ReplacePassword(t.Context(), domain.By{}, ada.ID, "a boat under the bridge"); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if signedIn != nil {
			wantCode(t, signedIn, domain.Unauthenticated, "wrong-credentials")
		}
		n.pass(time.Second)
		_, _, err := n.there.BySession(t.Context(), secret)
		wantCode(t, err, domain.Unauthenticated, "signed-out")
	})
}
