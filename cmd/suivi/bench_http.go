package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// lean speaks HTTP with as little work as can be, so that it does not take the
// machine from the service that it measures.
type lean struct {
	host  *fasthttp.HostClient
	base  string // of the API, or of the pages
	token string // "": none
}

func newLean(c *client) (*lean, error) {
	at, err := url.Parse(c.server)
	if err != nil {
		return nil, fmt.Errorf("read the service's URL: %w", err)
	}
	port := at.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[at.Scheme]
	}
	return &lean{
		host: &fasthttp.HostClient{
			Addr: net.JoinHostPort(at.Hostname(), port), IsTLS: at.Scheme == "https", MaxConns: 1024,
			ReadTimeout: time.Minute, WriteTimeout: time.Minute, MaxIdemponentCallAttempts: 1,
		},
		base: c.server + "/api/v1", token: c.token,
	}, nil
}

// leanAnswer is what a bench asks of an answer.
type leanAnswer struct {
	body     []byte
	position string
	cookie   string // the first that it sets, as it is sent back; "": none
}

// do sends a request, with headers in pairs, and wants no error.
func (l *lean) do(method, path string, body []byte, headers ...string) (leanAnswer, error) {
	req, answer := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(answer)
	req.Header.SetMethod(method)
	req.SetRequestURI(l.base + path)
	if l.token != "" {
		req.Header.Set("Authorization", "Bearer "+l.token)
	}
	if body != nil {
		req.Header.SetContentType("application/json")
		req.SetBodyRaw(body)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if err := l.host.Do(req, answer); err != nil {
		return leanAnswer{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if status := answer.StatusCode(); status >= 400 {
		return leanAnswer{}, fmt.Errorf("%s %s: %d %s", method, path, status, answer.Body())
	}
	cookie, _, _ := strings.Cut(string(answer.Header.Peek("Set-Cookie")), ";")
	return leanAnswer{append([]byte(nil), answer.Body()...), string(answer.Header.Peek("X-Suivi-Position")), cookie}, nil
}

// ticketNumber reads the number of the ticket in an answer, or of the first of a list.
func ticketNumber(body []byte) (int64, error) {
	var said struct {
		Number  int64 `json:"number"`
		Tickets []struct {
			Number int64 `json:"number"`
		} `json:"tickets"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return 0, fmt.Errorf("read an answer: %w", err)
	}
	if len(said.Tickets) > 0 {
		return said.Tickets[0].Number, nil
	}
	return said.Number, nil
}
