package embedded

import (
	"context"
	"math"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"

	"suivi/eventstore/embedded/groups"
)

// Create makes a group.
func (s *persistentService) Create(ctx context.Context, req *persistent.CreateReq) (*persistent.CreateResp, error) {
	o := req.GetOptions()
	key, err := groupKey(o.GetAll() != nil, sourceOf(o.GetStream(), o), o.GetGroupName())
	if err != nil {
		return nil, groupRefusal(ctx, failedKey(o), &groups.SettingsError{Cause: err})
	}
	settings := settingsOf(o.GetSettings())
	settings.Strategy = o.GetSettings().GetConsumerStrategy()
	if settings.Strategy == "" {
		settings.Strategy = o.GetSettings().GetNamedConsumerStrategy().String() //nolint:staticcheck // what clients before 21.10 send
	}
	switch {
	case o.GetAll() != nil:
		settings.Start = startOfAll(o.GetAll())
		settings.Filter = filterOfAll(o.GetAll())
	case o.GetStream() != nil:
		settings.Start = startOfStream(o.GetStream())
	}
	if err := s.groups.Create(ctx, key, settings); err != nil {
		return nil, groupRefusal(ctx, key, err)
	}
	return &persistent.CreateResp{}, nil
}

// Update gives a group other settings.
func (s *persistentService) Update(ctx context.Context, req *persistent.UpdateReq) (*persistent.UpdateResp, error) {
	o := req.GetOptions()
	key, err := groupKey(o.GetAll() != nil, sourceOf(o.GetStream(), o), o.GetGroupName())
	if err != nil {
		return nil, groupRefusal(ctx, failedKey(o), &groups.SettingsError{Cause: err})
	}
	settings := settingsOf(o.GetSettings())
	settings.Strategy = o.GetSettings().GetNamedConsumerStrategy().String()
	switch {
	case o.GetAll() != nil:
		settings.Start = startOfAll(o.GetAll())
	case o.GetStream() != nil:
		settings.Start = startOfStream(o.GetStream())
	}
	if err := s.groups.Update(ctx, key, settings); err != nil {
		return nil, groupRefusal(ctx, key, err)
	}
	return &persistent.UpdateResp{}, nil
}

// Delete ends a group.
func (s *persistentService) Delete(ctx context.Context, req *persistent.DeleteReq) (*persistent.DeleteResp, error) {
	o := req.GetOptions()
	key, err := groupKey(o.GetAll() != nil, o.GetStreamIdentifier(), o.GetGroupName())
	if err != nil {
		return nil, err
	}
	if err := s.groups.Delete(ctx, key); err != nil {
		return nil, groupRefusal(ctx, key, err)
	}
	return &persistent.DeleteResp{}, nil
}

// ReplayParked has parked events delivered again.
func (s *persistentService) ReplayParked(ctx context.Context, req *persistent.ReplayParkedReq) (*persistent.ReplayParkedResp, error) {
	o := req.GetOptions()
	key, err := groupKey(o.GetAll() != nil, o.GetStreamIdentifier(), o.GetGroupName())
	if err != nil {
		return nil, err
	}
	stopAt := int64(-1)
	if limit, ok := o.GetStopAtOption().(*persistent.ReplayParkedReq_Options_StopAt); ok {
		if stopAt = limit.StopAt; stopAt < 0 {
			return nil, invalid("the number of parked events to stop at must not be negative: %d", stopAt)
		}
	}
	if err := s.groups.Replay(key, stopAt); err != nil {
		return nil, groupRefusal(ctx, key, err)
	}
	return &persistent.ReplayParkedResp{}, nil
}

// RestartSubsystem starts all groups anew.
func (s *persistentService) RestartSubsystem(ctx context.Context, _ *shared.Empty) (*shared.Empty, error) {
	if err := s.groups.Restart(ctx); err != nil {
		return nil, refusal(ctx, "RestartSubsystem", err)
	}
	return &shared.Empty{}, nil
}

// optionsOfOldClients still name the stream outside of the stream options.
type optionsOfOldClients interface {
	GetStreamIdentifier() *shared.StreamIdentifier
	GetGroupName() string
}

func sourceOf(stream interface {
	GetStreamIdentifier() *shared.StreamIdentifier
}, old optionsOfOldClients,
) *shared.StreamIdentifier {
	if id := stream.GetStreamIdentifier(); id != nil {
		return id
	}
	return old.GetStreamIdentifier()
}

// failedKey is what a request calls a group that it cannot name.
func failedKey(o optionsOfOldClients) groups.Key {
	return groups.Key{Source: string(o.GetStreamIdentifier().GetStreamName()), Group: o.GetGroupName()}
}

// settingsMessage is what CreateReq and UpdateReq have in common.
type settingsMessage interface { //nolint:interfacebloat // generated types have a method for each field
	GetResolveLinks() bool
	GetRevision() uint64
	GetExtraStatistics() bool
	GetMaxRetryCount() int32
	GetMinCheckpointCount() int32
	GetMaxCheckpointCount() int32
	GetMaxSubscriberCount() int32
	GetLiveBufferSize() int32
	GetReadBatchSize() int32
	GetHistoryBufferSize() int32
	GetMessageTimeoutTicks() int64
	GetMessageTimeoutMs() int32
	GetCheckpointAfterTicks() int64
	GetCheckpointAfterMs() int32
}

// settingsOf reads settings. Times come as milliseconds or as ticks of 100 ns.
func settingsOf(m settingsMessage) groups.Settings {
	return groups.Settings{
		Start:              startAtRevision(m.GetRevision()),
		ResolveLinks:       m.GetResolveLinks(),
		ExtraStatistics:    m.GetExtraStatistics(),
		MessageTimeout:     duration(m.GetMessageTimeoutTicks(), m.GetMessageTimeoutMs()),
		MaxRetryCount:      int(m.GetMaxRetryCount()),
		BufferSize:         int(m.GetHistoryBufferSize()),
		LiveBufferSize:     int(m.GetLiveBufferSize()),
		ReadBatchSize:      int(m.GetReadBatchSize()),
		CheckpointAfter:    duration(m.GetCheckpointAfterTicks(), m.GetCheckpointAfterMs()),
		MinCheckpointCount: int(m.GetMinCheckpointCount()),
		MaxCheckpointCount: int(m.GetMaxCheckpointCount()),
		MaxConsumers:       int(m.GetMaxSubscriberCount()),
	}
}

func duration(ticks int64, ms int32) time.Duration {
	const tick = 100 * time.Nanosecond
	ticks = max(min(ticks, math.MaxInt64/int64(tick)), math.MinInt64/int64(tick))
	return time.Duration(ticks)*tick + time.Duration(ms)*time.Millisecond
}

// startAtRevision reads a start as old clients give it: the highest number is the end.
func startAtRevision(n uint64) int64 {
	if n == math.MaxUint64 {
		return groups.FromEnd
	}
	return revision(n)
}

func startOfStream(o interface {
	GetRevision() uint64
	GetEnd() *shared.Empty
},
) int64 {
	if o.GetEnd() != nil {
		return groups.FromEnd
	}
	return startAtRevision(o.GetRevision())
}

func startOfAll[P interface{ GetCommitPosition() uint64 }](o interface {
	GetPosition() P
	GetEnd() *shared.Empty
},
) int64 {
	if o.GetEnd() != nil {
		return groups.FromEnd
	}
	return startAtRevision(o.GetPosition().GetCommitPosition())
}

func filterOfAll(o *persistent.CreateReq_AllOptions) *groups.Filter {
	f := o.GetFilter()
	if f == nil {
		return nil
	}
	byType := f.GetEventType() != nil
	expression := f.GetStreamIdentifier()
	if byType {
		expression = f.GetEventType()
	}
	return &groups.Filter{ByType: byType, Regex: expression.GetRegex(), Prefixes: expression.GetPrefix()}
}
