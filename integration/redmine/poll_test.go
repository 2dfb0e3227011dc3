package redmine_test

import (
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"suivi/domain"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

// polls asks a project what has changed, by a clock of the test's.
type polls struct {
	t      *testing.T
	tool   *redmine.Tool
	at     mirror.Place
	clock  atomic.Int64 // seconds
	cursor string
}

func (p *polls) poll(later time.Duration) []domain.TicketID {
	p.t.Helper()
	p.clock.Add(int64(later / time.Second))
	found, next, err := p.tool.Changed(p.t.Context(), p.at, p.cursor)
	succeed(p.t, err)
	p.cursor = next
	slices.Sort(found)
	return found
}

func TestAPollTellsOfEachChangeAndOnceMoreWhenItsSecondIsOver(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := &polls{t: t, at: place(t, s, s.NewProject(t), testredmine.Manager)}
	p.clock.Store(time.Now().Unix())
	p.tool = redmine.New(redmine.Config{Names: names, Now: func() time.Time { return time.Unix(p.clock.Load(), 0) }})
	c := client(t, s, testredmine.Manager)
	create := func(n int) int {
		issue := must[redmine.Issue](t)(c.Create(t.Context(), redmine.Change{"project_id": p.at.Mirror.Project, "subject": "S",
			"custom_fields": []any{map[string]any{"id": fieldExternal, "value": "HELP-" + strconv.Itoa(n)}}}))
		return issue.ID
	}
	first := create(1)
	create(2)
	createIn(t, c, p.at.Mirror.Project, "No ticket's")
	if found := p.poll(0); len(found) > 0 {
		t.Errorf("the first time: %v", found)
	}
	p.poll(3 * time.Second) // what was there within the last seconds may be told of
	p.poll(3 * time.Second)
	if found := p.poll(3 * time.Second); len(found) > 0 {
		t.Errorf("nothing has changed: %v", found)
	}
	was := must[redmine.Issue](t)(c.Issue(t.Context(), first)).UpdatedOn
	for now := was; now.Equal(was); now = must[redmine.Issue](t)(c.Issue(t.Context(), first)).UpdatedOn { // our clock is ahead here: Redmine's next second
		succeed(t, c.Update(t.Context(), first, redmine.Change{"subject": "T", "status_id": statusClosed}))
	}
	for i, want := range []int{1, 0, 1, 0, 0} {
		if found := p.poll(time.Second); len(found) != want || want > 0 && found[0] != "HELP-1" {
			t.Errorf("poll %d: %v", i, found)
		}
	}
	// Another process goes on where this one ended.
	p.tool = newTool()
	if found := p.poll(0); len(found) > 0 {
		t.Errorf("got %v", found)
	}
}

func TestAPollReadsAllPages(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	p := &polls{t: t, tool: newTool(), at: place(t, s, s.NewProject(t), testredmine.Manager)}
	p.poll(0)
	c := client(t, s, testredmine.Manager)
	const many = 130
	for n := range many {
		must[redmine.Issue](t)(c.Create(t.Context(), redmine.Change{"project_id": p.at.Mirror.Project, "subject": "S",
			"custom_fields": []any{map[string]any{"id": fieldExternal, "value": "HELP-" + strconv.Itoa(n+1)}}}))
	}
	if found := slices.Compact(p.poll(0)); len(found) != many {
		t.Errorf("%d of %d", len(found), many)
	}
}
