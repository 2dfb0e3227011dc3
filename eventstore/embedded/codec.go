package embedded

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// codec encodes events by hand and leaves everything else to gRPC's own.
type codec struct {
	encoding.CodecV2
	pool mem.BufferPool
}

func newCodec() codec {
	return codec{CodecV2: encoding.GetCodecV2(proto.Name), pool: mem.DefaultBufferPool()}
}

// Marshal encodes one message for the wire.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(eventMessage)
	if !ok {
		return c.CodecV2.Marshal(v)
	}
	buffer := c.pool.Get(m.size())
	*buffer = m.appendTo((*buffer)[:0])
	return mem.BufferSlice{mem.NewBuffer(buffer, c.pool)}, nil
}
