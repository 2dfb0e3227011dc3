package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
)

// told is what a test looks at in an event of a feed.
type told struct {
	ID, Subject, Type, Tracker, Position string
	Data                                 map[string]any
}

func (e told) String() string { return e.Subject + " " + e.Type }

// feed is an open feed.
type feed struct {
	t      *testing.T
	events chan told // closed at its end
	end    context.CancelFunc
}

// follow opens a feed, which must be there at once.
func (d *desk) follow(token, query string, headers ...string) *feed {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	d.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+"/api/v1/events"+query, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != "text/event-stream" {
		d.t.Fatalf("got %d %s", res.StatusCode, got)
	}
	f := &feed{t: d.t, events: make(chan told, 1000), end: cancel}
	go func() {
		defer close(f.events)
		defer res.Body.Close()
		id := ""
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if text, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				id = text
			}
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var e told
				if err := json.Unmarshal([]byte(text), &e); err != nil || e.Position != id {
					e.Type = fmt.Sprintf("%v in %s at %s", err, text, id)
				}
				f.events <- e
			}
		}
	}()
	return f
}

// next are the next n events.
func (f *feed) next(n int) []told {
	f.t.Helper()
	var events []told
	for range n {
		e, ok := <-f.events
		if !ok {
			f.t.Fatalf("the feed ended after %v, want %d events", events, n)
		}
		events = append(events, e)
	}
	return events
}

func words(events []told) []string {
	all := []string{}
	for _, e := range events {
		all = append(all, e.String())
	}
	return all
}

func TestAFeedTellsWhatHasHappenedAndThenWhatHappens(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"mode": "ticketing"})
	one, two := d.post(tokens[domain.Reporter], "One"), d.post(tokens[domain.Manager], "Two")
	all, mine := d.follow(tokens[domain.Manager], ""), d.follow(tokens[domain.Reporter], "")
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PUT", one+"/prerequisites/DESK-2", nil), nil)
	d.want(http.StatusCreated, d.ask(tokens[domain.Developer], "POST", two+"/notes", map[string]any{"body": "canary"}), nil)
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "POST", one+"/state", map[string]any{"to": "working"}), nil)
	got, heard := all.next(8), mine.next(2)
	d.want(http.StatusNoContent, d.ask(tokens[domain.Manager], "DELETE", one, nil), nil) // of what is deleted, only this is heard
	got, heard = append(got, all.next(1)...), append(heard, mine.next(1)...)
	want := []string{
		"DESK-1 ticket.posted.v1", "DESK-1 ticket.watched.v1", "DESK-2 ticket.posted.v1", "DESK-2 ticket.watched.v1",
		"DESK-1 dependencies.added.v1", "DESK-2 ticket.note_added.v1", "DESK-2 ticket.watched.v1", "DESK-1 ticket.state_changed.v1", "DESK-1 ticket.deleted.v1",
	}
	if diff := cmp.Diff(want, words(got)); diff != "" {
		t.Error(diff)
	}
	want = []string{"DESK-1 ticket.posted.v1", "DESK-1 ticket.state_changed.v1", "DESK-1 ticket.deleted.v1"}
	if diff := cmp.Diff(want, words(heard)); diff != "" {
		t.Error(diff)
	}
	// Who connects again goes on after what they have, and the header is newer than the address.
	later := d.follow(tokens[domain.Manager], "?after=end", "Last-Event-ID", got[4].Position)
	want = []string{"DESK-2 ticket.note_added.v1", "DESK-2 ticket.watched.v1", "DESK-1 ticket.deleted.v1"} // DESK-1 is gone by now
	if diff := cmp.Diff(want, words(later.next(3))); diff != "" {
		t.Error(diff)
	}
}

func TestAFeedEndsWithTheTokenAndWithTheServer(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	_, token := d.person("ada")
	open, other := d.follow(token, ""), d.follow(d.token, "")
	revoke := strings.Fields(command(t, "token", "list", "--data", d.data, "--email", "ada@example.org"))
	id := revoke[slices.IndexFunc(revoke, func(word string) bool { return strings.HasPrefix(word, "tok_") })]
	command(t, "token", "revoke", "--data", d.data, id)
	await(t, "the token is refused", func() bool { return d.ask(token, "GET", "/api/v1/me", nil).status == http.StatusUnauthorized })
	staffed(d, nil)
	d.post(d.token, "Nothing for Ada")
	for e := range open.events { // it ends
		t.Errorf("heard %s after the token's end", e)
	}
	other.next(1)
	d.stop()
	for e := range other.events { // it ends too
		t.Logf("heard %s before the end", e)
	}
}

func TestOnePersonHasNotAllFeedsOfAServer(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, nil)
	token := tokens[domain.Manager]
	var feeds []*feed
	for range 20 {
		feeds = append(feeds, d.follow(token, ""))
	}
	d.refused(http.StatusServiceUnavailable, "too-many-feeds", d.ask(token, "GET", "/api/v1/events", nil))
	d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/events", nil, "Accept", "application/json"), nil) // a page is none
	d.follow(tokens[domain.Developer], "")
	feeds[7].end()
	await(t, "there is room again", func() bool {
		d.post(token, "To be told") // when it tells somebody something, the server finds that they are gone
		return d.isOpen(token)
	})
}

// isOpen opens a feed and leaves it, if there is room.
func (d *desk) isOpen(token string) bool {
	ctx, cancel := context.WithCancel(d.t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+"/api/v1/events", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}
