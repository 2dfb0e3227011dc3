package lives

import (
	"hash/maphash"
	"math/bits"
	"slices"

	"suivi/domain"
)

// Word is what a text is to have: some words, all of which a ticket must have for that.
type Word struct {
	Words     []string        // as database.Words has them
	Beginning bool            // of the last one is enough
	ID        domain.TicketID // it may also be this ticket's
	Number    int64           // or one of this number
}

// marks are bits that a ticket's words have set, some for each word, and for its beginnings of some lengths: where one of
// them is not set, the ticket has no such word. Where all are, it most likely has, and its texts tell.
type marks []uint64

// How many bits there are for what is marked, and how many of them each sets: less than one in a hundred looks as if it were set.
const (
	bitsForEach = 12
	bitsOfOne   = 4
)

// beginnings are the lengths in bytes of what is marked of a word beside the whole.
func beginnings() []int { return []int{5, 3} }

// hashes are what stands for words. They differ from process to process.
type hashes struct{ whole, beginning maphash.Seed }

func newHashes() hashes { return hashes{maphash.MakeSeed(), maphash.MakeSeed()} }

// of adds what is marked of a word.
func (h hashes) of(all []uint64, word string) []uint64 {
	all = append(all, maphash.String(h.whole, word))
	for _, length := range beginnings() {
		if len(word) >= length {
			all = append(all, maphash.String(h.beginning, word[:length]))
		}
	}
	return all
}

// sought is what is marked of all tickets that have the words.
func (h hashes) sought(w Word) []uint64 {
	var all []uint64
	for i, word := range w.Words {
		if i < len(w.Words)-1 || !w.Beginning {
			all = append(all, maphash.String(h.whole, word))
			continue
		}
		for _, length := range beginnings() {
			if len(word) >= length {
				all = append(all, maphash.String(h.beginning, word[:length]))
				break
			}
		}
	}
	return all
}

// newMarks marks what there is.
func newMarks(all []uint64) marks {
	slices.Sort(all)
	all = slices.Compact(all)
	m := make(marks, (len(all)*bitsForEach+63)/64)
	for _, hash := range all {
		for n := range bitsOfOne {
			bit := m.bit(hash, n)
			m[bit/64] |= 1 << (bit % 64)
		}
	}
	return m
}

// bit is the nth that stands for a hash.
func (m marks) bit(hash uint64, n int) uint64 {
	step := hash<<32 | 1<<32 // its lower half says how far the next one is
	bit, _ := bits.Mul64(hash+uint64(n)*step, uint64(len(m)*64))
	return bit
}

// have tells whether all of the hashes may have been marked.
func (m marks) have(all []uint64) bool {
	for _, hash := range all {
		if len(m) == 0 {
			return false
		}
		for n := range bitsOfOne {
			if bit := m.bit(hash, n); m[bit/64]&(1<<(bit%64)) == 0 {
				return false
			}
		}
	}
	return true
}

// wanted is a Word in the numbers of a view.
type wanted struct {
	hashes []uint64
	place  int32 // of its ticket, or -1
	number int64
}

func (a *all) wanted(words []Word) []wanted {
	var all []wanted
	for _, word := range words {
		one := wanted{a.hashes.sought(word), -1, word.Number}
		if place, known := a.places[word.ID]; known {
			one.place = place
		}
		all = append(all, one)
	}
	return all
}

// mayHave tells whether the ticket may have all that is wanted of words.
func (m *match) mayHave(place int32) bool {
	p := &m.pasts[place]
	for i := range m.words {
		w := &m.words[i]
		if !p.marks.have(w.hashes) && place != w.place && (w.number == 0 || p.number != w.number) {
			return false
		}
	}
	return true
}
