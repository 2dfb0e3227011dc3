package access

import (
	"context"
	"slices"
	"strings"

	"suivi/eventstore/embedded/eventlog"
)

// Operation is what a client wants to do.
type Operation int

// The operations. Those on streams are decided by ACLs; reading and writing a
// metastream asks for the right to the metadata of its stream.
const (
	Read       Operation = iota // events or metadata of a stream, or of $all
	Write                       // events or metadata
	Delete                      // a stream, also for ever
	Consume                     // read a stream by a persistent subscription
	Inspect                     // see what persistent subscriptions there are, and how they fare
	Administer                  // make and change persistent subscriptions, and other operations on the server
)

const allStream = "$all"

// Allowed tells whether somebody may do something. The rules and their order are
// the real server's (its policy "acl"). stream is read for operations on streams.
func (c *Control) Allowed(ctx context.Context, who *Identity, op Operation, stream string) (bool, error) {
	switch op {
	case Administer:
		return who.operator(), nil
	case Inspect:
		return who != nil, nil
	case Consume:
		if who == nil {
			return false, nil
		}
		op = Read
	case Read, Write, Delete:
		if who == nil && !c.allowAnonymous {
			return false, nil
		}
	}
	return c.allowedByACL(ctx, who, op, stream)
}

func (c *Control) allowedByACL(ctx context.Context, who *Identity, op Operation, stream string) (bool, error) {
	if stream == allStream && op != Read {
		return false, nil
	}
	original, isMeta := eventlog.OriginalOf(stream)
	if isMeta && op == Delete {
		return false, nil // metadata is not deleted on its own, not even by administrators
	}
	if who.admin() {
		return true, nil
	}
	if !isMeta {
		original = stream
	}
	own, err := c.memory.streamACL(ctx, original)
	if err != nil {
		return false, err
	}
	settings, err := c.memory.settings(ctx)
	if err != nil {
		return false, err
	}
	return who.has(effective(own, settings, original, right{op, isMeta})), nil
}

// right is an operation on a stream or on its metadata.
type right struct {
	op   Operation
	meta bool
}

func (r right) of(a *acl) roles {
	switch {
	case r.meta && r.op == Read:
		return a.metaRead
	case r.meta:
		return a.metaWrite
	case r.op == Read:
		return a.read
	case r.op == Write:
		return a.write
	default:
		return a.delete
	}
}

// effective finds the list that decides: the stream's own, else that of $settings
// for its kind of stream, else the one built in. Each right is looked for by itself.
func effective(own streamACL, settings defaults, stream string, r right) []string {
	system := strings.HasPrefix(stream, "$")
	switch own.named {
	case keyUserACL:
		system = false
	case keySystemACL:
		system = true
	}
	last := builtIn()
	byKind, lastByKind := &settings.user, &last.user
	if system {
		byKind, lastByKind = &settings.system, &last.system
	}
	for _, list := range []*acl{&own.acl, byKind, lastByKind} {
		if found := r.of(list); found.given {
			return found.names
		}
	}
	return nil
}

// has tells whether one of the roles is everybody's or the identity's.
func (i *Identity) has(names []string) bool {
	return slices.ContainsFunc(names, func(role string) bool { return role == Everyone || i.holds(role) })
}
