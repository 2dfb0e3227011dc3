package embedded

import (
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"suivi/eventstore/embedded/groups"
)

// readRequest is a Read call in our own words.
type readRequest struct {
	all       bool
	stream    string // unless all
	start     startPoint
	from      int64 // position or revision, for startAt
	backwards bool
	live      bool  // a subscription, without end
	count     int64 // unless live
	textIDs   bool  // event ids as text
	links     bool  // the events that links stand for are wanted too
	bounds    bool  // the client understands first and last stream position
	filter    *groups.Matcher
	interval  int64 // between checkpoints, for a filtered subscription
}

// source is the stream that is read, $all among them.
func (r *readRequest) source() string {
	if r.all {
		return "$all"
	}
	return r.stream
}

type startPoint int

const (
	startAt startPoint = iota
	startFirst
	startEnd
)

func parseRead(o *streams.ReadReq_Options) (*readRequest, error) {
	r := &readRequest{
		backwards: o.GetReadDirection() == streams.ReadReq_Options_Backwards,
		links:     o.GetResolveLinks(),
		bounds:    o.GetControlOption().GetCompatibility() >= 1,
	}
	_, r.textIDs = o.GetUuidOption().GetContent().(*streams.ReadReq_Options_UUIDOption_String_)
	if err := r.parseSource(o); err != nil {
		return nil, err
	}
	switch count := o.GetCountOption().(type) {
	case *streams.ReadReq_Options_Count:
		r.count = revision(count.Count)
	case *streams.ReadReq_Options_Subscription:
		r.live = true
	default:
		return nil, invalid("a read has a count or is a subscription")
	}
	if r.live && r.backwards {
		return nil, invalid("a subscription cannot go backwards")
	}
	if err := r.parseFilter(o); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *readRequest) parseSource(o *streams.ReadReq_Options) (err error) {
	switch source := o.GetStreamOption().(type) {
	case *streams.ReadReq_Options_Stream:
		switch from := source.Stream.GetRevisionOption().(type) {
		case *streams.ReadReq_Options_StreamOptions_Revision:
			r.from = revision(from.Revision)
		case *streams.ReadReq_Options_StreamOptions_End:
			r.start = startEnd
		default:
			r.start = startFirst
		}
		r.stream, err = streamName(source.Stream.GetStreamIdentifier())
		return err
	case *streams.ReadReq_Options_All:
		r.all = true
		switch from := source.All.GetAllOption().(type) {
		case *streams.ReadReq_Options_AllOptions_Position:
			r.from = revision(from.Position.GetCommitPosition())
		case *streams.ReadReq_Options_AllOptions_End:
			r.start = startEnd
		default:
			r.start = startFirst
		}
		return nil
	default:
		return invalid("a read names a stream or $all")
	}
}

func (r *readRequest) parseFilter(o *streams.ReadReq_Options) (err error) {
	given, ok := o.GetFilterOption().(*streams.ReadReq_Options_Filter)
	if !ok {
		return nil
	}
	if !r.all {
		return invalid("only $all can be filtered")
	}
	if r.filter, err = parseFilter(given.Filter); err != nil {
		return err
	}
	if r.live {
		r.interval, err = checkpointInterval(given.Filter)
	}
	return err
}
