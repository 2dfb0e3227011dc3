package library

import (
	"encoding/json"
	"fmt"
)

// The stored names. They are never changed; a new shape gets a new version.
const (
	definedV1 = "field.defined.v1"
	deletedV1 = "field.deleted.v1"
)

// Types are the stored names of all events.
func Types() []string { return []string{definedV1, deletedV1} }

// Encode gives the stored name and the JSON of an event.
func Encode(event Event) (name string, data []byte, err error) {
	switch event.(type) {
	case Defined:
		name = definedV1
	case Deleted:
		name = deletedV1
	default:
		return "", nil, fmt.Errorf("library: no stored name for %T", event)
	}
	data, err = json.Marshal(event)
	return name, data, err
}

// Decode reads a stored event of any version ever written.
func Decode(name string, data []byte) (Event, error) {
	switch name {
	case definedV1:
		return decode[Defined](name, data)
	case deletedV1:
		return decode[Deleted](name, data)
	}
	return nil, fmt.Errorf("library: unknown event %q", name)
}

func decode[E Event](name string, data []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("library: read %s: %w", name, err)
	}
	return e, nil
}
