package embedded_test

import (
	"testing"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
)

// Some events are read by the server itself. Anybody who may write to their streams
// decides what is in them.

func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{`{"$maxCount":2}`, `{"$maxAge":1,"$tb":2}`, `{"$tb":9223372036854775807}`, `{"$tb":9223372036854775806,"$maxCount":1}`, `[`, ``} {
		f.Add([]byte(seed))
	}
	z := openFuzzed(f)
	z.append(f, stream, esdb.NoStream{}, events(3)...)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<20 {
			return
		}
		metadata := event("$metadata")
		metadata.Data = data
		z.append(t, "$$"+stream, esdb.Any{}, metadata)
		for _, o := range []*streams.ReadReq_Options{fromStart(stream), readSeeds()[3].GetOptions(), live(fromStart(stream))} {
			_, got := rawReadUntil(soon(t), t, z.streams, o, func(read []*streams.ReadResp) bool {
				return len(read) >= 100 || len(read) > 0 && read[len(read)-1].GetCaughtUp() != nil
			})
			if got.Code != codes.OK {
				t.Errorf("%q: %v: got %+v", data, o, got)
			}
		}
		appended := z.append(t, stream, esdb.Any{}, event("after"))
		o := fromStart(stream)
		o.ReadDirection = streams.ReadReq_Options_Backwards
		o.GetStream().RevisionOption = &streams.ReadReq_Options_StreamOptions_End{End: &shared.Empty{}}
		o.CountOption = &streams.ReadReq_Options_Count{Count: 1}
		read, _ := rawReadUntil(soon(t), t, z.streams, o, func([]*streams.ReadResp) bool { return false })
		for _, e := range read { // metadata may hide it, but cannot put another in its place
			if got := e.GetEvent().GetEvent().GetStreamRevision(); e.GetEvent() != nil && got != appended.NextExpectedVersion {
				t.Errorf("%q: the last revision is %d, want %d", data, got, appended.NextExpectedVersion)
			}
		}
		z.intact(t)
	})
}

func FuzzLink(f *testing.F) {
	for _, seed := range []string{"0@s", "1@links", "-1@s", "9223372036854775807@s", "@", "0@", "0@$all", "0@s@s", "nonsense"} {
		f.Add([]byte(seed))
	}
	z := openFuzzed(f)
	z.append(f, stream, esdb.NoStream{}, events(3)...)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<20 {
			return
		}
		at := z.append(t, "links", esdb.Any{}, linkTo(string(data)))
		o := fromStart("links")
		o.ResolveLinks = true
		o.GetStream().RevisionOption = &streams.ReadReq_Options_StreamOptions_Revision{Revision: at.NextExpectedVersion}
		read, got := rawReadUntil(soon(t), t, z.streams, o, func([]*streams.ReadResp) bool { return false })
		if got.Code != codes.OK || len(read) != 1 || read[0].GetEvent().GetLink().GetStreamRevision() != at.NextExpectedVersion {
			t.Errorf("%q: got %v, %+v, want the link", data, read, got)
		}
		z.intact(t)
	})
}

// FuzzGroupState writes to the streams in which groups keep what they know, and
// restarts them: a group that cannot go on is no reason not to start the others.
func FuzzGroupState(f *testing.F) {
	for _, seed := range []string{`"5"`, `"C:1/P:1"`, `"-9"`, `7`, `{`, `{"version":"2","entries":[{"stream":"s","group":"g","after":-1}]}`} {
		f.Add(uint8(0), "$SubscriptionCheckpoint", []byte(seed))
		f.Add(uint8(2), "$PersistentConfig", []byte(seed))
	}
	f.Add(uint8(1), "$>", []byte("0@s"))
	f.Add(uint8(1), "$>", []byte("7@s"))
	names := []string{"$persistentsubscription-s::g-checkpoint", "$persistentsubscription-s::g-parked", "$persistentSubscriptionConfig"}
	z := openGrouped(f)
	f.Fuzz(func(t *testing.T, which uint8, typ string, data []byte) {
		if len(data) > 1<<20 || !utf8.ValidString(typ) { // a client cannot send it
			return
		}
		kept := event(typ)
		kept.Data = data
		z.append(t, names[int(which)%len(names)], esdb.Any{}, kept)
		wantOrderly(t, data, once(t, z.persistent.RestartSubsystem, &shared.Empty{}))
		park := consumerSeeds()[0]
		replay, err := z.replayAll(t)
		wantOrderly(t, data, refusedBy(err, replay), codes.NotFound)
		wantOrderly(t, park, connectOnly(soon(t), t, z.persistent, park[0]), codes.NotFound)
		z.renewGroup(t)
		z.intact(t)
	})
}
