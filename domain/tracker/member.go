package tracker

import (
	"slices"

	"suivi/domain"
)

func setMember(t Tracker, c SetMember, facts Facts) ([]Event, error) {
	var problems domain.Problems
	checkMember("roles", c.Roles, slices.Contains(facts.UnknownUsers, c.User), &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	roles := inOrder(c.Roles)
	if slices.Equal(t.Members[c.User], roles) {
		return nil, nil
	}
	return []Event{MemberSet{c.User, roles}}, nil
}

// inOrder is the roles, each once, in the order of domain.Roles.
func inOrder(roles []domain.Role) []domain.Role {
	return slices.DeleteFunc(domain.Roles(), func(r domain.Role) bool { return !slices.Contains(roles, r) })
}

func checkMember(field string, roles []domain.Role, unknown bool, problems *domain.Problems) {
	if unknown {
		problems.Add(field, "unknown-user", "there is no such person")
	}
	if len(roles) == 0 {
		problems.Add(field, "required", "name at least one role; to take all away, delete the member")
	}
	for _, role := range roles {
		if !role.Valid() {
			problems.Add(field, "unknown-role", "one of %v, not %q", domain.Roles(), role)
		}
	}
}

func removeMember(t Tracker, c RemoveMember) ([]Event, error) {
	if _, ok := t.Members[c.User]; !ok {
		return nil, nil
	}
	return []Event{MemberRemoved(c)}, nil
}
