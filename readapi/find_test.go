package readapi_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/internal/testdb"
)

func TestQuickFindByNumber(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		for _, key := range []domain.TrackerKey{"HELP", "SHOP", "DARK"} {
			members := map[domain.UserID][]domain.Role{person(1): {domain.Reporter}}
			if key == "DARK" {
				members = nil
			}
			s.desk(key, domain.Bugtracker, members)
			for range 3 {
				s.post(key, person(2), nil)
			}
		}
		s.move("HELP-2", "resolved")
		s.do("SHOP-3", person(0), ticket.Deleted{})
		s.settle()
		for query, want := range map[string][]string{
			"HELP-2": {"HELP-2"}, "help-2": {"HELP-2"}, " Help-2 ": {"HELP-2"}, "help#2": {"HELP-2"}, "help 2": {"HELP-2"}, "help-02": {"HELP-2"},
			"2": {"HELP-2", "SHOP-2"}, "#2": {"HELP-2", "SHOP-2"}, "#2&tracker=SHOP": {"SHOP-2"}, "2&tracker=HELP": {"HELP-2"},
			"3": {"HELP-3"}, "HELP-2&tracker=SHOP": nil, "HELP-9": nil, "DARK-2": nil, "SHOP-3": nil, "99999999999999999999": nil, "0": nil, "HELP-0": nil, "4": nil,
		} {
			got := s.getRaw(actor(1), "/find?q="+urlQuery(query), "")
			if want == nil {
				if got := got.problem(t); got.Status != http.StatusNotFound || got.Code != "ticket-not-found" {
					t.Errorf("%q: %+v", query, got)
				}
				continue
			}
			var p listPage
			got.into(t, &p)
			var ids []string
			for _, found := range p.Tickets {
				ids = append(ids, string(found.ID))
			}
			if !slices.Equal(ids, want) {
				t.Errorf("%q finds %v, want %v", query, ids, want)
			}
		}
		for _, query := range []string{"", "x", "HELP", "HELP-x", "HELP12", "2 3", "-2", "2&tracker=x", "2&nonsense=1"} {
			if got := s.getRaw(actor(1), "/find?q="+urlQuery(query), ""); got.Status != http.StatusUnprocessableEntity {
				t.Errorf("%q: %d %s", query, got.Status, got.Body)
			}
		}
		var first, second listPage
		s.getRaw(actor(1), "/find?q=2&limit=1", "").into(t, &first)
		s.getRaw(actor(1), "/find?q=2&limit=1&cursor="+first.Next, "").into(t, &second)
		if len(second.Tickets) != 1 || second.Tickets[0].ID != "SHOP-2" || second.Next != "" {
			t.Errorf("the second page is %+v", second)
		}
	})
}

// urlQuery writes what a person types, up to the next parameter, as a query does.
func urlQuery(text string) string {
	typed, rest, more := strings.Cut(text, "&")
	if more {
		rest = "&" + rest
	}
	return url.QueryEscape(typed) + rest
}
