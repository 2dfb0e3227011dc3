package domain

import (
	"time"

	"github.com/google/uuid"
)

// Source is the channel by which a command came (product.md §2).
type Source string

// The sources that exist today.
const (
	SourceAPI    Source = "api"
	SourceWeb    Source = "web"
	SourceImport Source = "import"
	SourceSystem Source = "system"
	// SourceCascade is what one end of a cascade does at the other.
	SourceCascade Source = "cascade"
	// SourceRedmine is Redmine: what was done there, and what is noted of twins there. Every
	// tool's source is its name.
	SourceRedmine Source = "redmine"
	// SourceCommandLine is who operates the site, on the databases themselves. No event comes by it.
	SourceCommandLine Source = "command-line"
)

// Meta is the metadata of a stored event: who, when, and by which command.
type Meta struct {
	Schema         int       `json:"schema"` // version of this metadata, 1
	Actor          UserID    `json:"actor"`
	Via            UserID    `json:"via,omitempty"` // the administrator who acted for the actor, if one did
	CommandID      uuid.UUID `json:"commandId"`     // UUIDv5 of actor and idempotency key, else random
	CorrelationID  string    `json:"correlationId"` // the request's id
	CausationID    string    `json:"causationId"`   // what made us do it: the command's id, or that of the event that a reactor acts on
	IdempotencyKey string    `json:"idempotencyKey,omitempty"`
	RequestHash    string    `json:"requestHash,omitempty"` // of route and body, to tell a repeat from a clash
	Source         Source    `json:"source"`
	OccurredAt     time.Time `json:"occurredAt"` // when it happened, UTC; imports keep the original time
}
