package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/eventstore"
	"suivi/integration/redmine"
)

// compare holds both sides against what people did, and takes note of where the words are.
func (w *together) compare(on *shared) {
	w.t.Helper()
	whole := w.ticket(on)
	twin, has := whole.Inner.Twin("redmine")
	on.issue, _ = strconv.Atoi(twin.ID)
	issue, err := w.people[0].there.Issue(w.t.Context(), on.issue)
	if !has || err != nil {
		w.t.Fatalf("%s: a twin: %t, %v", on.id, has, err)
	}
	w.compareWords(on, whole, issue)
	w.compareFiles(on, whole, issue)
	status := ""
	for state, id := range statuses() {
		if id == strconv.Itoa(issue.Status.ID) && (state != "posted" || whole.State == "posted") {
			status = state
		}
	}
	assignee := ""
	for _, p := range w.people {
		if p.thereID == issue.Assignee.ID {
			assignee = p.id
		}
	}
	w.compareValue(on, ofState, string(whole.State), status)
	w.compareValue(on, ofAssignee, string(whole.Assignee), assignee)
	w.compareValue(on, ofSummary, whole.Summary, issue.Subject)
	w.compareValue(on, ofDescription, tagIn(whole.Description), tagIn(issue.Description))
	w.compareLog(on)
}

// tagIn is the first tag in the text.
func tagIn(text string) string {
	if at := strings.Index(text, "tag"); at >= 0 && len(text) >= at+8 {
		return text[at : at+8]
	}
	return ""
}

func (w *together) compareValue(on *shared, of, here, there string) {
	w.t.Helper()
	v := on.values[of]
	if here != there || !slices.Contains(v.may, here) {
		w.t.Errorf("%s: the %s is %q here and %q there; people gave it %q", on.id, of, here, there, v.may)
	}
	v.settle(here)
}

// compareWords wants each word once on both sides, as whoever may read it, and no others.
func (w *together) compareWords(on *shared, whole ticket.Whole, issue redmine.Issue) {
	w.t.Helper()
	alive := 0
	var here, there []string
	for _, s := range whole.Said {
		if !s.Deleted {
			here = append(here, tagIn(s.Body))
		}
	}
	for _, j := range issue.Journals {
		if j.Notes != "" {
			there = append(there, tagIn(j.Notes))
		}
	}
	for _, word := range on.words {
		if word.deleted {
			continue
		}
		alive++
		i := slices.IndexFunc(whole.Said, func(s ticket.Said) bool { return !s.Deleted && slices.Contains(word.tags, tagIn(s.Body)) })
		k := slices.IndexFunc(issue.Journals, func(j redmine.Journal) bool { return j.Notes != "" && slices.Contains(word.tags, tagIn(j.Notes)) })
		if i < 0 || k < 0 {
			w.t.Errorf("%s: %v is here at %d and there at %d", on.id, word.tags, i, k)
			continue
		}
		s, j := whole.Said[i], issue.Journals[k]
		word.number, word.journal = s.Comment+s.Note, j.ID
		if tagIn(s.Body) != tagIn(j.Notes) || s.Internal() != word.internal || j.Private != word.internal || string(s.Author) != w.people[word.by].id {
			w.t.Errorf("%s: %+v is %+v here and %+v there", on.id, word, s, j)
		}
		word.tags = []string{tagIn(s.Body)}
	}
	slices.Sort(here)
	slices.Sort(there)
	if len(whole.Said) != len(on.words) || len(here) != alive || !slices.Equal(here, there) {
		w.t.Errorf("%s: people said %d things, %d of which are left; there are %d here: %v\nthere: %v", on.id, len(on.words), alive, len(whole.Said), here, there)
	}
}

func (w *together) compareFiles(on *shared, whole ticket.Whole, issue redmine.Issue) {
	w.t.Helper()
	var here, there []string
	for _, f := range whole.Files {
		here = append(here, f.Name)
	}
	for _, f := range issue.Files {
		there = append(there, f.Name)
	}
	want := slices.DeleteFunc(slices.Sorted(maps.Keys(on.files)), func(name string) bool { return !on.files[name] })
	slices.Sort(here)
	slices.Sort(there)
	if !slices.Equal(here, want) || !slices.Equal(there, want) {
		w.t.Errorf("%s: the files are %v here and %v there; people attached %v", on.id, here, there, want)
	}
}

// compareLog wants no event that nobody brought about, and each by whom and where it was.
func (w *together) compareLog(on *shared) {
	w.t.Helper()
	counts := map[string]int{}
	for e, err := range w.log.store.Read(w.t.Context(), domain.TicketID(on.id).Stream(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		event, meta := w.decode(e.Type, e.Data, e.Metadata)
		switch said := event.(type) {
		case ticket.StateChanged:
			counts[ofState]++
		case ticket.Assigned, ticket.Unassigned:
			counts[ofAssignee]++
		case ticket.Edited:
			if said.Summary != nil {
				counts[ofSummary]++
			}
			if said.Description != nil {
				counts[ofDescription]++
			}
		case ticket.Commented:
			w.compareAuthor(on, false, said.Comment, meta)
		case ticket.NoteAdded:
			w.compareAuthor(on, true, said.Note, meta)
		case ticket.MirrorRefused:
			if said.Code != "comment-deleted" && said.Code != "note-deleted" && said.Code != "attachment-not-found" {
				w.t.Errorf("%s: %+v", on.id, said)
			}
		}
	}
	for of, v := range on.values {
		if counts[of] < v.least || counts[of] > v.most {
			w.t.Errorf("%s: people changed the %s %d to %d times, the log has %d events of it", on.id, of, v.least, v.most, counts[of])
			w.tell(on)
		}
	}
}

func (w *together) compareAuthor(on *shared, internal bool, number int, meta domain.Meta) {
	w.t.Helper()
	for _, word := range on.words {
		if word.internal != internal || word.number != number {
			continue
		}
		want := domain.SourceAPI
		if word.there {
			want = domain.SourceRedmine
		}
		if meta.Source != want || string(meta.Actor) != w.people[word.by].id {
			w.t.Errorf("%s: the log says that %s said %v by %s", on.id, meta.Actor, word.tags, meta.Source)
		}
	}
}

// quiet wants nothing to happen any more on either side, whatever is polled and swept.
func (w *together) quiet() {
	w.t.Helper()
	state := func() (eventstore.Position, []int) {
		head, err := w.log.store.Head(w.t.Context(), eventstore.Filter{StreamPrefixes: []string{"ticket-"}})
		if err != nil {
			w.t.Fatal(err)
		}
		var journals []int
		for _, on := range w.tickets {
			issue, err := w.people[0].there.Issue(w.t.Context(), on.issue)
			if err != nil {
				w.t.Fatal(err)
			}
			journals = append(journals, len(issue.Journals))
		}
		return head, journals
	}
	head, journals := state()
	gets := w.proxy.Happened(0)
	began := time.Now()
	await(w.t, "it was polled and swept several times", func() bool { return w.proxy.Happened(0) > gets+20 && time.Since(began) > 4*time.Second })
	if again, after := state(); again != head || !slices.Equal(journals, after) {
		w.t.Errorf("something happens though nobody does anything: %v, %v; %v, %v", head, again, journals, after)
	}
}

// tell logs what happened to a ticket on both sides.
func (w *together) tell(on *shared) {
	w.t.Helper()
	for e, err := range w.log.store.Read(w.t.Context(), domain.TicketID(on.id).Stream(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		_, meta := w.decode(e.Type, e.Data, e.Metadata)
		w.t.Logf("%s %s by %s of %s: %s", e.Created.UTC().Format(time.StampMilli), e.Type, meta.Actor, meta.Source, e.Data)
	}
	issue, err := w.people[0].there.Issue(w.t.Context(), on.issue)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, j := range issue.Journals {
		w.t.Logf("%+v", j)
	}
}
