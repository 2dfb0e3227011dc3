package redmine_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/mirrortest"
	"suivi/internal/testredmine"
)

func TestRedmineKeepsTheContractOfTools(t *testing.T) {
	t.Parallel()
	mirrortest.Run(t, func(t *testing.T) mirrortest.Rig { return newRig(t) })
}

func BenchmarkDelay(b *testing.B) { mirrortest.Delay(b, newRig) }

func newRig(t testing.TB) mirrortest.Rig {
	s := testredmine.Shared(t)
	r := rig{s: s, project: s.NewProject(t)}
	return mirrortest.Rig{
		Site: s.URL, Secret: testredmine.Key(testredmine.Manager), Tool: func() mirror.Tool { return newTool() },
		Mirror: func(t testing.TB, people []domain.UserID) tracker.Mirror {
			m := place(t, s, r.project, testredmine.Manager).Mirror
			m.States[tracker.Resolved] = strconv.Itoa(statusClosed)
			m.Deletion, m.Fields = tracker.DeleteTwin, nil
			m.People = map[domain.UserID]string{}
			for i, person := range people {
				m.People[person] = strconv.Itoa(s.User(t, []string{testredmine.Reporter, testredmine.Developer}[i%2]))
			}
			return m
		},
		People: &mirrortest.People{
			Staff: strconv.Itoa(s.User(t, testredmine.Developer)), Stranger: strconv.Itoa(s.User(t, testredmine.Admin)),
			Say: func(t testing.TB, id domain.TicketID, as, text string) {
				r.change(t, id, as, redmine.Change{"notes": text})
			},
			Attach: func(t testing.TB, id domain.TicketID, as, name, content string) {
				token := must[string](t)(client(t, s, testredmine.Developer).Upload(context.WithoutCancel(t.Context()), name, strings.NewReader(content)))
				r.change(t, id, as, redmine.Change{"uploads": []any{map[string]any{"token": token, "filename": name}}})
			},
			Close: func(t testing.TB, id domain.TicketID, as string) {
				r.change(t, id, as, redmine.Change{"status_id": statusClosed})
			},
			Tie: r.tie,
		},
		Look: r.look, Lose: r.lose, Spoil: r.spoil, Poison: testredmine.Refused, Stride: 29,
	}
}

// rig looks at the issues of a project as people do there.
type rig struct {
	s       *testredmine.Server
	project string
}

func (r rig) issues(t testing.TB, id domain.TicketID) []redmine.Issue {
	t.Helper()
	c, ctx := client(t, r.s, testredmine.Manager), context.WithoutCancel(t.Context())
	var whole []redmine.Issue
	for _, found := range must[[]redmine.Issue](t)(c.Find(ctx, r.project, fieldExternal, string(id))) {
		whole = append(whole, must[redmine.Issue](t)(c.Issue(ctx, found.ID)))
	}
	return whole
}

func (r rig) look(t testing.TB, id domain.TicketID) []mirrortest.Seen {
	t.Helper()
	var all []mirrortest.Seen
	for _, issue := range r.issues(t, id) {
		seen := mirrortest.Seen{Summary: issue.Subject, Closed: issue.Status.Closed}
		for _, j := range issue.Journals {
			below := strings.ReplaceAll(j.Notes, "\r\n", "\n")
			if first, said, _ := strings.Cut(below, "\n\n"); strings.Contains(first, "("+string(id)+", ") {
				below = said
			}
			if j.Private {
				below = "internal: " + below
			}
			if j.Notes != "" {
				seen.Said = append(seen.Said, below)
			}
		}
		for _, file := range issue.Files {
			seen.Files = append(seen.Files, file.Name+" "+r.content(t, file))
		}
		for _, relation := range issue.Relations {
			if relation.Type == redmine.Blocks && relation.To == issue.ID {
				other := must[redmine.Issue](t)(client(t, r.s, testredmine.Manager).Issue(context.WithoutCancel(t.Context()), relation.Issue))
				seen.Prerequisites = append(seen.Prerequisites, value(other, fieldExternal))
			}
		}
		slices.Sort(seen.Files)
		slices.Sort(seen.Prerequisites)
		all = append(all, seen)
	}
	return all
}

// change has a person there change the ticket's issue, with their own key.
func (r rig) change(t testing.TB, id domain.TicketID, as string, change redmine.Change) {
	t.Helper()
	for _, login := range []string{testredmine.Admin, testredmine.Manager, testredmine.Developer, testredmine.Reporter} {
		if strconv.Itoa(r.s.User(t, login)) != as {
			continue
		}
		for _, issue := range r.issues(t, id) {
			succeed(t, client(t, r.s, login).Update(context.WithoutCancel(t.Context()), issue.ID, change))
		}
	}
}

// tie has a person there have the prerequisite's issue block the ticket's, or no longer.
func (r rig) tie(t testing.TB, id, prerequisite domain.TicketID, as string, end bool) {
	t.Helper()
	login := map[string]string{strconv.Itoa(r.s.User(t, testredmine.Developer)): testredmine.Developer, strconv.Itoa(r.s.User(t, testredmine.Admin)): testredmine.Admin}[as]
	c, ctx := client(t, r.s, login), context.WithoutCancel(t.Context())
	first, second := r.issues(t, prerequisite)[0], r.issues(t, id)[0]
	if !end {
		succeed(t, c.Relate(ctx, first.ID, second.ID, redmine.Blocks))
		return
	}
	for _, relation := range second.Relations {
		if relation.Type == redmine.Blocks && relation.Issue == first.ID {
			succeed(t, c.Unrelate(ctx, relation.ID))
		}
	}
}

func (r rig) content(t testing.TB, file redmine.Attachment) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, r.s.URL+"/attachments/download/"+strconv.Itoa(file.ID)+"/"+file.Name, nil)
	succeed(t, err)
	req.Header.Set("X-Redmine-Api-Key", testredmine.Key(testredmine.Manager))
	resp, err := http.DefaultClient.Do(req)
	succeed(t, err)
	text, err := io.ReadAll(resp.Body)
	succeed(t, err, resp.Body.Close())
	return string(text)
}

func (r rig) lose(t testing.TB, id domain.TicketID) {
	t.Helper()
	for _, issue := range r.issues(t, id) {
		succeed(t, client(t, r.s, testredmine.Manager).Delete(context.WithoutCancel(t.Context()), issue.ID))
	}
}

func (r rig) spoil(t testing.TB, id domain.TicketID) {
	t.Helper()
	for _, issue := range r.issues(t, id) {
		succeed(t, client(t, r.s, testredmine.Manager).Update(context.WithoutCancel(t.Context()), issue.ID, redmine.Change{"subject": "Spoilt"}))
	}
}
