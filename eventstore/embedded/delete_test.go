package embedded_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/go-cmp/cmp"
)

// rawMetadata reads a stream's metadata as it stands in the log.
func rawMetadata(t *testing.T, f *fixture, stream string) map[string]any {
	t.Helper()
	got, err := f.readStream(t, "$$"+stream, esdb.ReadStreamOptions{}, 10)
	if err != nil || len(got) != 1 || got[0].EventType != "$metadata" {
		t.Fatalf("got %d metadata events, %v; want one", len(got), err)
	}
	var out map[string]any
	if err := json.Unmarshal(got[0].Data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestASoftDeletedStreamIsNotFound(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		softDeleted(t, f, events(3))
		_, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, 10)
		wantCode(t, err, esdb.ErrorCodeResourceNotFound)
		if diff := cmp.Diff(map[string]any{"$tb": float64(math.MaxInt64)}, rawMetadata(t, f, f.stream())); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
		all := f.own(t)
		if last := all[len(all)-1]; len(all) != 4 || last.StreamID != "$$"+f.stream() {
			t.Errorf("got %d events in $all, the last %+v; want all four, the last saying the deletion", len(all), last)
		} else if !f.shared() && string(last.Data) != `{"$tb":9223372036854775807}` { // a real one indents it
			t.Errorf("got metadata %s", last.Data)
		}
	})
}

func TestASoftDeletedStreamGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		f.append(t, f.stream(), esdb.NoStream{}, events(3)...)
		setMetadata(t, f, `{"$tb":9223372036854775807,"owner":"x","$maxCount":7}`)
		f.append(t, f.stream(), esdb.NoStream{}, events(2)...)
		got, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]uint64{3, 4}, revisions(got)); diff != "" {
			t.Errorf("revisions (-want +got):\n%s", diff)
		}
		want := map[string]any{"$tb": 3.0, "owner": "x", "$maxCount": 7.0}
		if diff := cmp.Diff(want, rawMetadata(t, f, f.stream())); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
	})
}

func TestDeleteObeysTheExpectedRevision(t *testing.T) {
	t.Parallel()
	type row struct {
		name     string
		prepare  func(*testing.T, *fixture, []esdb.EventData)
		expected esdb.ExpectedRevision
		code     esdb.ErrorCode // -1: none
	}
	const fine, wrong = esdb.ErrorCode(-1), esdb.ErrorCodeUnknown // the client knows no better code for it here
	for _, c := range []row{
		{"current", threeEvents, esdb.Revision(2), fine},
		{"any", threeEvents, esdb.Any{}, fine},
		{"exists", threeEvents, esdb.StreamExists{}, fine},
		{"below", threeEvents, esdb.Revision(1), wrong},
		{"above", threeEvents, esdb.Revision(3), wrong},
		{"no stream but one there", threeEvents, esdb.NoStream{}, wrong},
		{"missing", nothing, esdb.Any{}, wrong},
		{"missing, exists", nothing, esdb.StreamExists{}, wrong},
		{"missing, no stream", nothing, esdb.NoStream{}, wrong},
		{"missing but for metadata", onlyMetadata, esdb.Any{}, wrong},
		{"again", softDeleted, esdb.Revision(2), fine},
		{"again, exists", softDeleted, esdb.StreamExists{}, esdb.ErrorCodeStreamDeleted},
		{"tombstoned", tombstoned, esdb.Any{}, esdb.ErrorCodeStreamDeleted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onEachServer(t, func(t *testing.T, f *fixture) {
				c.prepare(t, f, events(3))
				result, err := f.DeleteStream(within(t), f.stream(), esdb.DeleteStreamOptions{ExpectedRevision: c.expected})
				if c.code != fine {
					wantCode(t, err, c.code)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if last := f.last(t); last.Position != result.Position || last.StreamID != "$$"+f.stream() {
					t.Errorf("got position %v, want that of the metadata event, %v", result.Position, last.Position)
				}
			})
		})
	}
}

func TestATombstonedStreamIsGoneForEver(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		tombstoned(t, f, events(3))
		_, err := f.readStream(t, f.stream(), esdb.ReadStreamOptions{}, 10)
		wantCode(t, err, esdb.ErrorCodeStreamDeleted)
		_, err = f.readStream(t, "$$"+f.stream(), esdb.ReadStreamOptions{}, 10)
		wantCode(t, err, esdb.ErrorCodeStreamDeleted)
		_, err = f.SetStreamMetadata(within(t), f.stream(), esdb.AppendToStreamOptions{}, esdb.StreamMetadata{})
		wantCode(t, err, esdb.ErrorCodeStreamDeleted)
		_, err = f.TombstoneStream(within(t), f.stream(), esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
		wantCode(t, err, esdb.ErrorCodeStreamDeleted)

		last := f.last(t)
		if last.EventType != "$streamDeleted" || last.EventNumber != math.MaxInt64 || last.StreamID != f.stream() {
			t.Errorf("got last event %+v, want the tombstone", last)
		}
	})
}

func TestAMissingStreamCanBeTombstoned(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, f *fixture) {
		result, err := f.TombstoneStream(within(t), f.stream(), esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
		if err != nil {
			t.Fatal(err)
		}
		if last := f.last(t); last.Position != result.Position {
			t.Errorf("got position %v, want %v", result.Position, last.Position)
		}
		_, err = f.AppendToStream(within(t), f.stream(), esdb.AppendToStreamOptions{}, event("late"))
		wantCode(t, err, esdb.ErrorCodeStreamDeleted)
	})
}
