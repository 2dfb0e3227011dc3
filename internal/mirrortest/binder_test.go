package mirrortest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// binder is a small tool of the outside world: a folder of cards, each a JSON file, behind
// HTTP. It is as careless as real ones: what is posted twice is there twice.
type binder struct {
	dir string
	key string
	mu  sync.Mutex
}

// card is one of them.
type card struct {
	ID     int      `json:"id"`
	Ticket string   `json:"ticket"` // anybody's id
	Title  string   `json:"title"`
	Text   string   `json:"text"`
	Done   bool     `json:"done"`
	Before []string `json:"before"` // ids of other cards
	Rev    int      `json:"rev"`    // of the binder, when it was changed last
	Lines  []line   `json:"lines"`
	Sheets []sheet  `json:"sheets"`
}

// line is something said on a card.
type line struct {
	ID      int    `json:"id"`
	Text    string `json:"text"`
	Private bool   `json:"private,omitempty"`
	Author  string `json:"author,omitempty"` // "": whoever has the key
	Closes  bool   `json:"closes,omitempty"` // it says that the card was closed
}

// sheet is a file in a card.
type sheet struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Content string `json:"content"`
	Author  string `json:"author,omitempty"` // "": whoever has the key
}

// noGo is a word that no title may have.
const noGo = "asbestos"

func (b *binder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Header.Get("X-Key") != b.key {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	status, answer := b.answer(r, path[1:])
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // who has gone does not hear it
}

func (b *binder) answer(r *http.Request, path []string) (int, any) {
	if len(path) == 0 {
		if r.Method == http.MethodGet {
			return http.StatusOK, b.find(r.URL.Query())
		}
		return b.change(r, card{ID: b.count("last")})
	}
	id, _ := strconv.Atoi(path[0])
	c, ok := b.read(id)
	if !ok {
		return http.StatusNotFound, nil
	}
	switch {
	case len(path) > 1 && path[1] == "lines":
		var said line
		_ = json.NewDecoder(r.Body).Decode(&said)
		if i := slices.IndexFunc(c.Lines, func(l line) bool { return l.ID == said.ID }); i >= 0 {
			c.Lines[i] = said
		} else {
			said.ID = len(c.Lines) + 1
			c.Lines = append(c.Lines, said)
		}
		b.write(c)
		return http.StatusOK, said
	case len(path) > 1:
		content, _ := io.ReadAll(r.Body)
		s := sheet{ID: len(c.Sheets) + 1, Name: r.URL.Query().Get("name"), Content: string(content)}
		c.Sheets = append(c.Sheets, s)
		b.write(c)
		return http.StatusOK, s
	case r.Method == http.MethodDelete:
		_ = os.Remove(b.file(id))
		return http.StatusOK, nil
	case r.Method == http.MethodGet:
		return http.StatusOK, c
	}
	return b.change(r, c)
}

// change gives a card another title, text and so on.
func (b *binder) change(r *http.Request, c card) (int, any) {
	var to card
	if err := json.NewDecoder(r.Body).Decode(&to); err != nil {
		return http.StatusBadRequest, err.Error()
	}
	if strings.Contains(to.Title, noGo) {
		return http.StatusUnprocessableEntity, "no " + noGo + " here"
	}
	c.Ticket, c.Title, c.Text, c.Done, c.Before = to.Ticket, to.Title, to.Text, to.Done, to.Before
	b.write(c)
	return http.StatusOK, c
}

func (b *binder) file(id int) string { return filepath.Join(b.dir, fmt.Sprintf("%d.json", id)) }

func (b *binder) read(id int) (c card, ok bool) {
	data, err := os.ReadFile(b.file(id))
	return c, err == nil && json.Unmarshal(data, &c) == nil
}

func (b *binder) write(c card) {
	c.Rev = b.count("revision")
	data, err := json.Marshal(c)
	if err == nil {
		err = os.WriteFile(b.file(c.ID), data, 0o600)
	}
	if err != nil {
		panic(err)
	}
}

// count is the next number of the name.
func (b *binder) count(name string) int {
	file := filepath.Join(b.dir, name)
	last, _ := os.ReadFile(file) // the first time there is none
	n, _ := strconv.Atoi(string(last))
	if err := os.WriteFile(file, []byte(strconv.Itoa(n+1)), 0o600); err != nil {
		panic(err)
	}
	return n + 1
}

// find is every card of the ticket, or that was changed since.
func (b *binder) find(q url.Values) []card {
	since, _ := strconv.Atoi(q.Get("since"))
	found := []card{}
	for id := 1; id < 10_000; id++ {
		c, ok := b.read(id)
		if ok && (c.Ticket == q.Get("ticket") || q.Has("since") && c.Rev > since) {
			found = append(found, c)
		}
		if last, _ := os.ReadFile(filepath.Join(b.dir, "last")); strconv.Itoa(id) == string(last) {
			break
		}
	}
	return found
}
