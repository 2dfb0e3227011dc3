package main

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"suivi/domain"
)

func TestTrackersFormATreeThroughTheAPI(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := staffed(d, nil)
	manager := tokens[domain.Manager]
	for _, key := range []string{"TOP", "HIDDEN"} {
		d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{"key": key, "name": key}), nil)
	}
	d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/TOP/members/"+ids[domain.Manager], map[string]any{"roles": []string{"reporter"}}), nil)
	place := func(token, child, parent string) answer {
		return d.ask(token, "PUT", "/api/v1/trackers/"+child+"/parent", map[string]any{"parent": parent})
	}
	d.refused(http.StatusForbidden, "right-missing", place(tokens[domain.Developer], "DESK", "TOP"))
	d.refused(http.StatusUnprocessableEntity, "invalid-input", place(manager, "DESK", "HIDDEN"))
	d.refused(http.StatusUnprocessableEntity, "invalid-input", place(manager, "DESK", "NONE"))
	d.refused(http.StatusUnprocessableEntity, "invalid-input", d.ask(manager, "PATCH", deskPath, map[string]any{"states": []string{"open", "transferred"}}))
	a := place(manager, "DESK", "TOP")
	d.want(http.StatusOK, a, nil)
	var below, above struct {
		Parent   string
		Children []string
		States   []struct {
			State   string
			Enabled bool
		}
	}
	d.want(http.StatusOK, d.ask(manager, "GET", deskPath, nil, "X-Suivi-After", a.position), &below)
	d.want(http.StatusOK, d.ask(manager, "GET", "/api/v1/trackers/TOP", nil), &above)
	if below.Parent != "TOP" || !below.States[10].Enabled || len(above.Children) != 1 || above.Children[0] != "DESK" || above.States[10].Enabled {
		t.Errorf("below %+v, above %+v", below, above)
	}
	// Nobody but the cascade sets the state that the parent enables.
	path := d.post(tokens[domain.Reporter], "Up?")
	d.refused(http.StatusConflict, "transition-forbidden", d.ask(manager, "POST", path+"/state", map[string]any{"to": "transferred"}))
	d.refused(http.StatusConflict, "hierarchy-cycle", place(d.token, "TOP", "DESK"))
	d.refused(http.StatusConflict, "hierarchy-cycle", place(d.token, "DESK", "DESK"))
	d.want(http.StatusOK, place(d.token, "TOP", "HIDDEN"), nil)
	d.refused(http.StatusConflict, "hierarchy-cycle", place(d.token, "HIDDEN", "DESK"))
	d.want(http.StatusOK, d.ask(manager, "DELETE", deskPath+"/parent", nil), nil)
	d.want(http.StatusOK, place(d.token, "HIDDEN", "DESK"), nil)
}

func TestOfManyBindingsAtOnceNoneMakesACircle(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	keys := []string{"AA", "BB", "CC"}
	for _, key := range keys {
		d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", map[string]any{"key": key, "name": key}), nil)
	}
	for range 10 {
		var made atomic.Int64
		var all sync.WaitGroup
		for i, key := range keys { // AA below BB below CC below AA
			all.Go(func() {
				a, err := d.try(d.token, "PUT", "/api/v1/trackers/"+key+"/parent", map[string]any{"parent": keys[(i+1)%3]})
				if err == nil && a.status == http.StatusOK {
					made.Add(1)
				} else if err != nil || a.status != http.StatusConflict && a.status != http.StatusServiceUnavailable {
					t.Errorf("%d %s, %v", a.status, a.body, err)
				}
			})
		}
		all.Wait()
		if made.Load() > 2 {
			t.Errorf("all of %d bindings were made: they are a circle", made.Load())
		}
		for _, key := range keys {
			d.want(http.StatusOK, d.ask(d.token, "DELETE", "/api/v1/trackers/"+key+"/parent", nil), nil)
		}
	}
}
