package readapi_test

import (
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
	"suivi/readapi"
)

// similar is what person 1 is told of tickets like that of the texts.
func (s *site) similar(key domain.TrackerKey, summary, description string) []readapi.SimilarTicket {
	s.t.Helper()
	found, err := s.api.Similar(s.ctx, actor(1), key, summary, description)
	s.must(err)
	return found
}

func idsOf(found []readapi.SimilarTicket) string {
	var ids []string
	for _, t := range found {
		ids = append(ids, string(t.ID))
	}
	return strings.Join(ids, " ")
}

func TestTicketsThatAreAlikeAreFoundBeforeOneMoreIsPosted(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.now = time.Now().UTC().Add(-time.Hour)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}})
		s.desk("SHOP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}})
		write := func(key domain.TrackerKey, by byte, summary, description string) {
			s.do(s.post(key, person(by), nil), person(by), ticket.Edited{Summary: &summary, Description: &description})
		}
		write("HELP", 2, "Le vidéoprojecteur de l’amphi B reste noir", "La lampe s’allume quelques secondes.")
		write("HELP", 2, "Vidéoprojecteurs : amphi B et C, écrans noirs", "")
		write("HELP", 2, "Imprimante de la salle des professeurs", "Le bac A4 du secrétariat est vide.")
		write("HELP", 2, "Quiz results are not shown to students", "")
		write("SHOP", 2, "Le vidéoprojecteur de l’amphi B reste noir", "")
		s.do("HELP-2", person(2), ticket.ResolutionWritten{Resolution: "Lampe changée"})
		s.move("HELP-2", tracker.Resolved)
		s.settle()
		for _, few := range []int{-1, 500} { // by words, or by all that one may see
			s.api.SetFew(few)
			for _, c := range []struct{ summary, description, want string }{
				{"Vidéoprojecteur noir, amphi B", "", "HELP-1 HELP-2"},
				{"videoprojecteurs noirs", "", "HELP-1 HELP-2"},
				{"Le vidéoprojecteur ne marche pas", "", "HELP-1 HELP-2"},
				{"imprimante", "", "HELP-3"},
				{"Le bac est vide", "", "HELP-3"},
				{"Panne", "L’imprimante de la salle des professeurs", ""},
				{"Quiz: the results are wrong for some students", "", "HELP-4"},
				{"The students are late", "", ""},
				{"Les chaises de la salle de réunion sont cassées", "", ""},
				{"le la de pour", "noir", ""},
				{"", "vidéoprojecteur amphi noir", ""},
			} {
				if got := idsOf(s.similar("HELP", c.summary, c.description)); got != c.want {
					t.Errorf("few %d, %q, %q: got %s, want %s", few, c.summary, c.description, got, c.want)
				}
			}
			if got := idsOf(s.similar("SHOP", "Le vidéoprojecteur de l’amphi B reste noir", "")); got != "" {
				t.Errorf("few %d: a reporter is told of others' tickets: %s", few, got)
			}
			if _, err := s.api.Similar(s.ctx, actor(2), "SHOP", "noir", ""); domain.KindOf(err) != domain.NotFound {
				t.Errorf("few %d: who is no member gets %v", few, err)
			}
		}
		got := s.similar("HELP", "vidéoprojecteurs noirs", "")[1]
		want := readapi.SimilarTicket{ID: "HELP-2", Tracker: "HELP", Summary: "Vidéoprojecteurs : amphi B et C, écrans noirs", State: tracker.Resolved, List: tracker.ResolvedList, Resolution: "Lampe changée", UpdatedAt: got.UpdatedAt}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever many tickets have in common is no likeness, and no more than five are named.
func TestWordsThatManyTicketsHaveAreNoLikeness(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.now = time.Now().UTC().Add(-time.Hour)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}})
		for range 40 {
			s.do(s.post("HELP", person(1), nil), person(1), ticket.Edited{Summary: new("Moodle : cours de chimie inaccessible")})
		}
		s.do(s.post("HELP", person(1), nil), person(1), ticket.Edited{Summary: new("Moodle : certificat expiré sur le serveur")})
		s.settle()
		for _, few := range []int{-1, 500} {
			s.api.SetFew(few)
			if got := idsOf(s.similar("HELP", "Moodle, certificat", "")); got != "HELP-41" {
				t.Errorf("few %d: got %s, want the one that has the rare word", few, got)
			}
			if got := idsOf(s.similar("HELP", "Moodle", "")); got != "" {
				t.Errorf("few %d: a word that all have finds %s", few, got)
			}
			if got := idsOf(s.similar("HELP", "cours de chimie", "")); got != "HELP-40 HELP-39 HELP-38 HELP-37 HELP-36" {
				t.Errorf("few %d: got %s, want the newest five", few, got)
			}
		}
	})
}

// What has been resolved for long, or deleted, is compared with nothing.
func TestWhatWasResolvedLongAgoIsNotLikeAnything(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.now = time.Now().UTC().Add(-200 * 24 * time.Hour)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}})
		for range 3 {
			s.do(s.post("HELP", person(1), nil), person(1), ticket.Edited{Summary: new("Badge perdu")})
		}
		s.move("HELP-1", tracker.Resolved)
		s.do("HELP-2", person(0), ticket.Deleted{})
		s.settle()
		if got := idsOf(s.similar("HELP", "badge perdu", "")); got != "HELP-3" {
			t.Errorf("got %s, want the open one alone", got)
		}
	})
}
