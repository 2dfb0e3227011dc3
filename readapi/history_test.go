package readapi_test

import (
	"encoding/json"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/internal/testdb"
)

type historyPage struct {
	History []happened
	Next    string
}

type happened struct {
	Version    int
	Type       string
	Words      string
	Actor      domain.UserID
	Source     domain.Source
	OccurredAt time.Time
	RecordedAt time.Time
	Position   string
	Data       json.RawMessage
}

func TestHistoryIsToldInTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		id, _ := s.life()
		s.track("HELP", tracker.Configured{Labels: map[tracker.State]tracker.Label{"working": {FR: "En cours", EN: "Going"}}})
		s.track("HELP", tracker.FieldSet{Field: tracker.Field{Code: "product", Type: tracker.Text, Label: tracker.Label{FR: "Produit", EN: "Product"}}})
		s.settle()
		one, two := string(person(1)), string(person(2))
		english := []string{
			"Ticket posted.", "Edited: summary, Product, room.", "Assigned to " + two + ".", "Comment 1 added.", "State changed from “Posted” to “Going”.",
			"Comment 2 added.", "Comment 3 added.", "Given back by " + two + ".", "Resolution written.", "State changed from “Going” to “Resolved”.",
		}
		french := []string{
			"Ticket posté.", "Modifié : résumé, Produit, room.", "Attribué à " + two + ".", "Commentaire 1 ajouté.", "État changé de « Posté » à « En cours ».",
			"Commentaire 2 ajouté.", "Commentaire 3 ajouté.", "Rendu par " + two + ".", "Résolution écrite.", "État changé de « En cours » à « Résolu ».",
		}
		for language, want := range map[string][]string{
			"": english, "en-GB": english, "de": english, "!": english, "fr": french, "fr-CA, en;q=0.5": french, "de, fr;q=0.8, en;q=0.5": french,
		} {
			var p historyPage
			s.getRaw(domain.Actor{ID: domain.UserID(one)}, "/tickets/"+string(id)+"/history", language).into(t, &p)
			var got []string
			for _, h := range p.History {
				got = append(got, h.Words)
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%q: %s", language, diff)
			}
		}
	})
}

func TestOtherWords(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, nil)
		text := "Longer."
		s.do("HELP-1", person(2), ticket.Posted{Tracker: "HELP", Number: 1, Summary: "x", Reporter: person(1)})
		s.do("HELP-1", person(0), ticket.Edited{Description: &text})
		s.do("HELP-1", person(0), ticket.Assigned{Assignee: person(2), Previous: person(3)})
		s.do("HELP-1", person(0), ticket.Unassigned{Previous: person(2)})
		s.do("HELP-1", person(0), ticket.ResolutionWritten{})
		s.settle()
		var p historyPage
		s.get(actor(0), "/tickets/HELP-1/history").into(t, &p)
		want := []string{
			"Ticket posted for " + string(person(1)) + ".", "Edited: description.", "Assigned to " + string(person(2)) + ", before that to " + string(person(3)) + ".",
			"Taken from " + string(person(2)) + ".", "Resolution removed.",
		}
		for i, h := range p.History {
			if h.Words != want[i] {
				t.Errorf("got %q, want %q", h.Words, want[i])
			}
		}
	})
}

// History is the stream, event by event.
func TestHistoryIsTheStream(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		id, versions := s.life()
		var got []happened
		for target := "/tickets/" + string(id) + "/history?limit=3"; ; {
			var p historyPage
			s.getRaw(actor(1), target, "").into(t, &p)
			got = append(got, p.History...)
			if p.Next == "" {
				break
			}
			target = "/tickets/" + string(id) + "/history?limit=3&cursor=" + p.Next
		}
		if len(got) != len(versions) {
			t.Fatalf("%d of %d events", len(got), len(versions))
		}
		var previous eventstore.Position
		for e, err := range s.store.Read(s.ctx, id.Stream(), 0) {
			s.must(err)
			h := got[e.Revision]
			var stored, shown any
			s.must(json.Unmarshal(e.Data, &stored))
			s.must(json.Unmarshal(h.Data, &shown))
			if diff := gocmp.Diff(stored, shown); diff != "" || h.Type != e.Type || h.Version != int(e.Revision)+1 || h.Position != e.Position.String() {
				t.Errorf("event %d is shown as %+v %s", e.Revision, h, diff)
			}
			if !h.OccurredAt.Equal(versions[e.Revision].UpdatedAt) || h.Source != domain.SourceAPI || !h.RecordedAt.Equal(e.Created.Truncate(time.Microsecond)) {
				t.Errorf("event %d (%s) is shown as %+v", e.Revision, e.Created, h)
			}
			if e.Position.Compare(previous) <= 0 {
				t.Errorf("event %d is not after the one before", e.Revision)
			}
			previous = e.Position
		}
	})
}

type changesPage struct {
	Changes []changeShown
	Next    string
}

type changeShown struct {
	Version    int
	From, To   string
	Actor      domain.UserID
	OccurredAt time.Time
}

func TestChangesOfStateAndOwner(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		id, versions := s.life()
		for name, want := range map[string][]changeShown{
			"state-history":     {{5, "posted", "working", person(2), versions[4].UpdatedAt}, {10, "working", "resolved", person(0), versions[9].UpdatedAt}},
			"ownership-history": {{3, "", string(person(2)), person(0), versions[2].UpdatedAt}, {8, string(person(2)), "", person(2), versions[7].UpdatedAt}},
		} {
			var first, second changesPage
			s.get(actor(1), "/tickets/"+string(id)+"/"+name, "limit", "1").into(t, &first)
			s.get(actor(1), "/tickets/"+string(id)+"/"+name, "limit", "1", "cursor", first.Next).into(t, &second)
			if diff := gocmp.Diff(want, append(first.Changes, second.Changes...)); diff != "" || second.Next != "" {
				t.Errorf("%s, next %q: %s", name, second.Next, diff)
			}
		}
	})
}
