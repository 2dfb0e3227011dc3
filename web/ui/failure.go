package ui

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// failure is what an error page says: a title and what to do about it.
func (p *page) failure(status int, err error) (title, text string) {
	kind := strconv.Itoa(status)
	if !p.has("failure." + kind + ".title") {
		kind = "500"
		if status < fiber.StatusInternalServerError {
			kind = "400"
		}
	}
	title, text = p.say("failure."+kind+".title"), p.say("failure."+kind+".text")
	if e, ok := errors.AsType[*domain.Error](err); ok && e.Kind != domain.Internal && e.Kind != domain.NotFound {
		text = p.reason(e.Code, e.Message)
	}
	return title, text
}

// reason is the sentence for a code of the domain; the domain's own where there is none.
func (p *page) reason(code, otherwise string) string {
	if p.has("error." + code) {
		return p.say("error." + code)
	}
	return otherwise
}

// Complaint is what was wrong with a form: a sentence for all of it, and one for
// each input that is wrong.
type Complaint struct {
	Text   string
	fields map[string]string
}

// Of is what is wrong with an input; "" when nothing is.
func (c *Complaint) Of(field string) string {
	if c == nil {
		return ""
	}
	return c.fields[field]
}

// complain makes a complaint of an error that the person can mend; nil for others.
func (p *page) complain(err error) *Complaint {
	e, ok := errors.AsType[*domain.Error](err)
	if !ok || e.Kind == domain.Internal || e.Kind == domain.NotFound || e.Kind == domain.Unavailable {
		return nil
	}
	c := &Complaint{Text: p.reason(e.Code, e.Message), fields: map[string]string{}}
	for _, f := range e.Fields {
		if c.fields[f.Field] == "" {
			c.fields[f.Field] = p.reason(f.Code, e.Message)
		}
	}
	return c
}

// ofAddress is the complaint for what was no form: it says itself what is wrong.
func (c *Complaint) ofAddress() *Complaint {
	if c == nil || len(c.fields) == 0 {
		return c
	}
	texts := slices.Sorted(maps.Values(c.fields))
	return &Complaint{Text: strings.Join(slices.Compact(texts), " ")}
}

func errForeign() error {
	return domain.Errorf(domain.Forbidden, "foreign-origin", "another site sent this in your name; it was not done")
}
