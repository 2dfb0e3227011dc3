package embedded

import (
	"context"

	"suivi/eventstore/embedded/access"
	"suivi/eventstore/embedded/eventlog"
)

// linkReader finds the events that links stand for, as far as the caller may read them.
type linkReader struct {
	log   *eventlog.Log
	guard *guard
}

// target is the event of a link; nil when it is gone, or not for the caller.
func (l *linkReader) target(ctx context.Context, link *eventlog.Record) (*eventlog.Record, error) {
	target, found, err := l.log.Resolve(ctx, link)
	if err != nil || !found {
		return nil, err
	}
	return l.allowed(ctx, target)
}

// allowed hides an event of a stream that the caller may not read.
func (l *linkReader) allowed(ctx context.Context, target *eventlog.Record) (*eventlog.Record, error) {
	ok, err := l.guard.allows(ctx, access.Read, target.Stream)
	if err != nil || !ok {
		return nil, err
	}
	return target, nil
}
