package accounts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/accounts"
	"suivi/domain"
)

func TestASettingOfTheSiteChangesWhatIsNamedAndIsRecorded(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		want := accounts.SiteSettings{ClosedPanels: []string{}, NewFields: []string{}}
		same := func(got accounts.SiteSettings, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want - got:\n%s", diff)
			}
		}
		same(n.here.SiteSettings(t.Context()))
		by := domain.By{Person: "usr_1", Source: domain.SourceWeb}
		want.ClosedPanels = []string{"history", "watchers"}
		same(n.here.ChangeSiteSettings(t.Context(), by, accounts.SiteChanges{ClosedPanels: &[]string{"watchers", "history", "watchers"}}))
		want.NewFields = []string{"inactive", "hidden"}
		same(n.there.ChangeSiteSettings(t.Context(), by, accounts.SiteChanges{NewFields: &[]string{"hidden", "inactive"}}))
		same(n.there.ChangeSiteSettings(t.Context(), by, accounts.SiteChanges{NewFields: &[]string{"inactive", "hidden"}})) // as it is
		n.pass(time.Second)                                                                                                 // what another node has changed is seen
		same(n.here.SiteSettings(t.Context()))
		want.ClosedPanels = []string{}
		same(n.here.ChangeSiteSettings(t.Context(), by, accounts.SiteChanges{ClosedPanels: &[]string{}}))

		deeds, _, err := n.here.Deeds(t.Context(), accounts.DeedQuery{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, d := range deeds {
			words = append(words, d.Words(false))
		}
		told := []string{
			"Settings of the site changed: panels closed at first “history watchers” → –.",
			"Settings of the site changed: new fields – → “inactive hidden”.",
			"Settings of the site changed: panels closed at first – → “history watchers”.",
		}
		if diff := cmp.Diff(told, words); diff != "" {
			t.Errorf("want - got:\n%s", diff)
		}
	})
}

func TestAWrongSettingOfTheSiteIsRefused(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, n nodes) {
		for _, c := range []accounts.SiteChanges{
			{ClosedPanels: &[]string{"description"}}, {NewFields: &[]string{"listable"}}, {NewFields: &[]string{"mandatory", "hidden"}},
		} {
			_, err := n.here.ChangeSiteSettings(t.Context(), domain.By{}, c)
			wantCode(t, err, domain.Invalid, "invalid-input")
		}
	})
}
