package redmine

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
)

// A Redmine on SQLite gives the number of a journal that is gone to the next one, and that
// of a file. So a journal is known by its number and the second when it was made, and a file by its number
// and the journal that added it, which stays. Parts from before that was so have a number alone: they
// stand for it until the same number is known with more.

const withMore = "@"

// key names the journal among all that ever were.
func (j Journal) key() string { return momentAt(j).String() }

// moment is a place in the history of an issue: all journals up to a number, and to a second. Of
// journals that are there at the same time the later one has the higher number.
type moment struct {
	journal int
	second  int64 // 0: not known
}

func momentAt(j Journal) moment { return moment{j.ID, j.CreatedOn.Unix()} }

// momentOf reads what String writes.
func momentOf(text string) moment {
	number, second, _ := strings.Cut(text, withMore)
	var m moment
	m.journal, _ = strconv.Atoi(number)
	m.second, _ = strconv.ParseInt(second, 10, 64)
	return m
}

func (m moment) String() string {
	if m.second == 0 {
		return strconv.Itoa(m.journal)
	}
	return strconv.Itoa(m.journal) + withMore + strconv.FormatInt(m.second, 10)
}

// had tells whether the journal was there by then.
func (m moment) had(j Journal) bool { return m.covers(momentAt(j)) }

// covers tells whether the other moment was then or before.
func (m moment) covers(other moment) bool {
	return other.journal <= m.journal && (m.second == 0 || other.second <= m.second)
}

// now is the moment when all journals are there that are; before the first there is none.
func (a *aligner) now() moment { return momentAfter(a.issue.Journals) }

// momentAfter is the moment after the journals, which are in the order of their numbers. Where several write at a
// time, their seconds may be in another one.
func momentAfter(journals []Journal) (m moment) {
	for i, j := range journals {
		if m.journal = j.ID; i == 0 || j.CreatedOn.Unix() > m.second {
			m.second = j.CreatedOn.Unix()
		}
	}
	return m
}

// knows tells whether the part of the kind is known of the journal.
func (a *aligner) knows(kind string, j Journal) bool {
	return a.Twin.Has(kind+j.key()) || a.Twin.Has(partID(kind, j.ID)) && a.isNamed(kind, strconv.Itoa(j.ID), j)
}

// isNamed tells whether the name in a part of the kind is that of the journal.
func (a *aligner) isNamed(kind, name string, j Journal) bool {
	return name == j.key() || name == strconv.Itoa(j.ID) && !slices.ContainsFunc(a.Twin.Parts, func(p ticket.Part) bool {
		return strings.HasPrefix(p.ID, kind+name+withMore)
	})
}

// adder is the journal before the given one that added the file with the number; 0: it came with the issue.
func (i Issue) adder(file, before int) int {
	return i.last(before, func(d Detail) bool { return d.Property == "attachment" && d.Name == strconv.Itoa(file) && d.New != "" })
}

// last is the last journal before the given one that has such a detail; 0: none has.
func (i Issue) last(before int, is func(Detail) bool) int {
	for _, j := range slices.Backward(i.Journals) {
		if j.ID < before && slices.ContainsFunc(j.Details, is) {
			return j.ID
		}
	}
	return 0
}

// fileKey names the issue's file with the number among all that ever were.
func (i Issue) fileKey(file int) string {
	return strconv.Itoa(file) + withMore + strconv.Itoa(i.adder(file, math.MaxInt))
}

// fileOf is which file here the attachment is known to be; "": none.
func (a *aligner) fileOf(f Attachment) domain.AttachmentID {
	return a.fileNamed(f.ID, a.issue.adder(f.ID, math.MaxInt))
}

// fileNamed is which file here the one is known to be that has or had the number, and was added by the journal.
func (a *aligner) fileNamed(file, adder int) domain.AttachmentID {
	number := partID(filePart, file)
	more := false
	for _, p := range slices.Backward(a.Twin.Parts) {
		switch {
		case p.ID == number+withMore+strconv.Itoa(adder), p.ID == number && !more:
			return p.Attachment
		case strings.HasPrefix(p.ID, number+withMore):
			more = true
		}
	}
	return ""
}
