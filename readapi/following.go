package readapi

import (
	"context"

	"suivi/domain"
)

// Following is a feed with those who hear it, for the edge to tell it as it grows.
type Following struct {
	Feed *Feed
	// Person is who hears it.
	Person domain.UserID
	// Still tells why they may no longer.
	Still func(context.Context) error
	// Tell is what is sent of an event; nil: all of it.
	Tell func(FeedEvent) any
	// Beside is something else to be told with it, as server-sent events write it, and a
	// channel that is closed when that may have changed; nil: there is nothing.
	Beside func(context.Context) (text string, changed <-chan struct{}, err error)
	// Begin is called when the feed is told from now on, and what it gives at its end; nil: nothing is.
	Begin func() (end func())
}

// FeedAfter is the feed of the actor after a position, "" for the end of the log: of
// one ticket, of some trackers, or of all that they see.
func (a *API) FeedAfter(ctx context.Context, actor domain.Actor, after string, ticket domain.TicketID, trackers ...domain.TrackerKey) (*Feed, error) {
	f := &Feed{api: a, actor: actor, ticket: ticket, trackers: trackers}
	if after == "" {
		after = "end"
	}
	p := &params{}
	if err := f.begin(ctx, p, "after", after); err != nil {
		return nil, err
	}
	return f, p.err()
}
