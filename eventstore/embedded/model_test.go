package embedded_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// model is the store as simple as it can be said: streams are lists of ids.
type model struct {
	streams map[string][]uuid.UUID
	log     []uuid.UUID
}

// append says what the store should answer: the last revision, or refused. It
// covers what needs no memory of recent ids: exact revisions and fresh events.
func (m *model) append(stream string, expected int, ids []uuid.UUID) (last int, refused bool) {
	have := m.streams[stream]
	switch {
	case expected >= len(have):
		return 0, true
	case expected == len(have)-1:
		m.streams[stream] = append(have, ids...)
		m.log = append(m.log, ids...)
		return len(m.streams[stream]) - 1, false
	}
	for i, id := range ids { // a repetition?
		if expected+1+i >= len(have) || have[expected+1+i] != id {
			return 0, true
		}
	}
	return expected + len(ids), false
}

func TestTheStoreIsTheModel(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		var run int
		rapid.Check(t, func(rt *rapid.T) {
			run++
			m := &model{streams: map[string][]uuid.UUID{}}
			names := []string{f.name(fmt.Sprintf("a%d", run)), f.name(fmt.Sprintf("b%d", run)), f.name(fmt.Sprintf("c%d", run))}
			before := len(f.own(t))
			for range rapid.IntRange(1, 15).Draw(rt, "appends") {
				appendAsModel(rt, f, m, names)
			}
			for range 3 {
				readAsModel(rt, f, m, names)
			}
			got := []uuid.UUID{}
			for _, e := range f.own(t)[before:] {
				got = append(got, e.EventID)
			}
			if diff := cmp.Diff(append([]uuid.UUID{}, m.log...), got); diff != "" {
				rt.Fatalf("$all (-want +got):\n%s", diff)
			}
		})
	})
}

func appendAsModel(rt *rapid.T, f *fixture, m *model, names []string) {
	stream := rapid.SampledFrom(names).Draw(rt, "stream")
	have := m.streams[stream]
	expected := rapid.IntRange(-1, len(have)).Draw(rt, "expected")
	n := rapid.IntRange(1, 4).Draw(rt, "events")
	repeated := rapid.IntRange(0, n).Draw(rt, "repeated")
	proposed := events(n)
	for i := range repeated {
		if at := expected + 1 + i; at < len(have) {
			proposed[i].EventID = have[at]
		}
	}
	ids := make([]uuid.UUID, n)
	for i := range proposed {
		ids[i] = proposed[i].EventID
	}
	var revision esdb.ExpectedRevision = esdb.NoStream{}
	if expected >= 0 {
		revision = esdb.Revision(uint64(expected))
	}
	last, refused := m.append(stream, expected, ids)
	result, err := f.AppendToStream(rt.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: revision}, proposed...)
	var esErr *esdb.Error
	if refused {
		if !errors.As(err, &esErr) || esErr.Code() != esdb.ErrorCodeWrongExpectedVersion {
			rt.Fatalf("got %v, %v, want a wrong expected version", result, err)
		}
		return
	}
	if err != nil || result.NextExpectedVersion != uint64(last) {
		rt.Fatalf("got %v, %v, want last revision %d", result, err, last)
	}
}

func readAsModel(rt *rapid.T, f *fixture, m *model, names []string) {
	stream := rapid.SampledFrom(names).Draw(rt, "stream")
	have := m.streams[stream]
	from := rapid.IntRange(0, len(have)+1).Draw(rt, "from")
	count := rapid.IntRange(1, len(have)+2).Draw(rt, "count")
	backwards := rapid.Bool().Draw(rt, "backwards")
	opts := esdb.ReadStreamOptions{From: esdb.Revision(uint64(from))}
	want := []uuid.UUID{}
	if backwards {
		opts.Direction = esdb.Backwards
		for i := min(from, len(have)-1); i >= 0 && len(want) < count; i-- {
			want = append(want, have[i])
		}
	} else {
		for i := from; i < len(have) && len(want) < count; i++ {
			want = append(want, have[i])
		}
	}
	read, err := f.ReadStream(rt.Context(), stream, opts, uint64(count))
	recorded, err := drain(rt, read, err)
	var esErr *esdb.Error
	if len(have) == 0 {
		if !errors.As(err, &esErr) || esErr.Code() != esdb.ErrorCodeResourceNotFound {
			rt.Fatalf("got %v, want not found", err)
		}
		return
	}
	got := []uuid.UUID{}
	for _, e := range recorded {
		got = append(got, e.EventID)
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		rt.Fatalf("%v (-want +got):\n%s", err, diff)
	}
}
