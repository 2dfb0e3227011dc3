package eventstore

import (
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What a caller of Store can act on; look for them with errors.Is.
var (
	// ErrWrongRevision: the stream is not at the revision that the append expected. Nothing was written.
	ErrWrongRevision = errors.New("wrong expected revision")
	// ErrStreamNotFound: the stream has no events that can be read.
	ErrStreamNotFound = errors.New("stream not found")
	// ErrStreamDeleted: the stream is tombstoned, for ever.
	ErrStreamDeleted = errors.New("stream deleted")
	// ErrUnavailable: the store could not be reached before the caller's context ended.
	// An append may or may not have been written: repeat it with the same event ids.
	ErrUnavailable = errors.New("event store unavailable")
	// ErrTooLarge: the append exceeds the store's size limit. Nothing was written.
	ErrTooLarge = errors.New("append too large")
	// ErrClosed: the Store, Publisher or Subscriber was closed. It comes together with ErrUnavailable
	// where a call was under way.
	ErrClosed = errors.New("event store closed")
)

// fault is what an error of the client means to us.
type fault int

const (
	faultOther      fault = iota // the server's last word
	faultRevision                // ErrWrongRevision
	faultNotFound                // ErrStreamNotFound
	faultDeleted                 // ErrStreamDeleted
	faultSize                    // ErrTooLarge
	faultCutShort                // the server answered before it had read all; its words are lost
	faultTransient               // may pass; the outcome is unknown
	faultConnection              // as faultTransient, and the client is of no more use
)

// diagnose is the one place that looks into the client's errors. The client wraps
// its own errors and sometimes hands out bare gRPC ones.
func diagnose(err error) fault {
	var known *esdb.Error
	if !errors.As(err, &known) {
		return diagnoseStatus(err)
	}
	switch known.Code() {
	case esdb.ErrorCodeWrongExpectedVersion:
		return faultRevision
	case esdb.ErrorCodeResourceNotFound:
		return faultNotFound
	case esdb.ErrorCodeStreamDeleted:
		return faultDeleted
	case esdb.ErrorUnavailable, esdb.ErrorCodeConnectionClosed, esdb.ErrorCodeNotLeader:
		return faultConnection
	case esdb.ErrorCodeDeadlineExceeded, esdb.ErrorAborted:
		return faultTransient
	case esdb.ErrorCodeUnknown:
		return diagnoseStatus(known.Err())
	default:
		return faultOther
	}
}

func diagnoseStatus(err error) fault {
	if errors.Is(err, io.EOF) {
		return faultCutShort // an EOF instead of a status: Send saw the stream end
	}
	switch status.Code(err) {
	case codes.Unavailable:
		return faultConnection
	case codes.NotFound:
		return faultNotFound
	case codes.InvalidArgument, codes.ResourceExhausted:
		return faultSize // all else about our requests is always in order
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.Unknown, codes.Internal:
		return faultTransient
	default:
		return faultOther
	}
}

// sentinel is the error that callers look for, nil if there is none.
func (f fault) sentinel() error {
	switch f {
	case faultRevision:
		return ErrWrongRevision
	case faultNotFound:
		return ErrStreamNotFound
	case faultDeleted:
		return ErrStreamDeleted
	case faultSize:
		return ErrTooLarge
	case faultCutShort, faultTransient, faultConnection:
		return ErrUnavailable
	default:
		return nil
	}
}

// passing tells whether trying again may help.
func (f fault) passing() bool {
	return f == faultCutShort || f == faultTransient || f == faultConnection
}
