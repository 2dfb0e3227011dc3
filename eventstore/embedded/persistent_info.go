package embedded

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"

	"suivi/eventstore/embedded/groups"
)

// GetInfo looks at a group.
func (s *persistentService) GetInfo(ctx context.Context, req *persistent.GetInfoReq) (*persistent.GetInfoResp, error) {
	o := req.GetOptions()
	key, err := groupKey(o.GetAll() != nil, o.GetStreamIdentifier(), o.GetGroupName())
	if err != nil {
		return nil, err
	}
	info, err := s.groups.Info(key)
	if err != nil {
		return nil, groupRefusal(ctx, key, err)
	}
	return &persistent.GetInfoResp{SubscriptionInfo: infoMessage(info)}, nil
}

// List looks at all groups, or at those of one stream.
func (s *persistentService) List(ctx context.Context, req *persistent.ListReq) (_ *persistent.ListResp, err error) {
	source := ""
	switch list := req.GetOptions().GetListOption().(type) {
	case *persistent.ListReq_Options_ListAllSubscriptions:
	case *persistent.ListReq_Options_ListForStream:
		if source = groups.All; list.ListForStream.GetAll() == nil {
			if source, err = streamName(list.ListForStream.GetStream()); err != nil {
				return nil, err
			}
		}
	default:
		return nil, invalid("a list is of all subscriptions or of those of a stream")
	}
	infos, err := s.groups.List(source)
	if err != nil {
		return nil, groupRefusal(ctx, groups.Key{Source: source}, err)
	}
	resp := &persistent.ListResp{}
	for _, info := range infos {
		resp.Subscriptions = append(resp.Subscriptions, infoMessage(info))
	}
	return resp, nil
}

func infoMessage(i groups.Info) *persistent.SubscriptionInfo {
	set := i.Settings
	m := &persistent.SubscriptionInfo{
		EventSource: i.Key.Source, GroupName: i.Key.Group, Status: "Live",
		AveragePerSecond: int32(i.PerSecond), TotalItems: i.Delivered, CountSinceLastMeasurement: i.SinceMeasured,
		ResolveLinkTos: set.ResolveLinks, StartFrom: startText(i.Key, set.Start),
		MessageTimeoutMilliseconds: int32(set.MessageTimeout.Milliseconds()), ExtraStatistics: set.ExtraStatistics,
		MaxRetryCount: int32(set.MaxRetryCount), LiveBufferSize: int32(set.LiveBufferSize), BufferSize: int32(set.BufferSize),
		ReadBatchSize: int32(set.ReadBatchSize), CheckPointAfterMilliseconds: int32(set.CheckpointAfter.Milliseconds()),
		MinCheckPointCount: int32(set.MinCheckpointCount), MaxCheckPointCount: int32(set.MaxCheckpointCount),
		ReadBufferCount: int32(i.Buffered), RetryBufferCount: int32(i.Retrying),
		TotalInFlightMessages: int32(i.Outstanding), OutstandingMessagesCount: int32(i.Outstanding),
		NamedConsumerStrategy: set.Strategy, MaxSubscriberCount: int32(set.MaxConsumers), ParkedMessageCount: i.Parked,
	}
	if i.After >= 0 {
		m.LastCheckpointedEventPosition = i.Key.FormatPlace(i.After)
	}
	if i.Known >= 0 {
		m.LastKnownEventPosition = i.Key.FormatPlace(i.Known)
	}
	for _, c := range i.Consumers {
		connection := &persistent.SubscriptionInfo_ConnectionInfo{
			From: c.Client.Address, Username: c.Client.Login, ConnectionName: c.Client.Connection,
			AverageItemsPerSecond: int32(c.PerSecond), TotalItems: c.Delivered, CountSinceLastMeasurement: c.SinceMeasured,
			AvailableSlots: int32(c.Free), InFlightMessages: int32(c.InFlight),
		}
		for _, l := range c.Latencies {
			connection.ObservedMeasurements = append(connection.ObservedMeasurements, &persistent.SubscriptionInfo_Measurement{Key: l.Name, Value: l.Value})
		}
		m.Connections = append(m.Connections, connection)
	}
	return m
}

// startText is where a group begins, as clients read it: -1 for the end.
func startText(key groups.Key, start int64) string {
	if start == groups.FromEnd && key.Source == groups.All {
		return "C:-1/P:-1"
	}
	return key.FormatPlace(start)
}
