package embedded_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
)

func TestReadStreamBounds(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.append(t, stream, esdb.NoStream{}, events(5)...)
	f.append(t, "other", esdb.NoStream{}, events(2)...)
	for _, c := range []struct {
		direction esdb.Direction
		from      esdb.StreamPosition
		count     uint64
		want      []uint64
	}{
		{esdb.Forwards, esdb.Start{}, math.MaxUint64, []uint64{0, 1, 2, 3, 4}},
		{esdb.Forwards, esdb.Revision(0), 2, []uint64{0, 1}},
		{esdb.Forwards, esdb.Revision(3), 10, []uint64{3, 4}},
		{esdb.Forwards, esdb.Revision(4), 1, []uint64{4}},
		{esdb.Forwards, esdb.Revision(5), 10, []uint64{}},
		{esdb.Forwards, esdb.Revision(math.MaxUint64), 10, []uint64{}},
		{esdb.Forwards, esdb.End{}, 10, []uint64{}},
		{esdb.Forwards, esdb.Start{}, 0, []uint64{}},
		{esdb.Backwards, esdb.End{}, 10, []uint64{4, 3, 2, 1, 0}},
		{esdb.Backwards, esdb.End{}, 1, []uint64{4}},
		{esdb.Backwards, esdb.Revision(2), 10, []uint64{2, 1, 0}},
		{esdb.Backwards, esdb.Revision(2), 2, []uint64{2, 1}},
		{esdb.Backwards, esdb.Revision(99), 2, []uint64{4, 3}},
		{esdb.Backwards, esdb.Start{}, 10, []uint64{0}},
	} {
		t.Run(fmt.Sprintf("%v from %v count %d", c.direction, c.from, c.count), func(t *testing.T) {
			t.Parallel()
			got, err := f.readStream(t, stream, esdb.ReadStreamOptions{Direction: c.direction, From: c.from}, c.count)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, revisions(got)); diff != "" {
				t.Errorf("revisions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadAllBounds(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.append(t, "a", esdb.NoStream{}, events(2)...)
	f.append(t, "b", esdb.NoStream{}, events(2)...)
	all := f.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	if len(all) != 5 || all[0].StreamID != "$users" || all[0].Position.Commit == 0 {
		t.Fatalf("got %d events, the first %+v; want 5 and $users at a position above 0", len(all), all[0])
	}
	at := func(i int) esdb.Position { return all[i].Position }
	for _, c := range []struct {
		name      string
		direction esdb.Direction
		from      esdb.AllPosition
		count     uint64
		want      []int
	}{
		{"forwards from start", esdb.Forwards, esdb.Start{}, 100, []int{0, 1, 2, 3, 4}},
		{"forwards from zero", esdb.Forwards, esdb.Position{}, 2, []int{0, 1}},
		{"forwards includes its position", esdb.Forwards, at(2), 100, []int{2, 3, 4}},
		{"forwards from the last", esdb.Forwards, at(4), 100, []int{4}},
		{"forwards from end", esdb.Forwards, esdb.End{}, 100, []int{}},
		{"forwards from beyond", esdb.Forwards, esdb.Position{Commit: math.MaxUint64, Prepare: math.MaxUint64}, 9, []int{}},
		{"forwards nothing", esdb.Forwards, esdb.Start{}, 0, []int{}},
		{"backwards from end", esdb.Backwards, esdb.End{}, 100, []int{4, 3, 2, 1, 0}},
		{"backwards two", esdb.Backwards, esdb.End{}, 2, []int{4, 3}},
		{"backwards excludes its position", esdb.Backwards, at(2), 100, []int{1, 0}},
		{"backwards from the first", esdb.Backwards, at(0), 100, []int{}},
		{"backwards from start", esdb.Backwards, esdb.Start{}, 100, []int{}},
		{"backwards from beyond", esdb.Backwards, esdb.Position{Commit: math.MaxUint64, Prepare: math.MaxUint64}, 1, []int{4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := []esdb.Position{}
			for _, i := range c.want {
				want = append(want, at(i))
			}
			got := []esdb.Position{}
			for _, e := range f.readAll(t, esdb.ReadAllOptions{Direction: c.direction, From: c.from}, c.count) {
				got = append(got, e.Position)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("positions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadsGoOverManyPages(t *testing.T) {
	t.Parallel()
	const n = 1100
	f := open(t)
	f.append(t, stream, esdb.NoStream{}, events(n)...)
	want := make([]uint64, n)
	for i := range want {
		want[i] = uint64(i)
	}
	forwards, err := f.readStream(t, stream, esdb.ReadStreamOptions{}, math.MaxUint64)
	if err != nil || cmp.Diff(want, revisions(forwards)) != "" {
		t.Errorf("forwards: got %d events, %v", len(forwards), err)
	}
	backwards, err := f.readStream(t, stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, n-1)
	if err != nil || len(backwards) != n-1 || backwards[0].EventNumber != n-1 || backwards[n-2].EventNumber != 1 {
		t.Errorf("backwards: got %d events, %v", len(backwards), err)
	}
	if all := f.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64); len(all) != n+1 {
		t.Errorf("$all forwards: got %d events, want %d", len(all), n+1)
	}
	if all := f.readAll(t, esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, n); len(all) != n || all[n-1].EventNumber != 0 {
		t.Errorf("$all backwards: got %d events, want %d", len(all), n)
	}
}

func TestAStreamThatWasNeverWrittenIsNotFound(t *testing.T) {
	t.Parallel()
	f := open(t)
	_, err := f.readStream(t, "nobody", esdb.ReadStreamOptions{}, 1)
	wantCode(t, err, esdb.ErrorCodeResourceNotFound)
	onlyMetadata(t, f, nil)
	_, err = f.readStream(t, stream, esdb.ReadStreamOptions{}, 1)
	wantCode(t, err, esdb.ErrorCodeResourceNotFound)
}

func TestCreatedIsTheTimeOfTheAppend(t *testing.T) {
	t.Parallel()
	f := open(t)
	before := time.Now().Truncate(100)
	f.append(t, stream, esdb.NoStream{}, event("now"))
	got, err := f.readStream(t, stream, esdb.ReadStreamOptions{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if created := got[0].CreatedDate; created.Before(before) || created.After(time.Now()) {
		t.Errorf("got created %v, want between %v and now", created, before)
	}
}
