package ui

import (
	"strings"
	"testing"

	"suivi/domain"
)

// The column of ids is as wide as the longest of them wants.
func TestTheColumnOfIDsFitsTheLongest(t *testing.T) {
	t.Parallel()
	for longest, want := range map[int]string{0: "", 10: "", 11: " ids-long", 14: " ids-long", 15: " ids-longest", 18: " ids-longest"} {
		rows := []rowView{{ID: "A-1"}, {ID: domain.TicketID(strings.Repeat("9", longest))}, {ID: "A-2"}}
		if got := idsOf(rows); got != want {
			t.Errorf("%d: got %q want %q", longest, got, want)
		}
	}
}
