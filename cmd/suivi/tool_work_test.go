package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

// workAt is where works on the mirror of HELP are ordered.
const workAt = "/api/v1/trackers/HELP/mirrors/redmine/work"

// worked orders a work on the mirror of HELP, and waits for its end.
func (d *desk) worked(kind string) *integration.Work {
	d.t.Helper()
	var work integration.Work
	d.want(http.StatusAccepted, d.ask(d.token, "POST", workAt, object{"kind": kind}), &work)
	var state mirror.State
	await(d.t, kind+" has ended", func() bool {
		d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/trackers/HELP/mirrors/redmine/status", nil), &state)
		return state.Work == nil || state.Work.ID != work.ID || !state.Work.Running()
	})
	if state.Work == nil || state.Work.ID != work.ID || state.Work.Failure != "" {
		d.t.Fatalf("%s: got %+v", kind, state.Work)
	}
	return state.Work
}

// pause turns the mirror of HELP off, or on.
func (m *mirrored) pause(paused bool) {
	m.t.Helper()
	var list struct{ Mirrors []object }
	m.want(http.StatusOK, m.ask(m.token, "GET", "/api/v1/trackers/HELP/mirrors", nil), &list)
	set := list.Mirrors[0]
	delete(set, "tool")
	set["paused"] = paused
	m.want(http.StatusOK, m.ask(m.token, "PUT", "/api/v1/trackers/HELP/mirrors/redmine", set), nil)
}

// All that `suivi redmine` does with one mirror, by the works that pages order too.
func TestTheCommandLineOrdersWorksAndTellsWhatCameOfThem(t *testing.T) {
	t.Parallel()
	m := newMirrored(t)
	m.pause(true)
	post := func(summary string) {
		t.Helper()
		m.want(http.StatusCreated, m.ask(m.token, "POST", "/api/v1/trackers/HELP/tickets", object{"summary": summary}), nil)
	}
	post("No ink")
	post("No light")
	suivi := func(want int, args ...string) (out, errOut string) {
		t.Helper()
		code, out, errOut := tryCommand(t.Context(), append(append([]string{"redmine"}, args...), "--data", m.data, "--server", m.url)...)
		if code != want {
			t.Errorf("suivi redmine %v: exit %d, want %d\n%s%s", args, code, want, out, errOut)
		}
		return out, errOut
	}
	suivi(0, "check", "HELP")
	dry, wrong := suivi(1, "import", "HELP", "--dry-run")
	wantAll(t, dry, "HELP-1 create", "HELP-2 create", "2 tickets: 0 in step, 2 without a twin")
	wantAll(t, wrong, "2 of 2 tickets are not in step")
	if n := m.redmine.Issues(t, m.project); n != 0 {
		t.Errorf("a dry run has made %d issues", n)
	}
	_, wrong = suivi(1, "import", "HELP")
	wantAll(t, wrong, "turn it on first")
	m.pause(false)
	out, _ := suivi(0, "import", "HELP")
	wantAll(t, out, "2 tickets were brought into step, 0 are parked; 0 twins differ")
	out, _ = suivi(0, "verify", "HELP")
	wantAll(t, out, "2 tickets: 2 in step")

	there, err := redmine.NewClient(m.redmine.URL, testredmine.Key(testredmine.Manager))
	if err != nil {
		t.Fatal(err)
	}
	found, err := there.Find(t.Context(), m.project, 1, "HELP-1")
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v", found, err)
	}
	if err := there.Update(t.Context(), found[0].ID, redmine.Change{"subject": "Spoilt"}); err != nil {
		t.Fatal(err)
	}
	out, wrong = suivi(1, "reconcile", "HELP")
	wantAll(t, out, "HELP-1 change", `subject: "Spoilt", should be "No ink"`, "1 whose twin differs")
	wantAll(t, wrong, "1 of 2 tickets are not in step")
	text, _ := suivi(1, "reconcile", "HELP", "--json")
	var report mirror.Report
	if err := json.Unmarshal([]byte(text), &report); err != nil || report.Change != 1 || len(report.Found) != 1 {
		t.Errorf("got %v: %s", err, text)
	}
	out, _ = suivi(0, "reconcile", "HELP", "--repair")
	wantAll(t, out, "2 tickets were brought into step")
	suivi(0, "reconcile", "HELP")

	post(testredmine.Refused)
	out, wrong = suivi(1, "import", "HELP")
	wantAll(t, out, "2 tickets were brought into step, 1 are parked")
	wantAll(t, wrong, "suivi redmine park tells why")
	out, _ = suivi(0, "park")
	wantAll(t, out, "HELP-3")
	out, _ = suivi(0, "status")
	wantAll(t, out, "HELP", m.project, "1 tickets parked")
	suivi(1, "verify", "NONE")
	suivi(2, "verify")
}

// Ctrl-C ends the work, not only the waiting for it.
func TestWhoStopsTheCommandEndsTheWork(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	site, calls := listening(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s.want(200, s.ask(s.token, "PUT", "/api/v1/admin/secrets/key", object{"site": site, "value": "k"}), nil)
	s.want(200, s.ask(s.token, "PUT", "/api/v1/trackers/HELP/mirrors/redmine", object{"site": site, "secret": "key", "project": "p", "fixed": object{"external-id": "1"}}), nil)
	s.settlePages()
	s.post(s.emile, "A ticket")
	for kind, want := range map[string]string{"reconcile": "stopped; nothing was changed", "import": "tickets that are due already are brought into step all the same"} {
		asked := calls.Load()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan string)
		go func() {
			code, _, errOut := tryCommand(ctx, "redmine", kind, "HELP", "--data", s.data, "--server", s.url)
			ended <- strconv.Itoa(code) + " " + errOut
		}()
		await(t, "it is at work", func() bool { w := s.mirrorState().Work; return w != nil && w.Running() && calls.Load() > asked })
		stop()
		if got := <-ended; !strings.HasPrefix(got, "1 ") || !strings.Contains(got, want) {
			t.Errorf("%s: got exit %s", kind, got)
		}
		if w := s.mirrorState().Work; w.Running() || w.Failure != integration.Cancelled {
			t.Errorf("%s: the work is %+v", kind, w)
		}
	}
}
