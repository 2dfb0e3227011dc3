package redmine

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is an answer of Redmine's that is no success.
type Error struct {
	What   string   // "PUT /issues/1.json"
	Status int      // of HTTP
	Texts  []string // what Redmine says, in the language of the key's person
	html   bool     // the body was a page: the address is not one of the API's
}

func newError(what string, resp *http.Response, body []byte) *Error {
	e := &Error{What: what, Status: resp.StatusCode, html: strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") && len(body) > 0}
	var said struct {
		Errors []string `json:"errors"`
	}
	if len(body) > 0 && json.Unmarshal(body, &said) == nil { // many have no body at all
		e.Texts = said.Errors
	}
	return e
}

func (e *Error) Error() string {
	text := fmt.Sprintf("redmine: %s: %d %s", e.What, e.Status, http.StatusText(e.Status))
	switch {
	case len(e.Texts) > 0:
		return text + ": " + strings.Join(e.Texts, "; ")
	case e.Conflict():
		return text + ": somebody else wrote to the issue at the same moment"
	case e.Status >= 300 && e.Status < 400:
		return text + ": the address leads elsewhere; write the one that it leads to"
	}
	switch e.Status {
	case http.StatusUnauthorized:
		text += ": the API key is wrong or its person is locked"
	case http.StatusForbidden:
		text += ": the key's person may not, the project is closed, or the REST API is switched off"
	case http.StatusPreconditionFailed:
		text += ": there is no active person with that login"
	}
	return text
}

// Conflict tells whether two wrote to one issue at the same moment, and this one
// was not carried out: the one 422 to try again.
func (e *Error) Conflict() bool {
	return e.Status == http.StatusUnprocessableEntity && len(e.Texts) == 0
}

func isConflict(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Conflict()
}

// hasStatus tells whether err is an answer with the status.
func hasStatus(err error, status int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == status
}

func isMissing(err error) bool { return hasStatus(err, http.StatusNotFound) }

func asError(err error) *Error {
	e, _ := errors.AsType[*Error](err)
	return e
}
