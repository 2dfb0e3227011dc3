package accounts

import (
	"sync"
	"time"
)

// How long and how many answers of the database are believed without asking
// again. A revoked token or a changed person is seen after freshFor at the latest,
// on every node.
const (
	freshFor  = time.Second
	maxRecent = 4096
)

// recent remembers what the database answered less than freshFor ago.
type recent[K comparable, V any] struct {
	mu      sync.Mutex
	answers map[K]answer[V]
}

type answer[V any] struct {
	value V
	until time.Time
}

func newRecent[K comparable, V any]() *recent[K, V] {
	return &recent[K, V]{answers: map[K]answer[V]{}}
}

func (r *recent[K, V]) get(key K, at time.Time) (V, bool) {
	r.mu.Lock()
	found, ok := r.answers[key]
	r.mu.Unlock()
	if !ok || !at.Before(found.until) {
		var none V
		return none, false
	}
	return found.value, true
}

// put remembers an answer to a question that was asked at the time asked: not
// when the answer came, so that it never outlives what it says by more than freshFor.
func (r *recent[K, V]) put(key K, value V, asked time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.answers) >= maxRecent {
		clear(r.answers)
	}
	r.answers[key] = answer[V]{value, asked.Add(freshFor)}
}

func (r *recent[K, V]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.answers)
}
