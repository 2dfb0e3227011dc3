package eventlog

import (
	"errors"
	"fmt"
	"strconv"
)

// Expected revisions beside the plain ones, which are 0 and above.
// The numbers are EventStoreDB's own; they appear in its error texts.
const (
	ExpectAny          = int64(-2)
	ExpectNoStream     = int64(-1)
	ExpectStreamExists = int64(-4)
)

// Kind says what a write does.
type Kind int

// The kinds of writes.
const (
	Append    Kind = iota // adds Events to Stream
	Delete                // hides the events of Stream until more are appended
	Tombstone             // ends Stream for ever
	Scatter               // adds Placed to the streams that they name, all at once
	scavenge              // takes away what of Stream stands before revision Expected
)

// Write is one request to the log.
type Write struct {
	Kind     Kind
	Stream   string // for all but Scatter
	Expected int64
	Events   []Proposed
	Placed   []Placed // for Scatter

	scavenged *Scavenged   // told by scavenge
	answer    chan Outcome // takes one outcome without blocking
}

// Placed is an event for the end of a stream, whatever its revision is.
type Placed struct {
	Stream string
	Proposed
}

// Outcome is what became of a write. With err nil it is on disk.
type Outcome struct {
	Last int64 // last revision of the stream, or of the earlier write that this one repeats
	Pos  int64 // position of the last event written; 0 when there was none to write
	err  error
}

// UnwritableError refuses a write because the disk does. Nothing that was
// acknowledged is lost; whether this write happened shows when the disk works again.
type UnwritableError struct{ Cause error }

func (e *UnwritableError) Error() string {
	return "the event store cannot write to its disk; it goes on by itself as soon as it can: " + e.Cause.Error()
}

func (e *UnwritableError) Unwrap() error { return e.Cause }

// ErrClosed says that the store is shutting down.
var ErrClosed = errors.New("the event store is shutting down")

// VersionError refuses a write whose expected revision does not hold.
type VersionError struct {
	Stream           string
	Expected, Actual int64
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("wrong expected version of stream %s: expected %d, actual %d", strconv.Quote(e.Stream), e.Expected, e.Actual)
}

// DeletedError says that the stream is tombstoned, or soft-deleted where that must not be.
type DeletedError struct{ Stream string }

// Error is the server's own text.
func (e *DeletedError) Error() string { return fmt.Sprintf("Event stream '%s' is deleted.", e.Stream) }
