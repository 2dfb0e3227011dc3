package mirror

import (
	"errors"
	"fmt"
)

// ErrTwinLost says that the twin is no longer there.
var ErrTwinLost = errors.New("the twin is gone")

// ErrUnheard says that people did something to the twin since it was heard: what is to
// be written might undo it, so it is heard first.
var ErrUnheard = errors.New("something was done to the twin in the meantime")

// Unfit is the error for a ticket that the tool will not take as it is: a person has
// to do something about it. The ticket parks; all others go on.
func Unfit(format string, args ...any) error { return unfit{fmt.Errorf(format, args...)} }

type unfit struct{ error }

func (e unfit) Unwrap() error { return e.error }

// IsUnfit tells whether a person has to do something about the ticket.
func IsUnfit(err error) bool { _, ok := errors.AsType[unfit](err); return ok }

// Misconfigured is the error for what no ticket of the tracker can get over: a key that
// is not taken, a project that is not there. All of them wait, and the tool is asked for one of them now
// and then.
func Misconfigured(format string, args ...any) error {
	return misconfigured{fmt.Errorf(format, args...)}
}

type misconfigured struct{ error }

func (e misconfigured) Unwrap() error { return e.error }

// IsMisconfigured tells whether the error is of the whole mirror.
func IsMisconfigured(err error) bool { _, ok := errors.AsType[misconfigured](err); return ok }
