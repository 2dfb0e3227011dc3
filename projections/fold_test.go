package projections_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/internal/testdb"
)

// Any histories, any restarts: a row is the fold of its events.
func TestRowsAreTheFoldOfAnyHistory(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		var number int64
		p, stop := w.run(t)
		rapid.Check(t, func(r *rapid.T) {
			if rapid.IntRange(0, 19).Draw(r, "restart") == 0 {
				stop()
				p, stop = w.run(t)
			}
			first := number + 1
			lives := map[domain.TicketID][]ticket.Event{}
			for range rapid.IntRange(1, 4).Draw(r, "tickets") {
				number++
				lives[domain.NewTicketID("HELP", number)] = life(r, number)
			}
			w.interleave(t, r, lives)
			w.settle(t, p)
			want, err := w.folds(t, first, number)
			if err != nil {
				r.Fatal(err)
			}
			got := w.rows(t, first, number)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				r.Fatal(diff)
			}
		})
		verified(t, p)
	})
}

// life is a random history of a ticket.
func life(r *rapid.T, number int64) []ticket.Event {
	post := posted(number)
	post.Description = rapid.String().Draw(r, "description")
	post.Answers = rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}`), rapid.StringN(1, 5, -1), 0, 3).Draw(r, "answers")
	if rapid.Bool().Draw(r, "branched") {
		post.BranchedFrom = &ticket.Origin{Ticket: "HELP-1", Comment: rapid.IntRange(1, 3).Draw(r, "comment")}
	}
	events := []ticket.Event{post}
	comments, notes, raises := 0, 0, 0
	in := post.Tracker
	for range rapid.IntRange(0, 8).Draw(r, "events") {
		switch rapid.IntRange(0, 17).Draw(r, "event") {
		case 17:
			moved := moved(r, in)
			in = moved.To
			events = append(events, moved)
		case 0:
			summary := rapid.String().Draw(r, "summary")
			events = append(events, ticket.Edited{Summary: &summary,
				Answers: rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}`), rapid.StringN(0, 5, -1), 0, 3).Draw(r, "answers")})
		case 1:
			events = append(events, ticket.ResolutionWritten{Resolution: rapid.String().Draw(r, "resolution")})
		case 2:
			events = append(events, ticket.StateChanged{From: tracker.Posted, To: rapid.SampledFrom(tracker.States()).Draw(r, "to")})
		case 3:
			events = append(events, ticket.Assigned{Assignee: person(rapid.IntRange(1, 5).Draw(r, "assignee"))})
		case 4:
			events = append(events, ticket.Unassigned{Previous: person(1)})
		case 14:
			events = append(events, ticket.Ranked{Rank: rank.Key(rapid.StringMatching(`[0-9A-Za-z]{1,9}[1-9]`).Draw(r, "rank"))})
		case 15:
			raises++
			events = append(events, ticket.RaiseRequested{Request: raises, Reason: rapid.String().Draw(r, "reason"), Urgent: rapid.Bool().Draw(r, "urgent")})
			if rapid.Bool().Draw(r, "granted") {
				events = append(events, ticket.RaiseGranted{Request: raises})
			} else {
				events = append(events, ticket.RaiseRefused{Request: raises, Answer: rapid.String().Draw(r, "answer")})
			}
		case 6, 7:
			if comments > 0 {
				events = append(events, again(r, comments))
			}
		case 12:
			events = append(events, ticket.Deleted{})
		case 16:
			events = append(events, file(r)...)
		case 13:
			events = append(events, ticket.Undeleted{})
		case 10:
			events = append(events, ticket.Watched{User: person(rapid.IntRange(1, 3).Draw(r, "watcher")), Topics: []domain.Topic{"comment"}})
		case 11:
			events = append(events, ticket.Unwatched{User: person(rapid.IntRange(1, 3).Draw(r, "watcher"))})
		case 8:
			notes++
			events = append(events, ticket.NoteAdded{Note: notes, Body: rapid.String().Draw(r, "body")})
		case 9:
			if notes > 0 {
				events = append(events, ticket.NoteEdited{Note: notes, Body: rapid.String().Draw(r, "body")}, ticket.NoteDeleted{Note: notes})
			}
		case 5:
			comments++
			events = append(events, ticket.Commented{Comment: comments, Body: rapid.String().Draw(r, "body")})
		}
	}
	return events
}

// moved takes the ticket to another tracker, with any answers.
func moved(r *rapid.T, from domain.TrackerKey) ticket.Moved {
	moved := ticket.Moved{
		From: from, To: rapid.SampledFrom([]domain.TrackerKey{"HELP", "NET", "LAB"}).Draw(r, "to"),
		Answers: rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}`), rapid.StringN(1, 5, -1), 0, 3).Draw(r, "answers there"),
	}
	for code, answer := range rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}`), rapid.StringN(1, 5, -1), 0, 3).Draw(r, "brought") {
		moved.Brought = append(moved.Brought, ticket.Brought{From: from, Code: code, Answer: answer})
	}
	return moved
}

// file attaches a file, and may remove it again.
func file(r *rapid.T) []ticket.Event {
	id, internal := domain.NewAttachmentID("", 0), rapid.Bool().Draw(r, "internal")
	attached := ticket.FileAttached{File: domain.File{ID: id, Name: rapid.String().Draw(r, "name"), Size: 7, Hash: "ab"}, Internal: internal}
	if !internal && rapid.Bool().Draw(r, "answers a field") {
		attached.Field = "scan"
	}
	if rapid.Bool().Draw(r, "removed") {
		return []ticket.Event{attached, ticket.FileRemoved{Attachment: id, Internal: internal, Field: attached.Field}}
	}
	return []ticket.Event{attached}
}

// again edits or deletes one of the comments.
func again(r *rapid.T, comments int) ticket.Event {
	n := rapid.IntRange(1, comments).Draw(r, "comment")
	if rapid.Bool().Draw(r, "delete") {
		return ticket.CommentDeleted{Comment: n}
	}
	return ticket.CommentEdited{Comment: n, Body: rapid.String().Draw(r, "body")}
}

// interleave tells the lives, a few events of one, then of another.
func (w *world) interleave(t *testing.T, r *rapid.T, lives map[domain.TicketID][]ticket.Event) {
	t.Helper()
	var ids []domain.TicketID
	for id := range lives {
		ids = append(ids, id)
	}
	for len(ids) > 0 {
		i := rapid.IntRange(0, len(ids)-1).Draw(r, "ticket")
		rest := lives[ids[i]]
		n := rapid.IntRange(1, len(rest)).Draw(r, "events at once")
		w.tell(t, ids[i], rest[:n]...)
		if lives[ids[i]] = rest[n:]; n == len(rest) {
			ids = append(ids[:i], ids[i+1:]...)
		}
	}
}

// folds is the tickets as their streams tell them.
func (w *world) folds(t *testing.T, first, last int64) ([]ticket.Ticket, error) {
	t.Helper()
	var all []ticket.Ticket
	for n := first; n <= last; n++ {
		var folded ticket.Ticket
		for recorded, err := range w.store.Read(t.Context(), domain.NewTicketID("HELP", n).Stream(), 0) {
			if err != nil {
				return nil, err
			}
			e, err := ticket.Decode(recorded.Type, recorded.Data)
			if err != nil {
				return nil, err
			}
			var meta domain.Meta
			if err := json.Unmarshal(recorded.Metadata, &meta); err != nil {
				return nil, err
			}
			folded = ticket.Evolve(folded, e, meta)
		}
		all = append(all, printable(folded))
	}
	return all, nil
}

// printable has U+FFFD for U+0000, as the read models do.
func printable(t ticket.Ticket) ticket.Ticket {
	data, err := json.Marshal(t)
	if err != nil {
		panic(err)
	}
	data = []byte(replaceNUL(string(data)))
	clean := ticket.Ticket{Rank: t.Rank} // which JSON does not show
	if err := json.Unmarshal(data, &clean); err != nil {
		panic(err)
	}
	return clean
}

// rows is the tickets as the table has them.
func (w *world) rows(t *testing.T, first, last int64) []ticket.Ticket {
	t.Helper()
	var rows []struct {
		ticket.Ticket
		AnswersJSON string    `db:"answers_json"`
		BroughtJSON string    `db:"brought_json"`
		MovedFrom   string    `db:"moved_from"`
		Reported    time.Time `db:"reported_at"`
		Updated     time.Time `db:"updated_at"`
	}
	err := w.db.Read.SelectContext(t.Context(), &rows, `SELECT id, tracker, number, state, list, summary, description, resolution,
		reporter, assignee, comments, version, rank, answers AS answers_json, brought AS brought_json, moved_from, reported_at, updated_at
		FROM tickets WHERE number BETWEEN $1 AND $2 ORDER BY number LIMIT 1000`, first, last)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]ticket.Ticket, len(rows))
	for i, r := range rows {
		all[i] = r.Ticket
		all[i].ReportedAt, all[i].UpdatedAt = r.Reported.UTC(), r.Updated.UTC()
		err := errors.Join(json.Unmarshal([]byte(r.AnswersJSON), &all[i].Answers),
			json.Unmarshal([]byte(r.BroughtJSON), &all[i].Brought), json.Unmarshal([]byte(r.MovedFrom), &all[i].Before))
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}
