package readapi_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"suivi/database"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
	"suivi/readapi"
)

// remarks are the comments or notes of a ticket as they are now, by number from 1; "" once deleted.
type remarks map[domain.TicketID][]string

// library is a site whose tickets have many texts, and what the events come to.
type library struct {
	*site
	comments, notes remarks
}

// texts are the texts of a ticket that the actor may read.
func (l library) texts(a domain.Actor, t ticket.Ticket) []string {
	all := append([]string{t.Summary, t.Description, t.Resolution}, l.comments[t.ID]...)
	for _, answer := range t.Answers {
		all = append(all, answer)
	}
	for _, b := range t.Brought {
		all = append(all, b.Answer)
	}
	desk := l.trackers[t.Tracker]
	if a.Admin || desk.Policy().Holds(desk.Members[a.ID], domain.SeeInternal) {
		all = append(all, l.notes[t.ID]...)
	}
	return all
}

// sought is one part of what a person types.
type sought struct {
	text      string
	quoted    bool
	beginning bool
}

func (q sought) typed() string {
	if q.quoted {
		return `"` + q.text + `"`
	}
	return q.text
}

// inside tells whether the words of the one stand side by side in those of the other.
func (q sought) inside(text string) bool {
	has, wants := database.Words(text), database.Words(q.text)
	for i := 0; i+len(wants) <= len(has); i++ {
		part := slices.Clone(has[i : i+len(wants)])
		if last := len(part) - 1; q.beginning && strings.HasPrefix(part[last], wants[last]) {
			part[last] = wants[last]
		}
		if slices.Equal(part, wants) {
			return true
		}
	}
	return false
}

func (l library) finds(a domain.Actor, t ticket.Ticket, all []sought) bool {
	for _, q := range all {
		number := !q.quoted && (q.text == fmt.Sprint(t.Number) || q.text == "#"+fmt.Sprint(t.Number) || strings.EqualFold(q.text, string(t.ID)))
		if !number && !slices.ContainsFunc(l.texts(a, t), q.inside) {
			return false
		}
	}
	return true
}

// vocabulary has few words, so that texts and searches meet.
var vocabulary = []string{"Élève", "eleves", "le", "projecteur", "PROJECTEUR", "l'écran", "écran", "œuvre", "oeuvre", "10.0.0.1", "10", "1", "help-1", "and", "OR", "not"}

func drawText(r *rapid.T, label string) string {
	if rapid.IntRange(0, 9).Draw(r, label+" is any text") == 0 {
		return strings.ReplaceAll(rapid.String().Draw(r, label), "\x00", "")
	}
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 5).Draw(r, label), rapid.SampledFrom([]string{" ", ", ", "\n", "-"}).Draw(r, "between"))
}

func (l library) drawDeed(r *rapid.T, ids []domain.TicketID) {
	id := rapid.SampledFrom(ids).Draw(r, "ticket")
	text := drawText(r, "text")
	comments, notes := l.comments[id], l.notes[id]
	switch rapid.IntRange(0, 11).Draw(r, "deed") {
	case 0, 1:
		l.do(id, person(1), ticket.Commented{Comment: len(comments) + 1, Body: text})
		l.comments[id] = append(comments, text)
	case 2, 3:
		l.do(id, person(2), ticket.NoteAdded{Note: len(notes) + 1, Body: text})
		l.notes[id] = append(notes, text)
	case 4:
		if n := len(comments); n > 0 {
			l.do(id, person(1), ticket.CommentEdited{Comment: n, Body: text})
			comments[n-1] = text
		}
	case 5:
		if len(comments) > 0 {
			l.do(id, person(1), ticket.CommentDeleted{Comment: 1})
			comments[0] = ""
		}
	case 6:
		if n := len(notes); n > 0 {
			l.do(id, person(2), ticket.NoteEdited{Note: n, Body: text})
			l.do(id, person(2), ticket.NoteDeleted{Note: 1})
			notes[n-1], notes[0] = text, ""
		}
	case 7:
		l.do(id, person(1), ticket.Edited{Summary: &text, Answers: map[string]string{"room": drawText(r, "answer")}})
	case 8:
		l.do(id, person(1), ticket.Edited{Description: &text, Answers: map[string]string{"room": ""}})
	case 9:
		l.do(id, person(1), ticket.ResolutionWritten{Resolution: text})
	case 11:
		t := l.tickets[id]
		moved := ticket.Moved{From: t.Tracker, To: rapid.SampledFrom(ids).Draw(r, "to that of").Key(), Answers: map[string]string{"room": text}, Brought: t.Brought}
		if rapid.Bool().Draw(r, "brought") {
			moved.Answers, moved.Brought = nil, []ticket.Brought{{From: t.Tracker, Code: "room", Answer: text}}
		}
		l.do(id, person(0), moved)
	case 10:
		l.do(id, person(0), rapid.SampledFrom([]ticket.Event{ticket.Deleted{}, ticket.Undeleted{}}).Draw(r, "deleted"))
	}
}

func drawSearch(r *rapid.T) (typed string, all []sought) {
	var parts []string
	n := rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(r, "parts")
	for i := range n {
		q := sought{text: rapid.SampledFrom(append([]string{"#1", "2", "HELP-2", "é", "proj", "l'é", "l’écran"}, vocabulary...)).Draw(r, "word")}
		if q.quoted = rapid.IntRange(0, 3).Draw(r, "quoted") == 0; q.quoted {
			q.text = strings.TrimSpace(q.text + " " + rapid.SampledFrom(vocabulary).Draw(r, "second word"))
		}
		q.beginning = i == n-1 && !q.quoted
		parts, all = append(parts, q.typed()), append(all, q)
	}
	return strings.Join(parts, rapid.SampledFrom([]string{" ", "  ", "\t"}).Draw(r, "blank")), all
}

// For any tickets and searches: what is found is what a person may see that has
// all of the words, in lists, pages and counts, with any other filter and sort.
func TestSearchFindsWhatHasAllWordsAndMayBeSeen(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			keys := s.drawDesks(r, round)
			clear(s.tickets)
			l := library{s, remarks{}, remarks{}}
			ids := s.drawTickets(r, keys)
			for _, id := range ids { // what was said on them already
				if s.tickets[id].Comments > 0 {
					l.comments[id] = []string{"Well"}
				}
				if len(s.tickets[id].Inner.Notes) > 0 {
					l.notes[id] = []string{"Hm"}
				}
			}
			for range rapid.IntRange(0, 20).Draw(r, "deeds") {
				if len(ids) > 0 {
					l.drawDeed(r, ids)
				}
			}
			s.settle()
			s.api.SetFew(rapid.SampledFrom([]int{-1, 1, 500}).Draw(r, "few"))
			s.api.SetMany(rapid.SampledFrom([]int{0, 1, 3, 2000}).Draw(r, "many"))
			for range 6 {
				l.compareSearch(r, keys)
			}
		})
		report, err := s.models.Verify(s.ctx, nil)
		if err != nil || !report.Equal {
			t.Errorf("the words are not those of the events: %v %+v", err, report)
		}
	})
}

func (l library) compareSearch(r *rapid.T, keys []domain.TrackerKey) {
	typed, all := drawSearch(r)
	a := actor(rapid.ByteRange(0, 4).Draw(r, "actor"))
	other := rapid.SampledFrom(filters()).Draw(r, "other filter")
	sort := rapid.SampledFrom([]string{"number", "-updatedAt", "state"}).Draw(r, "sort")
	if len(other.query) > 0 && (other.query[0] == "q" || other.query[0] == "tracker") {
		other = filters()[0]
	}
	for _, key := range keys {
		query := slices.Concat([]string{"q", typed, "tracker", string(key)}, other.query)
		keep := func(t ticket.Ticket) bool { return t.Tracker == key && other.keep(a, t) && l.finds(a, t, all) }
		got := l.walk(a, 2, nothing, append(query, "sort", sort)...)
		if diff := gocmp.Diff(l.want(a, keep, sorts()[sort]), got); diff != "" {
			r.Errorf("%v finds by %v: %s", a, query, diff)
		}
		l.checkCounts(a, keep, query)
	}
}

// Whether a word stands in many texts is guessed from those of all times: the latest may be of another kind.
func TestHowCommonAWordIsIsGuessedFromTextsOfAllTimes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, nil)
		for n := range 600 {
			word := "printer"
			if n >= 300 {
				word = "screen"
			}
			if n == 300 {
				s.settle() // the later ones come later
				s.wantCommon("screen", false)
			}
			id := domain.NewTicketID("HELP", int64(n+1))
			s.do(id, person(1), ticket.Posted{Tracker: "HELP", Number: int64(n + 1), Summary: word + " broken", Reporter: person(1)})
		}
		s.settle()
		s.wantCommon("printer", true)
		s.wantCommon("screen", true)
		s.wantCommon("nowhere", false)
		s.wantCommon("broken nothing", true, false)
	})
}

// wantCommon asks how common words are, after all tickets were counted.
func (s *site) wantCommon(words string, want ...bool) {
	s.t.Helper()
	s.get(actor(0), "/tickets/counts")
	got, err := s.api.Common(s.ctx, words)
	if err != nil || !slices.Equal(got, want) {
		s.t.Errorf("%s: got %v, %v", words, got, err)
	}
}

// Of words that many tickets have the tabs tell what the first page shows, and nothing of what it does not.
func TestTabsTellWhatAPageOfCommonWordsShows(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, nil)
		for range 5 {
			s.post("HELP", person(1), nil)
		}
		s.move("HELP-1", tracker.Resolved)
		s.settle()
		s.api.SetMany(0)
		open, resolved := tracker.OpenList, tracker.ResolvedList
		tabs := func(query ...string) (readapi.TicketPage, map[tracker.List]readapi.Count) {
			values := url.Values{"q": {"summary"}, "sort": {"number"}}
			for i := 0; i < len(query); i += 2 {
				values.Set(query[i], query[i+1])
			}
			page, counts, err := s.api.TicketsAndTabs(s.ctx, actor(0), values, 50)
			s.must(err)
			return page, counts
		}
		first, got := tabs("limit", "3")
		_, later := tabs("limit", "3", "cursor", first.Next)
		_, whole := tabs()
		_, one := tabs("list", "open")
		_, stated := tabs("state", "posted")
		for _, c := range []struct {
			got, want map[tracker.List]readapi.Count
		}{
			{got, map[tracker.List]readapi.Count{open: {N: 2, More: true}, resolved: {N: 1, More: true}}},
			{later, map[tracker.List]readapi.Count{}}, {stated, map[tracker.List]readapi.Count{}},
			{whole, map[tracker.List]readapi.Count{open: {N: 4}, resolved: {N: 1}}},
			{one, map[tracker.List]readapi.Count{open: {N: 4}}},
		} {
			if diff := gocmp.Diff(c.want, c.got); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// What a person types is never an error, nor anything but words to the databases,
// and finds the same on both.
func TestAnyTextCanBeLookedFor(t *testing.T) {
	t.Parallel()
	sites := map[string]library{}
	for name, address := range map[string]string{"sqlite": testdb.SQLite(t), "postgres": testdb.Postgres(t)} {
		sites[name] = corpus(t, address)
	}
	ask := func(r *rapid.T, text string) {
		var answers []string
		for _, l := range sites {
			got := l.get(actor(2), "/tickets", "q", text, "sort", "number")
			if got.Status != http.StatusOK {
				r.Fatalf("%q: %d %s", text, got.Status, got.Body)
			}
			answers = append(answers, string(got.Body))
		}
		if diff := gocmp.Diff(answers[0], answers[1]); diff != "" {
			r.Errorf("%q finds different tickets: %s", text, diff)
		}
	}
	pieces := rapid.OneOf(rapid.SampledFrom([]string{"AND", "NOT", "OR", "NEAR(", "summary:", "\"", "'", "*", ":*", "^", "&", "|", "!", "<->", "(", ")", "-", "%", "_", "\\", "$1", "«", "»", "\u0301", "écran", "proj", "12"}),
		rapid.StringN(0, 4, 16))
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 10).Draw(r, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(r, "between"))
		if text = strings.ReplaceAll(text, "\x00", ""); len(database.Words(text)) <= 24 {
			ask(r, text)
		}
	})
}

// corpus is a site of sixty tickets with texts, the same each time.
func corpus(t *testing.T, address string) library {
	t.Helper()
	l := library{newSite(t, address), remarks{}, remarks{}}
	l.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{person(2): {domain.Developer}})
	random := rand.New(rand.NewPCG(5, 5))
	text := func() string {
		var words []string
		for range random.IntN(9) {
			words = append(words, vocabulary[random.IntN(len(vocabulary))])
		}
		return strings.Join(words, " ")
	}
	for range 60 {
		id := l.post("HELP", person(1), map[string]string{"room": text()})
		l.do(id, person(1), ticket.Edited{Summary: new(text()), Description: new(text())})
		l.do(id, person(1), ticket.Commented{Comment: 1, Body: text()})
		l.do(id, person(2), ticket.NoteAdded{Note: 1, Body: text()})
	}
	l.settle()
	return l
}

func TestHowPeopleSearch(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Bugtracker, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Developer}})
		s.desk("SHOP", domain.Bugtracker, map[domain.UserID][]domain.Role{person(1): {domain.Developer}})
		s.do(s.post("HELP", person(1), map[string]string{"room": "Salle Pasteur"}), person(1),
			ticket.Edited{Summary: new("Le vidéoprojecteur ne s’allume plus"), Description: new("Depuis lundi, **écran noir**. Voir http://10.1.2.3/état")})
		s.do("HELP-1", person(2), ticket.Commented{Comment: 1, Body: "Please restart the projector"})
		s.do("HELP-1", person(2), ticket.NoteAdded{Note: 1, Body: "canary: the teacher unplugs it"})
		s.do("HELP-1", person(2), ticket.ResolutionWritten{Resolution: "Ampoule remplacée"})
		s.move("HELP-1", tracker.Resolved)
		s.post("HELP", person(1), nil)
		s.do(s.post("SHOP", person(2), nil), person(2), ticket.NoteAdded{Note: 1, Body: "parakeet"})
		s.settle()
		for typed, want := range map[string]string{
			"VIDEOPROJECTEUR": "HELP-1", "vidéopro": "HELP-1", "projecteur": "", "s'allume": "HELP-1", `"ecran noir"`: "HELP-1", `"noir ecran"`: "",
			"«écran noir»": "HELP-1", `"ecran no"`: "", `"ecran no`: "HELP-1", "noir ecran": "HELP-1", "ampoule projector pasteur": "HELP-1", "ampoule absent": "",
			"10.1.2": "HELP-1", "1.10.2": "", "help-1": "HELP-1", "HELP#1": "HELP-1", "HELP-3": "", "#2": "HELP-1 HELP-2", "2": "HELP-1 HELP-2", "1 lundi": "HELP-1",
			"": "HELP-2 SHOP-1", "  ": "HELP-2 SHOP-1", "?!": "", "lundi ?!": "HELP-1", "canary": "", "teacher unplugs": "", "parakeet": "SHOP-1", "Summary": "HELP-2 SHOP-1",
		} {
			got := []string{}
			for _, id := range s.walk(actor(1), 50, nothing, "q", typed, "sort", "number") {
				got = append(got, string(id))
			}
			slices.Sort(got)
			if diff := gocmp.Diff(strings.Fields(want), got); diff != "" {
				t.Errorf("%q: %s", typed, diff)
			}
		}
		s.checkCounts(actor(1), func(ticket.Ticket) bool { return false }, []string{"q", "canary"})
		if got := s.walk(actor(2), 50, nothing, "q", "canary"); len(got) != 1 {
			t.Errorf("staff find %v by a note", got)
		}
		if got := s.walk(actor(1), 50, nothing, "q", "lundi", "list", "open"); len(got) != 0 {
			t.Errorf("a resolved ticket in the open list: %v", got)
		}
		s.wantMissing("canary", ticket.NoteDeleted{Note: 1})
		s.wantMissing("restart", ticket.CommentDeleted{Comment: 1})
		s.wantMissing("lundi", ticket.Deleted{})
		if got := s.get(actor(0), "/tickets", "q", strings.Repeat("mot ", 25)).problem(t); got.Status != http.StatusUnprocessableEntity || got.Errors[0].Code != "too-many-words" {
			t.Errorf("25 words: %+v", got)
		}
	})
}

// wantMissing: the event takes what can be found out of the index itself, at once.
func (s *site) wantMissing(word string, event ticket.Event) {
	s.t.Helper()
	in := func() (n int) {
		for _, index := range []database.WordIndex{"texts", "note_texts"} {
			var some int
			query := strings.Replace("SELECT COUNT(*) "+index.From(s.db.Dialect), "$n", "$1", 1)
			s.must(s.db.Read.GetContext(s.ctx, &some, query, index.Looking(s.db.Dialect, []string{word}, false)))
			n += some
		}
		return n
	}
	if in() != 1 {
		s.t.Errorf("%q is in %d texts, want 1", word, in())
	}
	s.do("HELP-1", person(0), event)
	s.settle()
	if in() != 0 {
		s.t.Errorf("%q is still found after %T", word, event)
	}
}
