package readapi

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// The size of a page.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// params are the query parameters of a request. What is wrong with them is
// collected, so that one answer names all of it.
type params struct {
	given map[string]string
	wrong []domain.FieldError
	first string
	me    domain.UserID // who asks, where it is asked for
}

// fieldPrefix begins the parameters that are named after a custom field.
const fieldPrefix = "field."

// readParams notes parameters that are unknown or stand twice, and text that no
// database takes. A known name that ends in a dot stands for all that begin so.
func readParams(c *fiber.Ctx, known ...string) *params {
	return newParams(c.Context().QueryArgs().VisitAll, known)
}

// valueParams is readParams for those who do not come over HTTP.
func valueParams(values url.Values, known ...string) *params {
	return newParams(func(visit func(name, value []byte)) {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			for _, value := range values[name] {
				visit([]byte(name), []byte(value))
			}
		}
	}, known)
}

// newParams reads parameters from what visits each of them.
func newParams(visitAll func(func(name, value []byte)), known []string) *params {
	p := &params{given: map[string]string{}}
	visitAll(func(k, v []byte) {
		name, value := string(k), string(v)
		_, twice := p.given[name]
		switch {
		case !isKnown(name, known):
			p.add(strings.ToValidUTF8(name, "?"), "unknown-parameter", "there is no such parameter")
		case twice:
			p.add(name, "repeated", "give it once")
		case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
			p.add(name, "bad-text", "this is not UTF-8 text")
		default:
			p.given[name] = value
		}
	})
	return p
}

func isKnown(name string, known []string) bool {
	return slices.ContainsFunc(known, func(k string) bool {
		return name == k || strings.HasSuffix(k, ".") && strings.HasPrefix(name, k)
	})
}

func (p *params) add(name, code, sentence string) {
	if p.first == "" {
		p.first = name + ": " + sentence
	}
	p.wrong = append(p.wrong, domain.FieldError{Field: name, Code: code})
}

// err is nil when nothing was wrong. Its code is that of the wrong parameters
// when they share one, so that "unknown-parameter" and "bad-cursor" stand alone.
func (p *params) err() error {
	if len(p.wrong) == 0 {
		return nil
	}
	code := p.wrong[0].Code
	if slices.ContainsFunc(p.wrong, func(w domain.FieldError) bool { return w.Code != code }) ||
		code != "unknown-parameter" && code != "bad-cursor" {
		code = "invalid-input"
	}
	return &domain.Error{Kind: domain.Invalid, Code: code, Message: p.first, Fields: p.wrong}
}

// noParams is for routes that take none.
func noParams(c *fiber.Ctx) error { return readParams(c).err() }

// take is the parameter's value and whether it was given.
func (p *params) take(name string) (string, bool) {
	value, ok := p.given[name]
	return value, ok
}

// oneOf is a parameter with a closed set of values; the first is the default.
func (p *params) oneOf(name string, values ...string) string {
	value, ok := p.take(name)
	if !ok {
		return values[0]
	}
	if !slices.Contains(values, value) {
		p.add(name, "unknown-value", "one of "+strings.Join(values, ", "))
		return values[0]
	}
	return value
}

func (p *params) limit() int {
	value, ok := p.take("limit")
	if !ok {
		return defaultLimit
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > maxLimit {
		p.add("limit", "bad-limit", "a number from 1 to "+strconv.Itoa(maxLimit))
		return defaultLimit
	}
	return n
}

// time is nil when the parameter is not given.
func (p *params) time(name string) *time.Time {
	value, ok := p.take(name)
	if !ok {
		return nil
	}
	at, ok := parseTime(value)
	if !ok {
		p.add(name, "bad-time", "a time as in 2026-11-23T20:15:00Z")
		return nil
	}
	return &at
}

// parseTime reads RFC 3339 into UTC. A "+" that was not encoded in the URL
// arrives as a space. Years of other than four digits would not sort as text in SQLite.
func parseTime(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+"))
	at = at.UTC()
	return at, err == nil && at.Year() >= 1 && at.Year() <= 9999
}
