package readapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"suivi/domain/tracker"
)

// cursor says after which row the next page begins. It belongs to one question:
// the same list, filters and sort. People are to take it as it is.
type cursor struct {
	Of  string          `json:"o"` // the question
	Key json.RawMessage `json:"k"` // of the last row, in the question's sort
	ID  string          `json:"i,omitempty"`
}

// nextCursor is the text of a cursor after the row with the key and id.
func nextCursor(of string, key any, id string) (string, error) {
	k, err := json.Marshal(key)
	if err != nil {
		return "", fmt.Errorf("write the key of a cursor: %w", err)
	}
	text, err := json.Marshal(cursor{of, k, id})
	if err != nil {
		return "", fmt.Errorf("write a cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

// cursor reads the parameter "cursor" of a question: the key goes where key
// points to, which says its type. ok is false when there is none to go by.
func (p *params) cursor(of string, key any) (id string, ok bool) {
	text, given := p.take("cursor")
	if !given {
		return "", false
	}
	c, err := readCursor(text)
	if err != nil || c.Of != of || json.Unmarshal(c.Key, key) != nil || !storable(key) || !storable(&c.ID) {
		p.add("cursor", "bad-cursor", "take it from \"next\" of a page with the same filters and sort")
		return "", false
	}
	return c.ID, true
}

func readCursor(text string) (cursor, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return c, fmt.Errorf("decode a cursor: %w", err)
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("read a cursor: %w", err)
	}
	return c, nil
}

// storable tells whether the databases take the value that key points to as an argument.
func storable(key any) bool {
	switch key := key.(type) {
	case *string:
		return !strings.ContainsRune(*key, 0)
	case *time.Time:
		*key = key.UTC()
		return key.Year() >= 1 && key.Year() <= 9999
	case *assigneeKey:
		return !strings.ContainsRune(string(key.Assignee), 0) && storable(&key.At)
	case *stateKey:
		return key.State >= 0 && key.State < len(tracker.States()) && storable(&key.At)
	}
	return true
}
