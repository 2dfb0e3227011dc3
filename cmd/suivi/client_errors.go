package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"suivi/domain"
)

// apiError is a refusal of the service, as problem+json tells it.
type apiError struct {
	call call
	todo string // what the reader can do about it; may be empty
	// From the body:
	Status    int                 `json:"status"`
	Title     string              `json:"title"`
	Detail    string              `json:"detail"`
	Code      string              `json:"code"`
	Errors    []domain.FieldError `json:"errors"`
	RequestID string              `json:"requestId"`
}

// Error says what was asked, what the service said, and what to do.
func (e *apiError) Error() string {
	var b strings.Builder
	said := e.Detail
	if said == "" {
		said = e.Title
	}
	fmt.Fprintf(&b, "%s: %s (%d %s", e.call, said, e.Status, e.Code)
	for _, field := range e.Errors {
		fmt.Fprintf(&b, "; %s: %s", field.Field, field.Code)
	}
	b.WriteByte(')')
	if e.Status >= http.StatusInternalServerError && e.RequestID != "" {
		fmt.Fprintf(&b, ", request %s", e.RequestID)
	}
	if e.todo != "" {
		b.WriteString("; " + e.todo)
	}
	return b.String()
}

// hasCode tells whether the service answered err with the code.
func hasCode(err error, code string) bool {
	refusal, ok := errors.AsType[*apiError](err)
	return ok && refusal.Code == code
}

// failure reads an answer that says no.
func (c *client) failure(what call, status int, header http.Header, text []byte) error {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")) // what cannot be read is not ours
	e := &apiError{call: what}
	if kind != "application/problem+json" || json.Unmarshal(text, e) != nil {
		return fmt.Errorf("%s: %s answered %d %s and not like Suivi; is --server right?", what, c.server, status, http.StatusText(status))
	}
	e.Status = status
	e.todo = c.todo(status, e.Code)
	return e
}

// todo is what helps against answers whose own sentence cannot know it.
func (c *client) todo(status int, code string) string {
	switch {
	case status == http.StatusUnauthorized:
		return fmt.Sprintf("%s does not accept the token of %s: make one with `suivi token create` and give it with --token", c.server, c.tokenFrom)
	case code == "admin-only":
		return "give an administrator's token with --token"
	case status == http.StatusServiceUnavailable:
		return "`suivi doctor` looks at the service and its servers"
	case status == http.StatusInternalServerError:
		return "the service's log tells more under this request"
	}
	return ""
}

// unreachable explains an error from before any answer.
func (c *client) unreachable(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("stopped while waiting for %s: %w", c.server, err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s does not answer within %v: %w; `suivi doctor` looks at the service and its servers", c.server, callTimeout, err)
	}
	return fmt.Errorf("cannot reach %s: %w; is Suivi running? Start it with `suivi serve`, or name another service with --server", c.server, inner(err))
}

// inner is the cause without the method and URL, which the sentence has said.
func inner(err error) error {
	if cause := errors.Unwrap(err); cause != nil {
		return cause
	}
	return err
}
