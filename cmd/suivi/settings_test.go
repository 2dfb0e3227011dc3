package main

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/tracker"
)

const deskPath = "/api/v1/trackers/DESK"

// trackerShown is what the tests look at in GET /trackers/{key}.
type trackerShown struct {
	tracker.Tracker
	Thanks tracker.Label
	States []struct {
		State   tracker.State
		Enabled bool
		Label   tracker.Label
	}
}

func (s trackerShown) enabled() []tracker.State {
	var states []tracker.State
	for _, row := range s.States {
		if row.Enabled {
			states = append(states, row.State)
		}
	}
	return states
}

// configure changes settings of DESK, and gives the tracker as it is read then.
func (d *desk) configure(token string, settings map[string]any) trackerShown {
	d.t.Helper()
	a := d.ask(token, "PATCH", deskPath, settings)
	d.want(http.StatusOK, a, nil)
	var shown trackerShown
	d.want(http.StatusOK, d.ask(token, "GET", deskPath, nil, "X-Suivi-After", a.position), &shown)
	return shown
}

func TestWhatWasChosenByHandOutlivesEveryModeAndSave(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, map[string]any{"mode": "ticketing"})
	manager := tokens[domain.Manager]
	preset := d.configure(manager, map[string]any{})
	if want := (tracker.Tracker{Mode: domain.Ticketing}).Thanks(); preset.Thanks != want {
		t.Errorf("from the first save on: got %+v, want %+v", preset.Thanks, want)
	}
	chosen := map[string]any{
		"mode": "custom", "states": []string{"open", "testing", "resolved"}, "labels": map[string]any{"open": map[string]string{"fr": "Vu", "en": "Seen"}},
		"thankYou": map[string]string{"fr": "Merci"}, "intro": map[string]string{"en": "Welcome"}, "contactUrl": "https://example.org/help",
	}
	d.want(http.StatusOK, d.ask(manager, "PUT", deskPath+"/roles/reporter", map[string]any{"granted": []string{"see-all"}}), nil)
	before := d.configure(manager, chosen)
	if again := d.configure(manager, chosen); !cmp.Equal(before, again) {
		t.Errorf("saved twice: %s", cmp.Diff(before, again))
	}
	if got := before.enabled(); !cmp.Equal(got, []tracker.State{"posted", "open", "testing", "resolved"}) {
		t.Errorf("enabled: %v", got)
	}
	for _, mode := range domain.Modes() {
		d.configure(manager, map[string]any{"mode": mode})
	}
	after := d.configure(manager, map[string]any{"mode": "custom"})
	after.UpdatedAt = before.UpdatedAt
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	// And back to what the mode gives, with the assignee named in its text.
	plain := d.configure(manager, map[string]any{"mode": "ticketing", "states": []string{}, "thankYou": map[string]string{}, "defaultAssignee": ids[domain.Resolver]})
	want := tracker.Tracker{Mode: domain.Ticketing, DefaultAssignee: "usr_x"}
	if plain.Thanks != want.Thanks() || !cmp.Equal(plain.enabled(), want.EnabledStates()) {
		t.Errorf("got %+v, %v", plain.Thanks, plain.enabled())
	}
}

func TestCommentsSwitchedOffAreRefused(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	path := d.post(tokens[domain.Reporter], "Quiet")
	hello := map[string]any{"body": "Hello"}
	d.want(http.StatusCreated, d.ask(tokens[domain.Reporter], "POST", path+"/comments", hello), nil)
	d.configure(tokens[domain.Manager], map[string]any{"commentsOff": true})
	d.refused(http.StatusConflict, "comments-disabled", d.ask(tokens[domain.Reporter], "POST", path+"/comments", hello))
	d.refused(http.StatusConflict, "comments-disabled", d.ask(d.token, "POST", path+"/state", map[string]any{"to": "working", "comment": "Hello"}))
	if v := versionOf(d, path); v != 2 {
		t.Errorf("version %d after refused comments, want 2", v)
	}
	d.configure(tokens[domain.Manager], map[string]any{"commentsOff": false})
	d.want(http.StatusCreated, d.ask(tokens[domain.Reporter], "POST", path+"/comments", hello), nil)
}
