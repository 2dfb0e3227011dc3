package redmine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Ref is a thing of Redmine's as another thing names it.
type Ref struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// Status is a status, as an issue and the list of all tell of it.
type Status struct {
	Ref
	Closed bool `json:"is_closed"`
}

// Issue is an issue as Redmine shows it to the key's person: what that person may
// not see is absent, private journals first of all.
type Issue struct {
	ID          int          `json:"id"`
	Project     Ref          `json:"project"`
	Tracker     Ref          `json:"tracker"`
	Status      Status       `json:"status"`
	Priority    Ref          `json:"priority"`
	Author      Ref          `json:"author"`
	Assignee    Ref          `json:"assigned_to"` // zero: none
	Subject     string       `json:"subject"`
	Description string       `json:"description"`
	Fields      []FieldValue `json:"custom_fields"`
	CreatedOn   time.Time    `json:"created_on"`
	UpdatedOn   time.Time    `json:"updated_on"`
	Journals    []Journal    `json:"journals"` // oldest first
	Files       []Attachment `json:"attachments"`
	Relations   []Relation   `json:"relations"`
	Watchers    []Ref        `json:"watchers"`
	Children    []Ref        `json:"children"`         // issues below it
	Allowed     []Ref        `json:"allowed_statuses"` // that the key's person may set now
}

// Journal is an entry of an issue's history: a note, changes, or both.
type Journal struct {
	ID        int       `json:"id"`
	User      Ref       `json:"user"`
	Notes     string    `json:"notes"`
	CreatedOn time.Time `json:"created_on"`
	Private   bool      `json:"private_notes"`
	EditedBy  Ref       `json:"updated_by"` // who edited the note last; zero: nobody, or before 6.0, which does not tell
	Details   []Detail  `json:"details"`
}

// Detail is one change of a journal.
type Detail struct {
	Property string `json:"property"` // attr, cf, attachment, relation
	Name     string `json:"name"`
	Old      string `json:"old_value"`
	New      string `json:"new_value"`
}

// FieldValue is an issue's value of a custom field.
type FieldValue struct {
	ID     int
	Name   string
	Values []string // none: not set
	// Multiple tells that the field takes several values.
	Multiple bool
}

// UnmarshalJSON reads a value that is null, a text or a list of texts.
func (v *FieldValue) UnmarshalJSON(text []byte) error {
	var raw struct {
		ID       int             `json:"id"`
		Name     string          `json:"name"`
		Multiple bool            `json:"multiple"`
		Value    json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	*v = FieldValue{ID: raw.ID, Name: raw.Name, Multiple: raw.Multiple}
	if len(raw.Value) > 0 && raw.Value[0] == '[' {
		return json.Unmarshal(raw.Value, &v.Values)
	}
	var one string
	if len(raw.Value) > 0 {
		if err := json.Unmarshal(raw.Value, &one); err != nil {
			return err
		}
	}
	if one != "" {
		v.Values = []string{one}
	}
	return nil
}

// Field is the issue's value of a custom field; false if it has none, or the key's person may not see it.
func (i Issue) Field(id int) (FieldValue, bool) {
	at := slices.IndexFunc(i.Fields, func(v FieldValue) bool { return v.ID == id })
	if at < 0 {
		return FieldValue{}, false
	}
	return i.Fields[at], true
}

// Change is what to write of an issue, by Redmine's names. What it does not name stays.
type Change map[string]any

// Issue is the issue of the number, whole.
func (c *Client) Issue(ctx context.Context, id int) (Issue, error) {
	var answer struct {
		Issue Issue `json:"issue"`
	}
	err := c.get(ctx, issuePath(id), url.Values{"include": {"journals,attachments,relations,watchers,children,allowed_statuses"}}, &answer)
	// The order of journals is a preference of the key's person.
	slices.SortFunc(answer.Issue.Journals, func(a, b Journal) int { return cmp.Compare(a.ID, b.ID) })
	return answer.Issue, err
}

// Find lists the issues of the project whose custom field has the value, the
// oldest first. Each value is compared here: where the field is no filter, Redmine
// ignores the wish and lists all issues.
func (c *Client) Find(ctx context.Context, project string, field int, value string) ([]Issue, error) {
	name := "cf_" + strconv.Itoa(field)
	query := url.Values{"project_id": {project}, "status_id": {"*"}, "sort": {"id"}, name: {value}, "limit": {"100"}}
	var found []Issue
	for offset := 0; ; offset += 100 {
		query.Set("offset", strconv.Itoa(offset))
		var answer struct {
			Issues []Issue `json:"issues"`
		}
		if err := c.get(ctx, "/issues.json", query, &answer); err != nil {
			return nil, err
		}
		for _, issue := range answer.Issues {
			has, _ := issue.Field(field)
			if slices.Contains(has.Values, value) {
				found = append(found, issue)
			}
		}
		if len(answer.Issues) < 100 {
			return found, nil
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("redmine: %s has no effect as a filter: tick “Used as a filter” of the custom field %d, and let the key's person see it", name, field)
		}
	}
}

// Create makes an issue. What Redmine was told and did not do, only the answer tells.
func (c *Client) Create(ctx context.Context, change Change) (Issue, error) {
	var answer struct {
		Issue Issue `json:"issue"`
	}
	err := c.do(ctx, call{method: http.MethodPost, path: "/issues.json", in: map[string]any{"issue": change}, out: &answer})
	return answer.Issue, err
}

// Update changes an issue. That it succeeds does not mean that all of it was done: read it back.
func (c *Client) Update(ctx context.Context, id int, change Change) error {
	return c.do(ctx, call{method: http.MethodPut, path: issuePath(id), in: map[string]any{"issue": change}})
}

// Delete removes an issue, and the issues below it. One that is not there is no error.
func (c *Client) Delete(ctx context.Context, id int) error {
	return unlessMissing(c.do(ctx, call{method: http.MethodDelete, path: issuePath(id)}))
}

// EditNote gives a journal another text; an empty one deletes a journal without changes.
func (c *Client) EditNote(ctx context.Context, journal int, text string) error {
	return c.do(ctx, call{method: http.MethodPut, path: "/journals/" + strconv.Itoa(journal) + ".json",
		in: map[string]any{"journal": map[string]any{"notes": text}}})
}

func issuePath(id int) string { return "/issues/" + strconv.Itoa(id) + ".json" }

func unlessMissing(err error) error {
	if isMissing(err) {
		return nil
	}
	return err
}
