package readapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

// shown compares what answers show of tickets.
var shown = cmpopts.IgnoreFields(ticket.Ticket{}, "Inner", "Rank")

// life posts a ticket and lives it; it gives the ticket after each event.
func (s *site) life() (domain.TicketID, []ticket.Ticket) {
	s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}})
	id := s.post("HELP", person(1), map[string]string{"room": "12"})
	versions := []ticket.Ticket{s.tickets[id]}
	live := func(n byte, event ticket.Event) {
		s.do(id, person(n), event)
		versions = append(versions, s.tickets[id])
	}
	summary := "Another summary"
	live(1, ticket.Edited{Summary: &summary, Answers: map[string]string{"room": "", "product": "tv"}})
	live(0, ticket.Assigned{Assignee: person(2)})
	live(2, ticket.Commented{Comment: 1, Body: "one"})
	live(2, ticket.StateChanged{From: "posted", To: "working"})
	live(1, ticket.Commented{Comment: 2, Body: "two"})
	s.now = s.now.Add(-time.Second) // the next event occurs at the same time
	live(1, ticket.Commented{Comment: 3, Body: "three"})
	live(2, ticket.Unassigned{Previous: person(2)})
	live(0, ticket.ResolutionWritten{Resolution: "Switched on."})
	live(0, ticket.StateChanged{From: "working", To: "resolved"})
	s.settle()
	return id, versions
}

func TestATicketAsItWasAtEachVersionAndTime(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		id, versions := s.life()
		path := "/tickets/" + string(id)
		for i, want := range versions {
			r := s.get(actor(1), path, "at", fmt.Sprint(i+1))
			var got ticket.Ticket
			r.into(t, &got)
			if diff := gocmp.Diff(want, got, shown); diff != "" {
				t.Errorf("version %d: %s", i+1, diff)
			}
			if tag := r.Header.Get("ETag"); tag != fmt.Sprintf("%q", fmt.Sprint(i+1)) {
				t.Errorf("version %d has the ETag %s", i+1, tag)
			}
			last := want
			for _, later := range versions[i:] {
				if later.UpdatedAt.Equal(want.UpdatedAt) {
					last = later
				}
			}
			for _, at := range []time.Time{want.UpdatedAt, want.UpdatedAt.Add(999 * time.Millisecond)} {
				s.get(actor(1), path, "at", at.Format(time.RFC3339Nano)).into(t, &got)
				if diff := gocmp.Diff(last, got, shown); diff != "" {
					t.Errorf("at %s: %s", at, diff)
				}
			}
		}
		now := s.get(actor(1), path)
		if then := s.get(actor(1), path, "at", fmt.Sprint(len(versions))); !bytes.Equal(now.Body, then.Body) || now.Header.Get("ETag") != then.Header.Get("ETag") {
			t.Errorf("now %s, and as of the last version %s", now.Body, then.Body)
		}
	})
}

func TestMomentsThatTheTicketHasNot(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		id, versions := s.life()
		for _, path := range []string{"/tickets/" + string(id), "/tickets/" + string(id) + "/comments"} {
			future := s.get(actor(1), path, "at", fmt.Sprint(len(versions)+1)).problem(t)
			want := problem{http.StatusUnprocessableEntity, "future-version", []domain.FieldError{{Field: "at", Code: "future-version"}}}
			if diff := gocmp.Diff(want, future); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
			early := s.get(actor(1), path, "at", versions[0].ReportedAt.Add(-time.Microsecond).Format(time.RFC3339Nano)).problem(t)
			if diff := gocmp.Diff(problem{http.StatusNotFound, "not-yet", nil}, early); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
			if late := s.get(actor(1), path, "at", "9999-01-01T00:00:00Z"); late.Status != http.StatusOK {
				t.Errorf("%s in the future: %d %s", path, late.Status, late.Body)
			}
		}
	})
}

type commentsPage struct {
	Comments []commentShown
	Next     string
}

type commentShown struct {
	Comment    int
	Version    int
	Author     domain.UserID
	Body       string
	OccurredAt time.Time
}

func TestCommentsNowAndThen(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		id, versions := s.life()
		all := []commentShown{
			{1, 4, person(2), "one", versions[3].UpdatedAt}, {2, 6, person(1), "two", versions[5].UpdatedAt}, {3, 7, person(1), "three", versions[6].UpdatedAt},
		}
		for i := range len(versions) + 1 {
			query, want := []string{"limit", "1"}, all
			if i > 0 {
				query, want = append(query, "at", fmt.Sprint(i)), all[:versions[i-1].Comments]
			}
			if diff := gocmp.Diff(want, s.walkComments(id, query)); diff != "" {
				t.Errorf("%v: %s", query, diff)
			}
		}
	})
}

func (s *site) walkComments(id domain.TicketID, query []string) []commentShown {
	s.t.Helper()
	all := []commentShown{}
	for {
		var p commentsPage
		s.get(actor(1), "/tickets/"+string(id)+"/comments", query...).into(s.t, &p)
		all = append(all, p.Comments...)
		if p.Next == "" {
			return all
		}
		query = append(query[:len(query):len(query)], "cursor", p.Next)
		if n := len(query); n > 4 && query[n-4] == "cursor" {
			query = append(query[:n-4:n-4], query[n-2:]...)
		}
	}
}

// A version ends with its own event: what is internal comes after it, and moves no label.
func TestAVersionHasTheFieldsOfItsOwnEventWhateverInternalCameAfter(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}})
		room := func(label string) tracker.FieldSet {
			return tracker.FieldSet{Field: tracker.Field{Code: "room", Type: tracker.Text, Label: tracker.Label{EN: label}}}
		}
		s.track("HELP", room("Room"))
		s.settle()
		id := s.post("HELP", person(1), map[string]string{"room": "12"})
		s.settle()
		s.track("HELP", room("Hall"))
		s.settle()
		s.do(id, person(2), ticket.NoteAdded{Note: 1, Body: "For us"})
		s.settle()
		s.track("HELP", room("Barn"))
		s.settle()
		path := "/tickets/" + string(id)
		for n := byte(1); n <= 2; n++ {
			for at, want := range map[string]string{"1": "Room", "": "Barn"} {
				var got struct {
					Fields []struct{ Label tracker.Label }
				}
				query := []string{}
				if at != "" {
					query = []string{"at", at}
				}
				s.get(actor(n), path, query...).into(t, &got)
				if len(got.Fields) != 1 || got.Fields[0].Label.EN != want {
					t.Errorf("at %q person %d reads %+v, want %s", at, n, got.Fields, want)
				}
			}
			if got := string(s.get(actor(n), path+"/history").Body); strings.Contains(got, "Hall") || !strings.Contains(got, "Room") {
				t.Errorf("person %d reads the history %s", n, got)
			}
		}
	})
}

// The same service is asked again and again: for earlier and later versions, and after more has happened to the tracker.
func TestAPastThatIsRememberedGoesOn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, nil)
		var id domain.TicketID
		for version := 1; version <= 6; version++ {
			s.track("HELP", tracker.FieldSet{Field: tracker.Field{Code: "room", Type: tracker.Text, Label: tracker.Label{EN: strconv.Itoa(version)}}})
			s.settle()
			if version == 1 {
				id = s.post("HELP", person(1), map[string]string{"room": "B12"})
			} else {
				s.do(id, person(0), ticket.Edited{Answers: map[string]string{"room": "C" + strconv.Itoa(version)}})
			}
			s.settle()
			for _, asked := range []int{version, 1, (version + 1) / 2, version} {
				var got struct {
					Fields []struct{ Label tracker.Label }
				}
				s.get(actor(0), "/tickets/"+string(id), "at", strconv.Itoa(asked)).into(t, &got)
				if len(got.Fields) != 1 || got.Fields[0].Label.EN != strconv.Itoa(asked) {
					t.Errorf("version %d of %d: got %+v", asked, version, got.Fields)
				}
			}
		}
	})
}
