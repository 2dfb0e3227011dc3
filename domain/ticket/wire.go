package ticket

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The stored names. They are never changed; a new shape gets a new version.
const (
	postedV1            = "ticket.posted.v1"
	editedV1            = "ticket.edited.v1"
	resolutionWrittenV1 = "ticket.resolution_written.v1"
	stateChangedV1      = "ticket.state_changed.v1"
	assignedV1          = "ticket.assigned.v1"
	unassignedV1        = "ticket.unassigned.v1"
	commentedV1         = "ticket.commented.v1"
	commentEditedV1     = "ticket.comment_edited.v1"
	commentDeletedV1    = "ticket.comment_deleted.v1"
	noteAddedV1         = "ticket.note_added.v1"
	noteEditedV1        = "ticket.note_edited.v1"
	noteDeletedV1       = "ticket.note_deleted.v1"
	watchedV1           = "ticket.watched.v1"
	unwatchedV1         = "ticket.unwatched.v1"
	deletedV1           = "ticket.deleted.v1"
	undeletedV1         = "ticket.undeleted.v1"
	branchedV1          = "ticket.branched.v1"
	rankedV1            = "ticket.ranked.v1"
	raiseRequestedV1    = "ticket.raise_requested.v1"
	raiseGrantedV1      = "ticket.raise_granted.v1"
	raiseRefusedV1      = "ticket.raise_refused.v1"
	fileAttachedV1      = "ticket.file_attached.v1"
	fileRemovedV1       = "ticket.file_removed.v1"
	movedV1             = "ticket.moved.v1"
	cascadedV1          = "ticket.cascaded.v1"
	cascadeLinkedV1     = "ticket.cascade_linked.v1"
	cascadeReportedV1   = "ticket.cascade_reported.v1"
	cascadeRefusedV1    = "ticket.cascade_refused.v1"
	cascadeEndedV1      = "ticket.cascade_ended.v1"
	mirroredV1          = "ticket.mirrored.v1"
	mirrorMatchedV1     = "ticket.mirror_matched.v1"
	mirrorRefusedV1     = "ticket.mirror_refused.v1"
	unmirroredV1        = "ticket.unmirrored.v1"
)

// Encode gives the stored name and the JSON of an event.
func Encode(event Event) (name string, data []byte, err error) {
	if event == nil {
		return "", nil, errors.New("ticket: there is no event to store")
	}
	data, err = json.Marshal(event)
	return event.ticketEvent(), data, err
}

// decoders read the events of every version ever written.
//
//nolint:gochecknoglobals // never changes
var decoders = map[string]func(name string, data []byte) (Event, error){
	postedV1:            decode[Posted],
	editedV1:            decode[Edited],
	resolutionWrittenV1: decode[ResolutionWritten],
	stateChangedV1:      decode[StateChanged],
	assignedV1:          decode[Assigned],
	unassignedV1:        decode[Unassigned],
	commentedV1:         decode[Commented],
	commentEditedV1:     decode[CommentEdited],
	commentDeletedV1:    decode[CommentDeleted],
	noteAddedV1:         decode[NoteAdded],
	noteEditedV1:        decode[NoteEdited],
	noteDeletedV1:       decode[NoteDeleted],
	watchedV1:           decode[Watched],
	unwatchedV1:         decode[Unwatched],
	deletedV1:           decode[Deleted],
	undeletedV1:         decode[Undeleted],
	branchedV1:          decode[Branched],
	rankedV1:            decode[Ranked],
	raiseRequestedV1:    decode[RaiseRequested],
	raiseGrantedV1:      decode[RaiseGranted],
	raiseRefusedV1:      decode[RaiseRefused],
	fileAttachedV1:      decode[FileAttached],
	fileRemovedV1:       decode[FileRemoved],
	movedV1:             decode[Moved],
	cascadedV1:          decode[Cascaded],
	cascadeLinkedV1:     decode[CascadeLinked],
	cascadeReportedV1:   decode[CascadeReported],
	cascadeRefusedV1:    decode[CascadeRefused],
	cascadeEndedV1:      decode[CascadeEnded],
	mirroredV1:          decode[Mirrored],
	mirrorMatchedV1:     decode[MirrorMatched],
	mirrorRefusedV1:     decode[MirrorRefused],
	unmirroredV1:        decode[Unmirrored],
}

// TypeOf is the name under which an event is stored.
func TypeOf(event Event) string { return event.ticketEvent() }

// Types lists the names of all events ever written.
func Types() []string { return slices.Sorted(maps.Keys(decoders)) }

// Decode reads a stored event of any version ever written.
func Decode(name string, data []byte) (Event, error) {
	read, ok := decoders[name]
	if !ok {
		return nil, fmt.Errorf("ticket: unknown event %q", name)
	}
	return read(name, data)
}

func decode[E Event](name string, data []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("ticket: read %s: %w", name, err)
	}
	return e, nil
}
