package main

import (
	"bufio"
	"context"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// heard is the stream of a page, line by line.
type heard struct {
	t     *testing.T
	lines chan string // closed at its end
}

// listen opens the stream that the page at the path names.
func (v *visitor) listen(path string) *heard {
	v.t.Helper()
	found := regexp.MustCompile(`data-live="([^"]+)"`).FindStringSubmatch(v.get(path).is(200).body)
	if found == nil {
		v.t.Fatalf("%s names no stream", path)
	}
	return v.stream(html.UnescapeString(found[1]))
}

func (v *visitor) stream(address string) *heard {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), time.Minute)
	v.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.desk.url+address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != "text/event-stream" {
		v.t.Fatalf("%s: got %d %s", address, res.StatusCode, got)
	}
	h := &heard{v.t, make(chan string, 1000)}
	go func() {
		defer close(h.lines)
		defer res.Body.Close()
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				h.lines <- text
			}
		}
	}()
	return h
}

// until reads to the line, and wants none that has one of the others in it on the way.
func (h *heard) until(want string, never ...string) {
	h.t.Helper()
	var got []string
	for line := range h.lines {
		got = append(got, line)
		for _, other := range never {
			if strings.Contains(line, other) {
				h.t.Errorf("heard %s, which is not for them", line)
			}
		}
		if line == want {
			return
		}
	}
	h.t.Fatalf("heard %q until the end, want %q", got, want)
}

func TestAPageHearsOfOthersChangesAndOfNothingElse(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id, other := s.post(s.emile, "a ticket"), s.post(s.ada, "of others")
	page := s.emile.get("/tickets/" + id).is(200)
	s.ada.post("/tickets/"+id+"/comments", "body", "in between").is(http.StatusSeeOther) // after the page, before its stream
	found := regexp.MustCompile(`data-live="([^"]+)"`).FindStringSubmatch(page.body)
	one, list, all := s.emile.stream(html.UnescapeString(found[1])), s.emile.listen("/trackers/HELP/tickets"), s.ada.listen("/tickets")
	one.until(`{"ticket":"` + id + `"}`)
	s.ada.post("/tickets/"+other+"/comments", "body", "secret").is(http.StatusSeeOther)
	all.until(`{"ticket":"` + other + `"}`)
	s.ada.post("/tickets/"+id+"/comments", "body", "for staff", "internal", "on").is(http.StatusSeeOther)
	all.until(`{"ticket":"` + id + `"}`)
	s.ada.post("/tickets/"+id+"/state", "to", "working").is(http.StatusSeeOther)
	one.until(`{"ticket":"`+id+`"}`, other)
	list.until(`{"ticket":"`+id+`"}`, other)
	s.eve.get("/live?ticket=" + id).is(404)
	s.ada.get("/live?after=nonsense").is(422)
	s.stranger("en").get("/live").redirects("/setup")
}

func TestAPageSaysWhoWritesToThoseWhoMayKnow(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "a ticket")
	at := "/tickets/" + id
	ada, emile := s.ada.listen(at), s.emile.listen(at)
	s.grace.post(at+"/writing", "do", "begin", "internal", "on").is(http.StatusNoContent)
	ada.until(`{"text":"Grace is writing an internal note…"}`)
	s.ada.post(at+"/writing", "do", "begin").is(http.StatusNoContent)
	emile.until(`{"text":"Ada écrit…"}`, "Grace", "note")
	s.grace.post(at+"/writing", "do", "begin").is(http.StatusNoContent)
	ada.until(`{"text":"Grace is writing…"}`, "Ada")
	s.grace.post(at+"/comments", "body", "said").is(http.StatusSeeOther)
	ada.until(`{"text":""}`)
	s.ada.post(at+"/writing", "do", "end").is(http.StatusNoContent)
	emile.until(`{"text":""}`)
	s.emile.post(at+"/writing", "do", "begin", "internal", "on").is(http.StatusNoContent) // who may not write notes writes none
	ada.until(`{"text":"Emile is writing…"}`)
	s.eve.post(at+"/writing", "do", "begin").is(404)
	if s.seen(id).Comments != 1 {
		t.Error("a sign of writing is no event")
	}
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	s := newPageSite(t)
	id := s.post(s.emile, "a ticket")
	h := s.emile.listen("/tickets/" + id)
	s.emile.post("/sign-out").redirects("/sign-in")
	s.ada.post("/tickets/"+id+"/comments", "body", "unheard").is(http.StatusSeeOther)
	for line := range h.lines {
		if strings.Contains(line, id) {
			t.Errorf("heard %s after the end of the session", line)
		}
	}
}
