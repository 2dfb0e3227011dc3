package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"suivi/domain"
)

// levels is a desk with the tracker DESK below TOP. The reporter of DESK has no
// role in TOP; its resolver is above and below.
func levels(d *desk, settings map[string]any) (tokens, ids map[domain.Role]string) {
	d.t.Helper()
	tokens, ids = staffed(d, settings)
	d.want(http.StatusCreated, d.ask(d.token, "POST", "/api/v1/trackers", object{"key": "TOP", "name": "Top",
		"members": object{ids[domain.Resolver]: []string{"manager", "resolver"}}}), nil)
	d.want(http.StatusOK, d.ask(d.token, "PUT", deskPath+"/parent", object{"parent": "TOP"}), nil)
	return tokens, ids
}

// linkedTicket is a ticket with the other ends of its cascades.
type linkedTicket struct {
	ID, State, Resolution, Reporter, Description string
	Comments                                     int
	Answers                                      map[string]string
	CopyOf                                       *struct{ Ticket, Ended string }
	Copies                                       []struct{ Ticket, Ended string }
}

func (d *desk) linked(token, path string) (t linkedTicket) {
	d.t.Helper()
	var a answer
	await(d.t, path+" is in the read models", func() bool {
		a = d.ask(token, "GET", path, nil)
		return a.status != http.StatusNotFound
	})
	d.want(http.StatusOK, a, &t)
	return t
}

// told is the history of a ticket, a line for each event.
func (d *desk) told(token, path string) string {
	d.t.Helper()
	var list struct {
		History []struct{ Words, Source string }
	}
	d.want(http.StatusOK, d.ask(token, "GET", path+"/history?limit=200", nil), &list)
	var lines []string
	for _, h := range list.History {
		lines = append(lines, h.Source+": "+h.Words)
	}
	return strings.Join(lines, "\n")
}

// cascade sends a ticket up and gives the path of its copy once that is there.
func (d *desk) cascade(token, path string) string {
	d.t.Helper()
	before := len(d.linked(d.token, path).Copies)
	d.want(http.StatusOK, d.ask(token, "POST", path+"/cascade", nil), nil)
	var t linkedTicket
	await(d.t, "the copy is there", func() bool {
		t = d.linked(d.token, path)
		return len(t.Copies) > before
	})
	return "/api/v1/tickets/" + t.Copies[before].Ticket
}

func (d *desk) awaitState(path, state string) {
	d.t.Helper()
	await(d.t, path+" is "+state, func() bool { return d.linked(d.token, path).State == state })
}

func TestACascadedTicketHasACopyAboveAndHearsOfIt(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		t := d.t
		tokens, ids := levels(d, object{"backReport": "resolve", "reportComments": true})
		resolver, reporter := tokens[domain.Resolver], tokens[domain.Reporter]
		for _, key := range []string{"DESK", "TOP"} {
			d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/"+key+"/fields/room", object{"type": "text"}), nil)
		}
		var posted linkedTicket
		d.want(http.StatusCreated, d.ask(reporter, "POST", deskPath+"/tickets", object{"summary": "No sound", "description": "At *all*", "answers": object{"room": "B12"}}), &posted)
		path := "/api/v1/tickets/" + posted.ID
		d.want(http.StatusCreated, d.ask(reporter, "POST", path+"/comments", object{"body": "Since today"}), nil)
		f, _ := d.attach(reporter, path+"/attachments", sent{"log.txt", "text/plain", "hello"})

		d.refused(http.StatusForbidden, "right-missing", d.ask(tokens[domain.Developer], "POST", path+"/cascade", nil))
		d.want(http.StatusOK, d.ask(resolver, "POST", path+"/cascade", object{"comment": "One for you"}, "Idempotency-Key", "up"), nil)
		d.want(http.StatusOK, d.ask(resolver, "POST", path+"/cascade", object{"comment": "One for you"}, "Idempotency-Key", "up"), nil)
		d.refused(http.StatusConflict, "no-change", d.ask(resolver, "POST", path+"/cascade", nil))
		await(t, "the copy is there", func() bool { return len(d.linked(resolver, path).Copies) == 1 })
		original := d.linked(resolver, path)
		above := "/api/v1/tickets/" + original.Copies[0].Ticket
		var copied linkedTicket
		await(t, "the copy has what was said", func() bool { // which the read models may have a moment after it
			copied = d.linked(d.token, above) // the administrator takes no notice, so it is still posted
			return copied.Comments == 2
		})
		if original.State != "transferred" || copied.State != "posted" || copied.Reporter != ids[domain.Reporter] || copied.Description != "At *all*" ||
			copied.Answers["room"] != "B12" || copied.CopyOf == nil || copied.CopyOf.Ticket != posted.ID {
			t.Errorf("original %+v, copy %+v", original, copied)
		}
		var comments struct {
			Comments []struct{ Author, Body string }
		}
		d.want(http.StatusOK, d.ask(resolver, "GET", above+"/comments", nil), &comments)
		if c := comments.Comments; len(c) != 2 || c[0].Author != ids[domain.Reporter] || c[0].Body != "Since today" || c[1].Author != ids[domain.Resolver] {
			t.Errorf("comments %+v", c)
		}
		files := d.files(resolver, above, "")
		if len(files) != 1 || files[0].ID == f.ID || string(d.ask(resolver, "GET", files[0].path(), nil).body) != "hello" {
			t.Errorf("files %+v", files)
		}
		// Who sees one end is not told of the other: the manager below of the copy.
		if seen := d.linked(tokens[domain.Manager], path); len(seen.Copies) > 0 || strings.Contains(d.told(tokens[domain.Manager], path), "TOP-") {
			t.Errorf("a stranger above sees %+v\n%s", seen, d.told(tokens[domain.Manager], path))
		}

		// What happens above is told below.
		d.want(http.StatusOK, d.ask(resolver, "POST", above+"/state", object{"to": "working"}), nil)
		d.want(http.StatusCreated, d.ask(resolver, "POST", above+"/comments", object{"body": "Is it plugged in?"}), nil)
		d.want(http.StatusOK, d.ask(resolver, "POST", above+"/state", object{"to": "resolved", "resolution": "It was not"}), nil)
		d.awaitState(path, "resolved")
		original = d.linked(reporter, path)
		history := d.told(reporter, path)
		if original.Resolution != "It was not" || original.Comments != 3 || !strings.Contains(history, "cascade: At the upper level: “In progress”.") ||
			!strings.Contains(history, "cascade: At the upper level: “Resolved”.") || !strings.Contains(history, "cascade: Comment 3 taken over") {
			t.Errorf("%+v\n%s", original, history)
		}
		// Taken up again above, it is there again; resolved once more, it is here as well.
		d.want(http.StatusOK, d.ask(resolver, "POST", above+"/state", object{"to": "working"}), nil)
		d.awaitState(path, "transferred")
		d.want(http.StatusOK, d.ask(resolver, "POST", above+"/state", object{"to": "validated"}), nil)
		d.awaitState(path, "resolved")
		// Taken up again below, the two go their own ways.
		d.want(http.StatusOK, d.ask(resolver, "POST", path+"/state", object{"to": "working"}), nil)
		await(t, "the copy knows", func() bool { return d.linked(resolver, above).CopyOf.Ended == "reopened" })
		checkLog(d)
	})
}

// checkLog holds the read models against the events.
func checkLog(d *desk) {
	d.t.Helper()
	command(d.t, "projections", "verify", "--data", d.data)
}

func TestACascadedTicketComesBack(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		t := d.t
		tokens, _ := levels(d, nil)
		resolver := tokens[domain.Resolver]
		for name, c := range map[string]struct {
			undo  func(path, above string) answer
			ended string
			below string // in its history
		}{
			"recalled": {func(path, _ string) answer { return d.ask(resolver, "POST", path+"/recall", nil) }, "recalled", "api: Called back from the upper level."},
			"refused": {func(_, above string) answer {
				return d.ask(resolver, "POST", above+"/refuse", object{"reason": "Not ours"})
			}, "refused", "cascade: Handed back by the upper level: Not ours"},
			"deleted": {func(_, above string) answer { return d.ask(resolver, "DELETE", above, nil) }, "deleted", "cascade: The link is broken"},
		} {
			path := d.post(tokens[domain.Reporter], name)
			above := d.cascade(resolver, path)
			if a := c.undo(path, above); a.status >= 300 {
				t.Fatalf("%s: %d %s", name, a.status, a.body)
			}
			d.awaitState(path, "open")
			if history := d.told(resolver, path); !strings.Contains(history, c.below) {
				t.Errorf("%s: %s", name, history)
			}
			if name != "deleted" {
				await(t, name+": the copy knows", func() bool { return d.linked(resolver, above).CopyOf.Ended == c.ended })
			}
			// It is in the stack again, and can be sent up once more.
			var ranked struct{ Rank int }
			d.want(http.StatusOK, d.ask(resolver, "GET", path, nil), &ranked)
			if ranked.Rank == 0 {
				t.Errorf("%s: it has no rank", name)
			}
			if again := d.cascade(resolver, path); again == above {
				t.Errorf("%s: the second copy is the first", name)
			}
		}
		if a := d.ask(d.token, "GET", "/api/v1/tickets?tracker=TOP&list=all", nil); bytes.Count(a.body, []byte(`"id"`)) != 5 { // one of six was deleted
			t.Errorf("got %s", a.body)
		}
		checkLog(d)
	})
}

func TestOfManyCascadesAtOnceOneWins(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := levels(d, nil)
	path := d.post(tokens[domain.Reporter], "Up")
	statuses := make([]int, 8)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() {
			if a, err := d.try(tokens[domain.Resolver], "POST", path+"/cascade", nil); err == nil {
				statuses[i] = a.status
			}
		})
	}
	all.Wait()
	won := 0
	for _, status := range statuses {
		switch status {
		case http.StatusOK:
			won++
		case http.StatusConflict:
		default:
			t.Errorf("got %v", statuses)
		}
	}
	await(t, "the copy is there", func() bool { return len(d.linked(d.token, path).Copies) == 1 })
	if won != 1 {
		t.Errorf("%d have won", won)
	}
}

// An idempotency key is of one person; who uses it for two tickets means both.
func TestOneKeyForTwoTicketsMakesTwoCopies(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, _ := levels(d, nil)
	var above []string
	for _, summary := range []string{"One", "Two"} {
		path := d.post(tokens[domain.Reporter], summary)
		d.want(http.StatusOK, d.ask(tokens[domain.Resolver], "POST", path+"/cascade", nil, "Idempotency-Key", "same"), nil)
		await(t, "the copy is there", func() bool { return len(d.linked(d.token, path).Copies) == 1 })
		above = append(above, d.linked(d.token, path).Copies[0].Ticket)
	}
	if above[0] == above[1] {
		t.Errorf("both have the copy %s", above[0])
	}
}

// Nothing that is for staff alone comes to the parent tracker: not in the stored
// events, and not in any answer to who is manager there.
func TestNoSecretGoesUp(t *testing.T) {
	t.Parallel()
	d := serveDesk(t, t.TempDir())
	tokens, ids := levels(d, nil)
	resolver, developer := tokens[domain.Resolver], tokens[domain.Developer]
	for _, key := range []string{"DESK", "TOP"} { // the parent hides nothing, which is the trap
		d.want(http.StatusOK, d.ask(d.token, "PUT", "/api/v1/trackers/"+key+"/fields/secret", object{"type": "text", "hidden": key == "DESK"}), nil)
	}
	path := d.post(tokens[domain.Reporter], "Open")
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "PATCH", path, object{"answers": object{"secret": "canary-answer"}}), nil)
	d.want(http.StatusCreated, d.ask(developer, "POST", path+"/comments", object{"body": "canary-note", "internal": true}), nil)
	d.want(http.StatusCreated, d.ask(developer, "POST", path+"/comments", object{"body": "canary-comment"}), nil)
	d.want(http.StatusOK, d.ask(tokens[domain.Manager], "DELETE", path+"/comments/1", nil), nil)
	files, a := d.send(developer, path+"/attachments?internal=true", []sent{{"canary-file.txt", "text/plain", "x"}})
	if a.status != http.StatusCreated || len(files) != 1 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	above := d.cascade(resolver, path)
	d.want(http.StatusCreated, d.ask(resolver, "POST", above+"/comments", object{"body": "canary-above", "internal": true}), nil)
	d.want(http.StatusOK, d.ask(resolver, "POST", above+"/state", object{"to": "working"}), nil)
	await(t, "the report is there", func() bool { return strings.Contains(d.told(resolver, path), "In progress") })
	for _, exit := range []string{"", "/history", "/comments", "/notes", "/attachments", "/html"} {
		if a := d.ask(d.token, "GET", above+exit, nil); bytes.Contains(bytes.ReplaceAll(a.body, []byte("canary-above"), nil), []byte("canary")) {
			t.Errorf("%s tells: %s", exit, a.body)
		}
		if a := d.ask(d.token, "GET", path+exit, nil); bytes.Contains(a.body, []byte("canary-above")) {
			t.Errorf("%s of the original tells: %s", exit, a.body)
		}
	}
	var found struct{ Tickets []json.RawMessage }
	for _, word := range []string{"canary-note", "canary-answer", "canary-file", "canary-comment"} {
		d.want(http.StatusOK, d.ask(resolver, "GET", "/api/v1/tickets?list=all&tracker=TOP&q="+word, nil), &found)
		if len(found.Tickets) > 0 {
			t.Errorf("a search above finds %s", word)
		}
	}
	if _, member := d.linked(d.token, above).Answers["secret"]; member || ids[domain.Manager] == "" {
		t.Error("the hidden answer went up")
	}
}

func TestWhatTheCascadeCannotDoIsParkedAndTriedAgain(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(d *desk, _ func() *desk) {
		t := d.t
		tokens, _ := levels(d, nil)
		resolver := tokens[domain.Resolver]
		parked := func() (list reactorList) {
			d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/admin/parked", nil), &list)
			return list
		}
		stuck, skipped := d.post(tokens[domain.Reporter], "Stuck"), d.post(tokens[domain.Reporter], "Skipped")
		aboveStuck, aboveSkipped := d.cascade(resolver, stuck), d.cascade(resolver, skipped)
		d.want(http.StatusOK, d.ask(d.token, "PUT", deskPath+"/archived", nil), nil) // so that it takes no report
		for _, above := range []string{aboveStuck, aboveSkipped} {
			d.want(http.StatusOK, d.ask(resolver, "POST", above+"/state", object{"to": "working"}), nil)
			d.want(http.StatusOK, d.ask(resolver, "POST", above+"/state", object{"to": "testing"}), nil)
		}
		await(t, "four reports are parked", func() bool { return len(parked().Parked) == 4 })
		list := parked()
		if r := list.Reactors; len(r) != 2 || r[0].Name != "cascade" || r[0].State != "running" || r[0].Parked != 4 || r[1].Name != "redmine" || r[1].Parked != 0 {
			t.Errorf("reactors %+v", r)
		}
		waiting := 0
		for _, p := range list.Parked {
			if p.Tries == 0 {
				waiting++
			} else if !strings.Contains(p.Reason, "tracker-archived") {
				t.Errorf("reason %q", p.Reason)
			}
			if strings.HasSuffix(aboveSkipped, "/"+string(p.Ticket)) {
				command(t, "parked", "resolve", p.ID, "--data", d.data)
			}
		}
		if waiting != 2 {
			t.Errorf("%d wait behind others: %+v", waiting, list.Parked)
		}
		if out := command(t, "parked", "list", "--data", d.data); !strings.Contains(out, "tracker-archived") || strings.Contains(out, strings.TrimPrefix(aboveSkipped, "/api/v1/tickets/")+" ") {
			t.Errorf("got %s", out)
		}
		d.refused(http.StatusForbidden, "admin-only", d.ask(resolver, "GET", "/api/v1/admin/parked", nil))
		d.refused(http.StatusNotFound, "parked-not-found", d.ask(d.token, "POST", "/api/v1/admin/parked/"+list.Parked[0].ID+"x/retry", nil))
		d.want(http.StatusOK, d.ask(d.token, "DELETE", deskPath+"/archived", nil), nil)
		for _, p := range parked().Parked {
			a := d.ask(d.token, "POST", "/api/v1/admin/parked/"+p.ID+"/retry", nil)
			if a.status != http.StatusAccepted && a.status != http.StatusNotFound { // done by now: the first takes the second along
				t.Errorf("got %d %s", a.status, a.body)
			}
		}
		await(t, "nothing is parked", func() bool { return len(parked().Parked) == 0 })
		await(t, "the reports are there", func() bool { return strings.Contains(d.told(resolver, stuck), "Being tested") })
		history := d.told(resolver, stuck)
		if strings.Count(history, "At the upper level") != 2 || strings.Index(history, "In progress") > strings.Index(history, "Being tested") {
			t.Errorf("not once each, and in order: %s", history)
		}
		if history := d.told(resolver, skipped); strings.Contains(history, "At the upper level") {
			t.Errorf("what was resolved by hand was done: %s", history)
		}
	})
}
