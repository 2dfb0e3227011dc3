package commands

import (
	"sync"

	"github.com/google/uuid"
)

// inLine lets the holders of one id go one after the other.
type inLine struct {
	mu   sync.Mutex
	held map[uuid.UUID]*place
}

type place struct {
	mu      sync.Mutex
	waiting int
}

func newInLine() *inLine { return &inLine{held: map[uuid.UUID]*place{}} }

// enter waits until nobody else holds the id; leave lets the next one in.
func (l *inLine) enter(id uuid.UUID) (leave func()) {
	l.mu.Lock()
	p := l.held[id]
	if p == nil {
		p = &place{}
		l.held[id] = p
	}
	p.waiting++
	l.mu.Unlock()
	p.mu.Lock()
	return func() {
		p.mu.Unlock()
		l.mu.Lock()
		p.waiting--
		if p.waiting == 0 {
			delete(l.held, id)
		}
		l.mu.Unlock()
	}
}
