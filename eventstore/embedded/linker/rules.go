package linker

import (
	"encoding/json"
	"strconv"
	"strings"

	"suivi/eventstore/embedded/eventlog"
)

// referenceType is the type of an event whose data names a stream.
const referenceType = "$@"

// deletedType stands in the name of a link stream for all ways in which streams end.
const deletedType = "$deleted"

// link is what a rule makes of an event.
type link struct {
	stream   string // that it goes to
	typ      string
	data     string
	original string // the stream that it tells of, where a real server notes it
	ending   bool   // it tells of the end of a stream
}

// rule says what to write for an event of a stream that passes; ok is false for nothing.
type rule func(r *eventlog.Record) (l link, ok bool)

func (p Projection) rule() rule {
	switch p {
	case ByCategory:
		return linkByCategory
	case ByEventType:
		return linkByEventType
	case Streams:
		return linkStream
	default:
		return referToStream
	}
}

// passes tells whether projections see the events of a stream: those of users'
// streams and of their metastreams. So they never see what they write.
func passes(stream string) bool {
	if !strings.HasPrefix(stream, "$") {
		return true
	}
	original, isMeta := eventlog.OriginalOf(stream)
	return isMeta && !strings.HasPrefix(original, "$")
}

// linkByCategory links events of a category's streams, and the end of a stream. A
// link is not linked itself: what it stands for is.
func linkByCategory(r *eventlog.Record) (link, bool) {
	of, ending := r.Stream, ends(r)
	if original, isMeta := eventlog.OriginalOf(r.Stream); isMeta && ending {
		of = original
	}
	category, ok := categoryOf(of)
	if !ok {
		return link{}, false
	}
	l := link{stream: "$ce-" + category, typ: eventlog.LinkType, data: address(r), original: of, ending: ending}
	if r.Type == eventlog.LinkType {
		l.data = string(r.Data)
	}
	return l, true
}

// linkByEventType links all events but links.
func linkByEventType(r *eventlog.Record) (link, bool) {
	if r.Type == eventlog.LinkType {
		return link{}, false
	}
	typ, ending := r.Type, ends(r)
	if ending {
		typ = deletedType
	}
	return link{stream: "$et-" + typ, typ: eventlog.LinkType, data: address(r), ending: ending}, true
}

// linkStream links the first event of each stream.
func linkStream(r *eventlog.Record) (link, bool) {
	return link{stream: "$streams", typ: eventlog.LinkType, data: address(r)}, r.Rev == 0
}

// referToStream names each stream of a category once. It writes no links: clients
// get the name of the stream as data.
func referToStream(r *eventlog.Record) (link, bool) {
	category, ok := categoryOf(r.Stream)
	return link{stream: "$category-" + category, typ: referenceType, data: r.Stream}, ok && r.Rev == 0
}

// categoryOf is a stream's name up to its first hyphen. Streams of the system have none.
func categoryOf(stream string) (category string, ok bool) {
	category, _, ok = strings.Cut(stream, "-")
	return category, ok && category != "" && !strings.HasPrefix(stream, "$")
}

// ends tells whether an event ends a stream: for ever, or until more is appended to it.
func ends(r *eventlog.Record) bool {
	if _, isMeta := eventlog.OriginalOf(r.Stream); !isMeta {
		return r.Rev == eventlog.TombstoneRevision
	}
	var m eventlog.Metadata
	return r.Type == eventlog.MetadataType && r.JSON && json.Unmarshal(r.Data, &m) == nil && m.SoftDeleted()
}

func address(r *eventlog.Record) string { return strconv.FormatInt(r.Rev, 10) + "@" + r.Stream }
