// Package dependency is the aggregate of all dependencies of a site: which
// ticket has which prerequisites. It is one graph in one stream, so that the
// event store itself keeps cycles out: of two commands that would close one
// together, the second is decided on a graph that holds the first.
// What a prerequisite means for a change of state is domain/ticket's.
package dependency

import (
	"hash/fnv"
	"maps"
	"slices"

	"suivi/domain"
)

// Stream is the event stream of the site's dependencies.
const Stream = "dependencies"

// MaxPrerequisites is how many prerequisites a ticket can have. Each is read
// when a rule asks whether all are closed.
const MaxPrerequisites = 100

// Graph is the dependencies as folded from their events; the zero Graph has none.
type Graph struct {
	shelves []shelf // by the ticket's hash; nil or shelfCount of them
}

// A Graph is a value, and a site can have very many dependencies. Cut in
// shelves, one more event copies one shelf and not the whole.
const shelfCount = 512

// shelf has the prerequisites of each ticket in the order in which they were added.
type shelf map[domain.TicketID][]domain.TicketID

func shelfOf(id domain.TicketID) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return int(h.Sum32() % shelfCount)
}

// Prerequisites are what the ticket depends on directly, in the order in which
// they were added. The caller does not change them.
func (g Graph) Prerequisites(id domain.TicketID) []domain.TicketID {
	if g.shelves == nil {
		return nil
	}
	return g.shelves[shelfOf(id)][id]
}

// DependsOn tells whether the ticket depends on the other, directly or through others.
func (g Graph) DependsOn(id, other domain.TicketID) bool {
	seen := map[domain.TicketID]bool{id: true}
	for todo := []domain.TicketID{id}; len(todo) > 0; {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range g.Prerequisites(next) {
			if p == other {
				return true
			}
			if !seen[p] {
				seen[p] = true
				todo = append(todo, p)
			}
		}
	}
	return false
}

// Evolve is the graph after one more event. It changes nothing that g shares.
func Evolve(g Graph, event Event, _ domain.Meta) Graph {
	switch e := event.(type) {
	case Added:
		if !slices.Contains(g.Prerequisites(e.Ticket), e.Prerequisite) {
			return g.with(e.Ticket, append(slices.Clip(g.Prerequisites(e.Ticket)), e.Prerequisite))
		}
	case Removed:
		return g.with(e.Ticket, slices.DeleteFunc(slices.Clone(g.Prerequisites(e.Ticket)), func(p domain.TicketID) bool { return p == e.Prerequisite }))
	}
	return g
}

func (g Graph) with(id domain.TicketID, prerequisites []domain.TicketID) Graph {
	shelves := slices.Clone(g.shelves)
	if shelves == nil {
		shelves = make([]shelf, shelfCount)
	}
	place := shelfOf(id)
	changed := maps.Clone(shelves[place])
	if changed == nil {
		changed = shelf{}
	}
	if changed[id] = prerequisites; len(prerequisites) == 0 {
		delete(changed, id)
	}
	shelves[place] = changed
	return Graph{shelves}
}
