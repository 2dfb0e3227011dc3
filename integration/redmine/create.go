package redmine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// Find looks for the issue that carries the ticket's id.
func (t *Tool) Find(ctx context.Context, at mirror.Place, id domain.TicketID) (mirror.Ref, bool, error) {
	s, field, err := t.identified(ctx, at)
	if err != nil {
		return mirror.Ref{}, false, err
	}
	found, err := s.Find(ctx, at.Mirror.Project, field, string(id))
	switch {
	case err != nil:
		return mirror.Ref{}, false, ofMirror(err)
	case len(found) == 0:
		return mirror.Ref{}, false, nil
	case len(found) > 1:
		return mirror.Ref{}, false, mirror.Unfit("%d issues carry the id %s, #%d and #%d among them; take it from all but one", len(found), id, found[0].ID, found[1].ID)
	}
	return refOf(at, found[0].ID), true, nil
}

func refOf(at mirror.Place, issue int) mirror.Ref {
	return mirror.Ref{ID: strconv.Itoa(issue), URL: at.Mirror.Site + "/issues/" + strconv.Itoa(issue)}
}

// identified is the site, and the field by which issues are told apart.
func (t *Tool) identified(ctx context.Context, at mirror.Place) (*site, int, error) {
	field, ok := number(at.Mirror.Fixed[FixedExternalID])
	if !ok {
		return nil, 0, mirror.Misconfigured("the mapping names no custom field (%s) that carries the ticket's id", FixedExternalID)
	}
	s, err := t.site(ctx, at)
	return s, field, err
}

// Create makes the issue, in the reporter's name where that is possible.
func (t *Tool) Create(ctx context.Context, at mirror.Place, want mirror.Wanted) (mirror.Ref, error) {
	s, field, err := t.identified(ctx, at)
	if err != nil {
		return mirror.Ref{}, err
	}
	t.mu.Lock()
	why := t.barred[mirrorOf(at)]
	t.mu.Unlock()
	if why != "" {
		return mirror.Ref{}, mirror.Misconfigured("%s", why)
	}
	a := newAligner(t, s, at, mirror.Job{Want: want})
	client, others, err := a.creator(ctx, field)
	if err != nil {
		return mirror.Ref{}, err
	}
	made, err := a.create(ctx, client)
	if others && refused(err) {
		made, err = a.create(ctx, s.Client)
	}
	switch {
	case hasStatus(err, http.StatusForbidden):
		return mirror.Ref{}, mirror.Misconfigured("the project is closed, or the key's person may not add issues: %w", err)
	case refused(err):
		return mirror.Ref{}, mirror.Unfit("%w", err)
	case err != nil:
		return mirror.Ref{}, ofMirror(err)
	}
	// An issue that does not carry its ticket's id would be made again and again.
	if carried, _ := made.Field(field); !slices.Contains(carried.Values, string(want.ID)) {
		return mirror.Ref{}, t.takeBack(ctx, s, at, made.ID, field)
	}
	return refOf(at, made.ID), nil
}

// takeBack deletes an issue that does not carry its ticket's id. Where that cannot be
// done, none is made any more: each try would leave another one.
func (t *Tool) takeBack(ctx context.Context, s *site, at mirror.Place, issue, field int) error {
	t.forget(s)
	lost := fmt.Sprintf("the issue #%d did not keep the ticket's id in the custom field %d; see that the field is used by the project and the tracker, and that the key's person may change it", issue, field)
	if err := s.Delete(context.WithoutCancel(ctx), issue); err != nil {
		lost += fmt.Sprintf("; delete the issue by hand (%v), and start Suivi again", err)
		t.mu.Lock()
		t.barred[mirrorOf(at)] = lost
		t.mu.Unlock()
	}
	return mirror.Misconfigured("%s", lost)
}

// creator is who makes the issue: the reporter, if the key is an administrator's
// and the field with the ticket's id is open to everybody.
func (a *aligner) creator(ctx context.Context, field int) (*Client, bool, error) {
	client, others := a.site.as(ctx, a.at, a.want.Reporter)
	if !others {
		return client, false, nil
	}
	fields, err := a.site.CustomFields(ctx)
	if err != nil {
		return nil, false, err
	}
	if i := slices.IndexFunc(fields, func(f CustomField) bool { return f.ID == field }); i < 0 || !fields[i].Visible {
		return a.site.Client, false, nil
	}
	return client, true, nil
}

func (a *aligner) create(ctx context.Context, client *Client) (Issue, error) {
	by := a.site.me.ID
	if client != a.site.Client {
		by, _ = number(a.at.Mirror.People[a.want.Reporter])
	}
	w, err := a.wanted(ctx, by)
	if err != nil {
		return Issue{}, err
	}
	// Of values that a list does not have, and of one who cannot be assigned, the
	// alignment tells; they must not keep the issue from being.
	all := change(differences(Issue{}, w))
	all["project_id"] = a.at.Mirror.Project
	made, err := client.Create(ctx, all)
	if e := asError(err); e != nil && e.Status == http.StatusUnprocessableEntity {
		w.fields = slices.DeleteFunc(w.fields, func(v FieldValue) bool {
			return strconv.Itoa(v.ID) != a.at.Mirror.Fixed[FixedExternalID]
		})
		w.assignee = 0
		few := change(differences(Issue{}, w))
		few["project_id"] = a.at.Mirror.Project
		made, err = client.Create(ctx, few)
	}
	return made, err
}

// refused tells whether Redmine does not do what was asked for by this person.
func refused(err error) bool {
	e := asError(err)
	if e == nil {
		return false
	}
	switch e.Status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusPreconditionFailed:
		return true
	case http.StatusUnprocessableEntity:
		return !e.Conflict()
	}
	return false
}

// closing are the states whose status an issue may get when it is to be closed.
func closing() []tracker.State {
	return []tracker.State{tracker.Abandoned, tracker.Validated, tracker.Transferred, tracker.Resolved}
}

// Retire closes or deletes an issue.
func (t *Tool) Retire(ctx context.Context, at mirror.Place, ticket domain.TicketID, twin mirror.Ref, policy tracker.Deletion) (gone bool, err error) {
	s, field, err := t.identified(ctx, at)
	if err != nil {
		return false, err
	}
	id, _ := number(twin.ID)
	issue, err := s.Issue(ctx, id)
	if isMissing(err) {
		return true, nil
	}
	if err != nil {
		return false, ofMirror(err)
	}
	// A Redmine on SQLite gives the number of a deleted issue to the next one.
	if carried, _ := issue.Field(field); !slices.Contains(carried.Values, string(ticket)) {
		return true, nil
	}
	switch policy {
	case tracker.DeleteTwin:
		if len(issue.Children) > 0 {
			return false, mirror.Unfit("the issue #%d has issues below it, which would be deleted with it; take them out first", id)
		}
		return true, ofMirror(again(ctx, func() error { return s.Delete(ctx, id) }))
	case tracker.CloseTwin:
		return false, t.close(ctx, s, at, issue)
	case tracker.KeepTwin:
	}
	return false, nil
}

func (*Tool) close(ctx context.Context, s *site, at mirror.Place, issue Issue) error {
	statuses, err := s.Statuses(ctx)
	if err != nil || issue.Status.Closed {
		return ofMirror(err)
	}
	for _, state := range closing() {
		status, _ := number(at.Mirror.States[state])
		if !slices.ContainsFunc(statuses, func(s Status) bool { return s.ID == status && s.Closed }) {
			continue
		}
		if err := again(ctx, func() error { return s.Update(ctx, issue.ID, Change{"status_id": status}) }); err != nil {
			return ofMirror(err)
		}
		after, err := s.Issue(ctx, issue.ID)
		if err != nil {
			return ofMirror(err)
		}
		if !after.Status.Closed {
			return mirror.Unfit("the issue #%d cannot be closed: %s", issue.ID, whyNotStatus(after, status))
		}
		return nil
	}
	return mirror.Misconfigured("no state is mapped to a closed status, so that no issue can be closed")
}

// whyNotStatus says why Redmine did not set a status, which it does not say itself.
func whyNotStatus(issue Issue, status int) string {
	if slices.ContainsFunc(issue.Allowed, func(r Ref) bool { return r.ID == status }) {
		return "Redmine ignored the status, though its workflow allows it: the key's person may not edit issues"
	}
	why := fmt.Sprintf("Redmine's workflow does not let the key's person go from “%s” to the status %d; allowed are %s", issue.Status.Name, status, offer(issue.Allowed))
	if slices.ContainsFunc(issue.Relations, func(r Relation) bool { return r.To == issue.ID && r.Type == Blocks }) {
		why += "; an issue that is blocked by an open one cannot be closed"
	}
	return why
}
