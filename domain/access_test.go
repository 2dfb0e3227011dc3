package domain

import (
	"slices"
	"strings"
	"testing"
)

// The rights table of product.md §4, written out once more by hand.
func TestRightsAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	everybody := "reporter developer resolver manager"
	workers := "developer resolver manager"
	table := map[Right]string{
		Post: everybody, CommentOn: everybody, Watch: everybody, EditOwn: everybody,
		BeAssignee: workers, TakeUnassigned: workers, ChangeState: workers, SeeInternal: workers,
		WriteResolution: "resolver manager", Move: "resolver manager", Cascade: "resolver manager",
		AssignAnybody: "manager", EditAny: "manager", ManageComments: "manager", ManageWatchers: "manager", Delete: "manager", Bulk: "manager", Configure: "manager",
		ManageDependencies: "manager", ManagePriority: "manager", SeeRank: workers,
	}
	for right, holders := range table {
		for _, role := range Roles() {
			for _, mode := range Modes() {
				want := contains(holders, string(role))
				if got := (Policy{Mode: mode}).Holds([]Role{role}, right); got != want {
					t.Errorf("right %s of %s in %s: got %t, want %t", right, role, mode, got, want)
				}
			}
		}
	}
}

// What was changed by hand holds in every mode; all else is the mode's.
func TestRightsChangedByHandOutliveTheMode(t *testing.T) {
	t.Parallel()
	changes := map[Role]RightChanges{
		Reporter: {Granted: []Right{SeeAll, WriteResolution}, Revoked: []Right{CommentOn}},
		Manager:  {Revoked: []Right{Configure, SeeAll}},
	}
	for _, mode := range Modes() {
		preset, byHand := Policy{Mode: mode}, Policy{Mode: mode, Changes: changes}
		for _, role := range Roles() {
			for _, right := range Rights() {
				want := preset.Holds([]Role{role}, right)
				if slices.Contains(changes[role].Granted, right) {
					want = true
				}
				if slices.Contains(changes[role].Revoked, right) {
					want = false
				}
				if got := byHand.Holds([]Role{role}, right); got != want {
					t.Errorf("%s of %s in %s: got %t, want %t", right, role, mode, got, want)
				}
				if admin := (Actor{Admin: true}); !admin.May(byHand, nil, right) {
					t.Errorf("an administrator has not %s in %s", right, mode)
				}
			}
		}
		if !byHand.Holds([]Role{Manager, Resolver}, SeeAll) {
			t.Errorf("%s: what one role has lost another still has", mode)
		}
	}
}

func TestWhoSeesAllTicketsDependsOnTheMode(t *testing.T) {
	t.Parallel()
	seers := map[Mode]string{
		Bugtracker: "reporter developer resolver manager",
		Ticketing:  "developer resolver manager",
		Taskspread: "resolver manager",
		Custom:     "developer resolver manager",
	}
	for mode, holders := range seers {
		for _, role := range Roles() {
			want := contains(holders, string(role))
			if got := (Policy{Mode: mode}).Holds([]Role{role}, SeeAll); got != want {
				t.Errorf("%s in %s sees all: got %t, want %t", role, mode, got, want)
			}
		}
	}
}

func TestOneSeesWhatOneReportedIsAssignedToOrWatches(t *testing.T) {
	t.Parallel()
	me := Actor{ID: "usr_me"}
	for name, c := range map[string]struct {
		actor              Actor
		roles              []Role
		reporter, assignee UserID
		watches            bool
		want               bool
	}{
		"the reporter, no longer a member":    {actor: me, reporter: "usr_me", want: true},
		"the assignee":                        {actor: me, reporter: "usr_x", assignee: "usr_me", want: true},
		"nobody, of a ticket that nobody has": {reporter: "usr_x", want: false},
		"a stranger":                          {actor: me, reporter: "usr_x", want: false},
		"another reporter":                    {actor: me, roles: []Role{Reporter}, reporter: "usr_x", want: false},
		"a manager":                           {actor: me, roles: []Role{Reporter, Manager}, reporter: "usr_x", want: true},
		"a watcher who is a member":           {actor: me, roles: []Role{Reporter}, reporter: "usr_x", watches: true, want: true},
		"a watcher who is no longer one":      {actor: me, reporter: "usr_x", watches: true, want: false},
		"an administrator":                    {actor: Actor{ID: "usr_me", Admin: true}, reporter: "usr_x", want: true},
	} {
		if got := c.actor.SeesTicket(Policy{Mode: Ticketing}, c.roles, c.reporter, c.assignee, c.watches); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

func contains(words, word string) bool { return slices.Contains(strings.Fields(words), word) }
