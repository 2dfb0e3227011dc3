package ui

import (
	"crypto/rand"
	"html/template"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// safeHTML is a person's text after package markdown has made it safe to show.
type safeHTML = template.HTML

// shownHTML takes what readapi has rendered and package markdown held against its
// allow-list. The files in it are read with the session, not with a token.
func shownHTML(rendered string) safeHTML {
	return safeHTML(strings.ReplaceAll(rendered, `="/api/v1/attachments/`, `="/attachments/`))
}

// ticketView is a ticket, all that stands on it, and what the person may do there.
type ticketView struct {
	*chrome
	*Complaint

	ID          domain.TicketID
	Version     uint64
	Tracker     navTracker
	Summary     string
	State       stateView
	Reporter    personView
	Reported    when
	Description safeHTML
	Resolution  safeHTML
	Fields      []answerView
	Files       []fileView
	Timeline    []fold
	Closed      closedPanels // at first
	Later       bool         // the timeline goes on
	From        *readapi.Link
	Grown       []readapi.Link
	Panel       panel
	Compose     compose
	May         mayDo
	MaxFile     int64
}

// mayDo is what the person may do with the ticket, as far as it does not depend on more.
type mayDo struct{ Edit, Comment, Note, Attach, Delete, Resolve bool }

// answerView is an answer to a field.
type answerView struct {
	Label  string
	Text   string
	URL    string // where the answer is an address
	Long   bool
	Hidden bool
}

// compose is the form for comments, as it was sent where it is shown again.
type compose struct {
	Body     string
	Internal bool
	Preview  safeHTML
	Uploads  []keptUpload
	Key      string
}

// sight is the ticket of the address, after this look at it: the first one of who
// could work on it opens it.
func (p *page) sight() (readapi.Sight, error) {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return s, err
	}
	opens, err := s.Opens()
	if err != nil || !opens {
		return s, err
	}
	out, err := p.cfg.Commands.See(p.ctx(), p.caller(), s.Ticket().ID)
	if err != nil {
		return s, nil //nolint:nilerr // a look does not fail for what it could not tell: the next one tells it
	}
	if err := p.cfg.Wait(p.ctx(), out.Position.Commit, out.Position.Prepare); err != nil {
		return s, err
	}
	return s.After(out.State), nil
}

func ticketPage(p *page) error {
	s, err := p.sight()
	if err != nil {
		return err
	}
	return p.showTicket(s, compose{}, nil, nil)
}

// showTicket shows the ticket, with what is wrong with a form on it. An error that
// cannot be mended there is returned.
func (p *page) showTicket(s readapi.Sight, typed compose, wrong *Complaint, failure error) error {
	if failure != nil && wrong == nil {
		return failure
	}
	status := 200
	if failure != nil {
		status = p.cfg.StatusOf(failure)
	}
	t, in := s.Ticket(), s.Tracker()
	frame, _, err := p.frame(string(t.ID)+" · "+t.Summary, "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	frame.Live = p.live("/tickets/"+string(t.ID), false, "ticket", string(t.ID))
	view := ticketView{chrome: frame, Complaint: wrong, ID: t.ID, Version: t.Version, Tracker: navTracker{in.Key, in.Name}, Summary: t.Summary,
		State: p.state(t.State, in), Compose: typed, May: p.mayDo(s), MaxFile: p.cfg.MaxFile}
	if view.Compose.Key == "" {
		view.Compose.Key = rand.Text()
	}
	if err := p.fillTicket(&view, s); err != nil {
		return err
	}
	return p.answer(status, "ticket", view)
}

func (p *page) mayDo(s readapi.Sight) mayDo {
	t, in := s.Ticket(), s.Tracker()
	if in.Archived {
		return mayDo{}
	}
	own := t.Reporter == p.who.ID && s.May(domain.EditOwn)
	return mayDo{
		Edit: own || s.May(domain.EditAny), Comment: s.May(domain.CommentOn) && !in.CommentsOff, Note: s.May(domain.SeeInternal),
		Attach: s.May(domain.CommentOn), Delete: s.May(domain.Delete), Resolve: s.May(domain.WriteResolution),
	}
}

func (p *page) fillTicket(v *ticketView, s readapi.Sight) error {
	reads, ctx := p.cfg.Reads, p.ctx()
	read, err := reads.Read(ctx, s)
	if err != nil {
		return err
	}
	texts, err := reads.Texts(ctx, s)
	if err != nil {
		return err
	}
	v.Description, v.Resolution = shownHTML(texts.Description), shownHTML(texts.Resolution)
	stands, err := p.standsOn(s)
	if err != nil {
		return err
	}
	t := read.Ticket
	v.Reporter, v.Reported = stands.people[t.Reporter], p.when(t.ReportedAt, p.now, p.zone)
	v.Fields = p.answerViews(read.Fields, s.Tracker(), stands)
	v.Files = p.fileViews(stands.files, s, stands.people, func(a readapi.Attachment) bool { return a.Comment == 0 && a.Note == 0 && a.Field == "" })
	site, err := p.cfg.Accounts.SiteSettings(ctx)
	if err != nil {
		return err
	}
	v.Closed = site.ClosedPanels
	v.Timeline, v.Later = p.folds(p.timeline(s, stands), v.Closed), stands.later
	branches, err := reads.Branches(ctx, s)
	if err != nil {
		return err
	}
	v.From, v.Grown = branches.From, branches.To
	v.Panel, err = p.panel(s, read, stands)
	return err
}

// answerViews are the answers under their labels, those to former fields too.
func (p *page) answerViews(fields []readapi.AnsweredField, in tracker.Tracker, all stands) []answerView {
	var views []answerView
	for _, f := range fields {
		label := p.label(f.Label)
		if label == "" {
			label = f.Code
		}
		now, _ := in.Ever(f.Code)
		view := answerView{Label: label, Hidden: now.Hidden, Long: f.Type == tracker.Textarea}
		if now.Options = nil; len(f.Options) > 0 {
			for _, o := range f.Options {
				now.Options = append(now.Options, tracker.Option{Code: o.Code, Label: o.Label})
			}
		}
		now.Type = f.Type
		view.Text = p.answerText(now, f.Answer, all.people)
		for _, file := range all.files {
			if f.Type == tracker.File && string(file.ID) == f.Answer {
				view.Text, view.URL = file.Name, "/attachments/"+f.Answer
			}
		}
		if f.Type == tracker.URL || f.Type == tracker.AutoURL {
			view.URL = f.Answer
		}
		views = append(views, view)
	}
	return views
}
