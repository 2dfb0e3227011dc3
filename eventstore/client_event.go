package eventstore

import "github.com/EventStore/EventStore-Client-Go/v4/esdb"

// toClient is the client's form of an event to append.
func toClient(event Event, content esdb.ContentType) esdb.EventData {
	return esdb.EventData{
		EventID:     event.ID,
		EventType:   event.Type,
		ContentType: content,
		Data:        event.Data,
		Metadata:    event.Metadata,
	}
}

// fromClient takes the event over that the client has received; false when it is a
// link whose target is gone.
func fromClient(resolved *esdb.ResolvedEvent) (Recorded, bool) {
	event := resolved.OriginalEvent()
	if event == nil {
		return Recorded{}, false
	}
	return Recorded{
		Event: Event{
			ID:       event.EventID,
			Type:     event.EventType,
			Data:     event.Data,
			Metadata: event.UserMetadata,
		},
		Stream:   event.StreamID,
		Revision: event.EventNumber,
		Position: Position{Commit: event.Position.Commit, Prepare: event.Position.Prepare},
		Created:  event.CreatedDate,
	}, true
}

// after is where the client begins to deliver what follows p.
func after(p Position) esdb.AllPosition {
	if p.IsZero() {
		return esdb.Start{}
	}
	return esdb.Position{Commit: p.Commit, Prepare: p.Prepare}
}
