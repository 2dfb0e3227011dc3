package tracker

import (
	"slices"

	"suivi/domain"
)

func setRights(t Tracker, c SetRights) ([]Event, error) {
	if !c.Role.Valid() {
		return nil, errNoRole(c.Role)
	}
	var problems domain.Problems
	checkRights("granted", c.Granted, &problems)
	checkRights("revoked", c.Revoked, &problems)
	for _, right := range c.Granted {
		if slices.Contains(c.Revoked, right) {
			problems.Add("revoked", "also-granted", "%q is granted and revoked at once", right)
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	wanted, now := domain.RightChanges{Granted: rightsInOrder(c.Granted), Revoked: rightsInOrder(c.Revoked)}, t.RoleRights[c.Role]
	switch {
	case len(wanted.Granted)+len(wanted.Revoked) == 0:
		return resetRights(t, ResetRights{c.Role})
	case slices.Equal(wanted.Granted, now.Granted) && slices.Equal(wanted.Revoked, now.Revoked):
		return nil, nil
	}
	return []Event{RightsSet{c.Role, wanted}}, nil
}

func resetRights(t Tracker, c ResetRights) ([]Event, error) {
	if !c.Role.Valid() {
		return nil, errNoRole(c.Role)
	}
	if _, changed := t.RoleRights[c.Role]; !changed {
		return nil, nil
	}
	return []Event{RightsReset(c)}, nil
}

func errNoRole(role domain.Role) error {
	return domain.Errorf(domain.NotFound, "role-not-found", "there is no role %q: one of %v", role, domain.Roles())
}

func checkRights(field string, rights []domain.Right, problems *domain.Problems) {
	for _, right := range rights {
		if !right.Valid() {
			problems.Add(field, "unknown-right", "one of %v, not %q", domain.Rights(), right)
		}
	}
}

// rightsInOrder is the rights, each once, in the order of domain.Rights.
func rightsInOrder(rights []domain.Right) []domain.Right {
	ordered := slices.DeleteFunc(domain.Rights(), func(r domain.Right) bool { return !slices.Contains(rights, r) })
	if len(ordered) == 0 {
		return nil
	}
	return ordered
}
