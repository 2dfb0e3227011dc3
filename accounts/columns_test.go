package accounts_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/accounts"
	"suivi/domain"
)

func TestColumnsAreEachPersonsOwnForEachTracker(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, another func() *accounts.Accounts) {
		ada, eve := create(t, people, "Ada", "ada@example.org").ID, create(t, people, "Eve", "eve@example.org").ID
		set := func(person domain.UserID, key domain.TrackerKey, columns ...string) {
			t.Helper()
			if err := people.SetColumns(t.Context(), person, key, columns); err != nil {
				t.Fatal(err)
			}
		}
		set(ada, "HELP", "state", "field.room")
		set(ada, "HELP", "field.room", "updatedAt")
		set(ada, "", "tracker")
		set(ada, "SHOP")
		set(eve, "HELP", "reporter")
		want := accounts.ColumnSets{"": {"tracker"}, "HELP": {"field.room", "updatedAt"}, "SHOP": {}}
		got, err := another().ColumnSets(t.Context(), ada)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		if err := people.ResetColumns(t.Context(), ada, "HELP"); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			person domain.UserID
			key    domain.TrackerKey
			want   []string
			chosen bool
		}{{ada, "HELP", nil, false}, {ada, "SHOP", []string{}, true}, {ada, "", []string{"tracker"}, true}, {eve, "HELP", []string{"reporter"}, true}, {eve, "", nil, false}} {
			got, chosen, err := another().Columns(t.Context(), c.person, c.key)
			if diff := cmp.Diff(c.want, got); err != nil || chosen != c.chosen || diff != "" {
				t.Errorf("%s: got chosen %v, %v %s", c.key, chosen, err, diff)
			}
		}
	})
}

func TestNobodyChoosesColumnsWithoutEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		ada := create(t, people, "Ada", "ada@example.org").ID
		for i := range accounts.MaxColumnSets {
			if err := people.SetColumns(t.Context(), ada, domain.TrackerKey(fmt.Sprintf("K%d", i)), nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := people.SetColumns(t.Context(), ada, "K7", []string{"state"}); err != nil {
			t.Errorf("those that are there can be changed: %v", err)
		}
		if err := people.SetColumns(t.Context(), ada, "MORE", nil); domain.CodeOf(err) != "too-many-lists" {
			t.Errorf("got %v", err)
		}
	})
}
