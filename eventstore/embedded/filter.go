package embedded

import (
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"suivi/eventstore/embedded/groups"
)

// Without a window of its own, a filtered subscription counts in these steps.
const defaultWindow = 32

// parseFilter reads the filter of a read of $all.
func parseFilter(o *streams.ReadReq_Options_FilterOptions) (*groups.Matcher, error) {
	expression := o.GetStreamIdentifier()
	byType := o.GetEventType() != nil
	if byType {
		expression = o.GetEventType()
	}
	matcher, err := groups.Filter{ByType: byType, Regex: expression.GetRegex(), Prefixes: expression.GetPrefix()}.Compile()
	if err != nil {
		return nil, invalid("%v", err)
	}
	return matcher, nil
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
