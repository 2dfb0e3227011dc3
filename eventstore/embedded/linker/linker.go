// Package linker writes link streams, as the system projections of a real server do:
// streams of links to the events of a category, of a type, or to the beginnings of
// streams. rules.go says which event is linked where, follower.go follows the log,
// ledger.go tells from the log itself how far a projection has come.
package linker

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"suivi/eventstore/embedded/eventlog"
)

// Projection names a system projection; on a real server it has a dollar sign before it.
type Projection string

// The projections that there are.
const (
	ByCategory       Projection = "by_category"        // $ce-<category>
	ByEventType      Projection = "by_event_type"      // $et-<event type>
	Streams          Projection = "streams"            // $streams
	StreamByCategory Projection = "stream_by_category" // $category-<category>
)

// everything is the word for all projections.
const everything = "all"

// All are the projections that there are.
func All() []Projection { return []Projection{ByCategory, ByEventType, Streams, StreamByCategory} }

// Parse reads names of projections, with a dollar sign or without, each once; "all" is all of them.
func Parse(names []string) ([]Projection, error) {
	var wanted []Projection
	for _, name := range names {
		p := Projection(strings.TrimPrefix(strings.TrimSpace(name), "$"))
		switch {
		case p == everything:
			wanted = append(wanted, All()...)
		case slices.Contains(All(), p):
			wanted = append(wanted, p)
		default:
			return nil, unknown(p)
		}
	}
	return once(wanted), nil
}

func once(wanted []Projection) []Projection {
	return slices.Compact(slices.Sorted(slices.Values(wanted)))
}

func unknown(p Projection) error {
	var names strings.Builder
	for _, known := range All() {
		names.WriteString(string(known) + ", ")
	}
	return fmt.Errorf("there is no system projection %q: there are %sand %s for all of them", p, names.String(), everything)
}

// Linker runs projections on a log until Close.
type Linker struct {
	followers []*follower
	stop      context.CancelFunc
	running   sync.WaitGroup
}

// Open starts projections. Each goes on where it was, or begins with the first event
// of the log. Without any it starts nothing.
func Open(ctx context.Context, log *eventlog.Log, logger *slog.Logger, wanted []Projection) (*Linker, error) {
	l := &Linker{}
	for _, p := range once(wanted) {
		if !slices.Contains(All(), p) {
			return nil, unknown(p)
		}
		f, err := newFollower(p, log, logger)
		if err != nil {
			return nil, err
		}
		l.followers = append(l.followers, f)
	}
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	for _, f := range l.followers {
		l.running.Go(func() { f.run(ctx) })
	}
	return l, nil
}

// Close stops the projections and waits for them.
func (l *Linker) Close() {
	l.stop()
	l.running.Wait()
}

// Info is where a projection stands.
type Info struct {
	Projection Projection
	Position   int64 // up to which all events are linked
	Links      int64 // written since Open
}

// Infos looks at the projections that run.
func (l *Linker) Infos() []Info {
	infos := make([]Info, 0, len(l.followers))
	for _, f := range l.followers {
		infos = append(infos, Info{Projection: f.name, Position: f.position.Load(), Links: f.links.Load()})
	}
	return infos
}
