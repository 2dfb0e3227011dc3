package readapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
)

// moment is a point in a ticket's life: after its version-th event that is not
// internal and before the next such, or, when version is 0, after the last event
// that had occurred at the time.
type moment struct {
	version uint64
	time    time.Time
}

// moment reads the parameter "at"; nil is now.
func (p *params) moment() *moment {
	text, given := p.take("at")
	if !given {
		return nil
	}
	if version, err := strconv.ParseUint(text, 10, 63); err == nil && version > 0 {
		return &moment{version: version}
	}
	at, ok := parseTime(text)
	if !ok {
		p.add("at", "bad-moment", "a version from 1, or a time as in 2026-11-23T20:15:00Z")
		return nil
	}
	return &moment{time: at}
}

// includes tells whether an event had happened at the moment.
func (m moment) includes(version uint64, occurredAt time.Time) bool {
	if m.version > 0 {
		return version <= m.version
	}
	return !occurredAt.After(m.time)
}

// reached tells why there is nothing to show of the moment, if there is nothing.
func reached(t ticket.Ticket, id domain.TicketID, m moment) error {
	switch {
	case t.Version < m.version:
		return &domain.Error{
			Kind: domain.Invalid, Code: "future-version", Message: fmt.Sprintf("%s has only come to version %d", id, t.Version),
			Fields: []domain.FieldError{{Field: "at", Code: "future-version"}},
		}
	case !t.Exists():
		return domain.Errorf(domain.NotFound, "not-yet", "%s had not been posted at that time", id)
	}
	return nil
}

func decodeMeta(e eventstore.Recorded) (domain.Meta, error) {
	var meta domain.Meta
	if err := json.Unmarshal(e.Metadata, &meta); err != nil {
		return meta, fmt.Errorf("read the metadata of %s at revision %d: %w", e.Stream, e.Revision, err)
	}
	return meta, nil
}

func readError(id domain.TicketID, err error) error { return readStreamError(string(id), err) }

func readStreamError(of string, err error) error {
	err = fmt.Errorf("read the events of %s: %w", of, err)
	if errors.Is(err, eventstore.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(domain.Errorf(domain.Unavailable, "event-store-unavailable",
			"the event store does not answer; try again"), err)
	}
	return err
}
