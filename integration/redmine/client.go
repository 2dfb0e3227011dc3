package redmine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	callTimeout = 30 * time.Second
	mostBody    = 64 << 20 // of an answer: an issue comes with all its journals
)

// Client speaks to one Redmine with one person's API key. It tries nothing twice:
// a POST whose answer is lost may have been carried out all the same.
type Client struct {
	base string // without a slash at its end
	key  string
	as   string // login of who acts, for an administrator's key; "" is the key's own person
	http *http.Client
}

// NewClient makes a client of the Redmine at base, as "https://redmine.example.org/path".
func NewClient(base, key string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("%q is no address of a Redmine: it wants http(s)://host/path", base)
	}
	return &Client{base: strings.TrimSuffix(base, "/"), key: key, http: &http.Client{
		Timeout: callTimeout,
		// A write on a kept connection that Redmine just closed is lost without a word of
		// whether it was carried out: Redmine's server keeps them for 20 s.
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 8, IdleConnTimeout: 10 * time.Second, ForceAttemptHTTP2: true},
		// The key must not go where somebody else points to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// As is a client that acts as the person with the login. The key must be an
// administrator's: Redmine ignores the wish of others without a word.
func (c *Client) As(login string) *Client {
	other := *c
	other.as = login
	return &other
}

// call is one request. in and out are JSON, unless in is a reader, or out a *string.
type call struct {
	method string
	path   string // with .json at its end: without it Redmine answers 406, or with a page
	query  url.Values
	in     any
	out    any
}

func (c *Client) get(ctx context.Context, path string, query url.Values, out any) error {
	return c.do(ctx, call{method: http.MethodGet, path: path, query: query, out: out})
}

// do sends the request. An answer that is no success is an *Error.
func (c *Client) do(ctx context.Context, one call) error {
	req, err := c.request(ctx, one)
	if err != nil {
		return err
	}
	what := one.method + " " + one.path
	resp, err := c.http.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // its text has the whole address
		}
		return fmt.Errorf("redmine: %s: %w", what, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
	if err != nil {
		return fmt.Errorf("redmine: read the answer to %s: %w", what, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return newError(what, resp, body)
	}
	switch out := one.out.(type) {
	case nil:
		return nil
	case *string:
		*out = string(body)
		return nil
	}
	if err := json.Unmarshal(body, one.out); err != nil {
		return fmt.Errorf("redmine: the answer to %s is not what Redmine sends (is %s a Redmine?): %w", what, c.base, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, one call) (*http.Request, error) {
	var body io.Reader
	kind := "application/json" // without it Redmine reads a form, and finds nothing in it
	switch in := one.in.(type) {
	case nil:
	case io.Reader:
		body, kind = in, "application/octet-stream"
	default:
		text, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("redmine: write the body of %s %s: %w", one.method, one.path, err)
		}
		body = bytes.NewReader(text)
	}
	where := c.base + one.path
	if len(one.query) > 0 {
		where += "?" + one.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, one.method, where, body)
	if err != nil {
		return nil, fmt.Errorf("redmine: %s %s: %w", one.method, one.path, err)
	}
	req.Header.Set("X-Redmine-Api-Key", c.key)
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	if c.as != "" {
		req.Header.Set("X-Redmine-Switch-User", c.as)
	}
	return req, nil
}
