package commands

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
)

// ReadBody reads the request's JSON object into the struct that into points to.
// Broken JSON, a wrong type and a field that the struct does not have are
// Invalid errors that name what is wrong. That it is JSON at all, web has checked.
func ReadBody(c *fiber.Ctx, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(c.Body()))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return domain.Errorf(domain.Invalid, "bad-json", "there is more after the JSON object")
		}
		return nil
	}
	return bodyError(err, c.Body(), reflect.TypeOf(into).Elem())
}

func bodyError(err error, body []byte, shape reflect.Type) error {
	var problems domain.Problems
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		problems.Add(wrong.Field, "wrong-type", "want %s, got %s", wrong.Type, wrong.Value)
		return problems.Err()
	}
	var given map[string]json.RawMessage
	if json.Unmarshal(body, &given) == nil {
		for name := range given {
			if !hasField(shape, name) {
				problems.Add(name, "unknown-field", "there is no such field")
			}
		}
	}
	if err := problems.Err(); err != nil {
		return err
	}
	return domain.Errorf(domain.Invalid, "bad-json", "the body cannot be read: %v", err)
}

func hasField(shape reflect.Type, name string) bool {
	for _, field := range reflect.VisibleFields(shape) {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if strings.EqualFold(tag, name) {
			return true
		}
	}
	return false
}
