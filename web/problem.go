package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// problem is the answer that stands for an error (RFC 9457). This file alone
// knows which status an error has.
type problem struct {
	Type      string              `json:"type"`
	Title     string              `json:"title"`
	Status    int                 `json:"status"`
	Detail    string              `json:"detail"`
	Code      string              `json:"code"`
	Errors    []domain.FieldError `json:"errors,omitempty"`
	RequestID string              `json:"requestId"`
}

const problemJSON = "application/problem+json"

// hidden is told of errors that are none of the caller's business.
const hidden = "something went wrong on our side; the administrator finds it in the log by the requestId"

func newProblem(status int, code, detail string) problem {
	return problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: code}
}

// statusOf is the one table of kinds and statuses.
func statusOf(kind domain.Kind) int {
	switch kind {
	case domain.Invalid:
		return fiber.StatusUnprocessableEntity
	case domain.Unauthenticated:
		return fiber.StatusUnauthorized
	case domain.Forbidden:
		return fiber.StatusForbidden
	case domain.NotFound:
		return fiber.StatusNotFound
	case domain.Refused:
		return fiber.StatusConflict
	case domain.Stale:
		return fiber.StatusPreconditionFailed
	case domain.Unavailable:
		return fiber.StatusServiceUnavailable
	case domain.Limited:
		return fiber.StatusTooManyRequests
	case domain.Internal:
	}
	return fiber.StatusInternalServerError
}

// problemOf never shows the text of an error that was not made for callers.
func problemOf(err error) problem {
	if known, ok := errors.AsType[*domain.Error](err); ok && known.Kind != domain.Internal {
		p := newProblem(statusOf(known.Kind), known.Code, known.Message)
		p.Errors = known.Fields
		return p
	}
	if media, ok := errors.AsType[*mediaError](err); ok {
		return newProblem(fiber.StatusUnsupportedMediaType, media.code, media.message)
	}
	if large, ok := errors.AsType[*tooLargeError](err); ok {
		return newProblem(fiber.StatusRequestEntityTooLarge, "body-too-large", fmt.Sprintf("files have at most %d bytes together", large.limit))
	}
	if edge, ok := errors.AsType[*fiber.Error](err); ok {
		return edgeProblem(edge.Code)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return newProblem(fiber.StatusServiceUnavailable, "timeout", "this took too long; try again")
	}
	return newProblem(fiber.StatusInternalServerError, "internal", hidden)
}

// edgeProblem is for what fiber and its server refuse by themselves.
func edgeProblem(status int) problem {
	switch status {
	case fiber.StatusNotFound:
		return newProblem(status, "route-unknown", "there is no such route; "+base+"/openapi.json lists them all")
	case fiber.StatusMethodNotAllowed:
		return newProblem(status, "method-not-allowed", "this route has other methods; the header Allow names them")
	case fiber.StatusNotImplemented: // see knownMethods
		return newProblem(status, "method-unknown", "there is no such method")
	case fiber.StatusRequestEntityTooLarge:
		return newProblem(status, "body-too-large", "a body has at most 1 MiB")
	case fiber.StatusRequestedRangeNotSatisfiable:
		return newProblem(status, "range-outside", "the content has no such part")
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return newProblem(status, "headers-too-large", "the address and headers together have at most 16 KiB")
	case fiber.StatusRequestTimeout:
		return newProblem(status, "request-timeout", "the request did not arrive in time")
	}
	return newProblem(fiber.StatusBadRequest, "bad-request", "this cannot be read as an HTTP request")
}

// errUnknownMethod is for methods that HTTP does not have.
func errUnknownMethod() error { return fiber.ErrNotImplemented }

// mediaError is a body of a kind that we do not take.
type mediaError struct{ code, message string }

func (e *mediaError) Error() string { return e.code + ": " + e.message }

func wrongMedia(code, message string) error { return &mediaError{code, message} }

// fail answers an error, and logs it if it is ours. It is fiber's ErrorHandler,
// too: for what is no readable request and so has not come to guard.
func (e *edge) fail(c *fiber.Ctx, err error) error {
	r := requestOf(c)
	if r == nil {
		r = &request{id: rand.Text()}
		setHeaders(c, r.id)
	}
	p := e.explain(c.UserContext(), c.Method()+" "+c.Path(), r.id, err)
	if e.cfg.Pages.Fail != nil && isPage(c.Path()) {
		return e.cfg.Pages.Fail(c, p.Status, err)
	}
	switch p.Status {
	case fiber.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="suivi"`)
	case fiber.StatusServiceUnavailable:
		c.Set(fiber.HeaderRetryAfter, "1")
	}
	if known, ok := errors.AsType[*domain.Error](err); ok && known.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.FormatFloat(math.Ceil(known.RetryAfter.Seconds()), 'f', 0, 64))
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Status(p.Status).Set(fiber.HeaderContentType, problemJSON)
	return c.Send(body)
}

// explain turns an error into a problem, and logs what somebody has to look at.
func (e *edge) explain(ctx context.Context, route, id string, err error) problem {
	p := problemOf(err)
	p.RequestID = id
	level := slog.LevelError
	switch {
	case p.Status == fiber.StatusServiceUnavailable:
		level = slog.LevelWarn
	case p.Status != fiber.StatusInternalServerError:
		return p
	}
	attrs := []slog.Attr{slog.String("route", route), slog.String("requestId", id), slog.String("error", err.Error())}
	if p, ok := errors.AsType[*panicked](err); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	e.logger.LogAttrs(ctx, level, "request failed", attrs...)
	return p
}
