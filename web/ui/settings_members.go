package ui

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
)

// membersView is who belongs to a tracker, and in which roles.
type membersView struct {
	settingsFrame

	Roles  []choice
	Rows   []memberRow
	Count  int
	More   bool // there are more members than the page shows
	Search string
	Add    addView
}

type memberRow struct {
	Person personView
	Was    string // the roles that the page was made with
	Roles  []choice
	Wrong  bool
}

// addView is the form that adds a member.
type addView struct {
	Who     string
	Roles   []choice
	Found   []choice // whom the words may mean, where they mean several
	Wrong   string
	NoRoles string
}

// mostMembers is how many members the page shows at once.
const mostMembers = 100

func membersPage(p *page, in configured) error {
	return p.showMembers(in, url.Values{}, addView{Roles: p.roleChoices(domain.Reporter)}, nil, nil)
}

func (p *page) roleChoices(chosen ...domain.Role) []choice {
	var choices []choice
	for _, role := range domain.Roles() {
		choices = append(choices, choice{Value: string(role), Label: p.say("role." + string(role)), Chosen: slices.Contains(chosen, role)})
	}
	return choices
}

// changeMembers changes the rows whose roles are others than those that the form was
// made with, so that two who change different rows do not undo each other.
func changeMembers(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		c := change{
			form: f, address: settingsPath(in.Key, "members"), said: "members-changed",
			again: func(wrong *Complaint, err error) error {
				return p.showMembers(in, f.Values, addView{Roles: p.roleChoices(domain.Reporter)}, wrong, err)
			},
		}
		if f.Get("q") != "" {
			c.address += "?q=" + url.QueryEscape(f.Get("q"))
		}
		if gone := f.Get("remove"); gone != "" {
			c.all = []tracker.Command{tracker.RemoveMember{User: domain.UserID(gone)}}
			return p.configure(in, c)
		}
		for _, id := range f.Values["member"] {
			roles := f.Values["role."+id]
			if strings.Join(roles, ",") != f.Get("was."+id) {
				c.all = append(c.all, tracker.SetMember{User: domain.UserID(id), Roles: rolesOf(roles)})
			}
		}
		return p.configure(in, c)
	})
}

func rolesOf(texts []string) []domain.Role {
	roles := make([]domain.Role, len(texts))
	for i, text := range texts {
		roles[i] = domain.Role(text)
	}
	return roles
}

// addMember adds whom the form means: by a choice, by an e-mail address or by a name.
func addMember(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		roles := rolesOf(f.Values["role"])
		add := addView{Who: f.Get("who"), Roles: p.roleChoices(roles...)}
		id := domain.UserID(f.Get("person"))
		if id == "" {
			var err error
			if id, err = p.meant(&add, in.Tracker); err != nil || id == "" {
				return p.showMembers(in, url.Values{}, add, nil, err)
			}
		}
		if len(roles) > 0 {
			roles = append(roles, in.Members[id]...)
		}
		return p.configure(in, change{
			form: f, address: settingsPath(in.Key, "members"), said: "member-added",
			all: []tracker.Command{tracker.SetMember{User: id, Roles: roles}},
			again: func(wrong *Complaint, err error) error {
				add.NoRoles, add.Wrong = wrong.Of("roles"), wrong.Of("user")
				return p.showMembers(in, url.Values{}, add, wrong, err)
			},
		})
	})
}

// mostFound is how many people are offered for a name.
const mostFound = 20

// meant is the one person whom the words mean; "" where they mean nobody, or several,
// who are then offered.
func (p *page) meant(add *addView, in tracker.Tracker) (domain.UserID, error) {
	found, err := p.cfg.Accounts.Named(p.ctx(), add.Who, mostFound)
	if err != nil {
		return "", err
	}
	switch len(found) {
	case 0:
		var problems domain.Problems
		problems.Add("user", "unknown-user", "there is no such person")
		add.Wrong = p.say("members.nobody")
		return "", problems.Err()
	case 1:
		return found[0].ID, nil
	}
	for _, one := range found {
		label := one.Name
		if len(in.Members[one.ID]) > 0 {
			label = p.say("members.already", "name", one.Name)
		}
		add.Found = append(add.Found, choice{Value: string(one.ID), Label: label})
	}
	return "", nil
}

func (p *page) showMembers(in configured, typed url.Values, add addView, wrong *Complaint, failure error) error {
	frame, _, err := p.settings(in, "members", wrong)
	if err != nil {
		return err
	}
	v := membersView{settingsFrame: frame, Roles: p.roleChoices(), Count: len(in.Members), Search: p.query().Get("q"), Add: add}
	if typed.Has("q") {
		v.Search = typed.Get("q")
	}
	shown, err := p.people(p.ctx(), slices.Collect(maps.Keys(in.Members))...)
	if err != nil {
		return err
	}
	all := slices.SortedFunc(maps.Values(shown), byNameThenID)
	for _, one := range all {
		if !strings.Contains(strings.ToLower(one.Name), strings.ToLower(v.Search)) {
			continue
		}
		if v.More = len(v.Rows) == mostMembers; v.More {
			break
		}
		v.Rows = append(v.Rows, p.memberRow(one, in.Members[one.ID], typed))
	}
	return p.answer(p.statusOf(failure), "settings-members", v)
}

func byNameThenID(a, b personView) int {
	if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
		return c
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

func (p *page) memberRow(one personView, roles []domain.Role, typed url.Values) memberRow {
	row := memberRow{Person: one, Roles: p.roleChoices(roles...)}
	var was []string
	for _, role := range roles {
		was = append(was, string(role))
	}
	row.Was = strings.Join(was, ",")
	if slices.Contains(typed["member"], string(one.ID)) {
		row.Roles = p.roleChoices(rolesOf(typed["role."+string(one.ID)])...)
		row.Wrong = len(typed["role."+string(one.ID)]) == 0
	}
	return row
}
