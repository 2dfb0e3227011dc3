package redmine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"time"

	"suivi/domain"
	"suivi/integration/mirror"
)

// place is up to where the issues of a project were listed. Redmine tells when an issue
// was changed to the second, and lists it once the change is committed: so each poll begins a little before
// what was seen last, and an issue is told of once more when its second is surely over.
type place struct {
	At   int64           `json:"at"`             // of the last change that was seen, by Redmine's clock
	Seen map[string]seen `json:"seen,omitempty"` // the issues that the next poll lists again, by number
}

type seen struct {
	Updated int64 `json:"u"`
	First   int64 `json:"f"`           // when it was listed first, by our clock
	Over    bool  `json:"o,omitempty"` // it was told of after its second was over
}

const (
	overlap = 5 * time.Second // how long a change may take to be seen after the time that it says
	settles = 2 * time.Second // after which an issue has not changed within the same second any more
)

// Changed lists the issues that were changed since, in the order of their changes. What
// a poll cannot show (deletions, relations, edited notes), a sweep finds.
func (t *Tool) Changed(ctx context.Context, at mirror.Place, cursor string) ([]domain.TicketID, string, error) {
	s, field, err := t.identified(ctx, at)
	if err != nil {
		return nil, cursor, err
	}
	began := t.cfg.Now()
	if cursor == "" {
		next, err := t.newest(ctx, s, at)
		return nil, next, ofMirror(err)
	}
	var from place
	if err := json.Unmarshal([]byte(cursor), &from); err != nil {
		return nil, cursor, fmt.Errorf("redmine: read where the last poll ended: %w", err)
	}
	issues, err := s.changedSince(ctx, at.Mirror.Project, from.begin())
	if err != nil {
		return nil, cursor, ofMirror(err)
	}
	tickets, to := from.after(issues, field, began)
	next, err := json.Marshal(to)
	return tickets, string(next), err
}

// newest is the place after all that there is now.
func (*Tool) newest(ctx context.Context, s *site, at mirror.Place) (string, error) {
	var answer struct {
		Issues []Issue `json:"issues"`
	}
	query := url.Values{"project_id": {at.Mirror.Project}, "status_id": {"*"}, "sort": {"updated_on:desc"}, "limit": {"1"}}
	if err := s.get(ctx, "/issues.json", query, &answer); err != nil {
		return "", err
	}
	to := place{}
	for _, issue := range answer.Issues {
		to.At = issue.UpdatedOn.Unix()
	}
	next, err := json.Marshal(to)
	return string(next), err
}

// begin is the second from which on the next poll lists.
func (p place) begin() int64 {
	begin := p.At - int64(overlap/time.Second)
	for _, one := range p.Seen {
		if !one.Over {
			begin = min(begin, one.Updated)
		}
	}
	return max(begin, 0)
}

// after tells of which tickets the issues are that are worth a look, and where to go on.
func (p place) after(issues []Issue, field int, began time.Time) ([]domain.TicketID, place) {
	to := place{At: p.At, Seen: map[string]seen{}}
	for _, issue := range issues {
		to.At = max(to.At, issue.UpdatedOn.Unix())
	}
	var tickets []domain.TicketID
	for _, issue := range issues {
		number, updated := strconv.Itoa(issue.ID), issue.UpdatedOn.Unix()
		before, known := p.Seen[number]
		now := seen{Updated: updated, First: began.UnixNano()}
		if known = known && before.Updated == updated; known {
			now = before
		}
		waits := known && (now.Over || began.UnixNano()-now.First < int64(settles))
		now.Over = now.Over || known && !waits
		to.Seen[number] = now
		if carried, _ := issue.Field(field); !waits && len(carried.Values) > 0 {
			if id, err := domain.ParseTicketID(carried.Values[0]); err == nil {
				tickets = append(tickets, id)
			}
		}
	}
	// What the next poll does not list again need not be known. It lists from a second earlier than it is asked.
	begin := to.begin()
	maps.DeleteFunc(to.Seen, func(_ string, one seen) bool { return one.Over && one.Updated < begin-1 })
	return tickets, to
}

// changedSince lists the project's issues that were changed since the second. Rows move
// while one pages: so each page begins at the last change of the one before, and an offset
// counts only within one second.
func (c *Client) changedSince(ctx context.Context, project string, since int64) ([]Issue, error) {
	var all []Issue
	have := map[int]int{} // where in all an issue is
	for offset := 0; ; {
		var answer struct {
			Issues []Issue `json:"issues"`
		}
		query := url.Values{"project_id": {project}, "status_id": {"*"}, "sort": {"updated_on,id"}, "limit": {"100"}, "offset": {strconv.Itoa(offset)},
			"updated_on": {">=" + time.Unix(since, 0).UTC().Format(time.RFC3339)}}
		if err := c.get(ctx, "/issues.json", query, &answer); err != nil {
			return nil, err
		}
		last := since
		for _, issue := range answer.Issues {
			if issue.UpdatedOn.Unix() < since-1 {
				return nil, fmt.Errorf("redmine: the list of issues changed since %v has one of %v: it does not filter", time.Unix(since, 0).UTC(), issue.UpdatedOn)
			}
			last = issue.UpdatedOn.Unix()
			if i, again := have[issue.ID]; again {
				all[i] = issue
				continue
			}
			have[issue.ID] = len(all)
			all = append(all, issue)
		}
		switch {
		case len(answer.Issues) < 100:
			return all, nil
		case last > since:
			since, offset = last, 0
		default:
			offset += len(answer.Issues)
		}
	}
}
