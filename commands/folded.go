package commands

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"suivi/domain"
	"suivi/eventstore"
)

// folded is an aggregate as its stream tells it: the state, and which commands
// made it. It is a value; folding on makes a new one.
type folded[S any] struct {
	state    S
	version  uint64 // how many events
	position eventstore.Position
	commands []applied
}

// applied is a command that the stream has taken in.
type applied struct {
	command  uuid.UUID
	hash     string
	version  uint64 // after its last event
	position eventstore.Position
}

func (f folded[S]) find(command uuid.UUID) (applied, bool) {
	i := slices.IndexFunc(f.commands, func(a applied) bool { return a.command == command })
	if i < 0 {
		return applied{}, false
	}
	return f.commands[i], true
}

// mine is the same fold, whose list of commands shares no room to grow with
// others: with may follow. A long stream is then folded in linear time.
func (f folded[S]) mine() folded[S] {
	f.commands = slices.Clip(f.commands)
	return f
}

func (f folded[S]) with(state S, meta domain.Meta, position eventstore.Position) folded[S] {
	f.state, f.position = state, position
	f.version++
	a := applied{meta.CommandID, meta.RequestHash, f.version, position}
	if n := len(f.commands); n > 0 && f.commands[n-1].command == meta.CommandID {
		f.commands = append(slices.Clip(f.commands[:n-1]), a)
	} else {
		f.commands = append(f.commands, a)
	}
	return f
}

func (r *road[S, E]) fold(f folded[S], e eventstore.Recorded) (folded[S], error) {
	event, err := r.decode(e.Type, e.Data)
	if err != nil {
		return f, fmt.Errorf("fold %s at revision %d: %w", e.Stream, e.Revision, err)
	}
	var meta domain.Meta
	if err := json.Unmarshal(e.Metadata, &meta); err != nil {
		return f, fmt.Errorf("fold %s at revision %d: read metadata: %w", e.Stream, e.Revision, err)
	}
	return f.with(r.evolve(f.state, event, meta), meta, e.Position), nil
}
