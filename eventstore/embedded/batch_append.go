package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/emptypb"

	"suivi/eventstore/embedded/access"
	"suivi/eventstore/embedded/eventlog"
)

const (
	maxOpenBatches    = 1024 // that a call may have begun and not sent whole
	maxBatchesInWrite = 1024 // that a call may wait for
)

// BatchAppend writes appends that come in pieces over one call. Each is answered
// once, by its correlation id, as soon as it is on disk; those to the same stream
// are written in the order in which they were complete.
func (s *streamsService) BatchAppend(call streams.Streams_BatchAppendServer) error {
	b := &batches{service: s, call: call, open: map[uuid.UUID]*batch{}, room: make(chan struct{}, maxBatchesInWrite)}
	err := b.receive()
	b.writing.Wait()
	if errors.Is(err, io.EOF) {
		return b.failed()
	}
	return err
}

// batches are the appends of one call.
type batches struct {
	service *streamsService
	call    streams.Streams_BatchAppendServer
	open    map[uuid.UUID]*batch
	memory  int // of the open ones
	room    chan struct{}
	writing sync.WaitGroup

	sending sync.Mutex
	broken  error // why answers cannot be sent
}

// batch is one append.
type batch struct {
	id       *shared.UUID
	options  *streams.BatchAppendReq_Options
	write    eventlog.Write
	size     appendSize
	deadline time.Time
	refused  error
}

// receive takes requests until the client sends no more.
func (b *batches) receive() error {
	type incoming struct {
		req *streams.BatchAppendReq
		err error
	}
	requests := make(chan incoming)
	ctx, cancel := context.WithCancel(b.call.Context())
	defer cancel()
	go func() { // Recv ends with the call
		for {
			req, err := b.call.Recv()
			select {
			case requests <- incoming{req, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		select {
		case in := <-requests:
			if in.err != nil {
				return in.err
			}
			if err := b.take(ctx, in.req); err != nil {
				return err
			}
		case <-b.service.quit:
			return refusal(ctx, "BatchAppend", eventlog.ErrClosed)
		}
	}
}

// take adds a piece to its append, and writes it when it is whole. An error ends
// the call: there is no correlation id by which to answer.
func (b *batches) take(ctx context.Context, req *streams.BatchAppendReq) error {
	id, err := eventID(req.GetCorrelationId())
	if err != nil {
		return invalid("the correlation id: %v", err)
	}
	one := b.open[id]
	if one == nil {
		if len(b.open) >= maxOpenBatches {
			return invalid("more than %d appends of one call are begun and not complete", maxOpenBatches)
		}
		one = &batch{id: req.GetCorrelationId()}
		b.open[id] = one
		one.refused = one.begin(ctx, b.service.guard, req.GetOptions())
	} else if req.GetOptions() != nil && one.refused == nil {
		one.refused = invalid("an append has its options once")
	}
	before := one.size.memory
	for _, msg := range req.GetProposedMessages() {
		if one.refused == nil {
			one.refused = one.add(msg)
		}
	}
	b.memory += one.size.memory - before
	if b.memory > maxAppendMemory && one.refused == nil {
		one.refused = errTooLarge
		one.write.Events = nil
	}
	if !req.GetIsFinal() {
		return nil
	}
	delete(b.open, id)
	b.memory -= one.size.memory
	return b.finish(ctx, one)
}

func (o *batch) begin(ctx context.Context, g *guard, options *streams.BatchAppendReq_Options) (err error) {
	if options == nil {
		return invalid("an append begins with its options")
	}
	o.options = options
	if o.write.Stream, err = streamName(options.GetStreamIdentifier()); err != nil {
		return err
	}
	switch expected := options.GetExpectedStreamPosition().(type) {
	case *streams.BatchAppendReq_Options_StreamPosition:
		o.write.Expected = revision(expected.StreamPosition)
	case *streams.BatchAppendReq_Options_NoStream:
		o.write.Expected = eventlog.ExpectNoStream
	case *streams.BatchAppendReq_Options_StreamExists:
		o.write.Expected = eventlog.ExpectStreamExists
	default:
		o.write.Expected = eventlog.ExpectAny
	}
	switch deadline := options.GetDeadlineOption().(type) {
	case *streams.BatchAppendReq_Options_Deadline_21_10_0:
		o.deadline = deadline.Deadline_21_10_0.AsTime()
	case *streams.BatchAppendReq_Options_Deadline:
		o.deadline = time.Now().Add(deadline.Deadline.AsDuration())
	}
	return g.allow(ctx, access.Write, o.write.Stream)
}

func (o *batch) add(msg *streams.BatchAppendReq_ProposedMessage) error {
	event, err := proposed(msg)
	if err != nil {
		return err
	}
	return o.size.add(event, &o.write)
}

// finish submits an append that is whole. One that is late by then is not written;
// once it is submitted, its answer says what has become of it.
func (b *batches) finish(ctx context.Context, one *batch) error {
	if one.refused == nil && !one.deadline.IsZero() && time.Now().After(one.deadline) {
		one.refused = context.DeadlineExceeded
	}
	if one.refused != nil {
		b.answer(one, eventlog.Outcome{}, one.refused)
		return b.failed()
	}
	select {
	case b.room <- struct{}{}:
	case <-b.service.quit:
		return refusal(ctx, "BatchAppend", eventlog.ErrClosed)
	case <-ctx.Done():
		return ctx.Err()
	}
	outcome, err := b.service.log.Submit(ctx, &one.write)
	if err != nil {
		<-b.room
		return refusal(ctx, "BatchAppend", err)
	}
	b.writing.Go(func() { //nolint:contextcheck // what is submitted is answered for as long as the call lasts
		defer func() { <-b.room }()
		done, err := outcome(b.call.Context())
		b.answer(one, done, err)
	})
	return b.failed()
}

func (b *batches) failed() error {
	b.sending.Lock()
	defer b.sending.Unlock()
	return b.broken
}

// answer tells the client what has become of an append.
func (b *batches) answer(one *batch, done eventlog.Outcome, err error) {
	resp := &streams.BatchAppendResp{CorrelationId: one.id, StreamIdentifier: one.options.GetStreamIdentifier()}
	switch expected := one.options.GetExpectedStreamPosition().(type) {
	case *streams.BatchAppendReq_Options_StreamPosition:
		resp.ExpectedStreamPosition = &streams.BatchAppendResp_StreamPosition{StreamPosition: expected.StreamPosition}
	case *streams.BatchAppendReq_Options_NoStream:
		resp.ExpectedStreamPosition = &streams.BatchAppendResp_NoStream{NoStream: &emptypb.Empty{}}
	case *streams.BatchAppendReq_Options_StreamExists:
		resp.ExpectedStreamPosition = &streams.BatchAppendResp_StreamExists{StreamExists: &emptypb.Empty{}}
	default:
		resp.ExpectedStreamPosition = &streams.BatchAppendResp_Any{Any: &emptypb.Empty{}}
	}
	if err != nil {
		resp.Result = &streams.BatchAppendResp_Error{Error: batchError(one, err).Proto()}
	} else {
		resp.Result = &streams.BatchAppendResp_Success_{Success: batchSuccess(done)}
	}
	b.sending.Lock()
	defer b.sending.Unlock()
	if b.broken == nil {
		b.broken = b.call.Send(resp)
	}
}

func batchSuccess(done eventlog.Outcome) *streams.BatchAppendResp_Success {
	success := &streams.BatchAppendResp_Success{
		CurrentRevisionOption: &streams.BatchAppendResp_Success_CurrentRevision{CurrentRevision: uint64(done.Last)},
		PositionOption:        &streams.BatchAppendResp_Success_NoPosition{NoPosition: &emptypb.Empty{}},
	}
	if done.Last == eventlog.NoEvents {
		success.CurrentRevisionOption = &streams.BatchAppendResp_Success_NoStream{NoStream: &emptypb.Empty{}}
	}
	if done.Pos > 0 {
		success.PositionOption = &streams.BatchAppendResp_Success_Position{
			Position: &shared.AllStreamPosition{CommitPosition: uint64(done.Pos), PreparePosition: uint64(done.Pos)},
		}
	}
	return success
}

// batchError is a refusal as clients read it here: a status whose details say what
// trailers say elsewhere.
func batchError(one *batch, err error) *status.Status {
	var deleted *eventlog.DeletedError
	var version *eventlog.VersionError
	var missing missingMetadataError
	code, details := codes.Unknown, proto.Message(&shared.Unknown{})
	switch {
	case errors.As(err, &version):
		code, details = codes.AlreadyExists, wrongVersionDetails(one.options, version)
		err = fmt.Errorf("Append failed due to WrongExpectedVersion. Stream: %s, Expected version: %d, Actual version: %d",
			version.Stream, version.Expected, version.Actual)
	case errors.As(err, &deleted):
		code, details = codes.NotFound, &shared.StreamDeleted{StreamIdentifier: one.options.GetStreamIdentifier()}
	case errors.Is(err, errTooLarge):
		code, details = codes.InvalidArgument, &shared.MaximumAppendSizeExceeded{MaxAppendSize: maxAppendSize}
	case errors.Is(err, context.DeadlineExceeded):
		code, details = codes.DeadlineExceeded, &shared.Timeout{}
	case status.Code(err) == codes.PermissionDenied:
		code, details = codes.PermissionDenied, &shared.AccessDenied{}
	case status.Code(err) == codes.InvalidArgument, errors.As(err, &missing):
		code, details = codes.InvalidArgument, &shared.BadRequest{Message: status.Convert(err).Message()}
	}
	refusal := status.New(code, status.Convert(err).Message())
	if detailed, err := refusal.WithDetails(protoadapt.MessageV1Of(details)); err == nil { // it fails for codes.OK alone
		return detailed
	}
	return refusal
}

func wrongVersionDetails(o *streams.BatchAppendReq_Options, wrong *eventlog.VersionError) *shared.WrongExpectedVersion {
	w := &shared.WrongExpectedVersion{
		CurrentStreamRevisionOption: &shared.WrongExpectedVersion_CurrentStreamRevision{CurrentStreamRevision: uint64(wrong.Actual)},
	}
	if wrong.Actual == eventlog.NoEvents {
		w.CurrentStreamRevisionOption = &shared.WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &emptypb.Empty{}}
	}
	switch expected := o.GetExpectedStreamPosition().(type) {
	case *streams.BatchAppendReq_Options_StreamPosition:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamPosition{ExpectedStreamPosition: expected.StreamPosition}
	case *streams.BatchAppendReq_Options_NoStream:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &emptypb.Empty{}}
	case *streams.BatchAppendReq_Options_StreamExists:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &emptypb.Empty{}}
	default:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedAny{ExpectedAny: &emptypb.Empty{}}
	}
	return w
}
