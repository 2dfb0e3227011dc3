package embedded

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"suivi/eventstore/embedded/eventlog"
)

// Clients tell refusals apart by trailers and some compare the texts, so both are
// the server's own to the letter.

const exceptionKey = "exception"

// refusal turns an error of the engine into the status and the trailers that
// clients know. operation is the word that the server uses for the call.
func refusal(ctx context.Context, operation string, err error) error {
	var deleted *eventlog.DeletedError
	var version *eventlog.VersionError
	var unwritable *eventlog.UnwritableError
	var missing missingMetadataError
	switch {
	case errors.Is(err, errTooLarge):
		return refuseWith(ctx, codes.InvalidArgument, err.Error(),
			exceptionKey, "maximum-append-size-exceeded", "maximum-append-size", strconv.Itoa(maxAppendSize))
	case errors.As(err, &missing):
		return refuseWith(ctx, codes.InvalidArgument, missing.Error(),
			exceptionKey, "missing-required-metadata-property", "required-metadata-properties", metadataKeyType+","+metadataKeyContentType)
	case errors.As(err, &deleted):
		return refuseWith(ctx, codes.FailedPrecondition, deleted.Error(),
			exceptionKey, "stream-deleted", "stream-name", deleted.Stream)
	case errors.As(err, &version):
		expected, actual := strconv.FormatInt(version.Expected, 10), strconv.FormatInt(version.Actual, 10)
		return refuseWith(ctx, codes.FailedPrecondition,
			fmt.Sprintf("%s failed due to WrongExpectedVersion. Stream: %s, Expected version: %s, Actual version: %s",
				operation, version.Stream, expected, actual),
			exceptionKey, "wrong-expected-version", "stream-name", version.Stream,
			"expected-version", expected, "actual-version", actual)
	case errors.As(err, &unwritable), errors.Is(err, eventlog.ErrClosed):
		return status.Error(codes.Unavailable, err.Error())
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return status.FromContextError(err).Err()
	}
	if _, isStatus := status.FromError(err); isStatus {
		return err
	}
	return status.Error(codes.Unknown, err.Error())
}

// refuseWith sets trailers, given as keys and values in turn, beside the status.
func refuseWith(ctx context.Context, code codes.Code, message string, trailers ...string) error {
	for i := range trailers {
		trailers[i] = printable(trailers[i])
	}
	if err := grpc.SetTrailer(ctx, metadata.Pairs(trailers...)); err != nil {
		return status.Errorf(codes.Internal, "set trailers: %v", err)
	}
	return status.Error(code, message)
}

// printable is text as a trailer may carry it: other bytes would break the
// connection, and some clients crash without the trailer, so they are escaped.
func printable(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		if b >= ' ' && b <= '~' {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}

// errTooLarge refuses an append over the server's limit.
var errTooLarge = errors.New("Maximum Append Size of " + strconv.Itoa(maxAppendSize) + " Exceeded.")

// missingMetadataError refuses an event without a property that all must have.
type missingMetadataError string

func (e missingMetadataError) Error() string {
	return "Required Metadata Property '" + string(e) + "' is missing"
}

func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}
