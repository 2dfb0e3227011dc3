package embedded_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// orderly tells whether a call ended as calls should, whatever was asked.
func orderly(err error) bool {
	switch status.Code(err) {
	case codes.OK, codes.InvalidArgument, codes.FailedPrecondition:
		return true
	default:
		return errors.Is(err, io.EOF)
	}
}

func FuzzRead(f *testing.F) {
	backwards := fromStart("s")
	backwards.ReadDirection = streams.ReadReq_Options_Backwards
	for _, o := range []*streams.ReadReq_Options{nil, fromStart("s"), backwards, allFromStart(),
		filtered(allFromStart(), &streams.ReadReq_Options_FilterOptions_Expression{Regex: "^s"}, 1, 32)} {
		seed, err := proto.Marshal(&streams.ReadReq{Options: o})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	fixture := open(f)
	client := streams.NewStreamsClient(dial(f, fixture.server))
	f.Fuzz(func(t *testing.T, data []byte) {
		req := &streams.ReadReq{}
		if proto.Unmarshal(data, req) != nil || req.GetOptions().GetSubscription() != nil {
			return // a subscription has no end
		}
		if _, got := rawRead(t, client, req.GetOptions()); !orderly(status.Error(got.Code, got.Message)) {
			t.Errorf("%v: got %+v", req, got)
		}
	})
}

func FuzzAppend(f *testing.F) {
	seed, err := proto.Marshal(appendTo("s"))
	if err != nil {
		f.Fatal(err)
	}
	message, err := proto.Marshal(proposedMessage(someID, []byte("{}"), typed()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed, message)
	f.Add(message, seed)
	fixture := open(f)
	client := streams.NewStreamsClient(dial(f, fixture.server))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		one, two := &streams.AppendReq{}, &streams.AppendReq{}
		if proto.Unmarshal(first, one) != nil || proto.Unmarshal(second, two) != nil {
			return
		}
		answer, got := rawAppend(t, client, one, two)
		if !orderly(status.Error(got.Code, got.Message)) {
			t.Errorf("%v, %v: got %+v", one, two, got)
		}
		if answer.GetSuccess() == nil || two.GetProposedMessage() == nil {
			return
		}
		stream := string(one.GetOptions().GetStreamIdentifier().GetStreamName())
		o := fromStart(stream)
		o.GetStream().RevisionOption = &streams.ReadReq_Options_StreamOptions_Revision{Revision: answer.GetSuccess().GetCurrentRevision()}
		read, _ := rawRead(t, client, o)
		if len(read) == 0 || !bytes.Equal(read[0].GetEvent().GetEvent().GetData(), two.GetProposedMessage().GetData()) {
			t.Errorf("%v: read back %v", two, read)
		}
	})
}
