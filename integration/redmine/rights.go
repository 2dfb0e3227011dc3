package redmine

import (
	"context"
	"slices"
	"strings"
)

// Redmine's words for what a role permits.
const (
	viewIssues      = "view_issues"
	addIssues       = "add_issues"
	editIssues      = "edit_issues"
	addNotes        = "add_issue_notes"
	editNotes       = "edit_issue_notes"
	editOwnNotes    = "edit_own_issue_notes"
	privateNotes    = "set_notes_private"
	viewPrivate     = "view_private_notes"
	manageRelations = "manage_issue_relations"
	viewWatchers    = "view_issue_watchers"
	addWatchers     = "add_issue_watchers"
	deleteWatchers  = "delete_issue_watchers"
	deleteIssues    = "delete_issues"
)

// asShown are the words of Redmine's pages for them.
func asShown(permission string) string {
	switch permission {
	case editNotes:
		return "Edit notes"
	case privateNotes:
		return "Set notes as private"
	case viewPrivate:
		return "View private notes"
	case manageRelations:
		return "Manage issue relations"
	case viewWatchers:
		return "View watchers list"
	case addWatchers:
		return "Add watchers"
	case deleteWatchers:
		return "Delete watchers"
	case addNotes:
		return "Add notes"
	}
	words := strings.ReplaceAll(permission, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// rights are what the key's person may do in a project.
type rights struct {
	admin     bool
	roles     []Role
	assignees []int // members that an issue can be given to
	members   []Ref
}

func (r rights) have(permission string) bool {
	return r.admin || slices.ContainsFunc(r.roles, func(role Role) bool { return slices.Contains(role.Permissions, permission) })
}

// seeAll tells whether issues of others, and private ones, are seen.
func (r rights) seeAll() bool {
	return r.admin || slices.ContainsFunc(r.roles, func(role Role) bool { return role.Visibility == "all" || role.Visibility == "" })
}

func (r rights) roleNames() string {
	names := make([]string, len(r.roles))
	for i, role := range r.roles {
		names[i] = "“" + role.Name + "”"
	}
	return strings.Join(names, " and ")
}

// notPrivate tells why an internal note may not be sent: Redmine would store it for everybody. "" when it may.
func (r rights) notPrivate() string {
	for _, permission := range []string{privateNotes, viewPrivate} {
		if !r.have(permission) {
			return "the key's person may not “" + asShown(permission) + "”, and Redmine would make the note public"
		}
	}
	return ""
}

func (c *Client) rights(ctx context.Context, me User, project string) (rights, error) {
	r := rights{admin: me.Admin}
	members, err := c.Memberships(ctx, project)
	if err != nil {
		return r, err
	}
	roles := map[int]Role{}
	for _, member := range members {
		assignable := false
		for _, ref := range member.Roles {
			role, known := roles[ref.ID]
			if !known {
				if role, err = c.Role(ctx, ref.ID); err != nil {
					return r, err
				}
				roles[ref.ID] = role
			}
			assignable = assignable || role.Assignable
			if member.User.ID == me.ID {
				r.roles = append(r.roles, role)
			}
		}
		if member.User.ID == 0 {
			continue // a group; its people are listed as well
		}
		r.members = append(r.members, member.User)
		if assignable {
			r.assignees = append(r.assignees, member.User.ID)
		}
	}
	return r, nil
}
