package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"suivi/accounts"
	"suivi/commands"
	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/helpdesk"
)

// prepare makes the people and the tracker ready. What is there already is kept.
func (in *importer) prepare(ctx context.Context, desk helpdesk.Desk) error {
	in.people = map[string]domain.UserID{}
	for _, person := range desk.People {
		id, err := in.person(ctx, person)
		if err != nil {
			return fmt.Errorf("make an account for %s: %w", person.Resource, err)
		}
		in.people[person.Resource] = id
	}
	have, err := in.tracker(ctx)
	if err != nil {
		return fmt.Errorf("prepare the tracker %s: %w", in.key, err)
	}
	missing, err := desk.Missing(have)
	if err != nil {
		return err
	}
	if err := in.addMembers(ctx, have); err != nil {
		return fmt.Errorf("add members to the tracker %s: %w", in.key, err)
	}
	for _, field := range missing {
		_, err := in.client.do(ctx, call{
			method: http.MethodPut, path: in.trackerPath() + "/fields/" + url.PathEscape(field.Code),
			body: map[string]any{"type": field.Type, "label": field.Label, "mandatory": field.Mandatory, "options": field.Options},
		}, nil)
		if err != nil {
			return fmt.Errorf("add a field to the tracker %s: %w", in.key, err)
		}
	}
	return nil
}

func (in *importer) trackerPath() string { return "/trackers/" + string(in.key) }

// person finds or makes the account.
func (in *importer) person(ctx context.Context, p helpdesk.Person) (domain.UserID, error) {
	if id, err := in.findPerson(ctx, p.Email); err != nil || id != "" {
		return id, err
	}
	var made accounts.Person
	_, err := in.client.do(ctx, call{
		method: http.MethodPost, path: "/people", body: map[string]any{"name": p.Resource, "email": p.Email},
	}, &made)
	if hasCode(err, "email-taken") { // another import was faster
		return in.findPerson(ctx, p.Email)
	}
	return made.ID, err
}

func (in *importer) findPerson(ctx context.Context, email string) (domain.UserID, error) {
	var found struct {
		People []accounts.Person `json:"people"`
	}
	if err := in.client.get(ctx, "/people", url.Values{"email": {email}}, &found); err != nil {
		return "", err
	}
	if len(found.People) == 0 {
		return "", nil
	}
	return found.People[0].ID, nil
}

// tracker answers the tracker, made if there was none. A PATCH that names nothing
// changes nothing and answers what the event store has, where a GET may be behind.
func (in *importer) tracker(ctx context.Context) (tracker.Tracker, error) {
	var have tracker.Tracker
	_, err := in.client.do(ctx, call{method: http.MethodPatch, path: in.trackerPath(), body: map[string]any{}}, &have)
	if !hasCode(err, "tracker-not-found") {
		return have, err
	}
	members := map[domain.UserID][]domain.Role{}
	for _, id := range in.people {
		members[id] = helpdesk.Roles()
	}
	_, err = in.client.do(ctx, call{
		method: http.MethodPost, path: "/trackers", headers: map[string]string{commands.HeaderKey: "helpdesk:" + string(in.key)},
		body: map[string]any{
			"key": in.key, "name": "Help desk " + string(in.key), "mode": domain.Custom, "workflow": tracker.Relaxed, "members": members,
		},
	}, &have)
	return have, err
}

func (in *importer) addMembers(ctx context.Context, have tracker.Tracker) error {
	for _, id := range in.people {
		roles := have.Members[id]
		wanted := append(slices.Clone(roles), helpdesk.Roles()...)
		if !slices.ContainsFunc(helpdesk.Roles(), func(r domain.Role) bool { return !slices.Contains(roles, r) }) {
			continue
		}
		_, err := in.client.do(ctx, call{
			method: http.MethodPut, path: in.trackerPath() + "/members/" + string(id), body: map[string]any{"roles": wanted},
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}
