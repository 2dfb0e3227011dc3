package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"suivi/eventstore"
)

// Links are for other clients. Suivi itself goes on as if they were not there.
func TestTheServiceWritesLinkStreamsWhenAskedTo(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir(), "--auth", "--eventstore-projections", "by_category,$streams")
	postTickets(d, 3)
	await(t, "the tickets are listed", func() bool { return tickets(d) == 3 })
	await(t, "the read models are at the head", func() bool {
		var all []struct{ Lag int }
		if err := json.Unmarshal([]byte(command(t, "projections", "status", "--data", d.data, "--json")), &all); err != nil {
			t.Fatal(err)
		}
		return len(all) > 0 && !slices.ContainsFunc(all, func(s struct{ Lag int }) bool { return s.Lag != 0 })
	})
	at, err := url.Parse(storeOf(t, d.data))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := readLine(filepath.Join(d.data, "eventstore-admin.password"))
	at.User = url.UserPassword("admin", password)
	store, err := eventstore.Open(at.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	want := []string{ // each is posted, and its reporter watches it
		"0@ticket-KEEP-1", "1@ticket-KEEP-1", "0@ticket-KEEP-2", "1@ticket-KEEP-2", "0@ticket-KEEP-3", "1@ticket-KEEP-3",
	}
	await(t, "the tickets' events are linked", func() bool { return slices.Equal(dataOf(t, store, "$ce-ticket"), want) })
	await(t, "the streams are linked", func() bool { return len(dataOf(t, store, "$streams")) == 4 })
	if got := dataOf(t, store, "$et-ticket.posted.v1"); got != nil {
		t.Errorf("what was not asked for is there: %v", got)
	}
}

func dataOf(t *testing.T, store *eventstore.Store, stream string) (data []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for e, err := range store.Read(ctx, stream, 0) {
		if errors.Is(err, eventstore.ErrStreamNotFound) {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, string(e.Data))
	}
	return data
}

func TestTheFlagOfProjectionsNamesThoseThatThereAre(t *testing.T) {
	t.Parallel()
	for says, args := range map[string][]string{
		`--eventstore-projections: there is no system projection "by_color"`: {"serve", "--eventstore-projections", "streams,by_color"},
		`--projections: there is no system projection "by_color"`:            {"eventstore", "--projections", "by_color"},
		"is for the embedded event store":                                    {"serve", "--eventstore-projections", "all", "--eventstore", "esdb://x:2113"},
	} {
		code, _, said := tryCommand(t.Context(), append(args, "--data", filepath.Join(t.TempDir(), "data"))...)
		if code != 2 || !strings.Contains(said, says) {
			t.Errorf("%v: exit %d, %s; want %q", args, code, said, says)
		}
	}
}
