package accounts_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"suivi/accounts"
	"suivi/domain"
)

// try signs in with a password, from an address.
func (n nodes) try(t *testing.T, node *accounts.Accounts, email, password, address string) error {
	t.Helper()
	_, _, err := node.SignIn(t.Context(), email, password, accounts.Client{Address: address})
	return err
}

// waitOf is how long a Limited error says to wait; 0 for others.
func waitOf(err error) time.Duration {
	if limited, ok := errors.AsType[*domain.Error](err); ok && limited.Kind == domain.Limited {
		return limited.RetryAfter
	}
	return 0
}

func TestWrongCredentialsAreAllTheSame(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		n.join(t, "Ada", "ada@example.org")
		create(t, n.here, "No Password", "none@example.org")
		gone := n.join(t, "Gone", "gone@example.org")
		if _, err := n.here.UpdatePerson(t.Context(), domain.By{}, gone.ID, accounts.Changes{Disabled: new(true)}); err != nil {
			t.Fatal(err)
		}
		for i, c := range [][2]string{
			{"ada@example.org", "a tram through the snow"}, {"ada@example.org", ""}, {"ada@example.org", strings.ToUpper(goodPassword)},
			{"ada@example.org", goodPassword + " "}, {"ada@example.org", strings.Repeat("x", 10_000)}, {"eve@example.org", goodPassword},
			{"none@example.org", goodPassword}, {"none@example.org", ""}, {"gone@example.org", "a tram through the snow"},
			{"", ""}, {strings.Repeat("a", 10_000), goodPassword}, {"ada\x00@example.org", goodPassword}, {"\xff", "\xff"},
		} {
			err := n.try(t, n.here, c[0], c[1], fmt.Sprint("192.0.2.", i))
			wantCode(t, err, domain.Unauthenticated, "wrong-credentials")
		}
		wantCode(t, n.try(t, n.here, "gone@example.org", goodPassword, "192.0.2.99"), domain.Unauthenticated, "person-disabled")
	})
}

func TestPausesBetweenWrongPasswordsGrowOnAllNodesAndEnd(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		n.join(t, "Ada", "ada@example.org")
		for range 5 {
			wantCode(t, n.try(t, n.here, "ada@example.org", "wrong password", "192.0.2.1"), domain.Unauthenticated, "wrong-credentials")
		}
		for _, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
			wantCode(t, n.try(t, n.there, "ada@example.org", "wrong password", "192.0.2.1"), domain.Unauthenticated, "wrong-credentials")
			err := n.try(t, n.here, "ADA@example.org", goodPassword, "192.0.2.1")
			wantCode(t, err, domain.Limited, "too-many-tries")
			if got := waitOf(err); got != pause || !strings.Contains(err.Error(), got.String()) {
				t.Errorf("got %v, to wait %v, want %v", err, got, pause)
			}
			n.pass(pause)
		}
		if err := n.try(t, n.here, "ada@example.org", goodPassword, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		n.pass(24 * time.Hour)
		for range 5 { // forgotten by now
			wantCode(t, n.try(t, n.here, "ada@example.org", "wrong password", "192.0.2.1"), domain.Unauthenticated, "wrong-credentials")
		}
	})
}

// What others send wrong for an address holds up strangers, but not its owner where they have signed in before.
func TestOthersWrongPasswordsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		n.join(t, "Ada", "ada@example.org")
		n.signIn(t, "ada@example.org") // from her laptop
		for i := range 25 {
			n.pass(waitOf(n.try(t, n.here, "ada@example.org", "wrong password", fmt.Sprint("198.51.100.", i))))
		}
		if wait := waitOf(n.try(t, n.here, "ada@example.org", goodPassword, "203.0.113.1")); wait < time.Second || wait > time.Minute {
			t.Errorf("got a pause of %v elsewhere, want one of at most a minute", wait)
		}
		n.signIn(t, "ada@example.org")
		n.pass(91 * 24 * time.Hour) // the laptop is unknown again, and the wrong passwords forgotten
		n.signIn(t, "ada@example.org")
	})
}

func TestOneAddressCannotTryEverybody(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		tried := 0
		for ; tried < 100; tried++ {
			if waitOf(n.try(t, n.here, fmt.Sprintf("p%d@example.org", tried), "wrong password", "192.0.2.1")) > 0 {
				break
			}
		}
		if tried != 51 {
			t.Errorf("got %d tries without a pause, want 51", tried)
		}
		wantCode(t, n.try(t, n.here, "other@example.org", "wrong password", "192.0.2.2"), domain.Unauthenticated, "wrong-credentials")
	})
}

// The count is taken before the password is looked at: many at once are not more than one by one.
func TestManyTriesAtOnceAreCountedOneByOne(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		n.join(t, "Ada", "ada@example.org")
		var looked atomic.Int32
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				switch err := n.try(t, []*accounts.Accounts{n.here, n.there}[i%2], "ada@example.org", "wrong password", "192.0.2.1"); domain.KindOf(err) {
				case domain.Unauthenticated:
					looked.Add(1)
				case domain.Limited:
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if looked.Load() != 6 {
			t.Errorf("got %d passwords looked at, want 6", looked.Load())
		}
	})
}

func TestSigningInRenewsAHashThatHasBecomeTooCheap(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		ada := n.join(t, "Ada", "ada@example.org")
		salt := []byte("0123456789abcdef")
		cheap := fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$%s", rawBase64(argon2.IDKey([]byte(goodPassword), salt, 1, 64, 1, 32)))
		if _, err := n.db.Write.ExecContext(t.Context(), `UPDATE people SET password = $1 WHERE id = $2`, cheap, ada.ID); err != nil {
			t.Fatal(err)
		}
		stored := func() (hash string) {
			if err := n.db.Read.GetContext(t.Context(), &hash, `SELECT password FROM people WHERE id = $1`, ada.ID); err != nil {
				t.Fatal(err)
			}
			return hash
		}
		wantCode(t, n.try(t, n.here, "ada@example.org", "wrong password", "192.0.2.1"), domain.Unauthenticated, "wrong-credentials")
		if got := stored(); got != cheap {
			t.Errorf("a wrong password made %s of %s", got, cheap)
		}
		n.signIn(t, "ada@example.org")
		renewed := stored()
		if !strings.HasPrefix(renewed, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("got %s, want it renewed", renewed)
		}
		n.signIn(t, "ada@example.org")
		if got := stored(); got != renewed {
			t.Error("it was renewed twice")
		}
	})
}
