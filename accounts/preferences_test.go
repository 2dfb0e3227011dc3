package accounts_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suivi/accounts"
	"suivi/domain"
)

func TestTheNearestWatchDefaultHolds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, people *accounts.Accounts, _ func() *accounts.Accounts) {
		ada, eve := create(t, people, "Ada", "ada@example.org").ID, create(t, people, "Eve", "eve@example.org").ID
		set := func(person domain.UserID, p accounts.Preferences) {
			t.Helper()
			if err := people.SetPreferences(t.Context(), domain.By{}, person, p); err != nil {
				t.Fatal(err)
			}
			got, err := people.Preferences(t.Context(), person)
			if diff := cmp.Diff(p, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		}
		want := func(key domain.TrackerKey, want map[domain.UserID][]domain.Topic) {
			t.Helper()
			got, err := people.WatchDefaults(t.Context(), key, []domain.UserID{ada, eve})
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v %s", key, err, diff)
			}
		}
		want("HELP", map[domain.UserID][]domain.Topic{})
		set(accounts.Site, accounts.Preferences{Watch: new([]domain.Topic{"resolved"})})
		want("HELP", map[domain.UserID][]domain.Topic{ada: {"resolved"}, eve: {"resolved"}})
		set(ada, accounts.Preferences{Watch: new([]domain.Topic{"comment", "edit"}), Trackers: map[domain.TrackerKey][]domain.Topic{"HELP": {}, "SHOP": {"open"}}})
		want("HELP", map[domain.UserID][]domain.Topic{ada: {}, eve: {"resolved"}})
		want("SHOP", map[domain.UserID][]domain.Topic{ada: {"open"}, eve: {"resolved"}})
		want("OTHER", map[domain.UserID][]domain.Topic{ada: {"comment", "edit"}, eve: {"resolved"}})
		set(ada, accounts.Preferences{Trackers: map[domain.TrackerKey][]domain.Topic{"SHOP": {"waiting"}}})
		want("HELP", map[domain.UserID][]domain.Topic{ada: {"resolved"}, eve: {"resolved"}})
		want("SHOP", map[domain.UserID][]domain.Topic{ada: {"waiting"}, eve: {"resolved"}})
		set(ada, accounts.Preferences{})
		set(accounts.Site, accounts.Preferences{})
		want("SHOP", map[domain.UserID][]domain.Topic{})
	})
}
