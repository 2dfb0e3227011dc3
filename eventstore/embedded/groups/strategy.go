package groups

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"slices"

	"suivi/eventstore/embedded/eventlog"
)

// strategy decides who of the consumers gets a message. Each call is made by the
// one goroutine of the group.
type strategy interface {
	join(c *Consumer)
	leave(c *Consumer)
	// choose gives the consumer for a message; nil when it must wait. more is false
	// when no other message can go out either.
	choose(m *message) (c *Consumer, more bool)
}

func newStrategy(name string) strategy {
	switch name {
	case DispatchToSingle:
		return &single{}
	case Pinned:
		return newPinned(sourceStream)
	case PinnedByCorrelation:
		return newPinned(correlation)
	default:
		return &roundRobin{}
	}
}

// roundRobin gives to all who have room, in turn.
type roundRobin struct {
	consumers []*Consumer
	next      int
}

func (s *roundRobin) join(c *Consumer) { s.consumers = append(s.consumers, c) }

func (s *roundRobin) leave(c *Consumer) {
	s.consumers = slices.DeleteFunc(s.consumers, func(o *Consumer) bool { return o == c })
}

func (s *roundRobin) choose(*message) (*Consumer, bool) {
	for range s.consumers {
		s.next = (s.next + 1) % len(s.consumers)
		if c := s.consumers[s.next]; c.hasRoom() {
			return c, true
		}
	}
	return nil, false
}

// single gives all to the one who came first, and to the next while that one is full.
type single struct{ roundRobin }

func (s *single) choose(*message) (*Consumer, bool) {
	for _, c := range s.consumers {
		if c.hasRoom() {
			return c, true
		}
	}
	return nil, false
}

// pinnedBuckets is how finely streams are parted among consumers.
const pinnedBuckets = 1024

// pinned gives all events of one stream to the same consumer, as long as the
// consumers stay. A full one holds up its own streams alone.
type pinned struct {
	key     func(*message) []byte
	owners  [pinnedBuckets]*Consumer
	members []*Consumer
}

func newPinned(key func(*message) []byte) *pinned { return &pinned{key: key} }

// join takes an equal share of the buckets from those who have more.
func (s *pinned) join(c *Consumer) {
	s.members = append(s.members, c)
	share := pinnedBuckets / len(s.members)
	held := map[*Consumer]int{}
	for _, owner := range &s.owners {
		held[owner]++
	}
	for i, owner := range &s.owners {
		if held[c] >= share {
			return
		}
		if owner == nil || held[owner] > share {
			held[owner]--
			held[c]++
			s.owners[i] = c
		}
	}
}

// leave parts what the consumer had among the others.
func (s *pinned) leave(c *Consumer) {
	s.members = slices.DeleteFunc(s.members, func(o *Consumer) bool { return o == c })
	next := 0
	for i, owner := range &s.owners {
		if owner != c {
			continue
		}
		s.owners[i] = nil
		if len(s.members) > 0 {
			s.owners[i] = s.members[next%len(s.members)]
			next++
		}
	}
}

func (s *pinned) choose(m *message) (*Consumer, bool) {
	if len(s.members) == 0 {
		return nil, false
	}
	hash := fnv.New32a()
	_, _ = hash.Write(s.key(m))
	if c := s.owners[hash.Sum32()%pinnedBuckets]; c.hasRoom() {
		return c, true
	}
	return nil, slices.ContainsFunc(s.members, (*Consumer).hasRoom)
}

// sourceStream is the stream in which the event was written first, also for a link to it.
func sourceStream(m *message) []byte {
	r := m.Event
	if r == nil {
		r = m.Link
	}
	if r.Type == eventlog.LinkType {
		if _, stream, ok := bytes.Cut(r.Data, []byte("@")); ok {
			return stream
		}
	}
	return []byte(r.Stream)
}

// correlation is the event's $correlationId, or its stream.
func correlation(m *message) []byte {
	if m.Event != nil {
		var metadata struct {
			ID string `json:"$correlationId"`
		}
		if json.Unmarshal(m.Event.Metadata, &metadata) == nil && metadata.ID != "" {
			return []byte(metadata.ID)
		}
	}
	return sourceStream(m)
}
