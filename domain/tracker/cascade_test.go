package tracker

import (
	"testing"

	"suivi/domain"
)

func TestATicketFollowsItsCopyWhereItsTrackerResolves(t *testing.T) {
	t.Parallel()
	resolving := Tracker{Key: "HELP", Mode: domain.Ticketing, BackReport: ReportResolve}
	never := Tracker{Key: "HELP", Mode: domain.Ticketing, BackReport: ReportResolve, Chosen: []State{Open, Resolved}}
	for name, c := range map[string]struct {
		in          Tracker
		now, copied State
		want        State
	}{
		"resolved":                        {resolving, Transferred, Resolved, Resolved},
		"validated":                       {resolving, Transferred, Validated, Resolved},
		"resolved already":                {resolving, Resolved, Validated, ""},
		"abandoned":                       {resolving, Transferred, Abandoned, Abandoned},
		"a state that is not used":        {never, Transferred, Abandoned, ""},
		"worked on":                       {resolving, Transferred, Working, ""},
		"worked on again":                 {resolving, Resolved, Working, Transferred},
		"sent further up":                 {resolving, Transferred, Transferred, ""},
		"where reports only inform":       {Tracker{Mode: domain.Ticketing}, Transferred, Resolved, ""},
		"where reports inform, by choice": {Tracker{Mode: domain.Ticketing, BackReport: ReportInform}, Transferred, Resolved, ""},
	} {
		if got := c.in.Follows(c.now, c.copied); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestATicketWhoseLinkHasEndedIsOpenWhereThatIsUsed(t *testing.T) {
	t.Parallel()
	if got := (Tracker{Mode: domain.Ticketing}).Reopened(); got != Open {
		t.Errorf("got %q", got)
	}
	if got := (Tracker{Chosen: []State{Working}}).Reopened(); got != Posted {
		t.Errorf("got %q", got)
	}
}
