package eventstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

const (
	// How often an append is repeated whose answer tells nothing, although the server is there.
	obscureTries = 4
	// The smallest limit on the size of an append that servers have by default.
	commonSizeLimit = 1 << 20
)

// Expected is the state in which an append must find its stream: NoStream,
// AnyRevision or Exactly a revision. The zero Expected is NoStream.
type Expected struct {
	kind     expectedKind
	revision uint64
}

type expectedKind int

const (
	expectNoStream expectedKind = iota
	expectAny
	expectExactly
)

// NoStream expects that the stream has no events yet.
func NoStream() Expected { return Expected{} }

// AnyRevision expects nothing. A repeated append may then be written twice: the
// server recognises only recent event ids, and none from before its last start.
func AnyRevision() Expected { return Expected{kind: expectAny} }

// Exactly expects revision to be that of the stream's last event.
func Exactly(revision uint64) Expected { return Expected{kind: expectExactly, revision: revision} }

// String words e for logs and errors.
func (e Expected) String() string {
	switch e.kind {
	case expectAny:
		return "any revision"
	case expectExactly:
		return fmt.Sprintf("revision %d", e.revision)
	default:
		return "no stream"
	}
}

func (e Expected) toClient() esdb.ExpectedRevision {
	switch e.kind {
	case expectAny:
		return esdb.Any{}
	case expectExactly:
		return esdb.Revision(e.revision)
	default:
		return esdb.NoStream{}
	}
}

// Appended tells where the last event of an append stands.
type Appended struct {
	Revision uint64
	Position Position
}

// Append writes events to the end of stream, all or none, if the stream is as
// expected. An append whose outcome is unknown is repeated with the same ids while
// ctx allows; with NoStream and Exactly the store knows it again, so that it is
// written once. For the same reason an append of events that are already there, right
// after the expected revision, succeeds. Errors: ErrWrongRevision, ErrStreamDeleted,
// ErrTooLarge (1 MiB of data altogether, on most servers), ErrUnavailable.
func (s *Store) Append(ctx context.Context, stream string, expected Expected, events ...Event) (Appended, error) {
	proposed := make([]esdb.EventData, len(events))
	for i, event := range events {
		proposed[i] = toClient(event, esdb.ContentTypeJson)
	}
	return s.append(ctx, stream, expected, proposed)
}

func (s *Store) append(ctx context.Context, stream string, expected Expected, events []esdb.EventData) (Appended, error) {
	if len(events) == 0 {
		return Appended{}, fmt.Errorf("append to %s: no events", stream)
	}
	ctx, cancel := s.bound(ctx)
	defer cancel()
	pauses := newBackoff(firstPause, longPause)
	for obscure := 0; ; {
		appended, err := s.tryAppend(ctx, stream, expected, events)
		if err == nil {
			return appended, nil
		}
		trouble := diagnose(err)
		if trouble == faultCutShort {
			obscure++
			if obscure == obscureTries && sizeOf(events) > commonSizeLimit {
				trouble = faultSize
			}
		}
		if errors.Is(err, ErrUnavailable) {
			return Appended{}, fmt.Errorf("append to %s: %w", stream, err)
		}
		if !trouble.passing() || obscure == obscureTries {
			return Appended{}, fmt.Errorf("append to %s: %w", stream, withSentinel(trouble, err))
		}
		if !sleep(ctx, pauses.NextBackOff()) {
			return Appended{}, fmt.Errorf("append to %s: %w", stream, unavailable(ctx, err))
		}
	}
}

func (s *Store) tryAppend(ctx context.Context, stream string, expected Expected, events []esdb.EventData) (Appended, error) {
	entered, err := s.enter(ctx)
	if err != nil {
		return Appended{}, err
	}
	//nolint:contextcheck // entered is ctx
	result, err := entered.conn.client.AppendToStream(entered, stream,
		esdb.AppendToStreamOptions{ExpectedRevision: expected.toClient()}, events...)
	entered.leave(err)
	if err != nil {
		return Appended{}, err
	}
	return Appended{
		Revision: result.NextExpectedVersion,
		Position: Position{Commit: result.CommitPosition, Prepare: result.PreparePosition},
	}, nil
}

// withSentinel adds the error that callers look for.
func withSentinel(f fault, err error) error {
	if sentinel := f.sentinel(); sentinel != nil {
		return fmt.Errorf("%w: %w", sentinel, err)
	}
	return err
}

func sizeOf(events []esdb.EventData) int {
	size := 0
	for _, event := range events {
		size += len(event.Data) + len(event.Metadata)
	}
	return size
}
