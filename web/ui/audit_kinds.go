package ui

import (
	"slices"
	"strings"

	"suivi/domain/dependency"
	"suivi/domain/library"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// auditKind is a kind of events as people think of them: stored names, or their beginnings.
type auditKind struct {
	name   string
	begins []string
}

// auditKinds are all kinds; a test sees to it that every event is of one.
func auditKinds() []auditKind {
	return []auditKind{
		{"posted", []string{"ticket.posted.", "ticket.branched."}},
		{"state", []string{"ticket.state_changed."}},
		{"assignee", []string{"ticket.assigned.", "ticket.unassigned."}},
		{"text", []string{"ticket.edited.", "ticket.resolution_written."}},
		{"comment", []string{"ticket.commented.", "ticket.comment_"}},
		{"note", []string{"ticket.note_"}},
		{"file", []string{"ticket.file_"}},
		{"watch", []string{"ticket.watched.", "ticket.unwatched."}},
		{"dependency", []string{"dependencies."}},
		{"priority", []string{"ticket.ranked.", "ticket.raise_"}},
		{"move", []string{"ticket.moved."}},
		{"cascade", []string{"ticket.cascade"}},
		{"mirror", []string{"ticket.mirror", "ticket.unmirrored.", "tracker.mirror_"}},
		{"deletion", []string{"ticket.deleted.", "ticket.undeleted."}},
		{"settings", []string{"tracker.created.", "tracker.configured.", "tracker.archived.", "tracker.unarchived.", "hierarchy."}},
		{"members", []string{"tracker.member_"}},
		{"rights", []string{"tracker.rights_", "tracker.rules_"}},
		{"fields", []string{"tracker.field", "field."}},
	}
}

func (p *page) auditKinds(chosen string) []choice {
	var all []choice
	for _, k := range auditKinds() {
		all = append(all, choice{Value: k.name, Label: p.say("kind." + k.name), Chosen: k.name == chosen})
	}
	return all
}

// typesOf are the stored names of the events of a kind; none for one that there is not.
func typesOf(kind string) []string {
	i := slices.IndexFunc(auditKinds(), func(k auditKind) bool { return k.name == kind })
	if i < 0 {
		return nil
	}
	begins := auditKinds()[i].begins
	return slices.DeleteFunc(slices.Concat(ticket.Types(), dependency.Types(), tracker.Types(), library.Types()), func(name string) bool {
		return !slices.ContainsFunc(begins, func(begin string) bool { return strings.HasPrefix(name, begin) })
	})
}
