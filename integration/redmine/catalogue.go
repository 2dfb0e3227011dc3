package redmine

import (
	"context"
	"net/url"
	"slices"
	"strconv"
)

// User is a person of Redmine's.
type User struct {
	ID        int    `json:"id"`
	Login     string `json:"login"` // only an administrator is told others'
	Admin     bool   `json:"admin"`
	FirstName string `json:"firstname"`
	LastName  string `json:"lastname"`
	Mail      string `json:"mail"` // only an administrator is told one that is hidden
}

// Name is what Redmine shows, in its usual format.
func (u User) Name() string { return u.FirstName + " " + u.LastName }

// Me is the key's person. A wrong key is an error here, unlike in lists.
func (c *Client) Me(ctx context.Context) (User, error) {
	var answer struct {
		User User `json:"user"`
	}
	err := c.get(ctx, "/users/current.json", nil, &answer)
	return answer.User, err
}

// Users lists all active people. Only an administrator may.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	return pages(ctx, c, "/users.json", func(answer struct {
		Users []User `json:"users"`
	}) []User {
		return answer.Users
	})
}

// Statuses lists all statuses in Redmine's order.
func (c *Client) Statuses(ctx context.Context) ([]Status, error) {
	var answer struct {
		Statuses []Status `json:"issue_statuses"`
	}
	err := c.get(ctx, "/issue_statuses.json", nil, &answer)
	return answer.Statuses, err
}

// Priority is a priority of issues.
type Priority struct {
	Ref
	Default bool `json:"is_default"`
}

// Priorities lists them, the lowest first.
func (c *Client) Priorities(ctx context.Context) ([]Priority, error) {
	var answer struct {
		Priorities []Priority `json:"issue_priorities"`
	}
	err := c.get(ctx, "/enumerations/issue_priorities.json", nil, &answer)
	return answer.Priorities, err
}

// CustomField is a field that Redmine's administrators have made.
type CustomField struct {
	Ref
	For       string        `json:"customized_type"` // "issue" of those that matter here
	Format    string        `json:"field_format"`    // string, text, list, int, float, date, bool, link, user, …
	Filter    bool          `json:"is_filter"`
	Multiple  bool          `json:"multiple"`
	MaxLength int           `json:"max_length"`
	Required  bool          `json:"is_required"`
	Visible   bool          `json:"visible"` // to everybody
	Options   []FieldOption `json:"possible_values"`
	Trackers  []Ref         `json:"trackers"`
}

// FieldOption is one value of a list.
type FieldOption struct {
	Value string `json:"value"`
}

// takes tells whether a list has the value, or the field is no list.
func (f CustomField) takes(value string) bool {
	return f.Format != "list" || slices.ContainsFunc(f.Options, func(o FieldOption) bool { return o.Value == value })
}

// CustomFields lists the custom fields of issues. Only an administrator may.
func (c *Client) CustomFields(ctx context.Context) ([]CustomField, error) {
	var answer struct {
		Fields []CustomField `json:"custom_fields"`
	}
	err := c.get(ctx, "/custom_fields.json", nil, &answer)
	return slices.DeleteFunc(answer.Fields, func(f CustomField) bool { return f.For != "issue" }), err
}

// Project is a project, with the trackers that it uses.
type Project struct {
	Ref
	Identifier string `json:"identifier"`
	Status     int    `json:"status"` // 1: active
	Trackers   []Ref  `json:"trackers"`
	// Fields are the custom fields of the project; before 5.1 without those that are for all projects.
	Fields []Ref `json:"issue_custom_fields"`
}

// Projects lists the projects that the key's person sees.
func (c *Client) Projects(ctx context.Context) ([]Project, error) {
	return pages(ctx, c, "/projects.json", func(answer struct {
		Projects []Project `json:"projects"`
	}) []Project {
		return answer.Projects
	})
}

// Project is the one of the identifier.
func (c *Client) Project(ctx context.Context, identifier string) (Project, error) {
	var answer struct {
		Project Project `json:"project"`
	}
	err := c.get(ctx, "/projects/"+url.PathEscape(identifier)+".json", url.Values{"include": {"trackers,issue_custom_fields"}}, &answer)
	return answer.Project, err
}

// Membership is what a person, or a group, is in a project.
type Membership struct {
	User  Ref   `json:"user"`
	Group Ref   `json:"group"`
	Roles []Ref `json:"roles"`
}

// Memberships lists the members of a project.
func (c *Client) Memberships(ctx context.Context, project string) ([]Membership, error) {
	return pages(ctx, c, "/projects/"+url.PathEscape(project)+"/memberships.json", func(answer struct {
		Memberships []Membership `json:"memberships"`
	}) []Membership {
		return answer.Memberships
	})
}

// Role is a role, with what it permits.
type Role struct {
	Ref
	Assignable  bool     `json:"assignable"`
	Visibility  string   `json:"issues_visibility"` // all, default (all but private ones), own
	Permissions []string `json:"permissions"`
}

// Role is the one of the number.
func (c *Client) Role(ctx context.Context, id int) (Role, error) {
	var answer struct {
		Role Role `json:"role"`
	}
	err := c.get(ctx, "/roles/"+strconv.Itoa(id)+".json", nil, &answer)
	return answer.Role, err
}

// pages reads a list to its end.
func pages[A, T any](ctx context.Context, c *Client, path string, of func(A) []T) ([]T, error) {
	var all []T
	for {
		var answer A
		query := url.Values{"limit": {"100"}, "offset": {strconv.Itoa(len(all))}}
		if err := c.get(ctx, path, query, &answer); err != nil {
			return nil, err
		}
		some := of(answer)
		all = append(all, some...)
		if len(some) < 100 {
			return all, nil
		}
	}
}
