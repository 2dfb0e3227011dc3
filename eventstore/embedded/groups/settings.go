// Package groups is what persistent subscriptions are: groups of consumers that
// share the events of a stream or of $all, each event going to one of them, until
// somebody has acknowledged it. What a group is, how far it has come and what it
// has parked lives in streams of the log itself, as on a real server.
package groups

import (
	"errors"
	"fmt"
	"time"
)

// Names of the consumer strategies, as clients give them.
const (
	RoundRobin          = "RoundRobin"
	DispatchToSingle    = "DispatchToSingle"
	Pinned              = "Pinned"
	PinnedByCorrelation = "PinnedByCorrelation"
)

// All is the source of a group that follows the whole log.
const All = "$all"

// FromEnd is the start of a group that begins with what is written after it is made.
const FromEnd = int64(-1)

// Key names a group.
type Key struct{ Source, Group string }

// String is the name that clients get as the id of their subscription.
func (k Key) String() string { return k.Source + "::" + k.Group }

func (k Key) checkpoints() string { return "$persistentsubscription-" + k.String() + "-checkpoint" }
func (k Key) parked() string      { return "$persistentsubscription-" + k.String() + "-parked" }

// Settings are what a group is made with. The JSON names are those of a real server's
// own configuration where it has them.
type Settings struct {
	// Start is the first revision of a stream, or position of $all, that is delivered; or FromEnd.
	Start              int64         `json:"startFrom"`
	ResolveLinks       bool          `json:"resolveLinkTos"`
	ExtraStatistics    bool          `json:"extraStatistics"`
	MessageTimeout     time.Duration `json:"messageTimeout"` // 0: consumers may take for ever
	MaxRetryCount      int           `json:"maxRetryCount"`
	BufferSize         int           `json:"bufferSize"` // events held in memory
	LiveBufferSize     int           `json:"liveBufferSize"`
	ReadBatchSize      int           `json:"readBatchSize"`
	CheckpointAfter    time.Duration `json:"checkPointAfter"`
	MinCheckpointCount int           `json:"minCheckPointCount"`
	MaxCheckpointCount int           `json:"maxCheckPointCount"`
	MaxConsumers       int           `json:"maxSubscriberCount"` // 0: any number
	Strategy           string        `json:"consumerStrategy"`
	Filter             *Filter       `json:"filter,omitempty"`
}

// maxBufferSize bounds what one group may be told to hold in memory.
const maxBufferSize = 100_000

// check says what a server does not accept.
func (s *Settings) check() error {
	switch s.Strategy {
	case RoundRobin, DispatchToSingle, Pinned, PinnedByCorrelation:
	default:
		return fmt.Errorf("Consumer strategy %s does not exist.", s.Strategy) //nolint:staticcheck,revive // the server's own words
	}
	switch {
	case s.BufferSize <= 0 || s.BufferSize > maxBufferSize:
		return fmt.Errorf("buffer size must be from 1 to %d", maxBufferSize)
	case s.LiveBufferSize <= 0:
		return errors.New("live buffer size must be greater than 0")
	case s.ReadBatchSize <= 0:
		return errors.New("read batch size must be greater than 0")
	case s.ReadBatchSize >= s.BufferSize:
		return errors.New("read batch size must be smaller than the buffer size")
	case s.MaxRetryCount < 0, s.MinCheckpointCount < 0, s.MaxConsumers < 0, s.MessageTimeout < 0, s.CheckpointAfter < 0:
		return errors.New("counts and times must not be negative")
	case s.MaxCheckpointCount < 1:
		return errors.New("maximum checkpoint count must be greater than 0")
	case s.MinCheckpointCount > s.MaxCheckpointCount:
		return errors.New("minimum checkpoint count must not be greater than the maximum")
	}
	if s.Filter != nil {
		_, err := s.Filter.Compile()
		return err
	}
	return nil
}

// errStart refuses a group that would begin beyond the end of what it follows.
var errStart = errors.New("the start is beyond the end of what the group follows")
