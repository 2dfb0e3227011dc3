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
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(5)...)
		f.append(t, f.name("other"), esdb.NoStream{}, events(2)...)
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
			{esdb.Forwards, esdb.End{}, 10, []uint64{}},
			{esdb.Backwards, esdb.End{}, 10, []uint64{4, 3, 2, 1, 0}},
			{esdb.Backwards, esdb.End{}, 1, []uint64{4}},
			{esdb.Backwards, esdb.Revision(2), 10, []uint64{2, 1, 0}},
			{esdb.Backwards, esdb.Revision(2), 2, []uint64{2, 1}},
			{esdb.Backwards, esdb.Revision(99), 2, []uint64{4, 3}},
			{esdb.Backwards, esdb.Start{}, 10, []uint64{0}},
		} {
			t.Run(fmt.Sprintf("%v from %v count %d", c.direction, c.from, c.count), func(t *testing.T) {
				t.Parallel()
				got, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{Direction: c.direction, From: c.from}, c.count)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, revisions(got)); diff != "" {
					t.Errorf("revisions (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// What a real server cannot be asked, or answers in its own way.
func TestReadsOfNothing(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.append(t, stream, esdb.NoStream{}, events(5)...)
	for name, from := range map[string]struct {
		revision esdb.StreamPosition
		count    uint64
	}{"beyond all": {esdb.Revision(math.MaxUint64), 10}, "no events": {esdb.Start{}, 0}} {
		got, err := f.readStream(t, stream, esdb.ReadStreamOptions{From: from.revision}, from.count)
		if err != nil || len(got) != 0 {
			t.Errorf("%s: got %v, %v", name, revisions(got), err)
		}
	}
	for name, from := range map[string]struct {
		direction esdb.Direction
		position  esdb.AllPosition
		count     uint64
	}{
		"$all beyond all": {esdb.Forwards, esdb.Position{Commit: math.MaxUint64, Prepare: math.MaxUint64}, 9}, "$all, no events": {esdb.Forwards, esdb.Start{}, 0},
		"$all before the first": {esdb.Backwards, f.own(t)[0].Position, 100}, "$all backwards from the start": {esdb.Backwards, esdb.Start{}, 100},
	} {
		if got := f.readAll(t, esdb.ReadAllOptions{Direction: from.direction, From: from.position}, from.count); len(got) != 0 {
			t.Errorf("%s: got %d events", name, len(got))
		}
	}
}

// allCase is a read of $all in a log with four events of one append, 0 to 3, and
// one before, -1. On a server with others' events both ends are not known.
type allCase struct {
	name      string
	direction esdb.Direction
	from      func(at func(int) esdb.Position) esdb.AllPosition
	count     uint64
	want      []int
	alone     bool
}

func allCases() []allCase {
	const all = 100
	at := func(i int) func(func(int) esdb.Position) esdb.AllPosition {
		return func(at func(int) esdb.Position) esdb.AllPosition { return at(i) }
	}
	fixed := func(p esdb.AllPosition) func(func(int) esdb.Position) esdb.AllPosition {
		return func(func(int) esdb.Position) esdb.AllPosition { return p }
	}
	beyond := esdb.Position{Commit: math.MaxUint64, Prepare: math.MaxUint64}
	return []allCase{
		{"forwards from start", esdb.Forwards, fixed(esdb.Start{}), all, []int{-1, 0, 1, 2, 3}, true},
		{"forwards from zero", esdb.Forwards, fixed(esdb.Position{}), 2, []int{-1, 0}, true},
		{"forwards includes its position", esdb.Forwards, at(1), 3, []int{1, 2, 3}, false},
		{"forwards includes its position, to the end", esdb.Forwards, at(1), all, []int{1, 2, 3}, true},
		{"forwards from the last", esdb.Forwards, at(3), 1, []int{3}, false},
		{"forwards from the last, to the end", esdb.Forwards, at(3), all, []int{3}, true},
		{"forwards from end", esdb.Forwards, fixed(esdb.End{}), all, []int{}, true},
		{"backwards from end", esdb.Backwards, fixed(esdb.End{}), all, []int{3, 2, 1, 0, -1}, true},
		{"backwards two", esdb.Backwards, fixed(esdb.End{}), 2, []int{3, 2}, true},
		{"backwards excludes its position", esdb.Backwards, at(2), 2, []int{1, 0}, false},
		{"backwards excludes its position, to the start", esdb.Backwards, at(1), all, []int{0, -1}, true},
		{"backwards from the last", esdb.Backwards, at(3), 3, []int{2, 1, 0}, false},
		{"backwards from beyond", esdb.Backwards, fixed(beyond), 1, []int{3}, true},
	}
}

func TestReadAllBounds(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(4)...)
		own := f.own(t)
		if len(own) != 4 || own[0].Position.Commit == 0 {
			t.Fatalf("got %d events, the first %+v; want 4 at positions above 0", len(own), own[0])
		}
		at := func(i int) esdb.Position {
			if i >= 0 {
				return own[i].Position
			}
			return f.readAll(t, esdb.ReadAllOptions{}, 1)[0].Position // $users
		}
		for _, c := range allCases() {
			if c.alone && f.shared() {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				want, got := []esdb.Position{}, []esdb.Position{}
				for _, i := range c.want {
					want = append(want, at(i))
				}
				for _, e := range f.readAll(t, esdb.ReadAllOptions{Direction: c.direction, From: c.from(at)}, c.count) {
					got = append(got, e.Position)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("positions (-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestReadsGoOverManyPages(t *testing.T) {
	t.Parallel()
	const n = 1100
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(n)...)
		want := make([]uint64, n)
		for i := range want {
			want[i] = uint64(i)
		}
		forwards, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, math.MaxUint64)
		if err != nil || cmp.Diff(want, revisions(forwards)) != "" {
			t.Errorf("forwards: got %d events, %v", len(forwards), err)
		}
		backwards, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, n-1)
		if err != nil || len(backwards) != n-1 || backwards[0].EventNumber != n-1 || backwards[n-2].EventNumber != 1 {
			t.Errorf("backwards: got %d events, %v", len(backwards), err)
		}
		if all := f.own(t); len(all) != n {
			t.Errorf("$all forwards: got %d events, want %d", len(all), n)
		}
		last := f.last(t)
		all := f.readAll(t, esdb.ReadAllOptions{Direction: esdb.Backwards, From: last.Position}, n-1)
		if last.EventNumber != n-1 || len(all) != n-1 || all[0].EventNumber != n-2 || all[n-2].EventNumber != 0 {
			t.Errorf("$all backwards: got %d events before the last, %d, want %d", len(all), last.EventNumber, n-1)
		}
	})
}

func TestAStreamThatWasNeverWrittenIsNotFound(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		_, err := f.readStream(t, f.name("nobody"), esdb.ReadStreamOptions{}, 1)
		wantCode(t, err, esdb.ErrorCodeResourceNotFound)
		onlyMetadata(t, f, nil)
		_, err = f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, 1)
		wantCode(t, err, esdb.ErrorCodeResourceNotFound)
	})
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
