package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/integration"
	"suivi/internal/testdb"
)

func TestASecretIsGivenOutForItsSiteAloneAndShownToNobody(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		r, _ := w.openReactors(integration.Reactor{Name: "ear"})
		const word = "s3cret-word"
		secret := integration.NewSecret(word)
		kept, err := r.SetSecret(t.Context(), integration.KeptSecret{Name: "key", Site: "https://r.example.org/"}, secret, domain.By{Person: "usr_1"})
		if err != nil || kept.Site != "https://r.example.org" {
			t.Fatalf("got %+v, %v", kept, err)
		}
		got, set, err := r.SecretFor(t.Context(), "key", "HELP", "https://r.example.org")
		if err != nil || got.Reveal() != word || !set.Equal(kept.SetAt) {
			t.Errorf("got it set at %s, %v", set, err)
		}
		for site, code := range map[string]string{"https://evil.example.org": "secret-for-another-site", "https://r.example.org/sub": "secret-for-another-site"} {
			if got, _, err := r.SecretFor(t.Context(), "key", "HELP", site); domain.CodeOf(err) != code || got.Reveal() != "" {
				t.Errorf("%s: got %v", site, err)
			}
		}
		if _, _, err := r.SecretFor(t.Context(), "none", "HELP", "https://r.example.org"); domain.CodeOf(err) != "secret-not-found" {
			t.Errorf("got %v", err)
		}
		list, err := r.Secrets(t.Context())
		if diff := cmp.Diff([]integration.KeptSecret{kept}, list); err != nil || diff != "" {
			t.Error(err, diff)
		}
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("told", "secret", secret, "in", struct{ S integration.Secret }{secret})
		text, err := json.Marshal(map[string]any{"secret": secret, "kept": list})
		shown := fmt.Sprintf("%v %+v %#v %s %q %s %s %v", secret, secret, secret, secret, secret, text, log.String(), struct{ S integration.Secret }{secret})
		if err != nil || strings.Contains(shown, word) || secret.Redact("key="+word) != "key=(secret)" {
			t.Errorf("it shows itself: %s, %v", shown, err)
		}
		for _, wrong := range []struct{ name, site, value string }{{"Key", "https://r.example.org", "x"}, {"key", "r.example.org", "x"}, {"key", "https://r.example.org", "a\nb"}, {"key", "https://r.example.org", ""}} {
			if _, err := r.SetSecret(t.Context(), integration.KeptSecret{Name: wrong.name, Site: wrong.site}, integration.NewSecret(wrong.value), domain.By{Person: "usr_1"}); domain.KindOf(err) != domain.Invalid {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		if err := errors.Join(r.RemoveSecret(t.Context(), "key", domain.By{Person: "usr_1"})); err != nil {
			t.Error(err)
		}
		if err := r.RemoveSecret(t.Context(), "key", domain.By{Person: "usr_1"}); domain.CodeOf(err) != "secret-not-found" {
			t.Errorf("got %v", err)
		}
	})
}

func TestASecretIsGivenOutToTheTrackersAloneThatMayUseIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		const site = "https://r.example.org"
		w, by := newWorld(t, url), domain.By{Person: "usr_1"}
		r, _ := w.openReactors(integration.Reactor{Name: "ear"})
		set := func(trackers ...domain.TrackerKey) []domain.TrackerKey {
			t.Helper()
			kept, err := r.SetSecret(t.Context(), integration.KeptSecret{Name: "key", Site: site, Trackers: trackers}, integration.NewSecret("word"), by)
			if err != nil {
				t.Fatal(err)
			}
			return kept.Trackers
		}
		may := func(ctx context.Context, key domain.TrackerKey) bool {
			t.Helper()
			secret, _, err := r.SecretFor(ctx, "key", key, site)
			denied, err2 := r.SecretDenied(ctx, "key", key)
			list, err3 := r.SecretsFor(ctx, key)
			if err != nil && domain.CodeOf(err) != "secret-for-other-trackers" || err2 != nil || err3 != nil || denied != (err != nil) || (len(list) == 0) != denied || denied != (secret.Reveal() == "") {
				t.Errorf("%s: got %v, %t, %v, %v, %v", key, err, denied, err2, list, err3)
			}
			return err == nil
		}
		if got := set(); len(got) != 0 || !may(t.Context(), "HELP") {
			t.Errorf("one that is for any: %v", got)
		}
		if got := set("NET", "HELP", "NET"); !slices.Equal(got, []domain.TrackerKey{"HELP", "NET"}) || !may(t.Context(), "HELP") || may(t.Context(), "DESK") {
			t.Errorf("one for two: %v", got)
		}
		if got := set(); len(got) != 2 || may(t.Context(), "DESK") { // another value opens it to nobody
			t.Errorf("set anew: %v", got)
		}
		kept, err := r.AllowSecret(t.Context(), "key", []domain.TrackerKey{"DESK"}, by)
		if err != nil || !may(t.Context(), "DESK") || may(t.Context(), "HELP") || kept.Site != site {
			t.Errorf("got %+v, %v", kept, err)
		}
		if kept, err = r.AllowSecret(t.Context(), "key", nil, by); err != nil || !may(t.Context(), "HELP") || len(kept.Trackers) != 0 {
			t.Errorf("got %+v, %v", kept, err)
		}
		if _, err := r.AllowSecret(t.Context(), "none", nil, by); domain.CodeOf(err) != "secret-not-found" {
			t.Errorf("got %v", err)
		}
		if _, err := r.AllowSecret(t.Context(), "key", []domain.TrackerKey{"no key"}, by); domain.KindOf(err) != domain.Invalid {
			t.Errorf("got %v", err)
		}
		if denied, err := r.SecretDenied(t.Context(), "none", "HELP"); denied || err != nil {
			t.Errorf("got %t, %v", denied, err)
		}
	})
}
