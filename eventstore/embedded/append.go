package embedded

import (
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
			incoming.refused = incoming.take(msg)
		}
		if incoming.refused == nil && msg.GetOptions() != nil {
			incoming.refused = s.guard.allow(ctx, access.Write, incoming.write.Stream)
		}
	}
	if incoming.refused == nil && incoming.options == nil {
		incoming.refused = invalid("an append begins with its options")
	}
	if incoming.refused != nil {
		return refusal(ctx, "Append", incoming.refused)
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
	size    appendSize
	refused error
}

func (a *appendRequest) take(msg *streams.AppendReq) (err error) {
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
		event, err := proposed(content.ProposedMessage)
		if err != nil {
			return err
		}
		return a.size.add(event, &a.write)
	default:
		return invalid("an append has options and proposed messages, not %T", content)
	}
}

// proposedMessage is an event as both ways of appending send it.
type proposedMessage interface {
	GetId() *shared.UUID
	GetMetadata() map[string]string
	GetCustomMetadata() []byte
	GetData() []byte
}

// proposed reads an event. Its error is a missingMetadataError, or names what is wrong.
func proposed(msg proposedMessage) (eventlog.Proposed, error) {
	for _, key := range []string{metadataKeyType, metadataKeyContentType} {
		if _, ok := msg.GetMetadata()[key]; !ok {
			return eventlog.Proposed{}, missingMetadataError(key)
		}
	}
	id, err := eventID(msg.GetId())
	return eventlog.Proposed{
		ID: id, Type: msg.GetMetadata()[metadataKeyType], JSON: msg.GetMetadata()[metadataKeyContentType] == contentTypeJSON,
		Data: msg.GetData(), Metadata: msg.GetCustomMetadata(),
	}, err
}

// appendSize is how much an append has come to.
type appendSize struct{ data, memory int }

// add gives an event to a write, unless the append is too large with it.
func (s *appendSize) add(event eventlog.Proposed, to *eventlog.Write) error {
	s.data += len(event.Data)
	s.memory += event.Size()
	if s.data > maxAppendSize || s.memory > maxAppendMemory {
		to.Events = nil
		return errTooLarge
	}
	to.Events = append(to.Events, event)
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
