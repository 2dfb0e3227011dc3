package embedded

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"suivi/eventstore/embedded/access"
	"suivi/eventstore/embedded/eventlog"
)

// Delete hides the events of a stream. A later append continues its numbering.
func (s *streamsService) Delete(ctx context.Context, req *streams.DeleteReq) (*streams.DeleteResp, error) {
	w := &eventlog.Write{Kind: eventlog.Delete, Expected: eventlog.ExpectAny}
	switch expected := req.GetOptions().GetExpectedStreamRevision().(type) {
	case *streams.DeleteReq_Options_Revision:
		w.Expected = revision(expected.Revision)
	case *streams.DeleteReq_Options_NoStream:
		w.Expected = eventlog.ExpectNoStream
	case *streams.DeleteReq_Options_StreamExists:
		w.Expected = eventlog.ExpectStreamExists
	}
	pos, err := s.end(ctx, "Delete", req.GetOptions().GetStreamIdentifier(), w)
	if err != nil {
		return nil, err
	}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{
		Position: &streams.DeleteResp_Position{CommitPosition: pos, PreparePosition: pos},
	}}, nil
}

// Tombstone ends a stream for ever, also one that does not exist yet.
func (s *streamsService) Tombstone(ctx context.Context, req *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	w := &eventlog.Write{Kind: eventlog.Tombstone, Expected: eventlog.ExpectAny}
	switch expected := req.GetOptions().GetExpectedStreamRevision().(type) {
	case *streams.TombstoneReq_Options_Revision:
		w.Expected = revision(expected.Revision)
	case *streams.TombstoneReq_Options_NoStream:
		w.Expected = eventlog.ExpectNoStream
	case *streams.TombstoneReq_Options_StreamExists:
		w.Expected = eventlog.ExpectStreamExists
	}
	pos, err := s.end(ctx, "Tombstone", req.GetOptions().GetStreamIdentifier(), w)
	if err != nil {
		return nil, err
	}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{
		Position: &streams.TombstoneResp_Position{CommitPosition: pos, PreparePosition: pos},
	}}, nil
}

// end has a stream deleted one way or the other and returns the position of the event that says so.
func (s *streamsService) end(ctx context.Context, operation string, id *shared.StreamIdentifier, w *eventlog.Write) (uint64, error) {
	name, err := streamName(id)
	if err != nil {
		return 0, err
	}
	if _, isMeta := eventlog.OriginalOf(name); isMeta {
		return 0, invalid("stream metadata cannot be deleted on its own: %q", name)
	}
	if err := s.guard.allow(ctx, access.Delete, name); err != nil {
		return 0, err
	}
	w.Stream = name
	done, err := s.log.Write(ctx, w)
	if err != nil {
		return 0, refusal(ctx, operation, err)
	}
	return uint64(done.Pos), nil
}
