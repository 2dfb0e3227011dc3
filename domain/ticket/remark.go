package ticket

import (
	"crypto/sha256"
	"slices"

	"suivi/domain"
)

// Remark is what decisions ask about a comment or an internal note: not its text, of which the
// digest is enough.
type Remark struct {
	Author  domain.UserID
	Digest  [sha256.Size]byte
	Deleted bool
	Copied  CopiedFrom
}

// CopiedFrom is a comment at the other end of a link; zero: it was said here.
type CopiedFrom struct {
	Link    string
	Comment int
}

func newRemark(author domain.UserID, body string) Remark {
	return Remark{Author: author, Digest: sha256.Sum256([]byte(body))}
}

func (in Inner) commented(e Commented, meta domain.Meta) Inner {
	author, _ := e.Said(meta)
	said := newRemark(author, e.Body)
	if e.Copied != nil {
		said.Copied = CopiedFrom{e.Copied.Link, e.Copied.Comment}
		if in.CopyOf.Link == e.Copied.Link {
			in.CopyOf.Comments = max(in.CopyOf.Comments, e.Copied.Comment)
		}
	}
	in.Comments = append(slices.Clip(in.Comments), said)
	return in
}

func (r Remark) says(body string) bool { return r.Digest == sha256.Sum256([]byte(body)) }

// remark is the one of the number, which counts from 1.
func remark(all []Remark, n int) (Remark, bool) {
	if n < 1 || n > len(all) {
		return Remark{}, false
	}
	return all[n-1], true
}

func reworded(all []Remark, n int, body string) []Remark {
	return changed(all, n, func(r *Remark) { r.Digest = sha256.Sum256([]byte(body)) })
}

func withdrawn(all []Remark, n int) []Remark {
	return changed(all, n, func(r *Remark) { r.Deleted = true })
}

// changed leaves what is not there alone: projections fold on from rows, which have no remarks.
func changed(all []Remark, n int, change func(*Remark)) []Remark {
	if n < 1 || n > len(all) {
		return all
	}
	all = slices.Clone(all)
	change(&all[n-1])
	return all
}
