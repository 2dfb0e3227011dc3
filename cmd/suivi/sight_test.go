package main

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"suivi/domain"
)

type seen struct {
	State   string
	Version int
}

// look reads a ticket as it is after the position.
func (d *desk) look(token, path, after string) seen {
	d.t.Helper()
	var ticket seen
	d.want(http.StatusOK, d.ask(token, "GET", path, nil, "X-Suivi-After", after), &ticket)
	return ticket
}

// unseen posts a ticket that the lists show, which open nothing.
func (d *desk) unseen(token string) (path, position string) {
	d.t.Helper()
	var posted struct{ ID string }
	a := d.ask(token, "POST", deskPath+"/tickets", map[string]any{"summary": "New"})
	d.want(http.StatusCreated, a, &posted)
	d.want(http.StatusOK, d.ask(token, "GET", "/api/v1/tickets", nil, "X-Suivi-After", a.position), nil)
	return "/api/v1/tickets/" + posted.ID, a.position
}

func TestTheFirstWorkerWhoReadsAPostedTicketOpensIt(t *testing.T) {
	t.Parallel()
	for _, workflow := range []string{"relaxed", "strict"} {
		d := serveDesk(t, t.TempDir())
		tokens, ids := staffed(d, map[string]any{"mode": "bugtracker", "workflow": workflow})
		reader, readerToken := d.person("reader")
		d.want(http.StatusOK, d.ask(d.token, "PUT", deskPath+"/members/"+reader, map[string]any{"roles": []string{"reporter"}}), nil)
		path, at := d.unseen(tokens[domain.Reporter])
		for who, token := range map[string]string{"the reporter": tokens[domain.Reporter], "a mere reader": readerToken, "an administrator": d.token} {
			if got := d.look(token, path, at); got != (seen{"posted", 1}) {
				t.Errorf("%s: %s looks and it is %+v", workflow, who, got)
			}
		}
		// Looking at the list, the history or the past is not looking at the ticket; nor is HEAD, nor acting for others, nor a token for reading.
		for _, below := range []string{"/history", "/comments", "/transitions", "?at=1"} {
			d.want(http.StatusOK, d.ask(tokens[domain.Manager], "GET", path+below, nil), nil)
		}
		d.want(http.StatusOK, d.ask(tokens[domain.Manager], "HEAD", path, nil), nil)
		d.want(http.StatusOK, d.ask(d.token, "GET", path, nil, "X-Suivi-Actor", ids[domain.Manager]), nil)
		forReading := strings.TrimSpace(command(t, "token", "create", "--data", d.data, "--email", string(domain.Manager)+"@example.org", "--scope", "read"))
		d.want(http.StatusOK, d.ask(forReading, "GET", path, nil), nil)
		if got := d.look(tokens[domain.Reporter], path, at); got != (seen{"posted", 1}) {
			t.Errorf("%s: %+v before a worker has read it", workflow, got)
		}
		a := d.ask(tokens[domain.Manager], "GET", path, nil)
		var got seen
		d.want(http.StatusOK, a, &got)
		if got != (seen{"open", 2}) || a.position == "" {
			t.Errorf("%s: the manager reads %+v at %q", workflow, got, a.position)
		}
		// What was read can be written on at once.
		d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PATCH", path, map[string]any{"summary": "Seen"}, "If-Match", `"2"`), nil)
		checkOpenedOnce(t, d, tokens[domain.Reporter], path, a.position, ids[domain.Manager])
	}
}

func checkOpenedOnce(t *testing.T, d *desk, token, path, after string, by ...string) {
	t.Helper()
	var history struct {
		History []struct{ Type, Actor, Source string }
	}
	d.want(http.StatusOK, d.ask(token, "GET", path+"/history", nil, "X-Suivi-After", after), &history)
	opened := 0
	for _, entry := range history.History {
		if entry.Type != "ticket.state_changed.v1" {
			continue
		}
		opened++
		known := false
		for _, who := range by {
			known = known || entry.Actor == who
		}
		if !known || entry.Source != "system" {
			t.Errorf("opened by %s, source %s", entry.Actor, entry.Source)
		}
	}
	if opened != 1 {
		t.Errorf("%s: %d changes of state, want one: %+v", path, opened, history.History)
	}
}

func TestManyWorkersWhoReadAtOnceOpenOnce(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, nil)
	for range 5 {
		path, _ := d.unseen(tokens[domain.Reporter])
		var all sync.WaitGroup
		for n := range 16 {
			token := tokens[[]domain.Role{domain.Developer, domain.Resolver, domain.Manager}[n%3]]
			all.Go(func() {
				a, err := d.try(token, "GET", path, nil)
				if err != nil || a.status != http.StatusOK {
					t.Errorf("got %d %s, %v", a.status, a.body, err)
				}
			})
		}
		all.Wait()
		head := d.ask(tokens[domain.Reporter], "POST", path+"/comments", map[string]any{"body": "Thanks"})
		checkOpenedOnce(t, d, tokens[domain.Reporter], path, head.position, ids[domain.Developer], ids[domain.Resolver], ids[domain.Manager])
	}
}

func TestNothingOpensWhereOpenIsDisabledOrAllIsArchived(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := staffed(d, map[string]any{"states": []string{"working", "resolved"}})
	path, at := d.unseen(tokens[domain.Reporter])
	if got := d.look(tokens[domain.Manager], path, at); got != (seen{"posted", 1}) {
		t.Errorf("open is disabled: %+v", got)
	}
	d.configure(tokens[domain.Manager], map[string]any{"states": []string{}})
	a := d.ask(tokens[domain.Manager], "PUT", deskPath+"/archived", nil)
	d.want(http.StatusOK, a, nil)
	if got := d.look(tokens[domain.Manager], path, a.position); got != (seen{"posted", 1}) {
		t.Errorf("archived: %+v", got)
	}
	a = d.ask(tokens[domain.Manager], "DELETE", deskPath+"/archived", nil)
	d.want(http.StatusOK, a, nil)
	if got := d.look(tokens[domain.Manager], path, a.position); got != (seen{"open", 2}) {
		t.Errorf("in use again: %+v", got)
	}
}
