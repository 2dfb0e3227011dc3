package embedded

import (
	"context"
	"errors"

	"suivi/eventstore/embedded/eventlog"
)

// Failing is why appends are refused now, as by a full disk; nil while all is
// well. The server recovers by itself.
func (s *Server) Failing() error { return s.log.Failing() }

// errScavenging: one scavenge at a time.
var errScavenging = errors.New("a scavenge is under way already")

// Scavenge takes away for good what nobody can read any more, while the server
// serves; see eventlog.Log.Scavenge. One runs at a time.
func (s *Server) Scavenge(ctx context.Context, progress eventlog.Progress) (eventlog.Scavenged, error) {
	if !s.scavenging.TryLock() {
		return eventlog.Scavenged{}, errScavenging
	}
	defer s.scavenging.Unlock()
	return s.log.Scavenge(ctx, progress)
}
