package readapi_test

import (
	"net/http"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/internal/testdb"
)

func TestWrongParametersAreNamedAllAtOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 2)
		for _, c := range []struct {
			target string
			code   string
			wrong  []domain.FieldError
		}{
			{"/tickets?colour=red", "unknown-parameter", []domain.FieldError{{Field: "colour", Code: "unknown-parameter"}}},
			{"/tickets?colour=red&State=open", "unknown-parameter", []domain.FieldError{{Field: "colour", Code: "unknown-parameter"}, {Field: "State", Code: "unknown-parameter"}}},
			{"/tickets/counts?limit=5", "unknown-parameter", []domain.FieldError{{Field: "limit", Code: "unknown-parameter"}}},
			{"/tickets/BUGS-1?x=", "unknown-parameter", []domain.FieldError{{Field: "x", Code: "unknown-parameter"}}},
			{"/tickets/BUGS-1/transitions?x=", "unknown-parameter", []domain.FieldError{{Field: "x", Code: "unknown-parameter"}}},
			{"/tickets/BUGS-1/history?at=1", "unknown-parameter", []domain.FieldError{{Field: "at", Code: "unknown-parameter"}}},
			{"/trackers/BUGS?x=", "unknown-parameter", []domain.FieldError{{Field: "x", Code: "unknown-parameter"}}},
			{"/trackers/BUGS/workflow?x=", "unknown-parameter", []domain.FieldError{{Field: "x", Code: "unknown-parameter"}}},
			{"/tickets?limit=0", "invalid-input", []domain.FieldError{{Field: "limit", Code: "bad-limit"}}},
			{"/tickets?limit=201", "invalid-input", []domain.FieldError{{Field: "limit", Code: "bad-limit"}}},
			{"/tickets?limit=", "invalid-input", []domain.FieldError{{Field: "limit", Code: "bad-limit"}}},
			{"/tickets?state=open&state=working", "invalid-input", []domain.FieldError{{Field: "state", Code: "repeated"}}},
			{"/tickets?state=open,", "invalid-input", []domain.FieldError{{Field: "state", Code: "unknown-state"}}},
			{"/tickets?state=open,%20working", "invalid-input", []domain.FieldError{{Field: "state", Code: "unknown-state"}}},
			{"/tickets?tracker=" + strings.Repeat("A1,", 50) + "A1", "invalid-input", []domain.FieldError{{Field: "tracker", Code: "too-many"}}},
			{"/tickets?reporter=none", "invalid-input", []domain.FieldError{{Field: "reporter", Code: "bad-user"}}},
			{"/tickets?cursor=abc", "bad-cursor", []domain.FieldError{{Field: "cursor", Code: "bad-cursor"}}},
			{"/tickets?cursor=", "bad-cursor", []domain.FieldError{{Field: "cursor", Code: "bad-cursor"}}},
			{"/trackers?cursor=e30", "bad-cursor", []domain.FieldError{{Field: "cursor", Code: "bad-cursor"}}},
			{"/tickets?field.room=%00", "invalid-input", []domain.FieldError{{Field: "field.room", Code: "bad-text"}}},
			{"/tickets?field.room=%ff", "invalid-input", []domain.FieldError{{Field: "field.room", Code: "bad-text"}}},
			{"/tickets?field.=1", "invalid-input", []domain.FieldError{{Field: "field.", Code: "bad-code"}}},
			{"/tickets?field.A-b=1", "invalid-input", []domain.FieldError{{Field: "field.A-b", Code: "bad-code"}}},
			{"/tickets?sort=field.A-b", "invalid-input", []domain.FieldError{{Field: "sort", Code: "unknown-sort"}}},
			{"/tickets?sort=--number", "invalid-input", []domain.FieldError{{Field: "sort", Code: "unknown-sort"}}},
			{"/tickets?from=yesterday", "invalid-input", []domain.FieldError{{Field: "from", Code: "bad-time"}}},
			{"/tickets?to=9999-12-31T23:59:59-23:00", "invalid-input", []domain.FieldError{{Field: "to", Code: "bad-time"}}},
			{"/tickets/BUGS-1?at=0", "invalid-input", []domain.FieldError{{Field: "at", Code: "bad-moment"}}},
			{"/tickets/BUGS-1?at=-1", "invalid-input", []domain.FieldError{{Field: "at", Code: "bad-moment"}}},
			{"/tickets?scope=ours&tracker=x&list=closed&state=done&assignee=us&reporter=&from=1&sort=colour&limit=x&z=y", "invalid-input", []domain.FieldError{
				{Field: "z", Code: "unknown-parameter"},
				{Field: "scope", Code: "unknown-value"}, {Field: "tracker", Code: "bad-key"}, {Field: "state", Code: "unknown-state"},
				{Field: "assignee", Code: "bad-user"}, {Field: "reporter", Code: "bad-user"}, {Field: "from", Code: "bad-time"}, {Field: "list", Code: "unknown-value"},
				{Field: "sort", Code: "unknown-sort"}, {Field: "limit", Code: "bad-limit"},
			}},
		} {
			want := problem{http.StatusUnprocessableEntity, c.code, c.wrong}
			if diff := gocmp.Diff(want, s.getRaw(actor(0), c.target, "").problem(t)); diff != "" {
				t.Errorf("GET %s: %s", c.target, diff)
			}
		}
	})
}

func TestACursorBelongsToItsQuestion(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 12)
		cursor := func(target string) string {
			var p listPage
			s.getRaw(actor(0), target, "").into(t, &p)
			if p.Next == "" {
				t.Fatalf("GET %s has no next", target)
			}
			return "&cursor=" + p.Next
		}
		mine := cursor("/tickets?list=all&limit=2")
		for target, want := range map[string]int{
			"/tickets?list=all&limit=2" + mine:                                                  http.StatusOK,
			"/tickets?list=all&limit=3" + mine:                                                  http.StatusOK,
			"/tickets?list=all&sort=-updatedAt" + mine:                                          http.StatusOK,
			"/tickets?list=all&sort=updatedAt" + mine:                                           http.StatusUnprocessableEntity,
			"/tickets?list=open" + mine:                                                         http.StatusUnprocessableEntity,
			"/tickets?list=all&field.product=a" + mine:                                          http.StatusUnprocessableEntity,
			"/tickets?list=all&assignee=none" + mine:                                            http.StatusUnprocessableEntity,
			"/trackers?limit=1" + mine:                                                          http.StatusUnprocessableEntity,
			"/tickets/BUGS-1/comments?limit=1" + mine:                                           http.StatusUnprocessableEntity,
			"/tickets/BUGS-1/history?limit=1" + mine:                                            http.StatusUnprocessableEntity,
			"/tickets?list=all&sort=number" + cursor("/tickets?list=all&sort=number&limit=1"):   http.StatusOK,
			"/tickets?list=all&sort=state" + cursor("/tickets?list=all&sort=number&limit=1"):    http.StatusUnprocessableEntity,
			"/trackers?limit=1" + cursor("/trackers?limit=1"):                                   http.StatusOK,
			"/tickets/BUGS-2/history?limit=1" + cursor("/tickets/BUGS-1/history?limit=1"):       http.StatusUnprocessableEntity,
			"/tickets/BUGS-1/state-history?limit=1" + cursor("/tickets/BUGS-1/history?limit=1"): http.StatusUnprocessableEntity,
		} {
			got := s.getRaw(actor(0), target, "").problem(t)
			if got.Status != want || want != http.StatusOK && got.Code != "bad-cursor" {
				t.Errorf("GET %s: %+v, want %d", target, got, want)
			}
		}
	})
}

// Extreme but readable times are no error of ours.
func TestTimesAtTheEndsOfTheCalendar(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := town(t, address, 2)
		if got := s.walk(actor(0), 50, nothing, "list", "all", "from", "0001-01-01T00:00:00Z", "to", "9999-12-31T23:59:59Z"); len(got) != 2 {
			t.Errorf("of two tickets: %v", got)
		}
		var p listPage
		s.getRaw(actor(0), "/tickets?list=all&from=2026-11-01T09:00:00+01:00", "").into(t, &p) // "+" arrives as a space
		if len(p.Tickets) != 2 {
			t.Errorf("of two tickets: %v", p.Tickets)
		}
	})
}
