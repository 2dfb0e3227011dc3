package eventstore_test

import (
	"testing"

	"suivi/eventstore"
)

func TestHalfReadIteratorsLeaveNothing(t *testing.T) {
	t.Parallel()
	watchGoroutines(t)
	s := openEmbedded(t)
	for range 10 {
		mustAppend(t, s, "long", newEvents("a", 500)...)
	}
	for range 50 {
		for _, err := range s.Read(t.Context(), "long", 0) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		for _, err := range s.ReadAll(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
}
