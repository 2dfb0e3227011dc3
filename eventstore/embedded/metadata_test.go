package embedded_test

import (
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func setMetadata(t *testing.T, f *fixture, json string) {
	t.Helper()
	f.append(t, "$$"+f.stream(), esdb.Any{}, esdb.EventData{
		EventID: uuid.New(), EventType: "$metadata", ContentType: esdb.ContentTypeJson, Data: []byte(json),
	})
}

func TestMetadataHidesEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		metadata string
		want     []uint64
	}{
		{`{"$maxCount":2}`, []uint64{3, 4}},
		{`{"$maxCount":5}`, []uint64{0, 1, 2, 3, 4}},
		{`{"$maxCount":99}`, []uint64{0, 1, 2, 3, 4}},
		{`{"$tb":3}`, []uint64{3, 4}},
		{`{"$tb":0}`, []uint64{0, 1, 2, 3, 4}},
		{`{"$tb":5}`, []uint64{}}, // all gone, but not "not found"
		{`{"$tb":3,"$maxCount":1}`, []uint64{4}},
		{`{"$tb":4,"$maxCount":3}`, []uint64{4}},
		{`{"$maxAge":3600}`, []uint64{0, 1, 2, 3, 4}},
		{`{"$maxAge":9223372036854775807}`, []uint64{0, 1, 2, 3, 4}},
		{`{"mine":"own","$acl":{"$r":"me"}}`, []uint64{0, 1, 2, 3, 4}},
		{`{"$maxCount":0}`, []uint64{0, 1, 2, 3, 4}},          // not valid: as if there were none
		{`{"$maxCount":"2"}`, []uint64{0, 1, 2, 3, 4}},        // not valid
		{`{"$tb":-1,"$maxCount":1}`, []uint64{0, 1, 2, 3, 4}}, // not valid
		{`{"$maxCount":2`, []uint64{0, 1, 2, 3, 4}},           // not JSON
		{`[]`, []uint64{0, 1, 2, 3, 4}}, {``, []uint64{0, 1, 2, 3, 4}},
	} {
		t.Run(c.metadata, func(t *testing.T) {
			t.Parallel()
			onEachServer(t, func(t *testing.T, f *fixture) {
				f.append(t, f.stream(), esdb.NoStream{}, events(5)...)
				setMetadata(t, f, c.metadata)
				got, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, 10)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, revisions(got)); diff != "" {
					t.Errorf("forwards (-want +got):\n%s", diff)
				}
				got, err = f.readStream(t, f.stream(), esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 10)
				if err != nil || len(got) != len(c.want) {
					t.Errorf("backwards: got %v, %v", revisions(got), err)
				}
				if all := f.own(t); len(all) != 6 {
					t.Errorf("got %d events in $all, want 6: metadata does not apply there", len(all))
				}
			})
		})
	}
}

func TestEventsExpireByAge(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(3)...)
		age := time.Second
		meta := esdb.StreamMetadata{}
		meta.SetMaxAge(age)
		if _, err := f.SetStreamMetadata(within(t), f.stream(), esdb.AppendToStreamOptions{}, meta); err != nil {
			t.Fatal(err)
		}
		ctx := within(t)
		for {
			got, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, 10)
			if err != nil {
				t.Fatalf("got %v, want an empty stream rather than a missing one", err)
			}
			if len(got) == 0 {
				break
			}
			if ctx.Err() != nil {
				t.Fatal("the events did not expire")
			}
		}
		f.append(t, f.stream(), esdb.Revision(2), event("young"))
		got, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, 10)
		if err != nil || cmp.Diff([]uint64{3}, revisions(got)) != "" {
			t.Errorf("got %v, %v; want the young event", revisions(got), err)
		}
	})
}

func TestAMetastreamShowsItsLastEvent(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		for _, n := range []uint64{3, 4, 5} {
			meta := esdb.StreamMetadata{}
			meta.SetMaxCount(n)
			if _, err := f.SetStreamMetadata(within(t), f.stream(), esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, meta); err != nil {
				t.Fatal(err)
			}
		}
		got, err := f.GetStreamMetadata(within(t), f.stream(), esdb.ReadStreamOptions{})
		if err != nil || got.MaxCount() == nil || *got.MaxCount() != 5 {
			t.Fatalf("got %+v, %v; want a count of 5", got, err)
		}
		all, err := f.readStream(t, "$$"+f.stream(), esdb.ReadStreamOptions{}, 10)
		if err != nil || cmp.Diff([]uint64{2}, revisions(all)) != "" {
			t.Errorf("got %v, %v; want revision 2 alone", revisions(all), err)
		}
	})
}
