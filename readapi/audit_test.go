package readapi_test

import (
	"slices"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/internal/testdb"
	"suivi/readapi"
)

func TestTheAuditHasEveryEventOnceTheLastFirst(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Manager}})
		first, second := s.talkOfAll(), s.talkOfAll()
		s.settle() // streams are written at the same time: the deletion is to be the last event of the log
		s.do(first, person(2), ticket.Deleted{})
		s.settle()
		read := func(q readapi.AuditQuery) (events []string, more bool, last string) {
			t.Helper()
			list, more, err := s.api.Audit(s.ctx, actor(0), false, q)
			s.must(err)
			for _, e := range list {
				events, last = append(events, string(e.Ticket)+" "+e.Type), e.Position
			}
			return events, more, last
		}
		var all, before = []string{}, ""
		for more := true; more; {
			var page []string
			page, more, before = read(readapi.AuditQuery{Before: before, Limit: 5})
			all = append(all, page...)
		}
		whole, _, _ := read(readapi.AuditQuery{Limit: 1000})
		if !slices.Equal(all, whole) || len(all) != 20 || all[0] != string(first)+" ticket.deleted.v1" {
			t.Errorf("page by page %v, at once %v", all, whole)
		}
		for name, c := range map[string]struct {
			q    readapi.AuditQuery
			want int
		}{
			"by person 1": {readapi.AuditQuery{Actors: []domain.UserID{person(1)}}, 2}, "of a ticket": {readapi.AuditQuery{Ticket: second}, 8},
			"of two types": {readapi.AuditQuery{Types: []string{"ticket.note_added.v1", "ticket.posted.v1"}}, 4}, "of a tracker": {readapi.AuditQuery{Tracker: "HELP"}, 20},
			"of none": {readapi.AuditQuery{Tracker: "NONE"}, 0}, "still to come": {readapi.AuditQuery{From: time.Now().Add(time.Hour)}, 0},
			"long ago": {readapi.AuditQuery{To: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)}, 0}, "by another way": {readapi.AuditQuery{Source: domain.SourceCascade}, 0},
		} {
			c.q.Limit = 100
			if got, _, _ := read(c.q); len(got) != c.want {
				t.Errorf("%s: got %v, want %d events", name, got, c.want)
			}
		}
		if _, _, err := s.api.Audit(s.ctx, actor(2), false, readapi.AuditQuery{Limit: 1}); domain.KindOf(err) != domain.Forbidden {
			t.Errorf("who administers nothing: %v", err)
		}
	})
}

func TestAdministratorsGoThroughTheHistoryOfAnyTicket(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Manager}})
		live, gone := s.talkOfAll(), s.talkOfAll()
		s.do(gone, person(2), ticket.Deleted{})
		s.settle()
		for id, want := range map[domain.TicketID]int{live: 8, gone: 9} {
			sight, err := s.api.AuditedTicket(s.ctx, actor(0), string(id))
			s.must(err)
			events, more, err := s.api.WholeHistory(s.ctx, sight, true, 100)
			s.must(err)
			then, err := s.api.ReadVersion(s.ctx, sight, 1)
			s.must(err)
			if len(events) != want || more || sight.Deleted() != (id == gone) || then.Summary == "canary" {
				t.Errorf("%s: %d events, more %v, deleted %v, at first %q", id, len(events), more, sight.Deleted(), then.Summary)
			}
			if _, err := s.api.AuditedTicket(s.ctx, actor(2), string(id)); domain.KindOf(err) != domain.Forbidden {
				t.Errorf("who administers nothing: %v", err)
			}
		}
		deleted, more, err := s.api.DeletedTickets(s.ctx, actor(0), "", 10)
		s.must(err)
		if len(deleted) != 1 || deleted[0].Ticket != gone || more {
			t.Errorf("deleted are %v", deleted)
		}
	})
}

func TestWhatOneGaveToOthersIsWhatTheyHaveStill(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, address string) {
		s := newSite(t, address)
		s.desk("HELP", domain.Ticketing, map[domain.UserID][]domain.Role{person(1): {domain.Reporter}, person(2): {domain.Manager}, person(3): {domain.Developer}})
		var ids []domain.TicketID
		for range 5 {
			ids = append(ids, s.post("HELP", person(1), nil))
		}
		give := func(i int, by, to byte) { s.do(ids[i], person(by), ticket.Assigned{Assignee: person(to)}) }
		title := "asked again" // so that what follows did not come with the post
		for _, id := range ids[:4] {
			s.do(id, person(1), ticket.Edited{Summary: &title})
		}
		give(0, 2, 3)                                                   // has it still
		give(1, 2, 2)                                                   // to oneself
		give(2, 2, 3)                                                   // and another gave it on
		give(2, 0, 2)                                                   //
		give(3, 2, 3)                                                   // and gave it back
		s.do(ids[3], person(3), ticket.Unassigned{Previous: person(3)}) //
		give(4, 1, 3)                                                   // by the tracker, as its reporter posted it
		s.settle()
		for n, want := range map[byte][]domain.TicketID{0: {ids[2]}, 1: nil, 2: {ids[0]}, 3: nil} {
			rows, more, err := s.api.Assigned(s.ctx, actor(n), 10)
			s.must(err)
			var got []domain.TicketID
			for _, row := range rows {
				got = append(got, row.Ticket)
			}
			if !slices.Equal(got, want) || more {
				t.Errorf("person %d gave %v, want %v", n, got, want)
			}
		}
	})
}
