package readapi

import (
	"cmp"
	"math/bits"
	"slices"
)

// alike is how many things are of a class.
type alike struct {
	What  string `db:"a"`
	Class int64  `db:"at"`
	N     int64  `db:"n"`
}

// step is one kind of figures on the way to a percentile; the classes of the next one are parts of its own.
type step struct {
	kind  string
	class func(value int64) int64 // of a value
	begin func(class int64) int64 // the least value of a class
}

// durationSteps are the figures that projections keep of durations.
func durationSteps() []step { return []step{logarithmic("coarse", 2), logarithmic("fine", 6)} }

// ageSteps are those of the reports of open tickets.
func ageSteps() []step { return []step{linear("age2", 18), linear("age1", 9), linear("age0", 0)} }

// logarithmic classes tell values from 0 apart by so many bits after the first.
func logarithmic(kind string, kept int) step {
	return step{kind, func(value int64) int64 {
		more := max(bits.Len64(uint64(value))-kept-1, 0)
		return int64(more)<<kept + value>>more
	}, func(class int64) int64 {
		more := max(class>>kept-1, 0)
		return (class - more<<kept) << more
	}}
}

// linear classes are as long as so many bits can tell.
func linear(kind string, long int) step {
	return step{kind, func(value int64) int64 { return value >> long }, func(class int64) int64 { return class << long }}
}

// find is the class of the value at a place, from 1, among those of the counts and some more, and the place in it.
func (s step) find(counts []alike, values []int64, place int64) (class, rest int64) {
	all := slices.Clone(counts)
	for _, value := range values {
		all = append(all, alike{Class: s.class(value), N: 1})
	}
	slices.SortFunc(all, func(x, y alike) int { return cmp.Compare(x.Class, y.Class) })
	before := int64(0) // in the classes before
	for i, c := range all {
		if i > 0 && c.Class != class {
			place -= before
			before = 0
		}
		class = c.Class
		if before += c.N; place <= before {
			break
		}
	}
	return class, place
}
