package ui

import (
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// rightsView is what each role may do: the mode's preset, and what differs from it.
type rightsView struct {
	settingsFrame

	Mode  string
	Roles []rightsRole
	Rows  []rightsRow
}

// rightsRole is the head of a column.
type rightsRole struct {
	Role    domain.Role
	Label   string
	Differs bool // from the preset
}

type rightsRow struct {
	Right domain.Right
	Label string
	Cells []rightsCell
}

type rightsCell struct {
	Name    string
	Label   string // role and right in words
	Holds   bool
	Differs bool
}

func rightsPage(p *page, in configured) error {
	return p.showRights(in, func(role domain.Role, right domain.Right) bool {
		return in.Policy().Holds([]domain.Role{role}, right)
	}, nil, nil)
}

// changeRights takes each cell that is not as the preset for a difference. With a role
// in "reset" it brings the preset of that role back instead.
func changeRights(p *page, in configured) error {
	return p.withForm(func(f *form) error {
		ticked := func(role domain.Role, right domain.Right) bool {
			return slices.Contains(f.Values["right."+string(role)], string(right))
		}
		c := change{
			form: f, address: settingsPath(in.Key, "rights"), said: "edited",
			again: func(wrong *Complaint, err error) error { return p.showRights(in, ticked, wrong, err) },
		}
		if role := f.Get("reset"); role != "" {
			c.all, c.said = []tracker.Command{tracker.ResetRights{Role: domain.Role(role)}}, "reset"
			return p.configure(in, c)
		}
		for _, role := range domain.Roles() {
			wanted := rightChanges(in.Mode, role, ticked)
			if now := in.RoleRights[role]; !slices.Equal(wanted.Granted, now.Granted) || !slices.Equal(wanted.Revoked, now.Revoked) {
				c.all = append(c.all, tracker.SetRights{Role: role, RightChanges: wanted})
			}
		}
		return p.configure(in, c)
	})
}

func rightChanges(mode domain.Mode, role domain.Role, holds func(domain.Role, domain.Right) bool) domain.RightChanges {
	var c domain.RightChanges
	preset := domain.Policy{Mode: mode}
	for _, right := range domain.Rights() {
		switch before, after := preset.Holds([]domain.Role{role}, right), holds(role, right); {
		case after && !before:
			c.Granted = append(c.Granted, right)
		case before && !after:
			c.Revoked = append(c.Revoked, right)
		}
	}
	return c
}

func (p *page) showRights(in configured, holds func(domain.Role, domain.Right) bool, wrong *Complaint, failure error) error {
	frame, _, err := p.settings(in, "rights", wrong)
	if err != nil {
		return err
	}
	v := rightsView{settingsFrame: frame, Mode: p.say("mode." + string(in.Mode))}
	for _, role := range domain.Roles() {
		_, differs := in.RoleRights[role]
		v.Roles = append(v.Roles, rightsRole{role, p.say("role." + string(role)), differs})
	}
	preset := domain.Policy{Mode: in.Mode}
	for _, right := range domain.Rights() {
		row := rightsRow{Right: right, Label: p.say("right." + string(right))}
		for _, role := range v.Roles {
			is := holds(role.Role, right)
			row.Cells = append(row.Cells, rightsCell{
				Name: "right." + string(role.Role), Label: p.say("rights.cell", "role", role.Label, "right", row.Label),
				Holds: is, Differs: is != preset.Holds([]domain.Role{role.Role}, right),
			})
		}
		v.Rows = append(v.Rows, row)
	}
	return p.answer(p.statusOf(failure), "settings-rights", v)
}
