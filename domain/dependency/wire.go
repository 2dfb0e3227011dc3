package dependency

import (
	"encoding/json"
	"fmt"
)

// The stored names. They are never changed; a new shape gets a new version.
const (
	addedV1   = "dependencies.added.v1"
	removedV1 = "dependencies.removed.v1"
)

// Types lists the names of all events ever written.
func Types() []string { return []string{addedV1, removedV1} }

// Encode gives the stored name and the JSON of an event.
func Encode(event Event) (name string, data []byte, err error) {
	switch event.(type) {
	case Added:
		name = addedV1
	case Removed:
		name = removedV1
	default:
		return "", nil, fmt.Errorf("dependency: no stored name for %T", event)
	}
	data, err = json.Marshal(event)
	return name, data, err
}

// Decode reads a stored event of any version ever written.
func Decode(name string, data []byte) (Event, error) {
	switch name {
	case addedV1:
		return decode[Added](name, data)
	case removedV1:
		return decode[Removed](name, data)
	}
	return nil, fmt.Errorf("dependency: unknown event %q", name)
}

func decode[E Event](name string, data []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("dependency: read %s: %w", name, err)
	}
	return e, nil
}
