package eventlog

import "testing"

func tailRecord(pos int64, size int) *Record {
	return &Record{Pos: pos, Proposed: Proposed{Data: make([]byte, size)}}
}

func TestTheTailKnowsHowFarBackItReaches(t *testing.T) {
	t.Parallel()
	tail := newTail(10, 8, 1000)
	page, grown, ok := tail.after(10, 5)
	if len(page) != 0 || !ok {
		t.Fatalf("got %d events, %v; want none yet", len(page), ok)
	}
	tail.publish([]*Record{tailRecord(11, 1), tailRecord(15, 1), tailRecord(16, 1)}) // positions may have gaps
	select {
	case <-grown:
	default:
		t.Error("the waiting were not woken")
	}
	for pos, want := range map[int64]int{10: 3, 11: 2, 12: 2, 14: 2, 15: 1, 16: 0, 99: 0} {
		if page, _, ok := tail.after(pos, 5); len(page) != want || !ok {
			t.Errorf("after %d: got %d events, %v; want %d", pos, len(page), ok, want)
		}
	}
	if page, _, _ := tail.after(10, 2); len(page) != 2 || page[1].Pos != 15 {
		t.Errorf("got %d events, want the first two", len(page))
	}
	if _, _, ok := tail.after(9, 5); ok {
		t.Error("the tail claims to reach back before it began")
	}
}

func TestTheTailIsBounded(t *testing.T) {
	t.Parallel()
	tail := newTail(0, 8, 1000)
	for pos := int64(1); pos <= 100; pos++ {
		tail.publish([]*Record{tailRecord(pos, 1)})
		if len(tail.records) > 8 {
			t.Fatalf("holds %d events, want 8 at most", len(tail.records))
		}
	}
	if page, _, ok := tail.after(tail.floor, 99); !ok || page[0].Pos != tail.floor+1 || page[len(page)-1].Pos != 100 {
		t.Errorf("got %v, want all after %d", page, tail.floor)
	}
	for pos := int64(101); pos <= 110; pos++ {
		tail.publish([]*Record{tailRecord(pos, 400)})
		if tail.bytes > 1000 {
			t.Fatalf("holds %d bytes, want 1000 at most", tail.bytes)
		}
	}
	tail.publish([]*Record{tailRecord(111, 5000)})
	if page, _, ok := tail.after(111, 9); !ok || len(page) != 0 || tail.bytes != 0 {
		t.Errorf("an event above the bound: %v, %d bytes; want it dropped", ok, tail.bytes)
	}
}
