package redmine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// checker gathers what is wrong with a mirror.
type checker struct {
	at       mirror.Place
	client   *Client
	me       User
	rights   rights
	project  Project
	fields   []CustomField // empty: the key's person may not list them
	problems []mirror.Problem
}

func (c *checker) say(code, where, mend, detail string, args ...any) {
	c.problems = append(c.problems, mirror.Problem{Code: code, Where: where, Detail: fmt.Sprintf(detail, args...), Mend: mend})
}

// Check tells all that is wrong with a mirror and how to mend it. It only reads.
func (*Tool) Check(ctx context.Context, at mirror.Place) ([]mirror.Problem, error) {
	client, err := NewClient(at.Mirror.Site, at.Secret.Reveal())
	c := &checker{at: at, client: client}
	if err != nil {
		c.say("bad-site", "site", "Write the address that people see, as https://redmine.example.org.", "%v", err)
		return c.problems, nil
	}
	for _, step := range []func(context.Context) (goOn bool, err error){c.checkKey, c.checkProject, c.checkRights, c.checkFixed, c.checkStates, c.checkFields, c.checkPeople, c.checkHearing} {
		if goOn, err := step(ctx); err != nil || !goOn {
			return c.problems, err
		}
	}
	return c.problems, nil
}

func (c *checker) checkKey(ctx context.Context) (bool, error) {
	var err error
	c.me, err = c.client.Me(ctx)
	switch e := asError(err); {
	case err == nil:
		return true, nil
	case e == nil:
		return false, err
	case e.Status == http.StatusUnauthorized:
		c.say("key-refused", "secret", "Sign in to Redmine as the person whom Suivi acts as, show the API access key under “My account”, and set it as the secret.",
			"Redmine does not take the API key: it is wrong or old, or its person is locked.")
	case e.Status == http.StatusForbidden:
		c.say("rest-off", "site", "In Redmine: Administration → Settings → API → “Enable REST web service”.", "Redmine's REST API is switched off.")
	case isMissing(err), e.Status >= 300 && e.Status < 400:
		c.say("not-redmine", "site", "Write the address that people see, with the path if there is one.", "There is no Redmine at %s: %v", c.at.Mirror.Site, err)
	default:
		return false, err
	}
	return false, nil
}

func (c *checker) checkProject(ctx context.Context) (bool, error) {
	var err error
	c.project, err = c.client.Project(ctx, c.at.Mirror.Project)
	switch {
	case isMissing(err), hasStatus(err, http.StatusForbidden):
		c.say("project-missing", "project", "Write the project's identifier, which stands in its address, and make the key's person a member of it.",
			"There is no project %s, or %s does not see it.", c.at.Mirror.Project, c.me.Name())
		return false, nil
	case err != nil:
		return false, err
	}
	if c.project.Status > 1 {
		c.say("project-closed", "project", "Open it again in Redmine.", "The project %s is closed or archived.", c.project.Name)
	}
	c.rights, err = c.client.rights(ctx, c.me, c.at.Mirror.Project)
	if hasStatus(err, http.StatusForbidden) {
		c.say("right-missing", "secret", "Make the key's person a member of the project.", "%s may not see who is a member of the project %s.", c.me.Name(), c.project.Name)
		return false, nil
	}
	return err == nil, err
}

func (c *checker) checkRights(context.Context) (bool, error) {
	if !c.me.Admin && len(c.rights.roles) == 0 {
		c.say("not-a-member", "secret", "In Redmine: the project's Settings → Members → add them, with a role that may do what is needed.",
			"%s is no member of the project %s.", c.me.Name(), c.project.Name)
		return false, nil
	}
	for _, permission := range c.needed() {
		if !c.rights.have(permission) {
			c.say("right-missing", "secret", "In Redmine: Administration → Roles and permissions → "+c.rights.roleNames()+" → tick “"+asShown(permission)+"”.",
				"%s may not “%s” in the project %s.", c.me.Name(), asShown(permission), c.project.Name)
		}
	}
	if !c.rights.seeAll() {
		c.say("sees-too-little", "secret", "In Redmine: Administration → Roles and permissions → "+c.rights.roleNames()+" → Issues visibility: “All issues”.",
			"%s does not see all issues of the project %s, so that an issue could be made twice.", c.me.Name(), c.project.Name)
	}
	return true, nil
}

// needed are the permissions that the mirror takes.
func (c *checker) needed() []string {
	needed := []string{viewIssues, addIssues, editIssues, addNotes, editNotes, manageRelations, viewWatchers, addWatchers, deleteWatchers}
	switch {
	case c.at.Mirror.Notes:
		needed = append(needed, privateNotes, viewPrivate)
	case c.at.Mirror.Direction == tracker.BothWays: // what is said privately there would not be heard
		needed = append(needed, viewPrivate)
	}
	if c.at.Mirror.Deletion == tracker.DeleteTwin {
		needed = append(needed, deleteIssues)
	}
	return needed
}

func (c *checker) checkStates(ctx context.Context) (bool, error) {
	statuses, err := c.client.Statuses(ctx)
	if err != nil {
		return false, err
	}
	closes := false
	for _, state := range tracker.States() {
		where := "states." + string(state)
		text, mapped := c.at.Mirror.States[state]
		if !mapped {
			if c.at.Tracker.Enabled(state) {
				c.say("state-unmapped", where, "Choose a status for it: "+offer(statuses)+".", "The state “%s” has no status in Redmine: an issue would stay as it was.", state.DefaultLabel().EN)
			}
			continue
		}
		id, _ := number(text)
		i := slices.IndexFunc(statuses, func(s Status) bool { return s.ID == id })
		switch {
		case i < 0:
			c.say("status-unknown", where, "Choose one of "+offer(statuses)+".", "Redmine has no status %q.", text)
		case statuses[i].Closed && state.List() == tracker.OpenList:
			c.say("status-closed", where, "Choose an open status.", "The state “%s” is open and the status “%s” is closed: the issue would look finished.", state.DefaultLabel().EN, statuses[i].Name)
		case statuses[i].Closed:
			closes = true
		}
	}
	if c.at.Mirror.Deletion == tracker.CloseTwin && !closes {
		c.say("nothing-closes", "deletion", "Map Abandoned to a closed status.", "Issues of deleted tickets are to be closed, and no state is mapped to a closed status.")
	}
	return true, nil
}

// offer lists what there is to choose from.
func offer[T interface{ ref() Ref }](all []T) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = strconv.Itoa(one.ref().ID) + " (" + one.ref().Name + ")"
	}
	return strings.Join(texts, ", ")
}

func (r Ref) ref() Ref { return r }

func (c *checker) checkPeople(ctx context.Context) (bool, error) {
	users := map[int]User{}
	if c.me.Admin {
		all, err := c.client.Users(ctx)
		if err != nil {
			return false, err
		}
		for _, user := range all {
			users[user.ID] = user
		}
	}
	for _, user := range sortedKeys(c.at.Mirror.People) {
		c.checkPerson(user, c.at.Mirror.People[user], users)
	}
	return true, nil
}

func (c *checker) checkPerson(user domain.UserID, text string, users map[int]User) {
	where := "people." + string(user)
	id, ok := number(text)
	_, active := users[id]
	member := slices.ContainsFunc(c.rights.members, func(m Ref) bool { return m.ID == id })
	switch {
	case !ok, c.me.Admin && !active:
		c.say("person-unknown", where, "Write the number that stands in the address of their page in Redmine, or take them out.", "Redmine has no active person %q.", text)
	case !member && !users[id].Admin:
		c.say("person-not-member", where, "In Redmine: the project's Settings → Members → add them; or take them out of the mapping.",
			"The person %s is no member of the project %s: issues cannot be given to them.", text, c.project.Name)
	case member && !slices.Contains(c.rights.assignees, id):
		c.say("person-not-assignable", where, "In Redmine: Administration → Roles and permissions → their role → tick “Issues can be assigned to this role”.",
			"Issues of the project %s cannot be given to the person %s.", c.project.Name, text)
	}
}
