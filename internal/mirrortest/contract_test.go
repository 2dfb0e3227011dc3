package mirrortest_test

import (
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"testing"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/internal/mirrortest"
)

func TestATinyToolKeepsTheContract(t *testing.T) {
	t.Parallel()
	mirrortest.Run(t, newRig)
}

func newRig(t *testing.T) mirrortest.Rig {
	t.Helper()
	b := &binder{dir: t.TempDir(), key: "k3y-of-the-binder"}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	of := func(id domain.TicketID) []card {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.find(url.Values{"ticket": {string(id)}})
	}
	return mirrortest.Rig{
		Site: server.URL + "/cards", Secret: b.key, Tool: newCards, Poison: "Full of " + noGo,
		Mirror: func(_ testing.TB, people []domain.UserID) tracker.Mirror {
			return tracker.Mirror{Tool: "binder", Project: "cards", Mapping: tracker.Mapping{People: map[domain.UserID]string{people[0]: "boss", people[1]: "staff"}}}
		},
		People: &mirrortest.People{
			Staff: "staff", Stranger: "stranger",
			Say: func(_ testing.TB, id domain.TicketID, as, text string) { b.act(id, line{Author: as, Text: text}) },
			Attach: func(_ testing.TB, id domain.TicketID, as, name, content string) {
				b.add(id, sheet{Author: as, Name: name, Content: content})
			},
			Close: func(_ testing.TB, id domain.TicketID, as string) { b.act(id, line{Author: as, Closes: true}) },
		},
		Look: func(_ testing.TB, id domain.TicketID) []mirrortest.Seen {
			var seen []mirrortest.Seen
			for _, c := range of(id) {
				seen = append(seen, b.seen(c))
			}
			return seen
		},
		Lose: func(_ testing.TB, id domain.TicketID) { b.lose(of(id)[0].ID) },
		Spoil: func(_ testing.TB, id domain.TicketID) {
			c := of(id)[0]
			b.mu.Lock()
			defer b.mu.Unlock()
			c.Title = "Wrong"
			b.write(c)
		},
	}
}

func (b *binder) seen(c card) mirrortest.Seen {
	s := mirrortest.Seen{Summary: c.Title, Closed: c.Done}
	for _, l := range c.Lines {
		if l.Closes {
			continue
		}
		text := l.Text
		if l.Private {
			text = "internal: " + text
		}
		s.Said = append(s.Said, text)
	}
	for _, one := range c.Sheets {
		s.Files = append(s.Files, one.Name+" "+one.Content)
	}
	slices.Sort(s.Files)
	for _, id := range c.Before {
		n, _ := strconv.Atoi(id)
		before, _ := b.read(n)
		s.Prerequisites = append(s.Prerequisites, before.Ticket)
	}
	return s
}

func (b *binder) lose(id int) { _ = os.Remove(b.file(id)) } // there is one

// act has somebody write a line on the ticket's card.
func (b *binder) act(id domain.TicketID, l line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.find(url.Values{"ticket": {string(id)}})[0]
	l.ID = len(c.Lines) + 1
	c.Lines, c.Done = append(c.Lines, l), c.Done || l.Closes
	b.write(c)
}

// add has somebody put a sheet into the ticket's card.
func (b *binder) add(id domain.TicketID, s sheet) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.find(url.Values{"ticket": {string(id)}})[0]
	s.ID = len(c.Sheets) + 1
	c.Sheets = append(c.Sheets, s)
	b.write(c)
}
