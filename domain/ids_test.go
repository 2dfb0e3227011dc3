package domain

import (
	"testing"
	"time"
)

func TestTicketIDsAreReadStrictly(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "HELP", "HELP-", "HELP-0", "HELP-01", "HELP--1", "help-1", "H-1", "HELP-1 ", "HELP-99999999999999999999", "ELEVENCHARS-1"} {
		if id, err := ParseTicketID(text); KindOf(err) != NotFound {
			t.Errorf("ParseTicketID(%q) = %q, %v; want not found", text, id, err)
		}
	}
	id, err := ParseTicketID("HELP-42")
	if err != nil || id.Key() != "HELP" || id.Number() != 42 || id.Stream() != "ticket-HELP-42" {
		t.Errorf("got %q %q %d %q, %v", id, id.Key(), id.Number(), id.Stream(), err)
	}
}

func TestUserIDs(t *testing.T) {
	t.Parallel()
	id := NewUserID(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), [10]byte{1, 2, 3})
	if !id.Valid() {
		t.Errorf("%q is not valid", id)
	}
	for _, bad := range []UserID{"", "usr_", "usr_x", id + "0", "01KAX0"} {
		if bad.Valid() {
			t.Errorf("%q is valid", bad)
		}
	}
}
