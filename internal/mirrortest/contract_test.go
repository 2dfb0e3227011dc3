package mirrortest_test

import (
	"net/http/httptest"
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
		return b.find(string(id))
	}
	return mirrortest.Rig{
		Site: server.URL + "/cards", Secret: b.key, Tool: newCards, Poison: "Full of " + noGo,
		Mirror: func(testing.TB, []domain.UserID) tracker.Mirror {
			return tracker.Mirror{Tool: "binder", Project: "cards"}
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
			c.Title = "Wrong"
			b.write(c)
		},
	}
}

func (b *binder) seen(c card) mirrortest.Seen {
	s := mirrortest.Seen{Summary: c.Title, Closed: c.Done}
	for _, l := range c.Lines {
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
