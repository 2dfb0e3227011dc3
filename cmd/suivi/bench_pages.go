package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"suivi/domain"
)

// pageVisitor is who looks at pages: they manage the tracker of the bench and the site.
type pageVisitor struct {
	*lean

	cookie string
}

// pages measures what people open, as one who may see everything, without compression.
func (b *bencher) pages(ctx context.Context) error {
	v, err := b.visitor(ctx)
	if err != nil {
		return err
	}
	defer v.host.CloseIdleConnections()
	one := fmt.Sprintf("/tickets/%s-1", b.desk)
	for n := range 10 {
		if _, err := b.client.do(ctx, call{method: http.MethodPost, path: one + "/comments", body: map[string]any{"body": fmt.Sprintf("Comment **%d**", n+1)}}, nil); err != nil {
			return err
		}
	}
	if err := b.caughtUp(ctx); err != nil {
		return err
	}
	for _, page := range b.opened(one) {
		b.say("opening %s for %v", page.path, b.duration/2)
		measured, err := sustain(ctx, page.what, 1, b.duration/2, func(context.Context, int) error {
			_, err := v.do(http.MethodGet, page.path, nil, "Cookie", v.cookie, "Accept-Language", "en")
			return err
		})
		if err != nil {
			return err
		}
		b.report.Pages = append(b.report.Pages, measured)
	}
	return nil
}

// visitor makes a person who manages the tracker, and signs them in.
func (b *bencher) visitor(ctx context.Context) (*pageVisitor, error) {
	var made struct {
		Invitation struct{ Person struct{ ID domain.UserID } }
		Secret     string
	}
	who := strings.ToLower(b.desk)
	_, err := b.client.do(ctx, call{method: http.MethodPost, path: "/invitations", body: map[string]any{
		"name": "Bench", "email": who + "@example.org", "admin": true,
	}}, &made)
	if err != nil {
		return nil, err
	}
	_, err = b.client.do(ctx, call{method: http.MethodPut, path: fmt.Sprintf("/trackers/%s/members/%s", b.desk, made.Invitation.Person.ID), body: map[string]any{"roles": []string{"manager"}}}, nil)
	if err != nil {
		return nil, err
	}
	l, err := newLean(b.client)
	if err != nil {
		return nil, err
	}
	l.base, l.token = b.client.server, ""
	form := url.Values{"name": {"Bench"}, "password": {made.Secret}, "zone": {"Europe/Paris"}}
	answer, err := l.do(http.MethodPost, "/invitations/"+made.Secret, []byte(form.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	if err != nil {
		return nil, err
	}
	if answer.cookie == "" {
		return nil, errors.New("the bench's person is not signed in: no cookie came")
	}
	return &pageVisitor{l, answer.cookie}, nil
}

// opened is a page that is opened.
type opened struct{ what, path string }

// opened are the pages, of which one is that of a ticket.
func (b *bencher) opened(one string) []opened {
	desk, list := "/trackers/"+b.desk, "/trackers/"+b.desk+"/tickets"
	then := time.Now().UTC().AddDate(-1, -3, 0)
	past, day := then.Format(time.RFC3339), then.Format(time.DateOnly)
	return []opened{
		{"desk", "/"},
		{"open tickets", list},
		{"by number, all", list + "?list=all&sort=-number"},
		{"search in the list", list + "?q=print"},
		{"search for a beginning", list + "?q=pri"},
		{"search for two words", list + "?q=certificate+plugin"},
		{"board", list + "?view=board"},
		{"board with a search", list + "?view=board&list=all&q=certificate"},
		{"by state", list + "?list=all&sort=state"},
		{"by assignee, all trackers", "/tickets?list=all&sort=assignee"},
		{"reported in a time", list + "?list=all&from=" + day},
		{"list as it was", list + "?at=" + past},
		{"waiting then", list + "?state=waiting&at=" + past},
		{"all trackers", "/tickets"},
		{"ticket, 10 comments", one},
		{"ticket as it was", one + "/past?at=3"},
		{"change of state", one + "/state"},
		{"edit", one + "/edit"},
		{"post", desk + "/new"},
		{"tracker's settings", desk + "/settings"},
		{"tracker's workflow", desk + "/settings/workflow"},
		{"profile", "/profile"},
		{"report by state", "/reports?tracker=" + b.desk},
		{"report by state, of a time", "/reports?tracker=" + b.desk + "&from=" + day},
		{"report by month", "/reports/evolution?tracker=" + b.desk},
		{"report of times", "/reports/times?tracker=" + b.desk},
		{"report of times, of a time", "/reports/times?tracker=" + b.desk + "&from=" + day},
		{"open work", "/reports/open-work?tracker=" + b.desk},
		{"administration", "/admin"},
		{"people", "/admin/people"},
		{"audit", "/admin/audit"}}
}
