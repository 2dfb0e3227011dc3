package embedded

import (
	"regexp"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"suivi/eventstore/embedded/eventlog"
)

// Without a window of its own, a filtered subscription counts in these steps.
const defaultWindow = 32

// filter chooses events of $all.
type filter struct {
	byType   bool // else by stream name
	regex    *regexp.Regexp
	prefixes []string // used without regex
}

// parseFilter reads a filter. Its regular expressions are Go's: those of .NET that
// look around or refer back are refused.
func parseFilter(o *streams.ReadReq_Options_FilterOptions) (*filter, error) {
	f := &filter{byType: o.GetEventType() != nil}
	expression := o.GetStreamIdentifier()
	if f.byType {
		expression = o.GetEventType()
	}
	switch {
	case expression.GetRegex() != "":
		regex, err := regexp.Compile(expression.GetRegex())
		if err != nil {
			return nil, invalid("the filter's regular expression is not supported: %v", err)
		}
		f.regex = regex
	case len(expression.GetPrefix()) > 0:
		f.prefixes = expression.GetPrefix()
	default:
		return nil, invalid("the filter has neither a regular expression nor prefixes")
	}
	return f, nil
}

// matches tells whether an event of $all is shown; a nil filter shows all but the server's own.
func (f *filter) matches(r *eventlog.Record) bool {
	if hiddenFromAll(r.Stream) {
		return false
	}
	if f == nil {
		return true
	}
	text := r.Stream
	if f.byType {
		text = r.Type
	}
	if f.regex != nil {
		return f.regex.MatchString(text)
	}
	for _, prefix := range f.prefixes {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// hiddenFromAll names the streams in which a server keeps its own accounts of $all.
func hiddenFromAll(stream string) bool {
	if !strings.HasPrefix(stream, "$") {
		return false
	}
	return stream == "$epoch-information" ||
		strings.HasPrefix(stream, "$persistentsubscription-$all::") &&
			(strings.HasSuffix(stream, "-checkpoint") || strings.HasSuffix(stream, "-parked"))
}

// checkpointInterval is after how many considered events a filtered subscription is told where it is.
func checkpointInterval(o *streams.ReadReq_Options_FilterOptions) (int64, error) {
	if o.GetCheckpointIntervalMultiplier() == 0 {
		return 0, invalid("the filter's checkpoint interval multiplier must be above 0")
	}
	window := uint32(defaultWindow)
	if limit, ok := o.GetWindow().(*streams.ReadReq_Options_FilterOptions_Max); ok {
		if window = limit.Max; window == 0 {
			return 0, invalid("the filter's window must be above 0")
		}
	}
	return int64(window) * int64(o.GetCheckpointIntervalMultiplier()), nil
}
