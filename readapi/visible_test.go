package readapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

// The SQL predicate says what domain says, for any trackers, people and tickets.
func TestThePredicateIsTheDomains(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			before := s.last
			keys := s.drawDesks(r, round)
			ids := s.drawTickets(r, keys)
			s.settle()
			s.api.SetFew(rapid.SampledFrom([]int{-1, 1, 500}).Draw(r, "few"))
			for n := range byte(5) {
				s.compareSight(r, actor(n), keys, ids)
				s.compareFeed(r, actor(n), before, ids)
			}
		})
	})
}

func (s *site) drawDesks(r *rapid.T, round int) []domain.TrackerKey {
	var keys []domain.TrackerKey
	for i := range rapid.IntRange(1, 2).Draw(r, "desks") {
		key := domain.TrackerKey(fmt.Sprintf("R%dD%d", round, i))
		members := map[domain.UserID][]domain.Role{}
		for n := byte(1); n < 5; n++ {
			roles := rapid.SliceOfNDistinct(rapid.SampledFrom(domain.Roles()), 0, 3, rapid.ID).Draw(r, "roles")
			if len(roles) > 0 {
				members[person(n)] = roles
			}
		}
		s.desk(key, rapid.SampledFrom(domain.Modes()).Draw(r, "mode"), members)
		s.drawRights(r, key)
		keys = append(keys, key)
	}
	return keys
}

// drawRights changes who sees all by hand, before or after a change of mode.
func (s *site) drawRights(r *rapid.T, key domain.TrackerKey) {
	for range rapid.IntRange(0, 3).Draw(r, "changes") {
		changes := domain.RightChanges{}
		switch rapid.SampledFrom([]string{"grant", "revoke", "other"}).Draw(r, "change") {
		case "grant":
			changes.Granted = []domain.Right{domain.SeeAll, domain.SeeRank}
		case "revoke":
			changes.Revoked = []domain.Right{domain.SeeAll, domain.Post, domain.SeeRank}
		case "other":
			changes.Granted = []domain.Right{domain.EditAny}
		}
		s.track(key, tracker.RightsSet{Role: rapid.SampledFrom(domain.Roles()).Draw(r, "role"), RightChanges: changes})
	}
	if rapid.Bool().Draw(r, "reset") {
		s.track(key, tracker.RightsReset{Role: rapid.SampledFrom(domain.Roles()).Draw(r, "reset of")})
	}
	if rapid.Bool().Draw(r, "mode changes") {
		s.track(key, tracker.Configured{Mode: new(rapid.SampledFrom(domain.Modes()).Draw(r, "new mode"))})
	}
}

func (s *site) drawTickets(r *rapid.T, keys []domain.TrackerKey) []domain.TicketID {
	var ids []domain.TicketID
	for range rapid.IntRange(0, 6).Draw(r, "tickets") {
		id := s.post(rapid.SampledFrom(keys).Draw(r, "desk"), person(rapid.ByteRange(0, 4).Draw(r, "reporter")), nil)
		if n := rapid.ByteRange(0, 5).Draw(r, "assignee"); n < 5 {
			s.do(id, person(0), ticket.Assigned{Assignee: person(n)})
		}
		for _, n := range rapid.SliceOfNDistinct(rapid.ByteRange(0, 4), 0, 3, rapid.ID).Draw(r, "watchers") {
			s.do(id, person(0), ticket.Watched{User: person(n), Topics: []domain.Topic{"comment"}})
			if rapid.Bool().Draw(r, "no longer") {
				s.do(id, person(0), ticket.Unwatched{User: person(n)})
			}
		}
		for _, to := range rapid.SliceOfN(rapid.SampledFrom(keys), 0, 2).Draw(r, "moved to") {
			s.do(id, person(0), ticket.Moved{From: s.tickets[id].Tracker, To: to})
		}
		for _, event := range rapid.SliceOfNDistinct(rapid.SampledFrom([]ticket.Event{
			ticket.NoteAdded{Note: 1, Body: "Hm"}, ticket.Commented{Comment: 1, Body: "Well"}, ticket.Ranked{Rank: "w"}, ticket.RaiseRequested{Request: 1, Reason: "Soon"},
		}), 0, 4, func(e ticket.Event) string { return fmt.Sprintf("%T", e) }).Draw(r, "events") {
			s.do(id, person(0), event)
		}
		for _, to := range rapid.SliceOfN(rapid.SampledFrom(tracker.States()), 0, 2).Draw(r, "states") {
			s.move(id, to)
		}
		for _, event := range rapid.SliceOfN(rapid.SampledFrom([]ticket.Event{ticket.Deleted{}, ticket.Undeleted{}, ticket.Edited{}}), 0, 2).Draw(r, "deleted") {
			s.do(id, person(0), event)
		}
		ids = append(ids, id)
	}
	return ids
}

func (s *site) compareSight(r *rapid.T, a domain.Actor, keys []domain.TrackerKey, ids []domain.TicketID) {
	for _, key := range keys {
		want := s.want(a, func(t ticket.Ticket) bool { return t.Tracker == key }, sorts()["number"])
		got := s.walk(a, 200, nothing, "list", "all", "tracker", string(key), "sort", "number")
		if diff := gocmp.Diff(want, got); diff != "" {
			r.Errorf("%v in %s: %s", a, key, diff)
		}
		s.checkCounts(a, func(t ticket.Ticket) bool { return t.Tracker == key }, []string{"tracker", string(key)})
		s.checkReports(a, func(t ticket.Ticket) bool { return t.Tracker == key }, url.Values{"tracker": {string(key)}})
		found := s.get(a, "/trackers/"+string(key)).Status == http.StatusOK
		if found != s.trackers[key].Sees(a) {
			r.Errorf("%v sees the tracker %s: %v", a, key, found)
		}
	}
	var watched struct {
		Watches []struct{ Ticket domain.TicketID }
	}
	s.get(a, "/me/watches", "limit", "200").into(s.t, &watched)
	for _, id := range ids {
		_, watches := s.tickets[id].Inner.Watches[a.ID]
		shown := slices.ContainsFunc(watched.Watches, func(w struct{ Ticket domain.TicketID }) bool { return w.Ticket == id })
		if shown != (watches && s.sees(a, s.tickets[id])) {
			r.Errorf("%v has the watch of %s: %v", a, id, shown)
		}
		got := s.get(a, "/tickets/"+string(id))
		found := got.Status == http.StatusOK
		if found != s.sees(a, s.tickets[id]) {
			r.Errorf("%v sees %s: %v", a, id, found)
		}
		ranked := strings.Contains(string(got.Body), `"rank":`)
		if found && ranked != (s.tickets[id].List == tracker.OpenList && s.trackers[s.tickets[id].Tracker].May(a, domain.SeeRank)) {
			r.Errorf("%v sees the rank of %s: %v", a, id, ranked)
		}
	}
}

// below are the routes of one ticket.
func below(id domain.TicketID) []string {
	path := "/tickets/" + string(id)
	return []string{
		path, path + "?at=1", path + "?at=99", path + "?at=1999-01-01T00:00:00Z", path + "/comments", path + "/comments?at=2", path + "/history",
		path + "/state-history", path + "/ownership-history", path + "/transitions", path + "/dependencies", path + "/raise-requests",
		path + "/notes", path + "/notes/1/revisions", path + "/comments/1/revisions", path + "/watchers",
	}
}

// A reporter who sees only their own tickets never gets another's by any route,
// and no answer tells it from one that does not exist.
func TestAForeignTicketIsNowhere(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Reporter}})
		s.desk("OTHER", domain.Bugtracker, map[domain.UserID][]domain.Role{person(2): {domain.Reporter}})
		own := s.post("HELP", person(1), nil)
		var foreign []domain.TicketID
		for _, key := range []domain.TrackerKey{"HELP", "OTHER"} {
			id := s.post(key, person(2), map[string]string{"product": "canary"})
			s.do(id, person(2), ticket.Commented{Comment: 1, Body: "canary"})
			s.do(id, person(0), ticket.Assigned{Assignee: person(2)})
			s.move(id, "open")
			foreign = append(foreign, id)
		}
		s.settle()
		for _, target := range []string{
			"/tickets?list=all", "/tickets?list=all&tracker=HELP", "/tickets?list=all&tracker=OTHER", "/tickets?list=all&reporter=" + string(person(2)),
			"/tickets?list=all&assignee=" + string(person(2)), "/tickets?list=all&field.product=canary", "/tickets?state=open", "/trackers", "/trackers/HELP/workflow",
		} {
			body := string(s.getRaw(actor(1), target, "").Body)
			if slices.ContainsFunc(foreign, func(id domain.TicketID) bool { return strings.Contains(body, string(id)+`"`) }) || strings.Contains(body, "canary") {
				t.Errorf("GET %s shows a foreign ticket: %s", target, body)
			}
		}
		s.checkCounts(actor(1), everything, nil)
		for _, id := range foreign {
			missing := domain.NewTicketID(id.Key(), 4711)
			for i, target := range below(id) {
				got, want := s.getRaw(actor(1), target, ""), s.getRaw(actor(1), below(missing)[i], "")
				body := strings.ReplaceAll(string(got.Body), string(id), string(missing))
				if got.Status != http.StatusNotFound || body != string(want.Body) {
					t.Errorf("GET %s: %d %s, and where there is none: %s", target, got.Status, got.Body, want.Body)
				}
			}
		}
		for _, target := range []string{"", "/comments", "/history", "/state-history", "/ownership-history", "/transitions", "/dependencies"} {
			if got := s.getRaw(actor(1), "/tickets/"+string(own)+target, ""); got.Status != http.StatusOK {
				t.Errorf("GET %s of an own ticket: %d %s", target, got.Status, got.Body)
			}
		}
		for _, target := range []string{"/trackers/OTHER", "/trackers/OTHER/workflow", "/trackers/NONE", "/trackers/no%20key"} {
			if got := s.getRaw(actor(1), target, "").problem(t); got.Status != http.StatusNotFound || got.Code != "tracker-not-found" {
				t.Errorf("GET %s: %+v", target, got)
			}
		}
	})
}

// Rights are those of today: who loses them loses the past as well.
func TestThePastIsSeenWithTodaysRights(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}})
		id := s.post("HELP", person(1), nil)
		s.do(id, person(0), ticket.Assigned{Assignee: person(3)})
		s.settle()
		if got := s.get(actor(3), "/tickets/"+string(id), "at", "1"); got.Status != http.StatusOK {
			t.Errorf("the assignee asks for a time before they were that: %d %s", got.Status, got.Body)
		}
		s.do(id, person(0), ticket.Unassigned{Previous: person(3)})
		s.settle()
		if got := s.get(actor(3), "/tickets/"+string(id), "at", "2"); got.Status != http.StatusNotFound {
			t.Errorf("who was the assignee asks for that time: %d %s", got.Status, got.Body)
		}
	})
}
