package eventstore

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Event is one event to append. Data and Metadata are JSON. A retried append
// must carry the same ids: the store recognises it by them.
type Event struct {
	ID       uuid.UUID
	Type     string
	Data     []byte
	Metadata []byte
}

// Recorded is an event as the store holds it.
type Recorded struct {
	Event
	Stream   string
	Revision uint64   // place in its stream, from 0
	Position Position // place in $all
	Created  time.Time
}

// Position is a place in $all. The zero Position is before the first event.
type Position struct {
	Commit, Prepare uint64
}

// Compare orders positions by commit, then prepare: events of one explicit
// transaction share their commit position.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Commit, q.Commit), cmp.Compare(p.Prepare, q.Prepare))
}

// IsZero tells whether p is before the first event.
func (p Position) IsZero() bool { return p == Position{} }

// String writes p as "commit/prepare", the form that ParsePosition reads.
func (p Position) String() string {
	return strconv.FormatUint(p.Commit, 10) + "/" + strconv.FormatUint(p.Prepare, 10)
}

// ParsePosition reads what Position.String writes.
func ParsePosition(text string) (Position, error) {
	commit, prepare, ok := strings.Cut(text, "/")
	if !ok {
		return Position{}, fmt.Errorf("position %q: want COMMIT/PREPARE", text)
	}
	c, err := strconv.ParseUint(commit, 10, 64)
	if err != nil {
		return Position{}, fmt.Errorf("position %q: %w", text, err)
	}
	p, err := strconv.ParseUint(prepare, 10, 64)
	if err != nil {
		return Position{}, fmt.Errorf("position %q: %w", text, err)
	}
	return Position{Commit: c, Prepare: p}, nil
}
