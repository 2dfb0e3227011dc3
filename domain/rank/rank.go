// Package rank makes the keys by which the tickets of a tracker are stacked. A
// key sorts as bytes, and between any two keys there is another, so that a move
// changes the key of the one ticket that moves. A new ticket's key follows from
// when it came; nobody need be asked for it.
package rank

import (
	"slices"
	"strings"
	"time"
)

// Key is a place in a tracker's stack; the least is on top. "" is no place.
type Key string

// digits are those of base 62 in the order of their bytes. No key ends with the
// first of them, since nothing fits between "a" and "a0".
const (
	digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base   = int64(len(digits))
)

// middle is half of what timeDigits digits can say: entries at the bottom count
// up from it, entries at the top down.
const (
	timeDigits = 10
	middle     = int64(839299365868340224 / 2) // 62^10 / 2
)

// Bottom is the key of the ticket that enters its tracker's stack at the bottom:
// later ones lie below earlier ones, and of those of one moment the greater
// number below the smaller.
func Bottom(at time.Time, number int64) Key {
	return Key(fixed(middle+sinceYearOne(at))) + unique(number, false)
}

// Top is the mirror image: later ones lie above earlier ones, and above all that Bottom gives.
func Top(at time.Time, number int64) Key {
	return Key(fixed(middle-1-sinceYearOne(at))) + unique(number, true)
}

// sinceYearOne is in microseconds: what a stored time has, and more than it can
// be until the year 9999 would need an eleventh digit.
func sinceYearOne(at time.Time) int64 {
	const first = -62135596800000000 // the year 1
	return min(max(at.UnixMicro()-first, 0), middle-1)
}

func fixed(n int64) string {
	var text [timeDigits]byte
	for i := timeDigits - 1; i >= 0; i-- {
		text[i] = digits[n%base]
		n /= base
	}
	return string(text[:])
}

// unique sets tickets apart that get the same key otherwise. It says how many
// digits follow, then the number in digits from the second on: none of them is
// the first, and numbers sort by their size, or mirrored.
func unique(number int64, mirrored bool) Key {
	var reversed []int64 // 1 to 61
	for number = max(number, 1); number > 0; number = (number - 1) / (base - 1) {
		reversed = append(reversed, (number-1)%(base-1)+1)
	}
	reversed = append(reversed, int64(len(reversed)))
	var text strings.Builder
	for _, d := range slices.Backward(reversed) {
		if mirrored {
			d = base - d
		}
		text.WriteByte(digits[d])
	}
	return Key(text.String())
}

// Gap is the place between two neighbours; "" is the end of the stack on that side.
type Gap struct {
	Above, Below Key
}

// Holds tells whether the key lies in the gap.
func (g Gap) Holds(k Key) bool { return k != "" && g.Above < k && (g.Below == "" || k < g.Below) }

// Valid tells whether there is room between the neighbours. Whoever finds them
// in a stack whose keys may be equal takes the next different one.
func (g Gap) Valid() bool { return g.Below == "" || trimmed(g.Above) < trimmed(g.Below) }

// trimmed is without the zeros at the end, between which there is nothing.
func trimmed(k Key) string { return strings.TrimRight(string(k), digits[:1]) }

// Key is a key in the gap for the ticket of the number: in the middle of the
// first digit that leaves room, then what sets it apart from a key that another
// node makes for the same gap at the same moment. The gap must be Valid.
//
// At an end of the stack it is a microsecond from the ticket that stood there:
// whoever enters later still comes behind it, and keys do not grow, however
// often tickets are moved there.
func (g Gap) Key(number int64) Key {
	key := between(g.Above, g.Below)
	if at := start(g.Below) - 1; g.Above == "" && at > 0 {
		key = Key(fixed(at))
	}
	if at := start(g.Above) + 1; g.Above != "" && g.Below == "" && at < 2*middle {
		key = Key(fixed(at))
	}
	return key + unique(number, false)
}

// start is the time that the key begins with.
func start(k Key) (n int64) {
	for i := range timeDigits {
		n = n*base + digit(k, i)
	}
	return n
}

// between is a text after above that no key from below on begins with or comes
// before; whatever is appended to it stays in the gap.
func between(above, below Key) Key {
	var made strings.Builder
	open := below == "" // the digits so far are less than those of below
	for i := 0; ; i++ {
		low, high := digit(above, i), base
		if !open {
			high = digit(below, i)
		}
		switch {
		case low == high:
			made.WriteByte(digits[low])
		case high-low > 1:
			made.WriteByte(digits[(low+high)/2])
			return Key(made.String())
		default: // one apart: stay with above, and what follows may be as great as it likes
			made.WriteByte(digits[low])
			open = true
		}
	}
}

// digit is the key's i-th digit; a key goes on with zeros for ever.
func digit(k Key, i int) int64 {
	if i >= len(k) {
		return 0
	}
	return int64(strings.IndexByte(digits, k[i]))
}
