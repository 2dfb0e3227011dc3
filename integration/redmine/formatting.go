package redmine

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
)

// formattingShown is where Redmine's pages have how texts are formatted: all of them since 6.0, before
// that those on which one can write, by the script of what is above the box. What 5.x calls
// markdown is an older Markdown.
var formattingShown = regexp.MustCompile(`data-text-formatting="(textile|markdown|common_mark)"|/jstoolbar/(textile|markdown|common_mark)\b`)

// Formatting is how texts are formatted there: Textile or Markdown. The REST API does not tell it,
// so it is read from the page of the project's newest issue, or of the project. "": they do not tell it to the key's
// person, as without an issue before 6.0, and where pages want another login.
func (c *Client) Formatting(ctx context.Context, project string) (string, error) {
	var newest struct {
		Issues []Ref `json:"issues"`
	}
	query := url.Values{"project_id": {project}, "status_id": {"*"}, "sort": {"id:desc"}, "limit": {"1"}}
	if err := c.get(ctx, "/issues.json", query, &newest); err != nil {
		return "", err
	}
	path := "/projects/" + url.PathEscape(project)
	if len(newest.Issues) > 0 {
		path = "/issues/" + strconv.Itoa(newest.Issues[0].ID)
	}
	var page string
	err := c.do(ctx, call{method: http.MethodGet, path: path, out: &page})
	if _, answered := errors.AsType[*Error](err); answered {
		return "", nil
	}
	found := formattingShown.FindStringSubmatch(page)
	if err != nil || found == nil {
		return "", err
	}
	if cmp.Or(found[1], found[2]) == Textile {
		return Textile, nil
	}
	return Markdown, nil
}

// checkFormatting looks whether texts are written as they are read there.
func (c *checker) checkFormatting(ctx context.Context) error {
	const where = "fixed." + FixedFormatting
	ours := cmp.Or(c.at.Mirror.Fixed[FixedFormatting], Textile)
	if ours != Textile && ours != Markdown {
		c.say("unknown-formatting", where, "Write what Redmine has under Administration → Settings → General → Text formatting.",
			"Texts are formatted as %s or %s, not %q.", Textile, Markdown, ours)
		return nil
	}
	theirs, err := c.client.Formatting(ctx, c.at.Mirror.Project)
	if err == nil && theirs != "" && theirs != ours {
		c.say("formatting-differs", where, "Choose "+theirs+".", "Redmine formats texts as %s, and they would be sent as %s.", theirs, ours)
	}
	return err
}
