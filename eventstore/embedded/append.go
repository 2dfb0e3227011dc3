package embedded

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"suivi/eventstore/embedded/access"
	"suivi/eventstore/embedded/eventlog"
)

// maxAppendSize bounds one append. As in the server, only the data counts.
const maxAppendSize = 1 << 20

// What an append may hold in memory all told, where the server sets no bound.
const maxAppendMemory = 64 << 20

// streamsService speaks the protocol's Streams service.
type streamsService struct {
	streams.UnimplementedStreamsServer
	log     *eventlog.Log
	metrics *metrics
	quit    <-chan struct{}
	guard   *guard // nil when all may do everything
}

// Append writes events to the end of a stream. Everything that the client sends
// is received before it is answered, also when it is refused: a client that is
// answered while it still sends does not see the answer.
func (s *streamsService) Append(call streams.Streams_AppendServer) error {
	ctx := call.Context()
	var incoming appendRequest
	for {
		msg, err := call.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if incoming.refused == nil {
			incoming.refused = incoming.take(ctx, msg)
		}
		if incoming.refused == nil && msg.GetOptions() != nil {
			incoming.refused = s.guard.allow(ctx, access.Write, incoming.write.Stream)
		}
	}
	if incoming.refused == nil && incoming.options == nil {
		incoming.refused = invalid("an append begins with its options")
	}
	if incoming.refused != nil {
		return incoming.refused
	}
	done, err := s.log.Write(ctx, &incoming.write)
	var wrong *eventlog.VersionError
	switch {
	case errors.As(err, &wrong):
		return call.SendAndClose(wrongVersionResponse(incoming.options, wrong))
	case err != nil:
		return refusal(ctx, "Append", err)
	}
	return call.SendAndClose(appendedResponse(done))
}

// appendRequest gathers the messages of one append.
type appendRequest struct {
	options *streams.AppendReq_Options
	write   eventlog.Write
	data    int
	memory  int
	refused error
}

func (a *appendRequest) take(ctx context.Context, msg *streams.AppendReq) (err error) {
	switch content := msg.GetContent().(type) {
	case *streams.AppendReq_Options_:
		if a.options != nil {
			return invalid("an append has its options once")
		}
		a.options = content.Options
		a.write.Expected = expectedByAppend(content.Options)
		a.write.Stream, err = streamName(content.Options.GetStreamIdentifier())
		return err
	case *streams.AppendReq_ProposedMessage_:
		if a.options == nil {
			return invalid("an append begins with its options")
		}
		return a.takeEvent(ctx, content.ProposedMessage)
	default:
		return invalid("an append has options and proposed messages, not %T", content)
	}
}

func (a *appendRequest) takeEvent(ctx context.Context, msg *streams.AppendReq_ProposedMessage) error {
	typ, ok := msg.GetMetadata()[metadataKeyType]
	if !ok {
		return missingMetadata(ctx, metadataKeyType)
	}
	contentType, ok := msg.GetMetadata()[metadataKeyContentType]
	if !ok {
		return missingMetadata(ctx, metadataKeyContentType)
	}
	id, err := eventID(msg.GetId())
	if err != nil {
		return err
	}
	event := eventlog.Proposed{
		ID: id, Type: typ, JSON: contentType == contentTypeJSON, Data: msg.GetData(), Metadata: msg.GetCustomMetadata(),
	}
	a.data += len(event.Data)
	a.memory += event.Size()
	if a.data > maxAppendSize || a.memory > maxAppendMemory {
		a.write.Events = nil
		return tooLarge(ctx)
	}
	a.write.Events = append(a.write.Events, event)
	return nil
}

func expectedByAppend(o *streams.AppendReq_Options) int64 {
	switch expected := o.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_Revision:
		return revision(expected.Revision)
	case *streams.AppendReq_Options_NoStream:
		return eventlog.ExpectNoStream
	case *streams.AppendReq_Options_StreamExists:
		return eventlog.ExpectStreamExists
	default:
		return eventlog.ExpectAny
	}
}

func appendedResponse(done eventlog.Outcome) *streams.AppendResp {
	success := &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(done.Last)},
		PositionOption:        &streams.AppendResp_Success_NoPosition{NoPosition: &shared.Empty{}},
	}
	if done.Last == eventlog.NoEvents {
		success.CurrentRevisionOption = &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}}
	}
	if done.Pos > 0 {
		success.PositionOption = &streams.AppendResp_Success_Position{
			Position: &streams.AppendResp_Position{CommitPosition: uint64(done.Pos), PreparePosition: uint64(done.Pos)},
		}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: success}}
}
