package embedded_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"

	"suivi/eventstore/embedded"
)

func TestUsersAreManaged(t *testing.T) {
	t.Parallel()
	s := openSecure(t)
	users := s.users(t)
	ctx := within(t)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fails := func(err error, says string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want it to say %q", err, says)
		}
	}
	in := func(login, password string) error {
		return appendOne(within(t), connect(t, s.as(t, login, password)), "a")
	}
	out := func(login, password string) {
		t.Helper()
		wantCode(t, in(login, password), esdb.ErrorCodeUnauthenticated)
	}

	ok(users.Add(ctx, embedded.User{Login: "ada", FullName: "Ada Lovelace", Groups: []string{"desk"}}, "analytical"))
	ok(in("ada", "analytical"))
	fails(users.Add(ctx, embedded.User{Login: "ada"}, "analytical"), "already")
	fails(users.Add(ctx, embedded.User{Login: "$ada"}, "analytical"), "dollar")
	fails(users.Add(ctx, embedded.User{Login: "eve"}, "short"), "shorter")

	ok(users.SetPassword(ctx, "ada", "difference"))
	out("ada", "analytical")
	ok(in("ada", "difference"))
	ok(users.Disable(ctx, "ada"))
	out("ada", "difference")
	want := []embedded.User{
		{Login: "ada", FullName: "Ada Lovelace", Groups: []string{"desk"}, Disabled: true},
		{Login: "admin", FullName: "Event Store Administrator", Groups: []string{"$admins"}},
		{Login: "ops", FullName: "Event Store Operations", Groups: []string{"$ops"}},
	}
	got, err := users.List(ctx)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v; users (-want +got):\n%s", err, diff)
	}
	ok(users.Enable(ctx, "ada"))
	ok(in("ada", "difference"))
	ok(users.Delete(ctx, "ada"))
	out("ada", "difference")
	ok(users.Add(ctx, embedded.User{Login: "ada"}, "once again"))
	ok(in("ada", "once again"))
	out("ada", "difference")

	for _, err := range []error{users.SetPassword(ctx, "eve", "long enough"), users.Enable(ctx, "eve"), users.Disable(ctx, "eve"), users.Delete(ctx, "eve")} {
		fails(err, `no user "eve"`)
	}
	fails(users.Delete(ctx, "admin"), "cannot be deleted")

	notes, err := s.readStream(t, "$users-password-notifications", esdb.ReadStreamOptions{}, 10)
	if err != nil || len(notes) != 3 || notes[0].EventType != "$PasswordChanged" || string(notes[0].Data) != `{"loginName":"ada"}` {
		t.Errorf("notifications: got %d, %v", len(notes), err)
	}
	meta, err := s.GetStreamMetadata(ctx, "$users-password-notifications", esdb.ReadStreamOptions{})
	if err != nil || meta.MaxAge() == nil || meta.MaxAge().Hours() != 1 {
		t.Errorf("metadata of notifications: got %+v, %v", meta, err)
	}
	made, err := s.readStream(t, "$user-ops", esdb.ReadStreamOptions{}, 10)
	if err != nil || len(made) != 1 || made[0].EventType != "$UserCreated" || !strings.Contains(string(made[0].Data), `"hash":"$argon2id$`) ||
		strings.Contains(string(made[0].Data), opsPassword) {
		t.Errorf("$user-ops: got %d events, %v", len(made), err)
	}
}

func TestOnlyAdministratorsManageUsers(t *testing.T) {
	t.Parallel()
	s := openSecure(t)
	s.user(t, "ada")
	for _, connection := range []string{s.as(t, "ada", userPassword), s.as(t, "ops", opsPassword), s.as(t, "", "")} {
		users := manage(t, connection)
		for _, err := range []error{
			users.Add(within(t), embedded.User{Login: "eve", Groups: []string{"$admins"}}, "long enough"),
			users.SetPassword(within(t), "admin", "long enough"), users.Delete(within(t), "ada"), users.Disable(within(t), "ada"),
		} {
			wantCode(t, err, esdb.ErrorCodeAccessDenied)
		}
	}
	_, err := manage(t, s.as(t, "admin", "wrong")).List(within(t))
	wantCode(t, err, esdb.ErrorCodeUnauthenticated)
}

func TestAServerWithoutUsersSaysSo(t *testing.T) {
	t.Parallel()
	f := open(t)
	users := manage(t, f.server.ConnectionString())
	if err := users.Add(within(t), embedded.User{Login: "ada"}, "long enough"); !errors.Is(err, embedded.ErrNoAccess) {
		t.Errorf("got %v", err)
	}
	// one whose users have passwords of another kind
	f.append(t, "$user-admin", esdb.NoStream{}, metadataEvent(`{"loginName":"admin","hash":"kQ==","salt":"AA=="}`))
	if _, err := users.List(within(t)); !errors.Is(err, embedded.ErrNoAccess) {
		t.Errorf("got %v", err)
	}
}
