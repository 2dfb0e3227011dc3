package eventstore

import (
	"context"

	"github.com/ThreeDotsLabs/watermill/message"
)

// A message takes no further event once its payload has this size.
const enoughPayload = 4 << 20

// taken is an event on its way to its ack.
type taken struct {
	Recorded
	ticket uint64 // for progress.done
}

// lane delivers the events of some streams, one message at a time. Events that come
// meanwhile wait in it, and go together in the next message if that may have several.
type lane struct {
	sub     *subscription
	waiting chan taken
}

func newLane(sub *subscription) *lane {
	return &lane{sub: sub, waiting: make(chan taken, max(sub.config.MaxBatch, readAhead))}
}

// put waits while the lane is full; false when ctx has ended.
func (l *lane) put(ctx context.Context, event taken) bool {
	select {
	case l.waiting <- event:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *lane) run(ctx context.Context) {
	batch := make([]taken, 0, l.sub.config.MaxBatch)
	for {
		select {
		case event := <-l.waiting:
			batch = l.gather(append(batch[:0], event))
		case <-ctx.Done():
			return
		}
		if !l.deliver(ctx, l.pack(batch)) {
			return
		}
		l.sub.progress.done(batch)
	}
}

// gather adds the events that are there already.
func (l *lane) gather(batch []taken) []taken {
	size := len(batch[0].Data) + len(batch[0].Metadata)
	for len(batch) < l.sub.config.MaxBatch && size < enoughPayload {
		select {
		case event := <-l.waiting:
			batch = append(batch, event)
			size += len(event.Data) + len(event.Metadata)
		default:
			return batch
		}
	}
	return batch
}

func (l *lane) pack(batch []taken) *message.Message {
	if l.sub.config.MaxBatch == 1 {
		return packSingle(&batch[0].Recorded)
	}
	return packBatch(batch)
}

// deliver sends a message until it is acked; false when ctx has ended first.
func (l *lane) deliver(ctx context.Context, msg *message.Message) bool {
	pauses := newBackoff(l.sub.config.ResendAfter, l.sub.config.ResendAtMost)
	for nacks := 1; ; nacks++ {
		acked := l.offer(ctx, msg)
		if acked || ctx.Err() != nil {
			return acked
		}
		pause := pauses.NextBackOff()
		l.sub.logger.Warn("message refused; sending it again", "message", msg.UUID, "nacks", nacks, "pause", pause)
		if !sleep(ctx, pause) {
			return false
		}
		msg = msg.Copy()
	}
}

// offer sends a message and waits for the answer; its context ends with that.
func (l *lane) offer(ctx context.Context, msg *message.Message) (acked bool) {
	handling, cancel := context.WithCancel(ctx)
	defer cancel()
	msg.SetContext(handling)
	select {
	case l.sub.messages <- msg:
	case <-ctx.Done():
		return false
	}
	select {
	case <-msg.Acked():
		return true
	case <-msg.Nacked():
		return false
	case <-ctx.Done():
		return false
	}
}
