package tracker

import "suivi/domain"

// BackReport is what becomes of a ticket that was sent to the parent tracker when
// its copy there moves on. The zero one is ReportInform.
type BackReport string

// The two ways to report.
const (
	ReportInform  BackReport = "inform"  // its history tells
	ReportResolve BackReport = "resolve" // it also closes with its copy, and takes over the resolution
)

// Valid tells whether r is one of the two ways.
func (r BackReport) Valid() bool { return r == ReportInform || r == ReportResolve }

// Reports is the tracker's way to report.
func (t Tracker) Reports() BackReport {
	if t.BackReport == "" {
		return ReportInform
	}
	return t.BackReport
}

// What follows is, with CheckChange, all there is about the state transferred:
// a cascade leads to it from every other, and only the end of its link, or its
// copy's end, leads out of it.

// CheckCascade tells why a ticket in the state cannot be sent to the parent, or
// nil. The zero parent is none.
func (t Tracker) CheckCascade(from State, parent Tracker) error {
	switch {
	case from == Transferred:
		return domain.Errorf(domain.Refused, "no-change", "the ticket is already %s", Transferred)
	case !parent.Exists():
		return domain.Errorf(domain.Refused, "no-parent", "the tracker %s stands below no other", t.Key)
	case parent.Archived:
		return ErrArchived(parent.Key)
	}
	return nil
}

// Reopened is the state of a ticket whose link has ended: open, where that is used.
func (t Tracker) Reopened() State {
	if t.Enabled(Open) {
		return Open
	}
	return Posted
}

// Follows is the state that a ticket takes when its copy has come to another one,
// "" for none. It is asked for a ticket that its link alone has moved: it is
// transferred, or was closed with its copy.
func (t Tracker) Follows(now, copied State) State {
	to := Transferred // the copy is worked on, again
	switch copied {
	case Resolved, Validated:
		to = Resolved
	case Abandoned:
		to = Abandoned
	case Transferred:
		return "" // it went further up, where its own copy is worked on
	case Posted, Open, Working, Blocked, Waiting, Testing, Published:
	}
	if t.Reports() != ReportResolve || to == now || to != Transferred && !t.Enabled(to) {
		return ""
	}
	return to
}
