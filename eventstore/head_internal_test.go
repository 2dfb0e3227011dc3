package eventstore

import "testing"

func TestAHeadIsRememberedWhileTheLogGrows(t *testing.T) {
	t.Parallel()
	at := func(n uint64) Position { return Position{Commit: n, Prepare: n} }
	mine := Filter{StreamPrefixes: []string{"mine-"}}
	for name, c := range map[string]struct {
		before head
		event  Recorded
		end    Position
		last   Position
		found  bool
	}{
		"its own event":                 {head{at(5), at(3)}, Recorded{Stream: "mine-1", Position: at(8)}, at(9), at(8), true},
		"nothing is known":              {head{}, Recorded{Stream: "x", Position: at(1)}, at(9), Position{}, false},
		"after what is known":           {head{at(5), at(3)}, Recorded{Stream: "x", Position: at(6)}, at(9), Position{}, false},
		"where the end was":             {head{at(5), at(3)}, Recorded{Stream: "x", Position: at(5)}, at(9), at(3), true},
		"before it, where that is gone": {head{at(5), at(3)}, Recorded{Stream: "x", Position: at(4)}, at(9), at(3), true},
		"none was there":                {head{at(5), Position{}}, Recorded{Stream: "x", Position: at(5)}, at(5), Position{}, true},
		"the log is another one":        {head{at(5), at(3)}, Recorded{Stream: "x", Position: at(2)}, at(4), Position{}, false},
	} {
		if last, found := c.before.at(mine, &c.event, c.end); last != c.last || found != c.found {
			t.Errorf("%s: got %v, %v", name, last, found)
		}
	}
}
