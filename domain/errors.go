package domain

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what a caller can do about an error. The zero Kind is Internal.
type Kind int

// The nine kinds, with the HTTP status that web gives them.
const (
	Internal        Kind = iota // 500: our fault; the text is not shown
	Invalid                     // 422: the input is wrong; mend it
	Unauthenticated             // 401: say who you are
	Forbidden                   // 403: you may not
	NotFound                    // 404: there is none, or none that you may see
	Refused                     // 409: a rule of the life cycle says no
	Stale                       // 412: someone else changed it meanwhile; read again
	Unavailable                 // 503: try again later
	Limited                     // 429: too often; wait RetryAfter
)

// Error is an error that a caller can act on.
type Error struct {
	Kind    Kind
	Code    string // stable, for programs: "no-change"
	Message string // a sentence for people
	Fields  []FieldError
	// RetryAfter is how long to wait, where that is known: of Limited always.
	RetryAfter time.Duration
}

// FieldError names one wrong part of the input: a JSON field, "answers.<code>"
// for a custom field's answer, or a query parameter.
type FieldError struct {
	Field string `json:"field"`
	Code  string `json:"code"`
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error; format and args give its sentence.
func Errorf(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// KindOf tells the kind of err, looking through wrapping; Internal when it has none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf tells the stable code of err, looking through wrapping; "internal" when it has none.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return "internal"
}

// Problems collects what is wrong with an input, so that one answer names all of it.
type Problems struct {
	fields []FieldError
	first  string
}

// Add notes that field is wrong; the sentence says how, for people.
func (p *Problems) Add(field, code, format string, args ...any) {
	if p.first == "" {
		p.first = field + ": " + fmt.Sprintf(format, args...)
	}
	p.fields = append(p.fields, FieldError{Field: field, Code: code})
}

// Err is nil when nothing was added, else an Invalid error with every field.
func (p *Problems) Err() error {
	if len(p.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid-input", Message: p.first, Fields: p.fields}
}
