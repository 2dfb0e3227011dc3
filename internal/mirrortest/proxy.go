package mirrortest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// proxy stands between a tool and its site.
type proxy struct {
	*httptest.Server
	mu       sync.Mutex
	requests int  // so far
	cutAt    int  // the request after so many more is cut off; 0: none
	after    bool // once it was carried out
	deaf     bool // nobody's secret is taken
	denied   int  // requests that came meanwhile
	written  []passage
}

func newProxy(t testing.TB, site string) *proxy {
	t.Helper()
	to, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	to.Path = "" // of the site's URL: that of the proxy has it too
	p := &proxy{}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = to.Host },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cut, after, deaf := p.count()
		switch {
		case deaf:
			w.WriteHeader(http.StatusUnauthorized)
		case cut && after:
			forward.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case cut:
			panic(http.ErrAbortHandler)
		default:
			asked, answer := time.Now(), answering{ResponseWriter: w}
			forward.ServeHTTP(&answer, r)
			p.passed(r, answer.status, asked)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *proxy) count() (cut, after, deaf bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if p.deaf {
		p.denied++
	}
	if p.cutAt > 0 {
		p.cutAt--
		cut = p.cutAt == 0
	}
	return cut, p.after, p.deaf
}

// cut has the n-th request from now cut off, before or after it was carried out; 0: none.
func (p *proxy) cut(n int, after bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutAt, p.after = n, after
}

// soFar is how many requests there have been.
func (p *proxy) soFar() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// shut has every request refused, as of one whose secret is not taken.
func (p *proxy) shut(deaf bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deaf, p.denied = deaf, 0
}

func (p *proxy) refused() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.denied
}

// answering is an answer whose status is remembered.
type answering struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the status.
func (a *answering) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}
