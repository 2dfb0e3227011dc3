package eventstore

import "sync"

// progress knows how far a subscription has come: the events under way in the order
// of $all, and the news for the consumer that must wait until the ones before are
// acked. Callbacks run under its lock, so one at a time and in order; news for which
// nothing is under way are told before a later event is taken over.
type progress struct {
	onAcked, onCheckpoint func(Position)
	onCaughtUp            func()

	mu    sync.Mutex
	first uint64 // ticket of steps[0]
	steps []step // what is not told yet, in order
}

type step struct {
	kind     stepKind
	position Position
	done     bool
}

type stepKind int

const (
	stepEvent stepKind = iota
	stepCheckpoint
	stepCaughtUp
)

func newProgress(config SubscriberConfig) *progress {
	p := &progress{onAcked: config.OnAcked, onCheckpoint: config.OnCheckpoint, onCaughtUp: config.OnCaughtUp}
	if p.onAcked == nil {
		p.onAcked = func(Position) {}
	}
	if p.onCheckpoint == nil {
		p.onCheckpoint = func(Position) {}
	}
	if p.onCaughtUp == nil {
		p.onCaughtUp = func() {}
	}
	return p
}

// begin notes an event that was taken over; the ticket is for done.
func (p *progress) begin(position Position) (ticket uint64) {
	return p.add(step{kind: stepEvent, position: position})
}

// checkpoint notes that there is nothing else to deliver up to position.
func (p *progress) checkpoint(position Position) {
	p.add(step{kind: stepCheckpoint, position: position, done: true})
}

// caughtUp notes that all so far was history.
func (p *progress) caughtUp() {
	p.add(step{kind: stepCaughtUp, done: true})
}

func (p *progress) add(s step) (ticket uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, s)
	ticket = p.first + uint64(len(p.steps)) - 1
	if s.done {
		p.tell()
	}
	return ticket
}

// done notes that events were acked.
func (p *progress) done(events []taken) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range events {
		p.steps[events[i].ticket-p.first].done = true
	}
	p.tell()
}

// tell takes away the steps that nothing is under way before, and tells the last
// position of each kind in a row.
func (p *progress) tell() {
	n := 0
	for n < len(p.steps) && p.steps[n].done {
		n++
	}
	for i, s := range p.steps[:n] {
		if i+1 < n && p.steps[i+1].kind == s.kind {
			continue
		}
		switch s.kind {
		case stepEvent:
			p.onAcked(s.position)
		case stepCheckpoint:
			p.onCheckpoint(s.position)
		case stepCaughtUp:
			p.onCaughtUp()
		}
	}
	p.first += uint64(n)
	p.steps = p.steps[n:]
}
