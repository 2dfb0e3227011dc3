package main

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"suivi/integration/redmine"
)

func (w *together) tag() string { w.tags++; return fmt.Sprintf("tag%05d", w.tags) }

func (w *together) post(who int) {
	w.t.Helper()
	var posted struct{ ID string }
	summary, description := w.tag(), w.tag()
	w.want(http.StatusCreated, w.ask(w.people[who].token, "POST", "/api/v1/trackers/HELP/tickets", object{"summary": summary, "description": "**It** is\n\n* " + description}), &posted)
	s := &shared{id: posted.ID, path: "/api/v1/tickets/" + posted.ID, files: map[string]bool{}, values: map[string]*value{}}
	for of, now := range map[string]string{ofState: "posted", ofAssignee: "", ofSummary: summary, ofDescription: description} {
		s.values[of] = &value{now: now, there: now, may: []string{now}}
	}
	w.tickets = append(w.tickets, s)
}

func (w *together) do(s step) {
	w.t.Helper()
	what := s.what % 20
	if what == 19 && len(w.tickets) < 8 {
		w.post(s.who)
		return
	}
	on := w.tickets[s.ticket%len(w.tickets)]
	side := s.side
	if on.issue == 0 {
		side = 0
	}
	names := [2]string{"here: ", "there: "}
	switch {
	case what < 5:
		w.kinds[names[side]+"say"]++
		w.say(on, s, side, false)
	case what < 7:
		w.kinds[names[side]+"note"]++
		w.say(on, s, side, true)
	case what < 14:
		of := []string{ofState, ofState, ofAssignee, ofSummary, ofDescription, ofState, ofAssignee}[what-7]
		w.kinds[names[side]+of]++
		w.change(on, s, side, of)
	case what < 16:
		w.kinds[names[side]+"file"]++
		w.attach(on, s, side)
	case what < 18:
		w.reword(on, s, side, false, names[side])
	default:
		w.reword(on, s, side, true, names[side])
	}
}

// there has somebody change the issue with their own key; two writes at one moment are no fault of theirs.
func (w *together) there(who int, on *shared, change redmine.Change) {
	w.t.Helper()
	w.until(func() error { return w.people[who].there.Update(w.t.Context(), on.issue, change) })
}

func (w *together) until(do func() error) {
	w.t.Helper()
	var err error
	for range 20 {
		if err = do(); err == nil {
			return
		}
		if refusal, ok := errors.AsType[*redmine.Error](err); !ok || !refusal.Conflict() {
			break
		}
	}
	w.t.Fatal(err)
}

func (w *together) say(on *shared, s step, side int, internal bool) {
	said := &word{tags: []string{w.tag()}, by: s.who, there: side == 1, internal: internal}
	on.words = append(on.words, said)
	if side == 1 {
		change := redmine.Change{"notes": "*So* it is, " + said.tags[0], "private_notes": internal}
		if to := w.other(on.values[ofState], statuses(), s, 1); s.more%3 == 0 { // with a new status at the same time
			change["status_id"] = statuses()[to]
			on.values[ofState].act(1, to)
		}
		w.there(s.who, on, change)
		return
	}
	a := w.ask(w.people[s.who].token, "POST", on.path+"/comments", object{"body": "**So** it is, " + said.tags[0], "internal": internal})
	w.want(http.StatusCreated, a, nil)
}

// other is a state that is not the one that the side has now.
func (w *together) other(v *value, of map[string]string, s step, side int) string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(of)), func(name string) bool { return name == "posted" || name == [2]string{v.now, v.there}[side] })
	return names[s.pick%len(names)]
}

func (w *together) change(on *shared, s step, side int, of string) {
	w.t.Helper()
	v, p := on.values[of], w.people[s.who]
	to, method, path, body := w.tag(), "PATCH", on.path, object{}
	change := redmine.Change{}
	switch of {
	case ofState:
		to = w.other(v, statuses(), s, side)
		method, path, body = "POST", on.path+"/state", object{"to": to}
		change["status_id"] = statuses()[to]
	case ofAssignee:
		all := map[string]string{"": ""}
		for _, p := range w.people {
			all[p.id] = strconv.Itoa(p.thereID)
		}
		to = w.other(v, all, s, side)
		method, path, body = "PUT", on.path+"/assignee", object{"user": to}
		if to == "" {
			method, body = "DELETE", nil
		}
		change["assigned_to_id"] = all[to]
	case ofSummary:
		body[of], change["subject"] = to, to
	case ofDescription:
		body[of] = "**New**: " + to
		issue, err := p.there.Issue(w.t.Context(), max(on.issue, 1))
		if err != nil && side == 1 {
			w.t.Fatal(err)
		}
		first, _, _ := strings.Cut(issue.Description, "\n")
		change["description"] = strings.TrimSpace(first) + "\n\n*New*: " + to
	}
	v.act(side, to)
	if side == 1 {
		w.there(s.who, on, change)
		return
	}
	a := w.ask(p.token, method, path, body)
	if method == "DELETE" && a.status == http.StatusNoContent || of == ofState && a.status == http.StatusConflict {
		return // the latter: somebody there did the same just before
	}
	w.want(http.StatusOK, a, nil)
}

func (w *together) attach(on *shared, s step, side int) {
	w.t.Helper()
	p := w.people[s.who]
	if gone := w.some(slices.Sorted(maps.Keys(on.files)), s, func(name string) bool { return on.files[name] }); gone != "" && s.more%4 == 0 {
		w.detach(on, p, gone, side)
		return
	}
	name := w.tag() + ".txt"
	on.files[name] = true
	if side == 0 {
		w.attachHere(p, on, name)
		return
	}
	w.until(func() error {
		token, err := p.there.Upload(w.t.Context(), name, strings.NewReader("content of "+name))
		if err != nil {
			return err
		}
		return p.there.Update(w.t.Context(), on.issue, redmine.Change{"uploads": []any{object{"token": token, "filename": name}}})
	})
}

func (w *together) attachHere(p someone, on *shared, name string) {
	w.t.Helper()
	w.desk.attach(p.token, on.path+"/attachments", sent{name, "text/plain", "content of " + name})
}

// detach removes a file that the side has; if it does not have it yet, nothing is done.
func (w *together) detach(on *shared, p someone, name string, side int) {
	w.t.Helper()
	if side == 1 {
		issue, err := p.there.Issue(w.t.Context(), on.issue)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, f := range issue.Files {
			if f.Name == name {
				on.files[name] = false
				w.until(func() error { return p.there.RemoveFile(w.t.Context(), f.ID) })
			}
		}
		return
	}
	for _, f := range w.ticket(on).Files {
		if f.Name == name {
			on.files[name] = false
			if a := w.ask(p.token, "DELETE", on.path+"/attachments/"+string(f.ID), nil); a.status != http.StatusNoContent && a.status != http.StatusOK && a.status != http.StatusNotFound {
				w.t.Fatalf("remove %s: %d %s", name, a.status, a.body)
			}
		}
	}
}

func (w *together) some(of []string, s step, is func(string) bool) string {
	of = slices.DeleteFunc(of, func(one string) bool { return !is(one) })
	if len(of) == 0 {
		return ""
	}
	return of[s.pick%len(of)]
}

// reword edits or deletes something said that both sides have.
func (w *together) reword(on *shared, s step, side int, remove bool, name string) {
	w.t.Helper()
	words := slices.DeleteFunc(slices.Clone(on.words), func(one *word) bool { return one.deleted || one.number == 0 })
	if len(words) == 0 {
		return
	}
	said, p := words[s.pick%len(words)], w.people[s.who]
	kind := "/comments/"
	if said.internal {
		kind = "/notes/"
	}
	path := on.path + kind + strconv.Itoa(said.number)
	if remove {
		w.kinds[name+"delete"]++
		said.deleted = true
		if side == 1 {
			w.until(func() error { return ifThere(p.there.EditNote(w.t.Context(), said.journal, "")) })
			return
		}
		if a := w.ask(p.token, "DELETE", path, nil); a.status >= 300 {
			w.t.Fatalf("delete %s: %d %s", path, a.status, a.body)
		}
		return
	}
	w.kinds[name+"edit"]++
	said.tags = append(said.tags, w.tag())
	last := said.tags[len(said.tags)-1]
	if side == 1 {
		before := ""
		issue, err := p.there.Issue(w.t.Context(), on.issue)
		for _, j := range issue.Journals {
			if first, _, more := strings.Cut(j.Notes, "\n"); j.ID == said.journal && more && strings.Contains(first, "("+on.id) {
				before = strings.TrimSpace(first) + "\n\n"
			}
		}
		w.until(func() error { return err })
		w.until(func() error { return ifThere(p.there.EditNote(w.t.Context(), said.journal, before+"_Rather_ "+last)) })
		return
	}
	w.ask(p.token, "PATCH", path, object{"body": "_Rather_ " + last})
}

// ifThere is no error for a note that was taken away at the same time on the other side.
func ifThere(err error) error {
	if e, ok := errors.AsType[*redmine.Error](err); ok && e.Status == http.StatusNotFound {
		return nil
	}
	return err
}
