package eventstore

import (
	"errors"
	"slices"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Filter chooses events of $all: those whose stream, or those whose type, begins
// with one of the prefixes. One of the two lists may be set; the zero Filter
// chooses everything, the server's own $ events included.
type Filter struct {
	StreamPrefixes []string
	TypePrefixes   []string
}

var errTwoFilters = errors.New("filter by stream prefixes or by type prefixes, not both")

func (f Filter) check() error {
	if len(f.StreamPrefixes) > 0 && len(f.TypePrefixes) > 0 {
		return errTwoFilters
	}
	return nil
}

func (f Filter) matches(event *Recorded) bool {
	switch {
	case len(f.StreamPrefixes) > 0:
		return hasPrefix(event.Stream, f.StreamPrefixes)
	case len(f.TypePrefixes) > 0:
		return hasPrefix(event.Type, f.TypePrefixes)
	default:
		return true
	}
}

func hasPrefix(text string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

// key tells the filter from others. No name has a zero byte in it.
func (f Filter) key() string {
	return strings.Join(f.StreamPrefixes, "\x00") + "\x00\x00" + strings.Join(f.TypePrefixes, "\x00")
}

// toClient is the filter for the server to apply, nil for none.
func (f Filter) toClient() *esdb.SubscriptionFilter {
	switch {
	case len(f.StreamPrefixes) > 0:
		return &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: f.StreamPrefixes}
	case len(f.TypePrefixes) > 0:
		return &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: f.TypePrefixes}
	default:
		return nil
	}
}
