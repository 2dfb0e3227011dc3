package ui

import (
	"slices"
	"strings"

	"suivi/accounts"
	"suivi/domain/dependency"
	"suivi/domain/library"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// auditKind is a kind of events as people think of them: stored names, or their beginnings;
// or of deeds in the accounts.
type auditKind struct {
	name   string
	begins []string
	deeds  []accounts.DeedKind
}

// auditKinds are all kinds; a test sees to it that every event and every deed is of one.
func auditKinds() []auditKind {
	return []auditKind{
		{name: "posted", begins: []string{"ticket.posted.", "ticket.branched."}},
		{name: "state", begins: []string{"ticket.state_changed."}},
		{name: "assignee", begins: []string{"ticket.assigned.", "ticket.unassigned."}},
		{name: "text", begins: []string{"ticket.edited.", "ticket.resolution_written."}},
		{name: "comment", begins: []string{"ticket.commented.", "ticket.comment_"}},
		{name: "note", begins: []string{"ticket.note_"}},
		{name: "file", begins: []string{"ticket.file_"}},
		{name: "watch", begins: []string{"ticket.watched.", "ticket.unwatched."}},
		{name: "dependency", begins: []string{"dependencies."}},
		{name: "priority", begins: []string{"ticket.ranked.", "ticket.raise_"}},
		{name: "move", begins: []string{"ticket.moved."}},
		{name: "cascade", begins: []string{"ticket.cascade"}},
		{name: "mirror", begins: []string{"ticket.mirror", "ticket.unmirrored.", "tracker.mirror_"}},
		{name: "deletion", begins: []string{"ticket.deleted.", "ticket.undeleted."}},
		{name: "settings", begins: []string{"tracker.created.", "tracker.configured.", "tracker.archived.", "tracker.unarchived.", "hierarchy."}},
		{name: "members", begins: []string{"tracker.member_"}},
		{name: "rights", begins: []string{"tracker.rights_", "tracker.rules_"}},
		{name: "fields", begins: []string{"tracker.field", "field."}},
		{name: "accounts", deeds: []accounts.DeedKind{
			accounts.Created, accounts.Invited, accounts.InvitationAccepted, accounts.Changed, accounts.AdminGiven, accounts.AdminTaken,
			accounts.Disabled, accounts.Enabled, accounts.SetUp,
		}},
		{name: "access", deeds: []accounts.DeedKind{accounts.PasswordSet, accounts.PasswordReplaced, accounts.TokenMade, accounts.TokenRevoked}},
		{name: "sign-ins", deeds: accounts.SignInKinds()},
		{name: "secrets", deeds: []accounts.DeedKind{accounts.SecretSet, accounts.SecretAllowed, accounts.SecretRemoved}},
		{name: "site", deeds: []accounts.DeedKind{accounts.SiteChanged}},
	}
}

func (p *page) auditKinds(chosen string) []choice {
	var all []choice
	for _, k := range auditKinds() {
		all = append(all, choice{Value: k.name, Label: p.say("kind." + k.name), Chosen: k.name == chosen})
	}
	return all
}

// kindOf is the kind of the name; the zero one when there is none.
func kindOf(name string) auditKind {
	i := slices.IndexFunc(auditKinds(), func(k auditKind) bool { return k.name == name })
	if i < 0 {
		return auditKind{}
	}
	return auditKinds()[i]
}

// typesOf are the stored names of the events of a kind; none for one that there is not.
func typesOf(kind string) []string {
	begins := kindOf(kind).begins
	return slices.DeleteFunc(slices.Concat(ticket.Types(), dependency.Types(), tracker.Types(), library.Types()), func(name string) bool {
		return !slices.ContainsFunc(begins, func(begin string) bool { return strings.HasPrefix(name, begin) })
	})
}
