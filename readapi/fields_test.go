package readapi_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

// workshop is a site of two desks with the same fields, of which LOCK hides
// some, and tickets that answer some of them.
func workshop(t testing.TB, address string, tickets int) *site {
	s := newSite(t, address)
	roles := map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}}
	abc := []tracker.Option{{Code: "a"}, {Code: "b"}, {Code: "a_b"}}
	for key, hidden := range map[domain.TrackerKey]bool{"OPEN": false, "LOCK": true} {
		s.desk(key, domain.Bugtracker, roles)
		for _, f := range []tracker.Field{
			{Code: "weight", Type: tracker.Number, Hidden: hidden, Listable: true}, {Code: "day", Type: tracker.Date, Listable: true},
			{Code: "parts", Type: tracker.Checkbox, Options: abc, Hidden: hidden}, {Code: "room", Type: tracker.Text, Listable: true}, {Code: "gone", Type: tracker.Text, Hidden: hidden},
		} {
			s.track(key, tracker.FieldSet{Field: f})
		}
		s.track(key, tracker.FieldRemoved{Code: "gone"})
	}
	random := rand.New(rand.NewPCG(3, 3))
	pick := func(answers map[string]string, code string, of ...string) {
		if i := random.IntN(len(of) + 1); i < len(of) {
			answers[code] = of[i]
		}
	}
	for range tickets {
		answers := map[string]string{}
		pick(answers, "weight", "10", "9", "-3", "-20", "0", "2.5", "-0.5")
		pick(answers, "day", "2026-11-23", "2026-02-01", "1999-12-31", "0033-01-01")
		pick(answers, "parts", "a", "b", "a,b", "a_b", "a,b,a_b")
		pick(answers, "room", "10", "9", "a,b")
		pick(answers, "gone", "x")
		s.post([]domain.TrackerKey{"OPEN", "LOCK"}[random.IntN(2)], person(byte(1+random.IntN(2))), answers)
	}
	s.settle()
	return s
}

// seen are the answers that the domain lets the actor see.
func (s *site) seen(a domain.Actor, t ticket.Ticket) map[string]string {
	return t.SeenAs(a, s.trackers[t.Tracker]).Answers
}

func weigh(answer string) float64 {
	if answer == "" {
		return -1000
	}
	n, err := strconv.ParseFloat(answer, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func TestNumbersAndDaysSortAsSuchAndPagesFollow(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := workshop(t, address, 60)
		text := cmp.Compare[string]
		for code, compare := range map[string]func(a, b string) int{
			"weight": func(a, b string) int { return cmp.Compare(weigh(a), weigh(b)) }, "day": text, "room": text, "parts": text, "gone": text, "nil": text,
		} {
			for n := range byte(4) {
				a := actor(n)
				for _, in := range [][]string{nil, {"tracker", "LOCK"}} {
					keep := func(t ticket.Ticket) bool { return in == nil || t.Tracker == "LOCK" }
					less := func(x, y ticket.Ticket) int {
						return cmp.Or(compare(s.seen(a, x)[code], s.seen(a, y)[code]), cmp.Compare(x.ID, y.ID))
					}
					want := s.want(a, keep, less)
					if diff := gocmp.Diff(want, s.walk(a, 7, nothing, append(in, "sort", "field."+code)...)); diff != "" {
						t.Errorf("%s as person %d in %v: %s", code, n, in, diff)
					}
					slices.Reverse(want)
					if diff := gocmp.Diff(want, s.walk(a, 7, nothing, append(in, "sort", "-field."+code)...)); diff != "" {
						t.Errorf("-%s as person %d in %v: %s", code, n, in, diff)
					}
				}
			}
		}
	})
}

func TestFiltersByFieldsOfEveryKindFindWhatTheAskerSees(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := workshop(t, address, 60)
		has := func(codes ...string) func(string) bool {
			return func(answer string) bool {
				given := strings.Split(answer, ",")
				return !slices.ContainsFunc(codes, func(code string) bool { return !slices.Contains(given, code) })
			}
		}
		is := func(want string) func(string) bool { return func(answer string) bool { return answer == want } }
		between := func(from, to float64) func(string) bool {
			return func(answer string) bool { return answer != "" && weigh(answer) >= from && weigh(answer) <= to }
		}
		for _, c := range []struct {
			code  string
			query []string
			keep  func(answer string) bool
		}{
			{"parts", []string{"field.parts", "a"}, has("a")}, {"parts", []string{"field.parts", "b,a"}, has("a", "b")}, {"parts", []string{"field.parts", "a_b"}, has("a_b")},
			{"parts", []string{"field.parts", "_"}, has("_")}, {"parts", []string{"field.parts", ""}, is("")}, {"parts", []string{"field.parts", "A"}, has("A")},
			{"room", []string{"field.room", "a"}, is("a")}, {"room", []string{"field.room", "a,b"}, is("a,b")}, {"gone", []string{"field.gone", "x"}, is("x")},
			{"weight", []string{"field.weight", "-3"}, is("-3")}, {"weight", []string{"field.weight", ""}, is("")},
			{"weight", []string{"field.weight.from", "-3"}, between(-3, 999)}, {"weight", []string{"field.weight.to", "2,50"}, between(-999, 2.5)},
			{"weight", []string{"field.weight.from", "-0.5", "field.weight.to", "9"}, between(-0.5, 9)},
			{"day", []string{"field.day.from", "2026-2-1"}, func(answer string) bool { return answer >= "2026-02-01" }},
			{"day", []string{"field.day.to", "2026-02-01"}, func(answer string) bool { return answer != "" && answer <= "2026-02-01" }},
			{"room", []string{"field.room.from", "9"}, between(9, 999)},
		} {
			for n := range byte(4) {
				a := actor(n)
				keep := func(t ticket.Ticket) bool {
					answer := s.seen(a, t)[c.code]
					if c.query[0] == "field.room.from" && answer == "a,b" {
						return false // no number
					}
					return c.keep(answer)
				}
				want := s.want(a, keep, sorts()["number"])
				if diff := gocmp.Diff(want, s.walk(a, 200, nothing, append(c.query, "sort", "number")...)); diff != "" {
					t.Errorf("%v as person %d: %s", c.query, n, diff)
				}
				s.checkCounts(a, keep, c.query)
			}
		}
		for _, query := range [][]string{{"field.weight.from", "ten"}, {"field.weight.about", "3"}, {"fields", "room,B"}} {
			if got := s.get(actor(1), "/tickets", query...); got.Status != 422 {
				t.Errorf("%v: %d %s", query, got.Status, got.Body)
			}
		}
	})
}

func TestTheColumnsOfAListAreTheListableFieldsThatTheAskerSees(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := workshop(t, address, 30)
		for query, columns := range map[string][]string{
			"": {"weight", "day", "room"}, "fields=": nil, "fields=day,parts,weight,nil": {"day", "weight"},
		} {
			for n := range byte(4) {
				a := actor(n)
				var page struct {
					Tickets []struct {
						ID      domain.TicketID
						Answers map[string]string
					}
				}
				s.getRaw(a, "/tickets?"+query, "").into(t, &page)
				for _, row := range page.Tickets {
					want := map[string]string{}
					for code, answer := range s.seen(a, s.tickets[row.ID]) {
						if slices.Contains(columns, code) {
							want[code] = answer
						}
					}
					if diff := gocmp.Diff(want, row.Answers); diff != "" {
						t.Errorf("%s of %s as person %d: %s", query, row.ID, n, diff)
					}
				}
			}
		}
	})
}

// The SQL predicate says what domain says of every field, for members of every kind.
func TestWhichFieldsAreUnseenIsTheDomains(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{
			person(1): {domain.Reporter}, person(2): {domain.Developer}, person(3): {domain.Resolver}, person(4): {domain.Manager},
		})
		for i := range 4 {
			s.track("HELP", tracker.FieldSet{Field: tracker.Field{Code: fmt.Sprintf("f%d", i), Type: tracker.Text, Hidden: i%2 == 0}})
		}
		s.track("HELP", tracker.FieldRemoved{Code: "f2"})
		s.track("HELP", tracker.RightsSet{Role: domain.Developer, RightChanges: domain.RightChanges{Revoked: []domain.Right{domain.SeeInternal}}})
		id := s.post("HELP", person(5), map[string]string{"f0": "x", "f1": "x", "f2": "x", "f3": "x", "f9": "x"})
		s.settle()
		for n := range byte(7) {
			a := actor(n)
			for code := range s.tickets[id].Answers {
				_, seen := s.seen(a, s.tickets[id])[code]
				want := seen && s.sees(a, s.tickets[id])
				if got := len(s.walk(a, 5, nothing, "field."+code, "x")) == 1; got != want {
					t.Errorf("person %d finds by %s: %t, want %t", n, code, got, want)
				}
			}
		}
	})
}
