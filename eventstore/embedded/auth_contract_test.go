package embedded_test

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// guarded is a server that checks who its clients are.
type guarded struct {
	*fixture  // as an administrator
	anonymous *esdb.Client
}

// onEachGuardedServer runs a test on an embedded server with access control, and on
// the real one if its connection string has a login and a password.
func onEachGuardedServer(t *testing.T, test func(t *testing.T, g guarded)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		s := openSecure(t)
		f := &fixture{Client: connect(t, s.as(t, "admin", adminPassword)), server: s.server, unique: uuid.NewString() + "-"}
		test(t, guarded{f, connect(t, s.as(t, "", ""))})
	})
	atReal, err := url.Parse(realServer())
	if err != nil || atReal.User == nil {
		return // without a login there is no access control to test; what is no URL fails elsewhere
	}
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		nobody := *atReal
		nobody.User = nil
		test(t, guarded{openReal(t, atReal.String()), connect(t, nobody.String())})
	})
}

func TestAnACLKeepsStrangersOut(t *testing.T) {
	t.Parallel()
	onEachGuardedServer(t, func(t *testing.T, g guarded) {
		for name, do := range map[string]func(context.Context, *esdb.Client, string) error{
			"append": appendOne, "read": readOne, "subscribe": subscribeOnce, "delete": deleteOne, "tombstone": tombstoneOne,
			"set-metadata": writeMetadata, "read-metadata": func(ctx context.Context, client *esdb.Client, stream string) error {
				return readOne(ctx, client, "$$"+stream)
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				stream := g.name(name)
				g.append(t, stream, esdb.NoStream{}, event("x"))
				g.append(t, "$$"+stream, esdb.NoStream{},
					metadataEvent(`{"$acl":{"$r":"$admins","$w":"$admins","$d":"$admins","$mr":"$admins","$mw":"$admins"}}`))
				err := do(within(t), g.anonymous, stream)
				var denied *esdb.Error
				if !errors.As(err, &denied) || denied.Code() != esdb.ErrorCodeAccessDenied {
					t.Errorf("nobody: got %v, want access denied", err)
				}
				if err := do(within(t), g.Client, stream); err != nil {
					t.Errorf("an administrator: got %v", err)
				}
			})
		}
	})
}
