package domain

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// UserID is a person's id, "usr_<ulid>". Events name people by it alone.
type UserID string

// NewUserID makes an id from a time and 80 random bits.
func NewUserID(at time.Time, random [10]byte) UserID {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(at)) // fails only after the year 10889
	_ = id.SetEntropy(random[:])       // fails only for another length than 10
	return UserID("usr_" + id.String())
}

// Valid tells whether u has the form of a person's id.
func (u UserID) Valid() bool {
	rest, ok := strings.CutPrefix(string(u), "usr_")
	if !ok {
		return false
	}
	_, err := ulid.ParseStrict(rest)
	return err == nil
}

// TrackerKey names a tracker, for ever: a capital, then 1 to 9 capitals or digits.
type TrackerKey string

var trackerKey = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,9}$`)

// Valid tells whether k has the form of a tracker key.
func (k TrackerKey) Valid() bool { return trackerKey.MatchString(string(k)) }

// Stream is the event stream of the tracker.
func (k TrackerKey) Stream() string { return "tracker-" + string(k) }

// TicketID is "<KEY>-<n>". It never changes, also when the ticket moves to another tracker.
type TicketID string

// NewTicketID is the id of the n-th ticket (from 1) of the tracker key.
func NewTicketID(key TrackerKey, n int64) TicketID {
	return TicketID(string(key) + "-" + strconv.FormatInt(n, 10))
}

// ParseTicketID reads an id as people and URLs write it; it is NotFound when it
// has not the form of one, as no ticket can have it.
func ParseTicketID(text string) (TicketID, error) {
	id := TicketID(text)
	if key, n := id.split(); !key.Valid() || n < 1 || NewTicketID(key, n) != id {
		return "", ErrNoTicket(id)
	}
	return id, nil
}

// ErrNoTicket is the one answer for a ticket that does not exist and for one that the asker may not see.
func ErrNoTicket(id TicketID) *Error {
	return Errorf(NotFound, "ticket-not-found", "there is no ticket %s", id)
}

// ErrNoTracker is the one answer for a tracker that does not exist and for one that the asker may not see.
func ErrNoTracker(key TrackerKey) *Error {
	return Errorf(NotFound, "tracker-not-found", "there is no tracker %s", key)
}

// ErrNoComment is the answer for a comment that the ticket does not have.
func ErrNoComment(id TicketID, n int) *Error {
	return Errorf(NotFound, "comment-not-found", "there is no comment %d on %s", n, id)
}

// ErrNoNote is the answer for an internal note that the ticket does not have.
func ErrNoNote(id TicketID, n int) *Error {
	return Errorf(NotFound, "note-not-found", "there is no internal note %d on %s", n, id)
}

// Key is the key of the tracker in which the ticket was posted.
func (id TicketID) Key() TrackerKey {
	key, _ := id.split()
	return key
}

// Number is the ticket's number in the tracker in which it was posted, from 1.
func (id TicketID) Number() int64 {
	_, n := id.split()
	return n
}

// Stream is the event stream of the ticket. Its name is the ticket's identity:
// whoever writes its first event owns the number.
func (id TicketID) Stream() string { return "ticket-" + string(id) }

func (id TicketID) split() (TrackerKey, int64) {
	key, digits, _ := strings.Cut(string(id), "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return TrackerKey(key), 0
	}
	return TrackerKey(key), n
}
