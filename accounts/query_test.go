package accounts_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/accounts"
	"suivi/domain"
)

func TestASavedQueryIsKeptUntilItsOwnerDeletesIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts) {
		ada, eve := create(t, people, "Ada", "ada@example.org").ID, create(t, people, "Eve", "eve@example.org").ID
		save := func(q accounts.Query) accounts.Query {
			t.Helper()
			saved, err := people.SaveQuery(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			return saved
		}
		mine := save(accounts.Query{Owner: ada, Name: "Mine", Query: "assignee=me", Columns: []string{"number", "field.room"}})
		within := save(accounts.Query{Owner: ada, Name: "Desk", Tracker: "HELP", Columns: []string{}})
		shared := save(accounts.Query{Owner: eve, Name: "Ours", Tracker: "HELP", Shared: true, Columns: []string{}})
		save(accounts.Query{Owner: eve, Name: "Private", Tracker: "HELP"})
		elsewhere := save(accounts.Query{Owner: eve, Name: "Elsewhere", Tracker: "SHOP", Shared: true, Columns: []string{}})
		for _, c := range []struct {
			page accounts.QueryPage
			want []accounts.Query
		}{
			{accounts.QueryPage{Owner: ada}, []accounts.Query{mine, within}},
			{accounts.QueryPage{Owner: ada, Trackers: []domain.TrackerKey{"HELP"}}, []accounts.Query{mine, within, shared}},
			{accounts.QueryPage{Owner: ada, All: true}, []accounts.Query{mine, within, shared, elsewhere}},
			{accounts.QueryPage{Owner: ada, All: true, Tracker: "HELP"}, []accounts.Query{within, shared}},
			{accounts.QueryPage{Owner: ada, All: true, After: within.ID, Limit: 1}, []accounts.Query{shared}},
		} {
			if c.page.Limit == 0 {
				c.page.Limit = 10
			}
			got, err := another().Queries(t.Context(), c.page)
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%+v: %v %s", c.page, err, diff)
			}
		}
		mine.Name, mine.Columns = "Still mine", []string{}
		changed, err := people.ChangeQuery(t.Context(), mine)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := people.QueryByID(t.Context(), mine.ID); err != nil || cmp.Diff(changed, got) != "" || got.Name != "Still mine" {
			t.Errorf("got %+v, %v, want %+v", got, err, changed)
		}
		if err := people.DeleteQuery(t.Context(), mine.ID); err != nil {
			t.Fatal(err)
		}
		_, readErr := people.QueryByID(t.Context(), mine.ID)
		_, changeErr := people.ChangeQuery(t.Context(), mine)
		for _, err := range []error{readErr, changeErr, people.DeleteQuery(t.Context(), mine.ID)} {
			if domain.CodeOf(err) != "query-not-found" {
				t.Errorf("of a deleted query: %v, want query-not-found", err)
			}
		}
	})
}

func TestNobodySavesQueriesWithoutEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		ada := create(t, people, "Ada", "ada@example.org").ID
		for n := range accounts.MaxQueries {
			if _, err := people.SaveQuery(t.Context(), accounts.Query{Owner: ada, Name: fmt.Sprint(n)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := people.SaveQuery(t.Context(), accounts.Query{Owner: ada, Name: "more"}); domain.CodeOf(err) != "too-many-queries" {
			t.Errorf("got %v, want too-many-queries", err)
		}
	})
}
