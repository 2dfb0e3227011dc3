package mirror

import (
	"sync"

	"suivi/domain"
)

// locks keeps two from working on one ticket's twin at a time.
type locks struct {
	mu   sync.Mutex
	held map[domain.TicketID]*lock
}

type lock struct {
	sync.Mutex
	wanted int // by how many
}

// take waits until the ticket is free, and gives what frees it again.
func (l *locks) take(id domain.TicketID) (free func()) {
	l.mu.Lock()
	one := l.held[id]
	if one == nil {
		one = &lock{}
		l.held[id] = one
	}
	one.wanted++
	l.mu.Unlock()
	one.Lock()
	return func() {
		one.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		one.wanted--
		if one.wanted == 0 {
			delete(l.held, id)
		}
	}
}
