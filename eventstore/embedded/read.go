package embedded

import (
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"suivi/eventstore/embedded/access"
	"suivi/eventstore/embedded/eventlog"
	"suivi/eventstore/embedded/groups"
)

// Read sends events of a stream or of $all: so many and then the end, or, as a
// subscription, without end.
func (s *streamsService) Read(req *streams.ReadReq, call streams.Streams_ReadServer) error {
	r, err := parseRead(req.GetOptions())
	if err != nil {
		return err
	}
	if err := s.guard.allow(call.Context(), access.Read, r.source()); err != nil {
		return err
	}
	if r.live {
		defer s.metrics.subscribed(r)()
	}
	out := &readResponses{call: call, textIDs: r.textIDs}
	if r.links {
		out.links = &linkReader{log: s.log, guard: s.guard}
	}
	switch {
	case r.all && r.live:
		err = s.subscribeAll(r, out)
	case r.all:
		err = s.readAll(call.Context(), r, out)
	case r.live:
		err = s.subscribeStream(r, out)
	default:
		err = s.readStream(call.Context(), r, out)
	}
	if err != nil {
		return refusal(call.Context(), "Read", err)
	}
	return nil
}

// readResponses sends what a Read call answers.
type readResponses struct {
	call    streams.Streams_ReadServer
	textIDs bool
	links   *linkReader // nil when links are sent as they are
}

func (o *readResponses) send(msg *streams.ReadResp) error { return o.call.Send(msg) }

func (o *readResponses) event(r *eventlog.Record) error {
	m := eventMessage{event: r, textIDs: o.textIDs}
	if o.links != nil && r.Type == eventlog.LinkType {
		target, err := o.links.target(o.call.Context(), r)
		if err != nil {
			return err
		}
		m.event, m.link = target, r
	}
	return o.call.SendMsg(m)
}

// matching sends those of a page that the filter shows, at most limit of them.
func (o *readResponses) matching(page []*eventlog.Record, f *groups.Matcher, limit int64) (sent int64, err error) {
	for _, rec := range page {
		if sent == limit {
			break
		}
		if !f.Matches(rec) {
			continue
		}
		if err := o.event(rec); err != nil {
			return sent, err
		}
		sent++
	}
	return sent, nil
}

func (o *readResponses) streamNotFound(stream string) error {
	return o.send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
	}}})
}

func (o *readResponses) confirmation(id string) error {
	return o.send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: id},
	}})
}

func (o *readResponses) checkpoint(pos int64) error {
	return o.send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{
		Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: uint64(pos), PreparePosition: uint64(pos)},
	}})
}

func (o *readResponses) caughtUp() error {
	return o.send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
}
