package eventstore

import "errors"

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
)
