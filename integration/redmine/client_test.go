package redmine_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

// What Redmine does without a word, and so what the mirror has to look out for.
// If one of these fails on a new version, a workaround may go.

func TestRedmineIgnoresAForbiddenStatusAndSaysSuccess(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	c, ctx := client(t, s, testredmine.Developer), t.Context()
	made := createIn(t, c, s.NewProject(t), "S")
	for _, status := range []any{statusRejected, 99, "Closed"} { // a developer does not reject
		succeed(t, c.Update(ctx, made.ID, redmine.Change{"status_id": status}))
		if got := must[redmine.Issue](t)(c.Issue(ctx, made.ID)); got.Status.ID != statusNew {
			t.Errorf("%v: got %+v", status, got.Status)
		}
	}
	allowed := must[redmine.Issue](t)(c.Issue(ctx, made.ID)).Allowed
	if slices.ContainsFunc(allowed, func(r redmine.Ref) bool { return r.ID == statusRejected }) {
		t.Errorf("allowed: %v", allowed)
	}
}

func TestRedmineMakesAPrivateNotePublicForWhoMayNotSetIt(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	ctx := t.Context()
	made := createIn(t, client(t, s, testredmine.Manager), s.NewProject(t), "S")
	for login, private := range map[string]bool{testredmine.Manager: true, testredmine.Reporter: false} {
		succeed(t, client(t, s, login).Update(ctx, made.ID, redmine.Change{"notes": login, "private_notes": true}))
		got := must[redmine.Issue](t)(client(t, s, testredmine.Manager).Issue(ctx, made.ID))
		at := slices.IndexFunc(got.Journals, func(j redmine.Journal) bool { return j.Notes == login })
		if at < 0 || got.Journals[at].Private != private {
			t.Errorf("%s: got %+v", login, got.Journals)
		}
	}
}

func TestAWrongKeyIsAnErrorOnlyWhereOnePersonIsAskedFor(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	c := client(t, s, "nobody")
	_, err := c.Me(t.Context())
	if e, ok := errors.AsType[*redmine.Error](err); !ok || e.Status != http.StatusUnauthorized || !strings.Contains(err.Error(), "API key is wrong") {
		t.Errorf("got %v", err)
	}
	if _, err := c.Project(t.Context(), s.Project); err == nil {
		t.Error("a wrong key sees a private project")
	}
}

func TestFindComparesWhatRedmineDoesNotFilter(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	c, ctx, project := client(t, s, testredmine.Manager), t.Context(), s.NewProject(t)
	for _, id := range []string{"A-1", "A-2", "a-1"} {
		_, err := c.Create(ctx, redmine.Change{"project_id": project, "subject": id, "custom_fields": []any{
			map[string]any{"id": fieldExternal, "value": id}, map[string]any{"id": fieldNoFilter, "value": id}}})
		succeed(t, err)
	}
	for _, field := range []int{fieldExternal, fieldNoFilter} {
		found := must[[]redmine.Issue](t)(c.Find(ctx, project, field, "A-1"))
		if len(found) != 1 || found[0].Subject != "A-1" {
			t.Errorf("field %d: got %d issues", field, len(found))
		}
	}
	if found := must[[]redmine.Issue](t)(c.Find(ctx, project, fieldExternal, "A-3")); len(found) > 0 {
		t.Errorf("got %v", found)
	}
}

func TestTwoPostsAreTwoIssuesAlsoWhenTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	c, project := client(t, s, testredmine.Manager), s.NewProject(t)
	proxy := testredmine.NewProxy(t, s.URL)
	through, err := redmine.NewClient(proxy.URL, testredmine.Key(testredmine.Manager))
	succeed(t, err)
	proxy.Next(testredmine.CutOff)
	change := redmine.Change{"project_id": project, "subject": "S", "custom_fields": []any{map[string]any{"id": fieldExternal, "value": "A-1"}}}
	if _, err := through.Create(t.Context(), change); err == nil {
		t.Error("an answer that was cut off is taken for a whole one")
	}
	if found := must[[]redmine.Issue](t)(c.Find(t.Context(), project, fieldExternal, "A-1")); len(found) != 1 {
		t.Errorf("got %d", len(found))
	}
	_ = must[redmine.Issue](t)(through.Create(t.Context(), change))
	if found := must[[]redmine.Issue](t)(c.Find(t.Context(), project, fieldExternal, "A-1")); len(found) != 2 || found[0].ID > found[1].ID {
		t.Errorf("got %d", len(found))
	}
}

func TestOnlyAnEmptyTextTakesTheAssigneeAway(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	c, ctx := client(t, s, testredmine.Manager), t.Context()
	made := createIn(t, c, s.NewProject(t), "S")
	developer := s.User(t, testredmine.Developer)
	for _, step := range []struct {
		to   any
		want int
	}{{developer, developer}, {nil, developer}, {"", 0}} {
		succeed(t, c.Update(ctx, made.ID, redmine.Change{"assigned_to_id": step.to}))
		if got := must[redmine.Issue](t)(c.Issue(ctx, made.ID)); got.Assignee.ID != step.want {
			t.Errorf("%v: got %v", step.to, got.Assignee)
		}
	}
	err := c.Update(ctx, made.ID, redmine.Change{"assigned_to_id": s.User(t, testredmine.Outsider)})
	if e, ok := errors.AsType[*redmine.Error](err); !ok || e.Conflict() || !slices.Equal(e.Texts, []string{"Assignee is invalid"}) {
		t.Errorf("got %v", err)
	}
}

func TestAnAdministratorActsForOthersAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	project, ctx := s.NewProject(t), t.Context()
	for by, author := range map[string]string{testredmine.Admin: "Reporter Test", testredmine.Manager: "Manager Test"} {
		if got := createIn(t, client(t, s, by).As(testredmine.Reporter), project, by); got.Author.Name != author {
			t.Errorf("%s: got %v", by, got.Author)
		}
	}
	_, err := client(t, s, testredmine.Admin).As("nobody").Me(ctx)
	if e, ok := errors.AsType[*redmine.Error](err); !ok || e.Status != http.StatusPreconditionFailed {
		t.Errorf("got %v", err)
	}
}

func TestFilesRelationsWatchersAndNotesComeAndGoOnce(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	c, ctx, project := client(t, s, testredmine.Manager), t.Context(), s.NewProject(t)
	one, two := createIn(t, c, project, "One"), createIn(t, c, project, "Two")
	token := must[string](t)(c.Upload(ctx, "a b.txt", strings.NewReader("hello")))
	upload := redmine.Change{"uploads": []any{map[string]any{"token": token, "filename": "a b.txt"}}, "notes": "n"}
	succeed(t, c.Update(ctx, one.ID, upload))
	if err := c.Update(ctx, one.ID, upload); err == nil {
		t.Error("a token is taken twice")
	}
	reporter := s.User(t, testredmine.Reporter)
	for range 2 {
		succeed(t, c.Relate(ctx, one.ID, two.ID, redmine.Blocks), c.Watch(ctx, one.ID, reporter))
	}
	got := must[redmine.Issue](t)(c.Issue(ctx, one.ID))
	if len(got.Files) != 1 || got.Files[0].Name != "a b.txt" || got.Files[0].Size != 5 || len(got.Relations) != 1 || !slices.ContainsFunc(got.Watchers, func(r redmine.Ref) bool { return r.ID == reporter }) {
		t.Fatalf("got %+v", got)
	}
	if err := c.Relate(ctx, one.ID, one.ID, redmine.Blocks); err == nil {
		t.Error("an issue blocks itself")
	}
	note := slices.IndexFunc(got.Journals, func(j redmine.Journal) bool { return j.Notes == "n" })
	for range 2 {
		succeed(t, c.RemoveFile(ctx, got.Files[0].ID), c.Unrelate(ctx, got.Relations[0].ID), c.Unwatch(ctx, one.ID, reporter))
	}
	succeed(t, c.EditNote(ctx, got.Journals[note].ID, "edited"))
	got = must[redmine.Issue](t)(c.Issue(ctx, one.ID))
	if len(got.Files)+len(got.Relations) > 0 || slices.ContainsFunc(got.Watchers, func(r redmine.Ref) bool { return r.ID == reporter }) || got.Journals[note].Notes != "edited" {
		t.Errorf("got %+v", got)
	}
	succeed(t, c.Delete(ctx, two.ID), c.Delete(ctx, two.ID))
}

func TestAConflictIsToldFromAWrongValue(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	proxy := testredmine.NewProxy(t, s.URL)
	c, err := redmine.NewClient(proxy.URL, testredmine.Key(testredmine.Manager))
	succeed(t, err)
	made := createIn(t, c, s.NewProject(t), "S")
	proxy.Next(testredmine.Conflict)
	err = c.Update(t.Context(), made.ID, redmine.Change{"subject": "T"})
	if e, ok := errors.AsType[*redmine.Error](err); !ok || !e.Conflict() {
		t.Errorf("got %v", err)
	}
	err = c.Update(t.Context(), made.ID, redmine.Change{"subject": ""})
	if e, ok := errors.AsType[*redmine.Error](err); !ok || e.Conflict() {
		t.Errorf("got %v", err)
	}
}

func TestTheClientKeepsItsKeyAndItsDeadlines(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "redmine.example.org", "ftp://x", "http://", "http://me:secret@x", "http://x/?a=b"} {
		if _, err := redmine.NewClient(base, "k"); err == nil {
			t.Errorf("%q is taken for an address", base)
		}
	}
	s := testredmine.Shared(t)
	proxy := testredmine.NewProxy(t, s.URL)
	c, err := redmine.NewClient(proxy.URL+"/", testredmine.Key(testredmine.Manager))
	succeed(t, err)
	proxy.Next(testredmine.Redirect)
	if _, err := c.Me(t.Context()); err == nil || !strings.Contains(err.Error(), "leads elsewhere") {
		t.Errorf("got %v", err)
	}
	proxy.Next(testredmine.Silence)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Me(ctx); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), testredmine.Key(testredmine.Manager)) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Me(t.Context()); err != nil {
		t.Error(err)
	}
}

// Of what read-back depends on: some changes do not move updated_on, and a change of nothing does.
func TestUpdatedOnTellsNotOfRelationsAndWatchers(t *testing.T) {
	t.Parallel()
	s := testredmine.Shared(t)
	c, ctx, project := client(t, s, testredmine.Manager), t.Context(), s.NewProject(t)
	one, two := createIn(t, c, project, "One"), createIn(t, c, project, "Two")
	succeed(t, c.Relate(ctx, one.ID, two.ID, redmine.Blocks), c.Watch(ctx, one.ID, s.User(t, testredmine.Reporter)))
	if got := must[redmine.Issue](t)(c.Issue(ctx, one.ID)); !got.UpdatedOn.Equal(one.UpdatedOn) {
		t.Errorf("%v, then %v", one.UpdatedOn, got.UpdatedOn)
	}
}
