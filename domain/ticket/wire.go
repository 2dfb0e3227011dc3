package ticket

import (
	"encoding/json"
	"fmt"
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
	fileAttachedV1      = "ticket.file_attached.v1"
	fileRemovedV1       = "ticket.file_removed.v1"
)

// Encode gives the stored name and the JSON of an event.
func Encode(event Event) (name string, data []byte, err error) {
	switch event.(type) {
	case Posted:
		name = postedV1
	case Edited:
		name = editedV1
	case ResolutionWritten:
		name = resolutionWrittenV1
	case StateChanged:
		name = stateChangedV1
	case Assigned:
		name = assignedV1
	case Unassigned:
		name = unassignedV1
	case Commented:
		name = commentedV1
	case CommentEdited:
		name = commentEditedV1
	case CommentDeleted:
		name = commentDeletedV1
	case NoteAdded:
		name = noteAddedV1
	case NoteEdited:
		name = noteEditedV1
	case NoteDeleted:
		name = noteDeletedV1
	case Watched:
		name = watchedV1
	case Unwatched:
		name = unwatchedV1
	case Deleted:
		name = deletedV1
	case Undeleted:
		name = undeletedV1
	case Branched:
		name = branchedV1
	case FileAttached:
		name = fileAttachedV1
	case FileRemoved:
		name = fileRemovedV1
	default:
		return "", nil, fmt.Errorf("ticket: no stored name for %T", event)
	}
	data, err = json.Marshal(event)
	return name, data, err
}

// Decode reads a stored event of any version ever written.
func Decode(name string, data []byte) (Event, error) {
	switch name {
	case postedV1:
		return decode[Posted](name, data)
	case editedV1:
		return decode[Edited](name, data)
	case resolutionWrittenV1:
		return decode[ResolutionWritten](name, data)
	case stateChangedV1:
		return decode[StateChanged](name, data)
	case assignedV1:
		return decode[Assigned](name, data)
	case unassignedV1:
		return decode[Unassigned](name, data)
	case commentedV1:
		return decode[Commented](name, data)
	case commentEditedV1:
		return decode[CommentEdited](name, data)
	case commentDeletedV1:
		return decode[CommentDeleted](name, data)
	case noteAddedV1:
		return decode[NoteAdded](name, data)
	case noteEditedV1:
		return decode[NoteEdited](name, data)
	case noteDeletedV1:
		return decode[NoteDeleted](name, data)
	case watchedV1:
		return decode[Watched](name, data)
	case unwatchedV1:
		return decode[Unwatched](name, data)
	case deletedV1:
		return decode[Deleted](name, data)
	case undeletedV1:
		return decode[Undeleted](name, data)
	case branchedV1:
		return decode[Branched](name, data)
	case fileAttachedV1:
		return decode[FileAttached](name, data)
	case fileRemovedV1:
		return decode[FileRemoved](name, data)
	}
	return nil, fmt.Errorf("ticket: unknown event %q", name)
}

func decode[E Event](name string, data []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("ticket: read %s: %w", name, err)
	}
	return e, nil
}
