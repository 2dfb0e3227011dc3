package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"suivi/eventstore/embedded/access"
	"suivi/eventstore/embedded/groups"
)

// persistentService speaks the protocol's PersistentSubscriptions service.
type persistentService struct {
	persistent.UnimplementedPersistentSubscriptionsServer
	groups *groups.Groups
	links  *linkReader
}

// Read makes the caller a consumer of a group: it gets events, and settles each.
func (s *persistentService) Read(call persistent.PersistentSubscriptions_ReadServer) error {
	first, err := call.Recv()
	if err != nil {
		return err
	}
	options := first.GetOptions()
	if options == nil {
		return invalid("a consumer begins with its options")
	}
	key, err := groupKey(options.GetAll() != nil, options.GetStreamIdentifier(), options.GetGroupName())
	if err != nil {
		return err
	}
	if err := s.links.guard.allow(call.Context(), access.Consume, key.Source); err != nil {
		return err
	}
	consumer, err := s.groups.Connect(key, clientOf(call.Context()), int(options.GetBufferSize()))
	if err != nil {
		return groupRefusal(call.Context(), key, err)
	}
	defer consumer.Leave()
	if err := call.Send(&persistent.ReadResp{Content: &persistent.ReadResp_SubscriptionConfirmation_{
		SubscriptionConfirmation: &persistent.ReadResp_SubscriptionConfirmation{SubscriptionId: key.String()},
	}}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(call.Context())
	defer cancel(nil)
	go func() { cancel(settleAll(call, consumer)) }() // Recv ends with the call
	_, textIDs := options.GetUuidOption().GetContent().(*persistent.ReadReq_Options_UUIDOption_String_)
	err = s.deliver(ctx, call, consumer, textIDs)
	if cause := context.Cause(ctx); ctx.Err() != nil && call.Context().Err() == nil {
		err = cause
	}
	if errors.Is(err, io.EOF) { // the client has closed its side
		return nil
	}
	return groupRefusal(call.Context(), key, err)
}

// deliver sends what the group gives, until it ends.
func (s *persistentService) deliver(ctx context.Context, call persistent.PersistentSubscriptions_ReadServer, from *groups.Consumer, textIDs bool) error {
	for {
		d, err := from.Next(ctx)
		if err != nil {
			return err
		}
		m := eventMessage{event: d.Event, link: d.Link, textIDs: textIDs, consumer: true, retries: d.Retries}
		if d.Event != nil && d.Link != nil {
			if m.event, err = s.links.allowed(ctx, d.Event); err != nil {
				return err
			}
		}
		if err := call.SendMsg(m); err != nil {
			return err
		}
	}
}

// settleAll passes on what a consumer says of its events, until it says no more.
func settleAll(call persistent.PersistentSubscriptions_ReadServer, consumer *groups.Consumer) error {
	for {
		msg, err := call.Recv()
		if err != nil {
			return err
		}
		switch content := msg.GetContent().(type) {
		case *persistent.ReadReq_Ack_:
			ids, err := eventIDs(content.Ack.GetIds())
			if err != nil {
				return err
			}
			consumer.Ack(ids)
		case *persistent.ReadReq_Nack_:
			ids, err := eventIDs(content.Nack.GetIds())
			if err != nil {
				return err
			}
			consumer.Nack(ids, action(content.Nack.GetAction()), content.Nack.GetReason())
		default:
			return invalid("a consumer sends acks and nacks after its options, not %T", content)
		}
	}
}

func action(a persistent.ReadReq_Nack_Action) groups.Action {
	switch a {
	case persistent.ReadReq_Nack_Park:
		return groups.Park
	case persistent.ReadReq_Nack_Skip, persistent.ReadReq_Nack_Stop:
		return groups.Skip
	default:
		return groups.Retry
	}
}

func eventIDs(given []*shared.UUID) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, 0, len(given))
	for _, g := range given {
		id, err := eventID(g)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// groupKey names the group that a request is about.
func groupKey(all bool, stream *shared.StreamIdentifier, group string) (groups.Key, error) {
	if group == "" {
		return groups.Key{}, invalid("the group name is empty")
	}
	if all {
		return groups.Key{Source: groups.All, Group: group}, nil
	}
	name, err := streamName(stream)
	return groups.Key{Source: name, Group: group}, err
}

// clientOf is what others see of a consumer.
func clientOf(ctx context.Context) groups.Client {
	client := groups.Client{Login: "anonymous"}
	if caller, ok := peer.FromContext(ctx); ok {
		client.Address = caller.Addr.String()
	}
	if who := identityOf(ctx); who != nil {
		client.Login = who.Login
	}
	md, _ := metadata.FromIncomingContext(ctx)
	if names := md.Get("connection-name"); len(names) > 0 {
		client.Connection = names[0]
	}
	return client
}

// groupRefusal turns an error of the groups into the status and the trailers that clients know.
func groupRefusal(ctx context.Context, key groups.Key, err error) error {
	if err == nil {
		return nil
	}
	refuse := func(code codes.Code, exception, format string, trailers ...string) error {
		about := fmt.Sprintf("Subscription group %s on stream %s ", key.Group, key.Source)
		return refuseWith(ctx, code, fmt.Sprintf(format, about),
			append([]string{exceptionKey, exception, "stream-name", key.Source, "group-name", key.Group}, trailers...)...)
	}
	var settings *groups.SettingsError
	switch {
	case errors.Is(err, groups.ErrExists):
		return refuse(codes.AlreadyExists, "persistent-subscription-exists", "%sexists.")
	case errors.Is(err, groups.ErrNotFound):
		return refuse(codes.NotFound, "persistent-subscription-does-not-exist", "%sdoes not exist.")
	case errors.Is(err, groups.ErrDropped):
		return refuse(codes.Canceled, "persistent-subscription-dropped", "%swas dropped.")
	case errors.Is(err, groups.ErrFull):
		return refuseWith(ctx, codes.FailedPrecondition,
			fmt.Sprintf("Maximum subscriptions reached for subscription group %s on stream %s.", key.Group, key.Source),
			exceptionKey, "maximum-subscribers-reached", "stream-name", key.Source, "group-name", key.Group)
	case errors.As(err, &settings):
		return refuseWith(ctx, codes.Internal,
			fmt.Sprintf("Subscription group %s on stream %s failed: '%s'", key.Group, key.Source, settings.Error()),
			exceptionKey, "persistent-subscription-failed", "stream-name", key.Source, "group-name", key.Group, "reason", settings.Error())
	}
	return refusal(ctx, "PersistentSubscription", err)
}
