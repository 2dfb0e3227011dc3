package redmine_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/integration/mirror"
	"suivi/internal/testredmine"
)

// ties are what was heard of what the issue depends on, without the parts.
func ties(news []mirror.Change) (all []mirror.Tie) {
	for _, change := range news {
		for _, tie := range change.Ties {
			tie.Part = ""
			all = append(all, tie)
		}
	}
	return all
}

// knowTies has them be known, as who takes them in does.
func (p *pair) knowTies(news []mirror.Change) {
	p.know(news, ticket.Part{})
	for _, change := range news {
		for _, tie := range change.Ties {
			if tie.Part != "" {
				p.twin = p.twin.With(ticket.Part{ID: tie.Part})
			}
		}
	}
}

func TestRelationsOfOthersAreHeardOnTheIssueThatIsBlocked(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	first, second := newHeard(t, s, testredmine.Manager), newHeard(t, s, testredmine.Manager)
	second.whole, second.twin = ticket.Whole{}, ticket.Twin{}
	second.at = first.at
	second.happens(zoe, ticket.Posted{Tracker: "HELP", Number: 2, Summary: "Second", Reporter: zoe})
	second.mustHear()
	second.mustAlign()
	c := client(t, s, testredmine.Developer)
	blocking, blocked := must[int](t)(first.issue()), must[int](t)(second.issue())
	before := mirror.Neighbour{Ticket: first.whole.ID, Twin: mirror.Ref{ID: first.twin.ID}}
	hears := func(want ...mirror.Tie) []mirror.Change {
		t.Helper()
		news := second.mustHear()
		if diff := cmp.Diff(want, ties(news)); diff != "" || len(ties(first.mustHear())) > 0 {
			t.Errorf("%s; on the other issue %+v", diff, first.mustHear())
		}
		for _, change := range news {
			if change.Author != strconv.Itoa(s.User(t, testredmine.Developer)) {
				t.Errorf("by %q", change.Author)
			}
		}
		return news
	}
	related := func() int { return len(second.read().Relations) }

	// Somebody adds one; here it is allowed, and then it is no longer.
	succeed(t, c.Relate(t.Context(), blocking, blocked, "blocks"))
	if _, err := second.align(false); err != mirror.ErrUnheard { //nolint:errorlint // the framework may compare so
		t.Errorf("got %v", err)
	}
	second.knowTies(hears(mirror.Tie{Prerequisite: before}))
	second.before = []mirror.Neighbour{before}
	second.mustAlign()
	second.before = nil
	second.mustAlign()
	if related() != 0 {
		t.Error("it is still there")
	}
	hears() // that was Suivi

	// Suivi adds one, and dies before it can write down which: it is its own all the same.
	second.before = []mirror.Neighbour{before}
	known := second.twin.Parts
	second.mustAlign()
	second.twin.Parts = slices.DeleteFunc(slices.Clone(second.twin.Parts), func(p ticket.Part) bool {
		return len(p.ID) > 9 && p.ID[:9] == "relation-" && !slices.Contains(known, p)
	})
	hears()
	second.mustAlign()

	// Somebody takes it away: it is not made anew before that was heard, and is if it is refused.
	succeed(t, c.Unrelate(t.Context(), second.read().Relations[0].ID))
	if _, err := second.align(false); err != mirror.ErrUnheard || related() != 0 { //nolint:errorlint // likewise
		t.Errorf("got %v, %d relations", err, related())
	}
	second.knowTies(hears(mirror.Tie{Prerequisite: before, Ended: true}))
	second.mustAlign()
	if related() != 1 {
		t.Error("what was refused is not undone")
	}
	hears()

	// One that is refused goes, though it has the number of one that was Suivi's.
	second.before = nil
	second.mustAlign()
	succeed(t, c.Relate(t.Context(), blocking, blocked, "blocks"))
	second.knowTies(hears(mirror.Tie{Prerequisite: before}))
	second.mustAlign()
	if related() != 0 {
		t.Error("what was refused is not undone")
	}

	// What is no ticket's issue is none of Suivi's, and neither are relations of other kinds.
	stranger := createIn(t, client(t, s, testredmine.Manager), first.at.Mirror.Project, "A stranger")
	succeed(t, c.Relate(t.Context(), stranger.ID, blocked, "blocks"), c.Relate(t.Context(), blocking, blocked, "relates"))
	news := hears(mirror.Tie{Prerequisite: mirror.Neighbour{Ticket: domain.TicketID(""), Twin: mirror.Ref{ID: strconv.Itoa(stranger.ID)}}})
	second.know(news, ticket.Part{})
	second.mustAlign()
	if related() != 2 {
		t.Errorf("got %+v", second.read().Relations)
	}
}
