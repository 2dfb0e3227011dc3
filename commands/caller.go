package commands

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"suivi/domain"
)

// Caller is who sends a command, and by which channel.
type Caller struct {
	Actor      domain.Actor
	Via        domain.UserID // the administrator who acts for the actor; "": nobody
	Source     domain.Source
	OccurredAt time.Time // of an imported deed; zero: now
	RequestID  string    // becomes the events' correlation id
}

// Request is what makes a command one command: how it is recognised when it is
// sent again, and on which version it insists.
type Request struct {
	Command uuid.UUID // UUIDv5 of actor and idempotency key, else random
	Key     string    // the idempotency key; "" when none was given
	Hash    string    // of what was asked, to tell a repeat from another use of the key
	IfMatch *uint64   // the version that the command must find; nil: any
	Bulk    bool      // it is one of many, by one request
	Cause   string    // the id of the event that made a reactor send it; "": nobody but the caller did
}

// commandSpace is the UUIDv5 name space of commands that carry an idempotency key.
var commandSpace = uuid.MustParse("7b0f3c1e-52cf-4a44-9c5b-0d7d3a0b6a11")

// NewRequest is the request of an actor; key is "" when none was given. route
// and body are what was asked.
func NewRequest(actor domain.UserID, key, route string, body []byte) Request {
	if key == "" {
		return Request{Command: uuid.New()}
	}
	sum := sha256.New()
	sum.Write([]byte(route))
	sum.Write([]byte{0})
	sum.Write(body)
	return Request{
		Command: uuid.NewSHA1(commandSpace, []byte(string(actor)+"\x00"+key)),
		Key:     key,
		Hash:    hex.EncodeToString(sum.Sum(nil)[:16]),
	}
}

// on is the request's part on one of many tickets. It has an id of its own, the
// same each time that the request is sent.
func (r Request) on(id domain.TicketID) Request {
	r.Command = uuid.NewSHA1(r.Command, []byte(id))
	r.Bulk = true
	return r
}

// meta is the metadata of the events that the command makes.
func (r Request) meta(c Caller, at time.Time) domain.Meta {
	cause := r.Cause
	if cause == "" {
		cause = r.Command.String()
	}
	return domain.Meta{
		Schema: 1, Actor: c.Actor.ID, Via: c.Via, CommandID: r.Command, CorrelationID: c.RequestID,
		CausationID: cause, IdempotencyKey: r.Key, RequestHash: r.Hash,
		Source: c.Source, OccurredAt: at,
	}
}
