package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"suivi/database"
	"suivi/domain"
)

// The service is killed again and again amid cascades. In the end each ticket is
// transferred, and has one copy, of which both know.
func TestTheServiceIsKilledAmidCascades(t *testing.T) {
	t.Parallel()
	const tickets, kills = 60, 4
	d := serveDesk(t, t.TempDir())
	tokens, _ := levels(d, nil)
	resolver := tokens[domain.Resolver]
	paths := make([]string, tickets)
	for i := range paths {
		paths[i] = d.post(tokens[domain.Reporter], fmt.Sprintf("Ticket %d", i))
		d.want(http.StatusCreated, d.ask(resolver, "POST", paths[i]+"/comments", object{"body": "Hm"}), nil)
	}
	sent := make([]atomic.Bool, tickets)
	for round := range kills + 1 {
		if round > 0 {
			d = serveDesk(t, d.data)
		}
		var acknowledged atomic.Int64
		var all sync.WaitGroup
		next := make(chan int, tickets)
		for i := range paths {
			if !sent[i].Load() {
				next <- i
			}
		}
		close(next)
		for range 4 {
			all.Go(func() {
				for i := range next {
					a, err := d.try(resolver, "POST", paths[i]+"/cascade", nil, "Idempotency-Key", paths[i])
					if err != nil {
						return // it is dead
					}
					if a.status != http.StatusOK {
						t.Errorf("%s: %d %s", paths[i], a.status, a.body)
					}
					sent[i].Store(true)
					acknowledged.Add(1)
				}
			})
		}
		if round < kills {
			await(t, "some are sent", func() bool { return acknowledged.Load() >= tickets/(kills+2) })
			d.kill()
		}
		all.Wait()
	}
	copies := map[string]string{}
	for _, path := range paths {
		var below linkedTicket
		await(t, "the copy of "+path+" is there", func() bool {
			below = d.linked(resolver, path)
			return len(below.Copies) > 0
		})
		above := below.Copies[0].Ticket
		if other, twice := copies[above]; twice || below.State != "transferred" || len(below.Copies) != 1 {
			t.Errorf("%s is %s with the copies %+v; %q has one of them", path, below.State, below.Copies, other)
		}
		copies[above] = path
		if copied := d.linked(resolver, "/api/v1/tickets/"+above); copied.CopyOf == nil || !strings.HasSuffix(path, copied.CopyOf.Ticket) || copied.Comments != 1 {
			t.Errorf("the copy of %s is %+v", path, copied)
		}
	}
	var list reactorList
	await(t, "the reactor has heard everything", func() bool {
		d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/admin/parked", nil), &list)
		return list.Reactors[0].Lag == 0
	})
	var counted counts
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/tickets/counts?tracker=TOP", nil), &counted)
	if len(list.Parked) > 0 || counted.Lists["open"] != tickets || counted.Lists["resolved"] != 0 {
		t.Errorf("parked %+v; above are %v", list.Parked, counted)
	}
	checkLog(d)
}

// The service dies with cascades under way, and the reactor's tables are lost: what
// it has not heard it never will. It mends the links all the same.
func TestCascadesAreMendedWhenTheReactorHasForgotten(t *testing.T) {
	t.Parallel()
	const tickets = 30
	d := serveDesk(t, t.TempDir())
	tokens, _ := levels(d, nil)
	resolver := tokens[domain.Resolver]
	up := func(path string) { d.want(http.StatusOK, d.ask(resolver, "POST", path+"/cascade", nil), nil) }
	recalled, deleted, refused := d.post(resolver, "Recalled"), d.post(resolver, "Deleted"), d.post(resolver, "Refused")
	aboveRecalled, aboveDeleted, aboveRefused := d.cascade(resolver, recalled), d.cascade(resolver, deleted), d.cascade(resolver, refused)
	paths := make([]string, tickets)
	for i := range paths {
		paths[i] = d.post(resolver, "Sent")
	}
	for _, path := range paths {
		up(path)
	}
	d.want(http.StatusOK, d.ask(resolver, "POST", recalled+"/recall", nil), nil)
	d.want(http.StatusNoContent, d.ask(resolver, "DELETE", aboveDeleted, nil), nil)
	d.want(http.StatusOK, d.ask(resolver, "POST", aboveRefused+"/refuse", object{"reason": "Not ours"}), nil)
	d.kill()
	db, err := database.Open(t.Context(), database.Config{URL: "sqlite://" + filepath.Join(d.data, "accounts.db"), Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Write.ExecContext(t.Context(), `DELETE FROM reactors`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	d = serveDesk(t, d.data)
	for _, path := range paths {
		await(t, path+" has its copy", func() bool { return len(d.linked(resolver, path).Copies) == 1 })
	}
	d.awaitState(deleted, "open")
	d.awaitState(refused, "open")
	await(t, "the copies know", func() bool {
		return d.linked(resolver, aboveRecalled).CopyOf.Ended == "recalled" && d.linked(resolver, aboveRefused).CopyOf.Ended == "refused"
	})
	checkLog(d)
}
