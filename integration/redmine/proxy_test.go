package redmine_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// fault is what a proxy does to one request.
type fault int

const (
	none         fault = iota
	cutOff             // Redmine carries it out, and half of the answer comes
	conflict           // Redmine's answer to two writes at once; it is not carried out
	unauthorized       // 401; it is not carried out
	redirect
	silence // until the client gives up
)

// proxy stands between the client and Redmine.
type proxy struct {
	*httptest.Server
	target string
	mu     sync.Mutex
	coming []fault
	choose func(*http.Request) fault // nil: none
	seen   int                       // requests
}

func newProxy(t testing.TB, target string) *proxy {
	p := &proxy{target: target}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

// next has these happen to the next requests.
func (p *proxy) next(faults ...fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.coming = append(p.coming, faults...)
}

func (p *proxy) fault(r *http.Request) fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen++
	if len(p.coming) > 0 {
		first := p.coming[0]
		p.coming = p.coming[1:]
		return first
	}
	if p.choose != nil {
		return p.choose(r)
	}
	return none
}

func (p *proxy) serve(w http.ResponseWriter, r *http.Request) {
	what := p.fault(r)
	switch what {
	case conflict:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"errors":[]}`)
		return
	case unauthorized:
		w.WriteHeader(http.StatusUnauthorized)
		return
	case redirect:
		http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		return
	case silence:
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return
	case none, cutOff:
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	// Redmine finishes what it has begun, also when nobody waits any more.
	forward, err := http.NewRequest(r.Method, p.target+r.URL.RequestURI(), bytes.NewReader(body)) //nolint:noctx // see above
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
	if err != nil || what == cutOff {
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)+1))
		_, _ = w.Write(answer[:len(answer)/2])
		_ = http.NewResponseController(w).Flush() // else the client would ask once more by itself
		panic(http.ErrAbortHandler)
	}
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(answer)
}
