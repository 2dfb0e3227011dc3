package readapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

// yearsLater is when bookkeeping happens amid an import of years ago, in seconds.
const yearsLater = 100_000_000

func TestTwinsInToolsAreForStaffAndLeaveNoTraceForOthers(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{
			person(1): {domain.Reporter}, person(2): {domain.Developer}, person(3): {domain.Manager}, person(4): {domain.Reporter},
		})
		s.track("HELP", tracker.MirrorSet{Mirror: tracker.Mirror{Tool: "redmine", Site: "https://canary.example.org", Project: "canary"}})
		with, without := s.twins(
			deeds{
				{10, 1, ticket.Commented{Comment: 1, Body: "one"}}, {20, 2, ticket.StateChanged{From: "posted", To: "working"}},
				{30, 2, ticket.Commented{Comment: 2, Body: "two"}},
			},
			deeds{
				{yearsLater, 2, ticket.Mirrored{Tool: "redmine", Site: "https://canary.example.org", ID: "canary-7", URL: "https://canary.example.org/7"}},
				{yearsLater, 2, ticket.MirrorMatched{Tool: "redmine", ID: "canary-7", Parts: []ticket.Part{{ID: "canary-1", Comment: 1}, {ID: "canary-2"}}}},
				{yearsLater, 3, ticket.MirrorRefused{Tool: "redmine", ID: "canary-7", Change: "3", Code: "canary", Reason: "canary"}},
			})
		for _, n := range []byte{1, 4, 9} {
			s.compareTwins(actor(n), with, without)
		}
		var then struct{ Comments int }
		s.getRaw(actor(2), "/tickets/"+string(with)+"?at=2027-01-01T00:00:00Z", "").into(t, &then)
		if then.Comments != 2 {
			t.Errorf("as of a moment before the bookkeeping the ticket has %d comments", then.Comments)
		}
		var read struct {
			Mirrors []struct{ Tool, Site, ID, URL, Since string }
		}
		s.get(actor(2), "/tickets/"+string(with)).into(t, &read)
		if len(read.Mirrors) != 1 || read.Mirrors[0].ID != "canary-7" || read.Mirrors[0].URL != "https://canary.example.org/7" {
			t.Errorf("got %+v", read)
		}
		var told struct{ History []struct{ Words string } }
		s.get(actor(2), "/tickets/"+string(with)+"/history").into(t, &told)
		words, _ := json.Marshal(told)
		for _, want := range []string{"Has a twin in redmine: canary-7.", "2 parts of the twin in redmine are matched.", "Refused, though done in redmine: canary"} {
			if !strings.Contains(string(words), want) {
				t.Errorf("the history has no %q: %s", want, words)
			}
		}
	})
}

func TestMirrorsAreListedForTheProgramAndForWhoConfigures(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(3): {domain.Manager}})
		s.desk("NET", domain.Bugtracker, nil)
		m := tracker.Mirror{Tool: "redmine", Site: "https://r.example.org", Secret: "key", Project: "p", Direction: tracker.Outwards, Deletion: tracker.KeepTwin}
		s.track("HELP", tracker.MirrorSet{Mirror: m})
		one, two := s.post("HELP", person(1), nil), s.post("HELP", person(1), nil)
		twin := ticket.Mirrored{Tool: "redmine", Site: m.Site, ID: "7", URL: "u"}
		s.do(one, person(3), twin)
		s.do(two, person(3), ticket.Mirrored{Tool: "redmine", Site: m.Site, ID: "8", URL: "u"})
		s.do(two, person(3), ticket.Unmirrored{Tool: "redmine", ID: "8", Why: ticket.TwinLost, Gone: true})
		s.settle()
		found, err := s.api.Mirrors(s.ctx, "redmine")
		if len(found) != 1 || err != nil || found[0].Tracker != "HELP" || found[0].Twins != 1 || !cmp.Equal(found[0].Mirror, m) {
			t.Errorf("got %+v, %v", found, err)
		}
		if none, err := s.api.Mirrors(s.ctx, "jira"); len(none) != 0 || err != nil {
			t.Errorf("got %+v, %v", none, err)
		}
		ids, err := s.api.TicketsOf(s.ctx, "HELP", one, 10)
		if err != nil || !cmp.Equal(ids, []domain.TicketID{two}) {
			t.Errorf("got %v, %v", ids, err)
		}
		for n, want := range map[byte]string{0: "https://r.example.org", 3: "https://r.example.org", 1: "right-missing", 9: "tracker-not-found"} {
			if got := string(s.get(actor(n), "/trackers/HELP/mirrors").Body); !strings.Contains(got, want) {
				t.Errorf("person %d gets %s", n, got)
			}
		}
	})
}
