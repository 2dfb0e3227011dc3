package readapi_test

import (
	"slices"
	"strings"
	"testing"

	"suivi/domain"
	lib "suivi/domain/library"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
	"suivi/readapi"
)

// The audit tells how trackers and what they share were set up, each event in words of both
// languages, among those of tickets and apart.
func TestTheAuditTellsHowTrackersWereSetUp(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(2): {domain.Manager, domain.Resolver}})
		s.desk("SHOP", domain.Ticketing, nil)
		s.settle()
		for _, e := range []tracker.Event{
			tracker.Configured{Name: new("Desk"), CommentsOff: new(true)}, tracker.FieldSet{Field: tracker.Field{Code: "room", Type: tracker.Text}}, tracker.FieldsOrdered{Codes: []string{"room"}},
			tracker.FieldRemoved{Code: "room"}, tracker.MemberRemoved{User: person(2)}, tracker.RightsSet{Role: domain.Developer, RightChanges: domain.RightChanges{Granted: []domain.Right{domain.Delete}}},
			tracker.RightsReset{Role: domain.Developer}, tracker.RulesSet{Rules: []tracker.Rule{{From: tracker.Open, To: tracker.Working, Roles: []domain.Role{domain.Manager}}}}, tracker.RulesReset{},
			tracker.MirrorSet{Mirror: tracker.Mirror{Tool: "paper"}}, tracker.MirrorRemoved{Tool: "paper"}, tracker.Archived{}, tracker.Unarchived{},
		} {
			s.track("HELP", e)
		}
		s.settle()
		s.place("SHOP", "HELP")
		s.place("SHOP", "")
		for _, e := range []lib.Event{lib.Defined{Field: tracker.Field{Code: "building", Type: tracker.Text}}, lib.Deleted{Code: "building"}} {
			name, data, err := lib.Encode(e)
			s.must(err)
			s.append(lib.Stream, name, data, s.meta(person(0)))
		}
		s.post("HELP", person(0), nil)
		s.settle()
		words := func(french bool, q readapi.AuditQuery) (all []string) {
			t.Helper()
			q.Limit = 100
			list, _, err := s.api.Audit(s.ctx, actor(0), french, q)
			s.must(err)
			for _, e := range slices.Backward(list) {
				if e.Ticket == "" {
					all = append(all, strings.TrimSpace(string(e.Tracker)+" "+e.Words))
				}
			}
			return all
		}
		two := string(person(2))
		english := []string{
			"HELP Tracker created: Desk HELP.", "HELP Roles of " + two + ": manager, resolver.", "HELP Settings changed: commentsOff, name.", "HELP Field set: room.", "HELP Fields ordered: room.",
			"HELP Field taken out of use: room.", "HELP " + two + " is no member any more.", "HELP Rights changed: developer.", "HELP Rights back to the preset: developer.",
			"HELP Rules of the workflow set (1).", "HELP Rules of the workflow back to the preset.", "HELP Mirror set: paper.", "HELP Mirror removed: paper.", "HELP Archived.", "HELP Opened again.",
		}
		if got := words(false, readapi.AuditQuery{Tracker: "HELP"}); !slices.Equal(got, english) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(english, "\n"))
		}
		others := []string{"SHOP Stands below no other tracker any more.", "SHOP Placed below HELP.", "Shared field defined: building.", "Shared field deleted: building."}
		got := words(false, readapi.AuditQuery{Types: append(lib.Types(), "hierarchy.parent_set.v1")})
		slices.Sort(got)
		slices.Sort(others)
		if !slices.Equal(got, others) {
			t.Errorf("got %q, want %q", got, others)
		}
		for _, said := range words(true, readapi.AuditQuery{}) {
			if said == "" || strings.HasSuffix(said, " ") || slices.Contains(english, said) {
				t.Errorf("in French: %q", said)
			}
		}
		if got := words(false, readapi.AuditQuery{Ticket: "HELP-1"}); len(got) != 0 {
			t.Errorf("of a ticket: %q", got)
		}
		report, err := s.models.Verify(s.ctx, nil)
		if err != nil || !report.Equal {
			t.Errorf("the history of settings is not that of the events: %v %+v", err, report)
		}
	})
}
