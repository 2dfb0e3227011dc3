package mirror

import (
	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
)

// Standing is how the mirror of a tracker is doing, in one word.
type Standing string

// The standings; the first that holds is told.
const (
	Off     Standing = "off"     // it is paused
	Stopped Standing = "stopped" // nothing gets through, for the reason that Why tells
	Working Standing = "working" // some tickets are still to be looked at
	Waiting Standing = "waiting" // some tickets are parked
	Idle    Standing = "idle"    // none of these: of what has happened since it was turned on nothing waits
)

// State is how the mirror of a tracker is doing.
type State struct {
	Tracker  domain.TrackerKey     `json:"tracker"`
	Mirror   tracker.Mirror        `json:"mirror"`
	Twins    int64                 `json:"twins"` // tickets of the tracker that have one
	Standing Standing              `json:"standing"`
	Why      string                `json:"why,omitempty"`
	Lag      uint64                `json:"lag"`    // events that the tool's reactor has still to hear, of all trackers
	Due      int                   `json:"due"`    // tickets that are looked at again soon
	Parked   []integration.Parked  `json:"parked"` // tickets that have failed, each once
	Drifts   []integration.Drifted `json:"drifts"` // that the tool has not mended
	Work     *integration.Work     `json:"work,omitempty"`
}

// Judge finds the standing. reactor is the tool's, stopped why nothing gets through, if so.
func (s *State) Judge(reactor integration.Status, stopped string) {
	s.Lag = reactor.Lag
	switch {
	case s.Mirror.Paused:
		s.Standing = Off
	case stopped != "":
		s.Standing, s.Why = Stopped, stopped
	case s.Due > 0:
		s.Standing = Working
	case len(s.Parked) > 0:
		s.Standing = Waiting
	case s.Lag > 0: // some of it may be of this tracker
		s.Standing = Working
	default:
		s.Standing = Idle
	}
}

// Discreet is the state for who may not read all of the tracker's tickets: without what
// tells of single ones.
func (s *State) Discreet() State {
	told := *s
	told.Parked, told.Drifts = []integration.Parked{}, []integration.Drifted{}
	if s.Work != nil {
		work := *s.Work
		work.Result = nil
		told.Work = &work
	}
	return told
}
