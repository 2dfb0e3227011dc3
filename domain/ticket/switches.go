package ticket

import (
	"suivi/domain"
	"suivi/domain/tracker"
)

// checkSwitches refuses what the tracker has switched off, whoever asks: in an
// archived one everything.
func checkSwitches(in tracker.Tracker, command Command) error {
	if in.Archived {
		return tracker.ErrArchived(in.Key)
	}
	if in.CommentsOff && comments(command) {
		return domain.Errorf(domain.Refused, "comments-disabled", "the tracker %s takes no comments", in.Key)
	}
	return nil
}

// comments tells whether the command adds a comment.
func comments(command Command) bool {
	switch c := command.(type) {
	case Comment:
		return true
	case ChangeState:
		return c.Comment != ""
	case Cascade:
		return c.Comment != ""
	}
	return false
}
