// Package access says who a client is and what it may do: users and their
// passwords, which are events of the log as in the real server; the rights that
// streams' metadata give; the rules that join them. It knows nothing of gRPC.
//
// authenticate.go tells who somebody is, rights.go what they may do. Both ask
// memory.go, which remembers what was read from the log and forgets it as soon as
// the log says otherwise.
package access

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"suivi/eventstore/embedded/eventlog"
)

// Groups that the server itself knows, and the word for everybody in an ACL.
const (
	Admins   = "$admins"
	Ops      = "$ops"
	Everyone = "$all"
)

// Logins that a log has from its first start with authentication.
const (
	AdminLogin = "admin"
	OpsLogin   = "ops"
)

// ownLogin is the built-in user as which the process that runs the server talks to
// it. No stored user can have the name: logins do not begin with a dollar sign.
const ownLogin = "$server"

// Identity is a client that has proven who it is. A nil Identity is an anonymous one.
type Identity struct {
	Login  string
	Groups []string
}

// own is the identity of the process that runs the server.
func own() *Identity { return &Identity{Login: ownLogin, Groups: []string{Admins}} }

// holds tells whether the identity is named by a role: its own name, or a group that it is in.
func (i *Identity) holds(role string) bool {
	return i != nil && (i.Login == role || slices.Contains(i.Groups, role))
}

// admin: the user admin is one whatever its groups are, as in the real server, so
// that nobody can shut everybody out.
func (i *Identity) admin() bool { return i.holds(Admins) || i.holds(AdminLogin) }

func (i *Identity) operator() bool { return i.admin() || i.holds(Ops) || i.holds(OpsLogin) }

// Control guards one log. It is safe for concurrent use and starts no goroutines.
type Control struct {
	memory         *memory
	log            *eventlog.Log
	allowAnonymous bool
	ownPassword    string
	passwords      *checker
}

// New makes the control of a log. Anonymous clients have no rights unless
// allowAnonymous gives them those that ACLs give to everybody.
func New(log *eventlog.Log, allowAnonymous bool) (*Control, error) {
	m, err := newMemory(log)
	if err != nil {
		return nil, fmt.Errorf("access control: %w", err)
	}
	passwords, err := newChecker()
	if err != nil {
		return nil, fmt.Errorf("access control: %w", err)
	}
	return &Control{memory: m, log: log, allowAnonymous: allowAnonymous, ownPassword: rand.Text() + rand.Text(), passwords: passwords}, nil
}

// Own gives the credentials of the process itself: random, never stored, good
// until the process ends, and good for everything.
func (c *Control) Own() Credentials { return Credentials{Login: ownLogin, Password: c.ownPassword} }

// lastEvent reads the newest event of a stream; nil when there is none to be read.
func lastEvent(ctx context.Context, log *eventlog.Log, stream string) (*eventlog.Record, error) {
	st, err := log.FindStream(ctx, stream)
	if err != nil {
		return nil, fmt.Errorf("find the stream %s: %w", stream, err)
	}
	if st.Tombstoned || !st.Readable() {
		return nil, nil //nolint:nilnil // its contract
	}
	page, err := log.Revisions(ctx, st, st.Last, st.Last, false, 1)
	if err != nil {
		return nil, fmt.Errorf("read the stream %s: %w", stream, err)
	}
	if len(page) == 0 {
		return nil, nil //nolint:nilnil // its contract
	}
	return page[0], nil
}
