package access

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"suivi/eventstore/embedded/eventlog"
)

const here = "127.0.0.1"

func addUser(t testing.TB, c *Control, login, password string, groups ...string) {
	t.Helper()
	err := c.Ensure(t.Context(), User{LoginName: login, Groups: groups}, password, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func wantIn(t testing.TB, c *Control, login, password string) *Identity {
	t.Helper()
	id, err := c.Authenticate(t.Context(), Credentials{login, password}, here)
	if err != nil || id.Login != login {
		t.Fatalf("%s with %q: got %+v, %v", login, password, id, err)
	}
	return id
}

func wantOut(t testing.TB, c *Control, login, password string, want error) {
	t.Helper()
	id, err := c.Authenticate(t.Context(), Credentials{login, password}, here)
	if id != nil || !errors.Is(err, want) {
		t.Errorf("%s with %q: got %+v, %v, want %v", login, password, id, err, want)
	}
}

// changeAda writes what the user ada is from now on.
func changeAda(t testing.TB, log *eventlog.Log, change func(*User)) {
	t.Helper()
	const login = "ada"
	rec, err := lastEvent(t.Context(), log, UserStream(login))
	if err != nil {
		t.Fatal(err)
	}
	u, err := ParseUser(rec.Data)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	write(t, log, UserStream(login), UserUpdated, string(u.Encode()))
}

func TestUsersProveWhoTheyAre(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c := control(t, log)
	addUser(t, c, "ada", "correct horse", "desk")
	for range 2 { // the second time by what is remembered
		id := wantIn(t, c, "ada", "correct horse")
		if len(id.Groups) != 1 || id.Groups[0] != "desk" {
			t.Errorf("got the groups %v", id.Groups)
		}
	}
	wantOut(t, c, "ada", "wrong horse", ErrCredentials)
	wantOut(t, c, "ada", "", ErrCredentials)
	wantOut(t, c, "eve", "correct horse", ErrCredentials)
	wantOut(t, c, "ADA", "correct horse", ErrCredentials)

	changeAda(t, log, func(u *User) { u.Disabled = true })
	wantOut(t, c, "ada", "correct horse", ErrCredentials)
	changeAda(t, log, func(u *User) { u.Disabled = false })
	wantIn(t, c, "ada", "correct horse")

	hash, err := Hash("another horse")
	if err != nil {
		t.Fatal(err)
	}
	changeAda(t, log, func(u *User) { u.Hash = hash })
	wantOut(t, c, "ada", "correct horse", ErrCredentials)
	wantIn(t, c, "ada", "another horse")
	changeAda(t, log, func(u *User) { u.Groups = nil })
	if id := wantIn(t, c, "ada", "another horse"); len(id.Groups) != 0 {
		t.Errorf("got the groups %v after they were taken away", id.Groups)
	}

	_, err = log.Write(t.Context(), &eventlog.Write{Kind: eventlog.Delete, Stream: UserStream("ada"), Expected: eventlog.ExpectAny})
	if err != nil {
		t.Fatal(err)
	}
	wantOut(t, c, "ada", "another horse", ErrCredentials)
}

func TestAUserThatCannotBeReadIsNone(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c := control(t, log)
	hash, err := Hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	for login, data := range map[string]string{
		"a": `{`, "b": `[]`, "c": `{"loginName":"admin","hash":"` + hash + `"}`, "d": `{"loginName":"d","hash":"md5"}`, "e": `{"loginName":"e"}`,
	} {
		write(t, log, UserStream(login), UserCreated, data)
		wantOut(t, c, login, "correct horse", ErrCredentials)
	}
}

func TestTheProcessItselfNeedsNoUser(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c, other := control(t, log), control(t, log)
	id, err := c.Authenticate(t.Context(), c.Own(), here)
	if err != nil || !id.admin() {
		t.Fatalf("got %+v, %v", id, err)
	}
	wantOut(t, c, ownLogin, other.Own().Password, ErrCredentials)
	wantOut(t, c, ownLogin, "", ErrCredentials)
	write(t, log, UserStream(ownLogin), UserCreated, `{"loginName":"$server"}`)
	wantOut(t, c, ownLogin, "", ErrCredentials)
}

func TestGuessingIsBounded(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c := control(t, log)
	now := time.Now()
	c.passwords.tries.now = func() time.Time { return now }
	addUser(t, c, "ada", "correct horse")
	addUser(t, c, "bob", "battery staple")
	wantIn(t, c, "ada", "correct horse")
	for range triesAtOnce {
		wantOut(t, c, "ada", "wrong horse", ErrCredentials)
	}
	wantOut(t, c, "ada", "wrong horse", ErrTries)
	wantIn(t, c, "ada", "correct horse") // it was proven before
	wantIn(t, c, "bob", "battery staple")
	if _, err := c.Authenticate(t.Context(), Credentials{"ada", "wrong horse"}, "10.0.0.1"); !errors.Is(err, ErrCredentials) {
		t.Errorf("from elsewhere: got %v", err)
	}
	now = now.Add(triesEvery)
	wantOut(t, c, "ada", "wrong horse", ErrCredentials)
	wantOut(t, c, "ada", "wrong horse", ErrTries)
	now = now.Add(time.Hour)
	for range triesAtOnce {
		wantOut(t, c, "nobody", "wrong horse", ErrCredentials)
	}
	wantOut(t, c, "nobody", "wrong horse", ErrTries) // no sign of who exists
}

func TestOnlySoManyPasswordsAreCheckedAtOnce(t *testing.T) {
	t.Parallel()
	c := control(t, openLog(t))
	addUser(t, c, "ada", "correct horse")
	for range hashesAtOnce {
		c.passwords.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range triesAtOnce + 1 { // one that was not checked is no try
		if _, err := c.Authenticate(ctx, Credentials{"ada", "correct horse"}, here); !errors.Is(err, context.Canceled) {
			t.Fatalf("while all are busy: got %v", err)
		}
	}
	for range cap(c.passwords.queue) {
		c.passwords.queue <- struct{}{}
	}
	wantOut(t, c, "ada", "correct horse", ErrBusy)
	for range cap(c.passwords.queue) {
		<-c.passwords.queue
	}
	for range hashesAtOnce {
		<-c.passwords.slots
	}
	wantIn(t, c, "ada", "correct horse")
}

func TestAMadeUpUserCostsTheSame(t *testing.T) {
	t.Parallel()
	c := control(t, openLog(t))
	addUser(t, c, "ada", "correct horse")
	shortest := func(login string) time.Duration {
		best := time.Hour
		for range 5 {
			began := time.Now()
			wantOut(t, c, login, "wrong horse", ErrCredentials)
			best = min(best, time.Since(began))
		}
		return best
	}
	known, unknown := shortest("ada"), shortest("eve")
	if known > 4*unknown || unknown > 4*known {
		t.Errorf("a known user takes %v, an unknown one %v", known, unknown)
	}
}

func TestWrongPasswordsAreNotHashed(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "short", strings.Repeat("x", maxPassword+1), "with\x00nul byte", "not utf-8 \xff"} {
		if _, err := Hash(bad); err == nil {
			t.Errorf("%q was taken for a password", bad)
		}
	}
}

func TestLogins(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"ada", "ada@example.org", "Zoë", "a"} {
		if err := CheckLogin(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "a b", "a:b", "$admins", "a\n", "\xff", strings.Repeat("a", maxLogin+1)} {
		if CheckLogin(bad) == nil {
			t.Errorf("%q was taken for a login", bad)
		}
	}
}

func TestTheFirstUsersAreMadeOnce(t *testing.T) {
	t.Parallel()
	log := openLog(t)
	c := control(t, log)
	broken := errors.New("the disk is full")
	user := User{LoginName: "admin", Groups: []string{Admins}}
	if err := c.Ensure(t.Context(), user, "correct horse", func() error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want what keep said", err)
	}
	wantOut(t, c, "admin", "correct horse", ErrCredentials)
	addUser(t, c, "admin", "correct horse", Admins)
	end := log.End()
	if err := c.Ensure(t.Context(), user, "another horse", func() error { t.Error("asked to keep a second password"); return nil }); err != nil {
		t.Error(err)
	}
	if log.End() != end {
		t.Error("something was written the second time")
	}
	wantIn(t, c, "admin", "correct horse")
	listed, err := lastEvent(t.Context(), log, UsersStream)
	if err != nil || listed.JSON || LoginListed(listed.Data) != "admin" || listed.Type != UserListed {
		t.Errorf("in $users: got %+v, %v", listed, err)
	}
	if got := LoginListed([]byte(`"admin"`)); got != "admin" {
		t.Errorf("a login as JSON: got %q", got)
	}
	check(t, c, callers["ada"], Write, UserStream("admin"), false, "ada", "the user's")
}

func BenchmarkAuthenticateAndAllow(b *testing.B) {
	log := openLog(b)
	c := control(b, log)
	addUser(b, c, "ada", "correct horse")
	ctx, given := b.Context(), Credentials{"ada", "correct horse"}
	for b.Loop() {
		id, err := c.Authenticate(ctx, given, here)
		if err != nil {
			b.Fatal(err)
		}
		if ok, err := c.Allowed(ctx, id, Write, "stream"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
