package ticket

import (
	"slices"

	"suivi/domain"
)

// Mirrored says that a tool has a twin of the ticket.
type Mirrored struct {
	Tool string `json:"tool"`
	Site string `json:"site"` // the base URL of the tool
	ID   string `json:"id"`   // the twin's, there
	URL  string `json:"url"`  // of its page
}

// MirrorMatched says which parts of the twin are which of the ticket.
type MirrorMatched struct {
	Tool  string `json:"tool"`
	ID    string `json:"id"` // the twin's
	Parts []Part `json:"parts"`
}

// MirrorRefused says that something which was done to the twin could not be done to the ticket.
type MirrorRefused struct {
	Tool   string `json:"tool"`
	ID     string `json:"id"`     // the twin's
	Change string `json:"change"` // its outside id
	Code   string `json:"code"`   // of the refusal
	Reason string `json:"reason"`
}

// Unmirrored says that the ticket and its twin have nothing to do with each other any more.
type Unmirrored struct {
	Tool string   `json:"tool"`
	ID   string   `json:"id"` // the twin's
	Why  Unmirror `json:"why"`
	// Gone tells that the twin is no longer there. Else it may be found again, with what it has.
	Gone bool `json:"gone,omitempty"`
}

// Unmirror is why a twin is followed no longer.
type Unmirror string

// The reasons.
const (
	TicketDeleted Unmirror = "deleted" // the ticket was
	TicketLeft    Unmirror = "left"    // it was moved to where there is no such mirror
	TwinLost      Unmirror = "lost"    // the twin is gone on the other side
)

// Part is a part of a twin, with what it is on the ticket: a comment, an internal note
// or a file. With none of them it is a change that is known on both sides already. One
// that has ended is known no longer.
type Part struct {
	ID         string              `json:"id"` // of the part, outside
	Comment    int                 `json:"comment,omitempty"`
	Note       int                 `json:"note,omitempty"`
	Attachment domain.AttachmentID `json:"attachment,omitempty"`
	Ended      bool                `json:"ended,omitempty"`
}

func (Mirrored) ticketEvent() string      { return mirroredV1 }
func (MirrorMatched) ticketEvent() string { return mirrorMatchedV1 }
func (MirrorRefused) ticketEvent() string { return mirrorRefusedV1 }
func (Unmirrored) ticketEvent() string    { return unmirroredV1 }

// OfMirror tells whether the event is bookkeeping between a ticket and its twin. It
// occurs when the program gets to it, also amid an import of years ago: so it is no
// part of when the ticket was last changed, nor of how it was at a moment.
func OfMirror(event Event) bool {
	switch event.(type) {
	case Mirrored, MirrorMatched, MirrorRefused, Unmirrored:
		return true
	}
	return false
}

// Twin is what the ticket knows of its twin in a tool.
type Twin struct {
	Tool, Site, ID, URL string
	Parts               []Part // in the order in which they came to be known
	Left                bool   // it is followed no longer
}

// Twin is that in the tool, if there is one.
func (in Inner) Twin(tool string) (Twin, bool) {
	i := slices.IndexFunc(in.Twins, func(t Twin) bool { return t.Tool == tool && !t.Left })
	if i < 0 {
		return Twin{}, false
	}
	return in.Twins[i], true
}

// Has tells whether the part is known.
func (t Twin) Has(part string) bool {
	return slices.ContainsFunc(t.Parts, func(p Part) bool { return p.ID == part })
}

// With is the twin with more parts that are known, without those that have ended.
func (t Twin) With(parts ...Part) Twin {
	t.Parts = slices.Clip(t.Parts)
	for _, part := range parts {
		if part.Ended {
			t.Parts = slices.DeleteFunc(slices.Clone(t.Parts), func(p Part) bool { return p.ID == part.ID })
			continue
		}
		t.Parts = append(t.Parts, part)
	}
	return t
}

// Of is the part that the comment, note or file is; p.ID does not count.
func (t Twin) Of(p Part) (Part, bool) {
	i := slices.IndexFunc(t.Parts, func(known Part) bool { return p.Something() && known.of() == p.of() })
	if i < 0 {
		return Part{}, false
	}
	return t.Parts[i], true
}

func (p Part) of() Part { p.ID = ""; return p }

// Something tells whether the part is something of the ticket.
func (p Part) Something() bool { return p.of() != Part{} }

// mirrored takes in an event of a mirror.
func (in Inner) mirrored(event Event) Inner {
	in.Twins = slices.Clone(in.Twins)
	find := func(is func(Twin) bool) int { return slices.IndexFunc(in.Twins, is) }
	switch e := event.(type) {
	case Mirrored:
		i := find(func(t Twin) bool { return t.Tool == e.Tool && t.Site == e.Site && t.ID == e.ID })
		if i < 0 {
			in.Twins = append(in.Twins, Twin{Tool: e.Tool, Site: e.Site, ID: e.ID})
			i = len(in.Twins) - 1
		}
		in.Twins[i].URL, in.Twins[i].Left = e.URL, false
	case MirrorMatched:
		if i := find(func(t Twin) bool { return t.Tool == e.Tool && t.ID == e.ID && !t.Left }); i >= 0 {
			in.Twins[i] = in.Twins[i].With(e.Parts...)
		}
	case Unmirrored:
		if i := find(func(t Twin) bool { return t.Tool == e.Tool && t.ID == e.ID && !t.Left }); i >= 0 {
			in.Twins[i].Left = true
			if e.Gone {
				in.Twins = slices.Delete(in.Twins, i, i+1)
			}
		}
	}
	return in
}
