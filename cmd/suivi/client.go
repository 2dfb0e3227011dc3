package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"suivi/commands"
)

// client speaks the HTTP API of a running service. It is safe for concurrent use.
type client struct {
	server    string // without a slash at the end
	token     string
	tokenFrom string // where the token was found, for error texts
	http      *http.Client
}

// The client's patience.
const (
	callTimeout   = time.Minute     // one request with its new tries
	silentTimeout = 5 * time.Minute // between two lines of a stream
	maxRetryPause = 10 * time.Second
)

// maxAnswer is the longest answer, or line of one, that is read, in bytes.
const maxAnswer = 32 << 20

// newClient makes a client that holds up to 256 connections open.
func newClient(server, token, tokenFrom string) *client {
	return &client{server: server, token: token, tokenFrom: tokenFrom, http: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute, DisableCompression: true,
		},
	}}
}

// call is one request to the API.
type call struct {
	method  string
	path    string // below /api/v1
	query   url.Values
	headers map[string]string
	body    any // to be sent as JSON; nil for none
}

// do makes the call and reads the answer's JSON into into, unless that is nil.
// While the service says that it is busy (503) a call that may be repeated is
// made again. The error is an *apiError when the service has answered.
func (c *client) do(ctx context.Context, what call, into any) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for {
		status, header, text, err := c.once(ctx, what)
		if err != nil {
			return nil, err
		}
		if status < 300 {
			return header, readAnswer(text, what, into)
		}
		failed := c.failure(what, status, header, text)
		if status != http.StatusServiceUnavailable || !what.repeatable() || !rest(ctx, header.Get("Retry-After")) {
			return header, failed
		}
	}
}

// once makes the call and reads the whole answer.
func (c *client) once(ctx context.Context, what call) (status int, header http.Header, text []byte, err error) {
	answer, err := c.send(ctx, what)
	if err != nil {
		return 0, nil, nil, err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("%s: the answer broke off: %w", what, err)
	}
	return answer.StatusCode, answer.Header, text, nil
}

// get is do for reading.
func (c *client) get(ctx context.Context, path string, query url.Values, into any) error {
	_, err := c.do(ctx, call{method: http.MethodGet, path: path, query: query}, into)
	return err
}

// stream makes the call and hands over each line of the answer as it comes.
func (c *client) stream(ctx context.Context, what call, each func(line []byte) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silent := time.AfterFunc(silentTimeout, func() { cancel(fmt.Errorf("nothing came for %v", silentTimeout)) })
	defer silent.Stop()
	answer, err := c.send(ctx, what)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer)) // a part of it is judged as it is
		return c.failure(what, answer.StatusCode, answer.Header, text)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, maxAnswer)
	for lines.Scan() {
		silent.Reset(silentTimeout)
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := each(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: the answer broke off: %w", what, errors.Join(err, context.Cause(ctx)))
	}
	return nil
}

func (c *client) send(ctx context.Context, what call) (*http.Response, error) {
	var body io.Reader
	if what.body != nil {
		text, err := json.Marshal(what.body)
		if err != nil {
			return nil, fmt.Errorf("%s: write the body: %w", what, err)
		}
		body = bytes.NewReader(text)
	}
	address := c.server + "/api/v1" + what.path
	if len(what.query) > 0 {
		address += "?" + what.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, what.method, address, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range what.headers {
		req.Header.Set(name, value)
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(err)
	}
	return answer, nil
}

func readAnswer(text []byte, what call, into any) error {
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: read the answer: %w", what, err)
	}
	return nil
}

// repeatable tells whether making the call twice is the same as making it once.
func (c call) repeatable() bool {
	return c.method != http.MethodPost || c.headers[commands.HeaderKey] != ""
}

func (c call) String() string { return c.method + " " + c.path }

// rest waits as long as the service asked for (a second, if it did not say); false when ctx ends first.
func rest(ctx context.Context, retryAfter string) bool {
	seconds, err := strconv.Atoi(retryAfter)
	if err != nil || seconds < 0 {
		seconds = 1
	}
	wait := time.NewTimer(min(time.Duration(seconds)*time.Second, maxRetryPause))
	defer wait.Stop()
	select {
	case <-wait.C:
		return true
	case <-ctx.Done():
		return false
	}
}
