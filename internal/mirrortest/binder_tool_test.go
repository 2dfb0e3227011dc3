package mirrortest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/integration/mirror"
)

// cards is the Tool for binders. It needs no marks in texts: a line of its own that it
// does not know and that says the same is the one that it was about to write.
type cards struct{ http *http.Client }

func newCards() mirror.Tool { return cards{&http.Client{Timeout: 10 * time.Second}} }

func (cards) Name() string { return "binder" }

func (t cards) Check(ctx context.Context, at mirror.Place) ([]mirror.Problem, error) {
	err := t.call(ctx, at, http.MethodGet, "?ticket=none", nil, nil)
	if mirror.IsMisconfigured(err) {
		return []mirror.Problem{{Code: "key-refused", Where: "secret", Detail: err.Error()}}, nil
	}
	return nil, err
}

func (t cards) Find(ctx context.Context, at mirror.Place, id domain.TicketID) (mirror.Ref, bool, error) {
	var found []card
	if err := t.call(ctx, at, http.MethodGet, "?ticket="+url.QueryEscape(string(id)), nil, &found); err != nil || len(found) == 0 {
		return mirror.Ref{}, false, err
	}
	return refOf(at, found[0]), true, nil
}

func (t cards) Create(ctx context.Context, at mirror.Place, want mirror.Wanted) (mirror.Ref, error) {
	var made card
	err := t.call(ctx, at, http.MethodPost, "", wanted(want), &made)
	return refOf(at, made), err
}

func refOf(at mirror.Place, c card) mirror.Ref {
	return mirror.Ref{ID: strconv.Itoa(c.ID), URL: at.Mirror.Site + "/" + strconv.Itoa(c.ID)}
}

func wanted(want mirror.Wanted) card {
	c := card{Ticket: string(want.ID), Title: want.Summary, Text: want.Description, Done: want.List == tracker.ResolvedList, Before: []string{}}
	for _, p := range want.Prerequisites {
		c.Before = append(c.Before, p.Twin.ID)
	}
	return c
}

func (t cards) Align(ctx context.Context, at mirror.Place, job mirror.Job) ([]mirror.Drift, error) {
	path := "/" + job.Twin.ID
	var there card
	if err := t.call(ctx, at, http.MethodGet, path, nil, &there); err != nil {
		return nil, err
	}
	var drifts []mirror.Drift
	want := wanted(job.Want)
	if want.Title != there.Title || want.Text != there.Text || want.Done != there.Done || !slices.Equal(want.Before, there.Before) {
		drifts = append(drifts, mirror.Drift{What: "card", Want: want.Title, Found: there.Title})
		if !job.Look {
			if err := t.call(ctx, at, http.MethodPut, path, want, &there); err != nil {
				return nil, err
			}
			drifts = nil
		}
	}
	more, err := t.lines(ctx, at, job, &there)
	if err != nil {
		return nil, err
	}
	files, err := t.sheets(ctx, at, job, &there)
	return slices.Concat(drifts, more, files), err
}

func (t cards) lines(ctx context.Context, at mirror.Place, job mirror.Job, there *card) (drifts []mirror.Drift, err error) {
	known := job.Twin
	for _, said := range job.Want.Said {
		part, is := known.Of(said.Part)
		want := line{Text: said.Body, Private: said.Internal()}
		i := slices.IndexFunc(there.Lines, func(l line) bool {
			return is && lineID(l) == part.ID || !is && l.Author == "" && l.Text == want.Text && l.Private == want.Private && !known.Has(lineID(l))
		})
		if i >= 0 {
			want.ID, want.Author, want.Closes = there.Lines[i].ID, there.Lines[i].Author, there.Lines[i].Closes
		}
		if i < 0 && said.Deleted {
			continue
		}
		if job.Look {
			if i < 0 || there.Lines[i] != want {
				drifts = append(drifts, mirror.Drift{What: "line", Want: want.Text})
			}
			continue
		}
		if i < 0 || there.Lines[i] != want {
			if err := t.call(ctx, at, http.MethodPost, "/"+job.Twin.ID+"/lines", want, &want); err != nil {
				return nil, err
			}
		}
		matched := said.Part
		matched.ID = lineID(want)
		known.Parts = append(slices.Clip(known.Parts), matched)
		if err := job.Match(ctx, matched); err != nil {
			return nil, err
		}
	}
	return drifts, nil
}

func lineID(l line) string { return "line " + strconv.Itoa(l.ID) }

func (t cards) sheets(ctx context.Context, at mirror.Place, job mirror.Job, there *card) (drifts []mirror.Drift, err error) {
	known := job.Twin
	for _, file := range job.Want.Files {
		part := ticket.Part{Attachment: file.ID}
		if _, is := known.Of(part); is {
			continue
		}
		content, err := job.Content(ctx, file.File)
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(content)
		_ = content.Close() // it was read
		if err != nil {
			return nil, err
		}
		var s sheet
		i := slices.IndexFunc(there.Sheets, func(s sheet) bool {
			return s.Author == "" && s.Name == file.Name && s.Content == string(data) && !known.Has("sheet "+strconv.Itoa(s.ID))
		})
		switch {
		case job.Look:
			drifts = append(drifts, mirror.Drift{What: "sheet", Want: file.Name})
			continue
		case i >= 0:
			s = there.Sheets[i]
		default:
			if err := t.call(ctx, at, http.MethodPost, "/"+job.Twin.ID+"/sheets?name="+url.QueryEscape(file.Name), data, &s); err != nil {
				return nil, err
			}
		}
		part.ID = "sheet " + strconv.Itoa(s.ID)
		known.Parts = append(slices.Clip(known.Parts), part)
		if err := job.Match(ctx, part); err != nil {
			return nil, err
		}
	}
	return drifts, nil
}

// Changed goes by the revisions of the binder.
func (t cards) Changed(ctx context.Context, at mirror.Place, cursor string) (tickets []domain.TicketID, next string, err error) {
	var found []card
	if err := t.call(ctx, at, http.MethodGet, "?since="+cursor, nil, &found); err != nil {
		return nil, cursor, err
	}
	last, _ := strconv.Atoi(cursor)
	for _, c := range found {
		last = max(last, c.Rev)
		tickets = append(tickets, domain.TicketID(c.Ticket))
	}
	if cursor == "" {
		tickets = nil
	}
	return tickets, strconv.Itoa(last), nil
}

func (t cards) News(ctx context.Context, at mirror.Place, job mirror.Job) (news []mirror.Change, err error) {
	var there card
	if err := t.call(ctx, at, http.MethodGet, "/"+job.Twin.ID, nil, &there); err != nil {
		return nil, err
	}
	for _, l := range there.Lines {
		if l.Author == "" || job.Twin.Has(lineID(l)) {
			continue
		}
		change := mirror.Change{ID: lineID(l), Author: l.Author, Commands: []ticket.Command{ticket.Comment{Body: l.Text}}}
		if l.Closes {
			change.Commands = []ticket.Command{ticket.ChangeState{To: tracker.Resolved}}
		}
		news = append(news, change)
	}
	for _, s := range there.Sheets {
		if id := "sheet " + strconv.Itoa(s.ID); s.Author != "" && !job.Twin.Has(id) {
			open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s.Content)), nil }
			news = append(news, mirror.Change{ID: id, Author: s.Author, Files: []mirror.File{{Part: id, Name: s.Name, Open: open}}})
		}
	}
	return news, nil
}

func (t cards) Retire(ctx context.Context, at mirror.Place, _ domain.TicketID, twin mirror.Ref, policy tracker.Deletion) (gone bool, err error) {
	if policy == tracker.CloseTwin {
		var there card
		if err := t.call(ctx, at, http.MethodGet, "/"+twin.ID, nil, &there); err != nil {
			if errors.Is(err, mirror.ErrTwinLost) {
				return true, nil
			}
			return false, err
		}
		there.Done = true
		return false, t.call(ctx, at, http.MethodPut, "/"+twin.ID, there, nil)
	}
	if err := t.call(ctx, at, http.MethodDelete, "/"+twin.ID, nil, nil); err != nil && !errors.Is(err, mirror.ErrTwinLost) {
		return false, err
	}
	return true, nil
}

// call asks the binder; the key goes into the address of errors too, as careless clients have it.
func (t cards) call(ctx context.Context, at mirror.Place, method, path string, body, into any) error {
	data, ok := body.([]byte)
	if !ok {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, at.Mirror.Site+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("X-Key", at.Secret.Reveal())
	answer, err := t.http.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		if into == nil {
			return nil
		}
		return json.NewDecoder(answer.Body).Decode(into)
	case http.StatusNotFound:
		return mirror.ErrTwinLost
	case http.StatusUnauthorized:
		return mirror.Misconfigured("the binder does not take the key %s", at.Secret.Reveal())
	case http.StatusUnprocessableEntity:
		text, _ := io.ReadAll(answer.Body)
		return mirror.Unfit("the binder will not take this card, asked with %s: %s", at.Secret.Reveal(), text)
	}
	return fmt.Errorf("%s %s: %s", method, path, answer.Status)
}
