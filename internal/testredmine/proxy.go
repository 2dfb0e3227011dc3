package testredmine

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// Fault is what a proxy does to one request.
type Fault int

// What may happen.
const (
	None         Fault = iota
	CutOff             // Redmine carries it out, and half of the answer comes
	Conflict           // Redmine's answer to two writes at once; it is not carried out
	Unauthorized       // 401; it is not carried out
	Redirect
	Silence // until the client gives up
)

// Proxy stands between the client and Redmine.
type Proxy struct {
	*httptest.Server
	target string
	mu     sync.Mutex
	coming []Fault
	choose func(*http.Request) Fault // nil: None
	counts map[Fault]int
}

// NewProxy stands before the Redmine at target, until the test ends.
func NewProxy(t testing.TB, target string) *Proxy {
	p := &Proxy{target: target, counts: map[Fault]int{}}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

// Next has these happen to the next requests.
func (p *Proxy) Next(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.coming = append(p.coming, faults...)
}

// Plan has choose asked for each request for which nothing comes next; nil: None.
func (p *Proxy) Plan(choose func(*http.Request) Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.choose = choose
}

// Left takes away and counts what was planned and has not happened.
func (p *Proxy) Left() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := len(p.coming)
	p.coming = nil
	return left
}

// Happened counts how often the fault has happened.
func (p *Proxy) Happened(what Fault) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[what]
}

func (p *Proxy) fault(r *http.Request) (what Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() { p.counts[what]++ }()
	if len(p.coming) > 0 {
		first := p.coming[0]
		p.coming = p.coming[1:]
		return first
	}
	if p.choose != nil {
		return p.choose(r)
	}
	return None
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	what := p.fault(r)
	switch what {
	case Conflict:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"errors":[]}`)
		return
	case Unauthorized:
		w.WriteHeader(http.StatusUnauthorized)
		return
	case Redirect:
		http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		return
	case Silence:
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return
	case None, CutOff:
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	// Redmine finishes what it has begun, also when nobody waits any more.
	forward, err := http.NewRequest(r.Method, p.target+r.URL.RequestURI(), bytes.NewReader(body)) //nolint:gosec // to a Redmine of the test, and see above
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	forward.Header = r.Header.Clone()
	resp, err := http.DefaultTransport.RoundTrip(forward)
	if err != nil {
		panic(http.ErrAbortHandler) // it is dead: the connection ends
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || what == CutOff {
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)+1))
		_, _ = w.Write(answer[:len(answer)/2])
		_ = http.NewResponseController(w).Flush() // else the client would ask once more by itself
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(answer)
}
