package redmine

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Attachment is a file of an issue.
type Attachment struct {
	ID     int    `json:"id"`
	Name   string `json:"filename"`
	Size   int64  `json:"filesize"`
	Type   string `json:"content_type"`
	About  string `json:"description"` // what its sender said of it
	Author Ref    `json:"author"`
}

// Upload sends a file's content and gives the token by which an issue's change
// names it, once.
func (c *Client) Upload(ctx context.Context, name string, content io.Reader) (token string, err error) {
	var answer struct {
		Upload struct {
			Token string `json:"token"`
		} `json:"upload"`
	}
	err = c.do(ctx, call{method: http.MethodPost, path: "/uploads.json", query: url.Values{"filename": {name}}, in: content, out: &answer})
	return answer.Upload.Token, err
}

// Download opens a file's content. It is asked for where the Redmine is: the key must
// not go where the address leads that an issue tells.
func (c *Client) Download(ctx context.Context, file Attachment) (io.ReadCloser, error) {
	one := call{method: http.MethodGet, path: "/attachments/download/" + strconv.Itoa(file.ID) + "/" + url.PathEscape(file.Name)}
	req, err := c.request(ctx, one)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("redmine: download the file %d: %w", file.ID, err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close() // its text says nothing
		return nil, newError(one.method+" "+one.path, resp, nil)
	}
	return resp.Body, nil
}

// RemoveFile removes a file. One that is not there is no error.
func (c *Client) RemoveFile(ctx context.Context, id int) error {
	return unlessMissing(c.do(ctx, call{method: http.MethodDelete, path: "/attachments/" + strconv.Itoa(id) + ".json"}))
}

// Relation joins two issues: Issue blocks, precedes, … To.
type Relation struct {
	ID    int    `json:"id"`
	Issue int    `json:"issue_id"`
	To    int    `json:"issue_to_id"`
	Type  string `json:"relation_type"`
}

// Blocks is the relation by which a prerequisite holds up its dependent.
const Blocks = "blocks"

// Relate joins two issues, unless they are joined so already.
func (c *Client) Relate(ctx context.Context, id, to int, kind string) error {
	err := c.do(ctx, call{method: http.MethodPost, path: "/issues/" + strconv.Itoa(id) + "/relations.json",
		in: map[string]any{"relation": map[string]any{"issue_to_id": to, "relation_type": kind}}})
	if err == nil || !hasStatus(err, http.StatusUnprocessableEntity) {
		return err
	}
	// It may be there: the text that would say so is in a language that we do not know.
	issue, readErr := c.Issue(ctx, id)
	if readErr != nil {
		return fmt.Errorf("%w; and look whether it is there: %w", err, readErr)
	}
	if slices.ContainsFunc(issue.Relations, func(r Relation) bool { return r.Issue == id && r.To == to && r.Type == kind }) {
		return nil
	}
	return err
}

// Unrelate takes a relation away. One that is not there is no error.
func (c *Client) Unrelate(ctx context.Context, id int) error {
	return unlessMissing(c.do(ctx, call{method: http.MethodDelete, path: "/relations/" + strconv.Itoa(id) + ".json"}))
}

// Watch makes a person a watcher of an issue; one who is stays one.
func (c *Client) Watch(ctx context.Context, id, user int) error {
	return c.do(ctx, call{method: http.MethodPost, path: "/issues/" + strconv.Itoa(id) + "/watchers.json", in: map[string]any{"user_id": user}})
}

// Unwatch ends that.
func (c *Client) Unwatch(ctx context.Context, id, user int) error {
	return unlessMissing(c.do(ctx, call{method: http.MethodDelete, path: "/issues/" + strconv.Itoa(id) + "/watchers/" + strconv.Itoa(user) + ".json"}))
}
