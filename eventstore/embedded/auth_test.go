package embedded_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"suivi/eventstore/embedded"
)

// What the official client's own tests do on a server with users.
func TestCredentialsAsInTheOfficialTests(t *testing.T) {
	t.Parallel()
	s := openSecure(t)
	admin := connect(t, s.as(t, "admin", adminPassword))
	bad := connect(t, s.as(t, "bad_user", "bad_password"))

	_, err := bad.AppendToStream(within(t), "a", esdb.AppendToStreamOptions{}, event("x"))
	wantCode(t, err, esdb.ErrorCodeUnauthenticated)

	override := esdb.AppendToStreamOptions{Authenticated: &esdb.Credentials{Login: "admin", Password: adminPassword}}
	if _, err = bad.AppendToStream(within(t), "b", override, event("x")); err != nil {
		t.Errorf("with the call's own credentials: %v", err)
	}
	override.Authenticated.Password = "invalid"
	_, err = admin.AppendToStream(within(t), "c", override, event("x"))
	wantCode(t, err, esdb.ErrorCodeUnauthenticated)

	read, err := admin.ReadStream(within(t), "$users", esdb.ReadStreamOptions{}, 1)
	if listed, err := drain(t, read, err); err != nil || len(listed) != 1 {
		t.Errorf("$users: got %d events, %v", len(listed), err)
	}
}

// acl is an access control list of the table below, in JSON and as who is named by it.
type aclCase struct {
	name, json                         string
	read, write, delete, mRead, mWrite []string
}

var aclCases = []aclCase{
	{name: "none", read: all, write: all, delete: all, mRead: all, mWrite: all},
	{
		"each another", `{"$acl":{"$r":"ada","$w":["bob"],"$d":"desk","$mr":["ada","desk"],"$mw":"bob"}}`,
		[]string{"ada"}, []string{"bob"}, []string{"bob"}, []string{"ada", "bob"}, []string{"bob"},
	},
	{"nobody", `{"$acl":{"$r":[],"$w":[],"$d":[],"$mr":[],"$mw":[]}}`, nil, nil, nil, nil, nil},
	{"reading alone", `{"$acl":{"$w":"$admins","$d":"$admins","$mw":"$admins"}}`, all, nil, nil, all, nil},
}

var all = []string{"ada", "bob", "ops", "anonymous"}

// TestRightsThroughTheClient tries every operation as everybody under every ACL,
// against who the ACL names; administrators may do everything.
func TestRightsThroughTheClient(t *testing.T) {
	t.Parallel()
	s := openSecure(t, func(c *embedded.Config) { c.Access.AllowAnonymous = true })
	clients := map[string]*esdb.Client{
		"admin": connect(t, s.as(t, "admin", adminPassword)), "ops": connect(t, s.as(t, "ops", opsPassword)),
		"ada": s.user(t, "ada"), "bob": s.user(t, "bob", "desk"), "anonymous": connect(t, s.as(t, "", "")),
	}
	for _, c := range aclCases {
		for who, client := range clients {
			t.Run(c.name+"/"+who, func(t *testing.T) {
				t.Parallel()
				for _, step := range []struct {
					name    string
					allowed []string
					do      func(context.Context, *esdb.Client, string) error
				}{
					{"append", c.write, appendOne}, {"read", c.read, readOne}, {"subscribe", c.read, subscribeOnce},
					{"metadata", c.mRead, readMetadata}, {"set metadata", c.mWrite, writeMetadata},
					{"subscribe to metadata", c.mRead, func(ctx context.Context, client *esdb.Client, stream string) error {
						return subscribeOnce(ctx, client, "$$"+stream)
					}},
					{"delete", c.delete, deleteOne}, {"tombstone", c.delete, tombstoneOne},
				} {
					name := strings.ReplaceAll(c.name+"-"+who+"-"+step.name, " ", "-")
					s.append(t, name, esdb.NoStream{}, event("x"))
					if c.json != "" {
						s.append(t, "$$"+name, esdb.NoStream{}, metadataEvent(c.json))
					}
					err := step.do(within(t), client, name)
					wantAllowed(t, step.name, err, who == "admin" || slices.Contains(step.allowed, who))
				}
			})
		}
	}
}

func metadataEvent(json string) esdb.EventData {
	e := event("$metadata")
	e.Data = []byte(json)
	return e
}

func wantAllowed(t *testing.T, what string, err error, allowed bool) {
	t.Helper()
	switch {
	case allowed && err != nil:
		t.Errorf("%s: got %v, want it allowed", what, err)
	case !allowed:
		var esErr *esdb.Error
		if !errors.As(err, &esErr) || esErr.Code() != esdb.ErrorCodeAccessDenied {
			t.Errorf("%s: got %v, want access denied", what, err)
		}
	}
}

func appendOne(ctx context.Context, client *esdb.Client, stream string) error {
	_, err := client.AppendToStream(ctx, stream, esdb.AppendToStreamOptions{}, events(20)...)
	return err
}

func readOne(ctx context.Context, client *esdb.Client, stream string) error {
	read, err := client.ReadStream(ctx, stream, esdb.ReadStreamOptions{}, 1)
	if err != nil {
		return err
	}
	defer read.Close()
	_, err = read.Recv()
	return err
}

func subscribeOnce(ctx context.Context, client *esdb.Client, stream string) error {
	sub, err := client.SubscribeToStream(ctx, stream, esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	if err != nil {
		return err
	}
	return sub.Close()
}

func readMetadata(ctx context.Context, client *esdb.Client, stream string) error {
	err := readOne(ctx, client, "$$"+stream)
	var esErr *esdb.Error
	if errors.As(err, &esErr) && esErr.Code() == esdb.ErrorCodeResourceNotFound { // it has none, and we may know
		return nil
	}
	return err
}

func writeMetadata(ctx context.Context, client *esdb.Client, stream string) error {
	_, err := client.AppendToStream(ctx, "$$"+stream, esdb.AppendToStreamOptions{}, metadataEvent(`{}`))
	return err
}

func deleteOne(ctx context.Context, client *esdb.Client, stream string) error {
	_, err := client.DeleteStream(ctx, stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
	return err
}

func tombstoneOne(ctx context.Context, client *esdb.Client, stream string) error {
	_, err := client.TombstoneStream(ctx, stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
	return err
}

func TestAllIsForAdministratorsUntilItIsOpened(t *testing.T) {
	t.Parallel()
	s := openSecure(t)
	ada, admin := s.user(t, "ada"), connect(t, s.as(t, "admin", adminPassword))
	try := func(client *esdb.Client, allowed bool) {
		t.Helper()
		read, err := client.ReadAll(within(t), esdb.ReadAllOptions{}, 1)
		if err == nil {
			_, err = read.Recv()
			read.Close()
		}
		wantAllowed(t, "read", err, allowed)
		sub, err := client.SubscribeToAll(within(t), esdb.SubscribeToAllOptions{Filter: esdb.ExcludeSystemEventsFilter()})
		if err == nil {
			_ = sub.Close()
		}
		wantAllowed(t, "subscribe", err, allowed)
	}
	try(admin, true)
	try(ada, false)
	s.append(t, "$$$all", esdb.NoStream{}, metadataEvent(`{"$acl":{"$r":["ada"]}}`))
	try(ada, true)
	s.append(t, "$$$all", esdb.Any{}, metadataEvent(`{}`))
	try(ada, false)
	settings := event("$settings")
	settings.Data = []byte(`{"$systemStreamAcl":{"$r":["$admins","ada"]}}`)
	s.append(t, "$settings", esdb.NoStream{}, settings)
	try(ada, true)
}

func TestNobodyWithoutALoginMayDoAnythingOnStreams(t *testing.T) {
	t.Parallel()
	s := openSecure(t)
	s.append(t, "a", esdb.NoStream{}, event("x"))
	anonymous := connect(t, s.as(t, "", ""))
	for name, do := range map[string]func(context.Context, *esdb.Client, string) error{
		"append": appendOne, "read": readOne, "subscribe": subscribeOnce, "read metadata": readMetadata, "write metadata": writeMetadata,
		"delete": deleteOne, "tombstone": tombstoneOne,
	} {
		wantAllowed(t, name, do(within(t), anonymous, "a"), false)
	}
	ada := s.user(t, "ada")
	if err := appendOne(within(t), ada, "a"); err != nil {
		t.Errorf("with a login: %v", err)
	}
	for _, stream := range []string{"$users", "$user-admin", "$settings", "$$$user-admin"} {
		wantAllowed(t, "read "+stream, readOne(within(t), ada, stream), false)
		wantAllowed(t, "append to "+stream, appendOne(within(t), ada, stream), false)
	}
}

// The right is looked at when a subscription begins, as by the real server: one
// that runs goes on.
func TestARightThatIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := openSecure(t)
	ada := s.user(t, "ada")
	sub, err := ada.SubscribeToStream(within(t), stream, esdb.SubscribeToStreamOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	wantHeard(t, s.fixture, sub, "caught up")
	s.append(t, "$$"+stream, esdb.NoStream{}, metadataEvent(`{"$acl":{"$r":"$admins"}}`))
	wantAllowed(t, "a read", readOne(within(t), ada, stream), false)
	wantAllowed(t, "another subscription", subscribeOnce(within(t), ada, stream), false)
	s.append(t, stream, esdb.NoStream{}, event("later"))
	if heard := sub.Recv(); heard.EventAppeared == nil || heard.EventAppeared.Event.EventType != "later" {
		t.Errorf("the running subscription got %+v", heard)
	}
}

func TestRefusalsInTheServersWords(t *testing.T) {
	t.Parallel()
	s := openSecure(t)
	s.user(t, "ada")
	client := streams.NewStreamsClient(s.dial(t))
	want := refused{codes.PermissionDenied, "Access Denied", map[string]string{"exception": "access-denied"}}

	for name, ctx := range map[string]context.Context{"anonymous": within(t), "ada": withHeader(within(t), basic("ada", userPassword))} {
		got := appendAs(ctx, t, client, "$system")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: append (-want +got):\n%s", name, diff)
		}
		call, err := client.Read(ctx, &streams.ReadReq{Options: &streams.ReadReq_Options{
			StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{}},
			CountOption:  &streams.ReadReq_Options_Count{Count: 1},
		}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = call.Recv()
		if diff := cmp.Diff(want, refusedBy(err, call.Trailer())); diff != "" {
			t.Errorf("%s: read (-want +got):\n%s", name, diff)
		}
	}
}

// appendAs sends more than fits into a connection's window, so that an early
// answer would be lost.
func appendAs(ctx context.Context, t *testing.T, client streams.StreamsClient, stream string) refused {
	t.Helper()
	call, err := client.Append(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Send(appendTo(stream)); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		if err := call.Send(proposedMessage(someID, make([]byte, 20_000), typed())); err != nil {
			t.Fatalf("the server answered before everything was sent: %v", err)
		}
	}
	_, err = call.CloseAndRecv()
	return refusedBy(err, call.Trailer())
}

func TestWrongAuthorizationHeaders(t *testing.T) {
	t.Parallel()
	s := openSecure(t)
	conn := s.dial(t)
	client, features := streams.NewStreamsClient(conn), serverfeatures.NewServerFeaturesClient(conn)
	for name, headers := range map[string][]string{
		"empty":           {""},
		"no scheme":       {"admin:changeit"},
		"another scheme":  {"Bearer abc"},
		"no base64":       {"Basic !!!"},
		"no colon":        {"Basic YWRtaW4="},
		"no login":        {basic("", "changeit")},
		"not UTF-8":       {basic("admin\xff", "changeit")},
		"a huge password": {basic("admin", strings.Repeat("x", 100_000))},
		"two":             {basic("admin", adminPassword), basic("admin", adminPassword)},
		"wrong password":  {basic("admin", "changeit2")},
		"wrong login":     {basic("$admins", "changeit")},
		"a name of ours":  {basic("$server", "")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := withHeader(within(t), headers...)
			_, err := features.GetSupportedMethods(ctx, &shared.Empty{})
			if status.Code(err) != codes.Unauthenticated {
				t.Errorf("unary: got %v", err)
			}
			if got := appendAs(ctx, t, client, "a"); got.Code != codes.Unauthenticated {
				t.Errorf("append: got %+v", got)
			}
			call, err := client.Read(ctx, &streams.ReadReq{})
			if err == nil {
				_, err = call.Recv()
			}
			if status.Code(err) != codes.Unauthenticated {
				t.Errorf("read: got %v", err)
			}
			if strings.Contains(err.Error(), "changeit") {
				t.Errorf("the refusal tells a password: %v", err)
			}
		})
	}
}

func TestClientsFindTheNodeBeforeTheyLogIn(t *testing.T) {
	t.Parallel()
	s := openSecure(t)
	conn := s.dial(t)
	if _, err := serverfeatures.NewServerFeaturesClient(conn).GetSupportedMethods(within(t), &shared.Empty{}); err != nil {
		t.Errorf("features: %v", err)
	}
	if _, err := gossip.NewGossipClient(conn).Read(within(t), &shared.Empty{}); err != nil {
		t.Errorf("gossip: %v", err)
	}
}

func TestAccessNeedsTLS(t *testing.T) {
	t.Parallel()
	_, err := embedded.Open(t.Context(), embedded.Config{Path: filepath.Join(t.TempDir(), "events.db"), Access: &embedded.Access{}})
	if err == nil || !strings.Contains(err.Error(), "needs TLS") || !strings.Contains(err.Error(), "turn TLS on") {
		t.Errorf("got %v", err)
	}
}

func TestPasswordsThatAreMadeUpAreKeptOnce(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data")
	kept := map[string]string{}
	open := func(cfg *embedded.Config) {
		cfg.Access = &embedded.Access{Keep: func(login, password string) error {
			if kept[login] != "" {
				t.Errorf("a second password for %s", login)
			}
			kept[login] = password
			return nil
		}}
	}
	s := openSecureAt(t, folder, open)
	if len(kept) != 2 || kept["admin"] == kept["ops"] || len(kept["admin"]) < 20 {
		t.Errorf("kept %v", kept)
	}
	if err := appendOne(within(t), connect(t, s.as(t, "admin", kept["admin"])), "$system"); err != nil {
		t.Error(err)
	}
	if err := s.server.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSecureAt(t, folder, open)
	if err := appendOne(within(t), connect(t, s.as(t, "ops", kept["ops"])), "a"); err != nil {
		t.Error(err)
	}

	cfg := embedded.Config{Path: filepath.Join(t.TempDir(), "events.db"), Logger: slog.New(slog.DiscardHandler), TLS: &embedded.TLS{}, Access: &embedded.Access{}}
	if _, err := embedded.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "admin") {
		t.Errorf("with nobody to keep a password: got %v", err)
	}
}

func TestAServerThatHadNoUsersGetsThem(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data")
	f := openAt(t, filepath.Join(folder, "events.db"))
	f.append(t, stream, esdb.NoStream{}, event("x"))
	if err := f.server.Close(); err != nil {
		t.Fatal(err)
	}
	s := openSecureAt(t, folder)
	if err := readOne(within(t), connect(t, s.as(t, "admin", adminPassword)), stream); err != nil {
		t.Error(err)
	}
	users, err := s.users(t).List(within(t))
	if err != nil || len(users) != 2 {
		t.Errorf("got %+v, %v, want admin and ops", users, err)
	}
}
