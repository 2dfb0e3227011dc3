package ui

import (
	"crypto/rand"
	"encoding/base64"
	"html/template"
	"net/url"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
)

// postable are the trackers that the person may post in.
func (s surroundings) postable(who domain.Actor) []navTracker {
	var all []navTracker
	for _, t := range s.trackers {
		if !t.Archived && t.May(who, domain.Post) {
			all = append(all, navTracker{t.Key, t.Name})
		}
	}
	return all
}

// chooseView is the choice of a tracker to post in.
type chooseView struct {
	*chrome

	Choices []trackerChoice
}

type trackerChoice struct {
	navTracker

	Intro string
}

// chooseTracker answers GET /new: with the one tracker there is, or a choice.
func chooseTracker(p *page) error {
	frame, around, err := p.frame(p.say("post.choose"), "new")
	if err != nil {
		return err
	}
	choices := around.postable(p.actor())
	if len(choices) == 1 {
		return p.redirect("/trackers/"+string(choices[0].Key)+"/new", "")
	}
	view := chooseView{chrome: frame}
	for _, c := range choices {
		view.Choices = append(view.Choices, trackerChoice{c, p.label(around.of(c.Key).Intro)})
	}
	return p.show("choose", view)
}

func trackerPage(p *page) error {
	key := domain.TrackerKey(p.path("key"))
	if _, err := p.cfg.Reads.Tracker(p.ctx(), p.actor(), key); err != nil {
		return err
	}
	return p.redirect("/trackers/"+string(key)+"/tickets", "")
}

// postView is the form by which tickets are posted.
type postView struct {
	*chrome
	*Complaint

	Tracker   navTracker
	Intro     string
	Contact   string
	Key       string // makes a form that is sent twice one ticket
	Typed     url.Values
	Fields    []fieldInput
	Uploads   []keptUpload
	Staff     bool // posts for others, in any state
	People    []choice
	Assignees []choice
	States    []choice
	Captcha   *challengeView
	MaxFile   int64
	Similar   similarView
}

// challengeView is a challenge to solve, or the one that this form has solved.
type challengeView struct {
	ID, Audio string
	Picture   template.URL
	Answer    string // as it was typed
	Proven    bool
}

func postPage(p *page) error {
	in, err := p.postTracker()
	if err != nil {
		return err
	}
	return p.showPost(in, &form{Values: p.query()}, nil, nil) // an address can say what is known already
}

func (p *page) postTracker() (tracker.Tracker, error) {
	return p.cfg.Reads.Tracker(p.ctx(), p.actor(), domain.TrackerKey(p.path("key")))
}

// post answers POST /trackers/{key}/new. "do" is refresh when only the answers
// have changed, and with them which fields are asked. A form whose "alike" is ask
// comes back once when there are tickets like it that it has not shown, and nothing is
// wrong with it.
func post(p *page) error {
	in, err := p.postTracker()
	if err != nil {
		return err
	}
	form, err := p.form()
	if err != nil {
		return err
	}
	if form.Get("do") == "refresh" {
		return p.showPost(in, form, nil, nil)
	}
	command := ticket.Post{
		Summary: form.Get("summary"), Description: form.Get("description"), Answers: askedAnswers(in, answersOf(in, form.Values)),
		OnBehalfOf: domain.UserID(form.Get("onBehalfOf")), Assignee: domain.UserID(form.Get("assignee")), State: tracker.State(form.Get("state")),
		Files: form.attachments(), Solution: ticket.Solution{ID: form.Get("captcha.id"), Answer: form.Get("captcha.answer")},
	}
	asks, err := p.asksFirst(in, form)
	if err != nil {
		return err
	}
	if asks {
		err := p.cfg.Commands.CheckPost(p.ctx(), p.caller(), p.request(form), in.Key, command)
		return p.showPost(in, form, p.complain(err), err)
	}
	out, err := p.cfg.Commands.PostTicket(p.ctx(), p.caller(), p.request(form), in.Key, command)
	if err != nil {
		return p.showPost(in, form, p.complain(err), err)
	}
	return p.settled(out.Position.Commit, out.Position.Prepare, "/tickets/"+string(out.State.ID)+"/posted", "")
}

// showPost shows the form with what was typed and what is wrong with it. An error
// that cannot be mended there is returned.
func (p *page) showPost(in tracker.Tracker, form *form, wrong *Complaint, err error) error {
	if err != nil && wrong == nil {
		return err
	}
	status := 200
	if err != nil {
		status = p.cfg.StatusOf(err)
	}
	frame, _, err := p.frame(p.say("post.title", "tracker", in.Name), "new")
	if err != nil {
		return err
	}
	me := p.actor()
	view := postView{
		chrome: frame, Complaint: wrong, Tracker: navTracker{in.Key, in.Name}, Intro: p.label(in.Intro), Contact: in.ContactURL,
		Key: form.Get("key"), Typed: form.Values, Uploads: form.kept(), Staff: in.May(me, domain.ChangeState), MaxFile: p.cfg.MaxFile,
	}
	if view.Key == "" {
		view.Key = rand.Text()
	}
	if view.Similar.Tickets, err = p.similar(in, form.Values); err != nil {
		return err
	}
	view.Similar.Asks = form.Get("do") == "send" && wrong == nil
	if view.Fields, err = p.inputs(in, answersOf(in, form.Values), form.fileNames(), wrong); err != nil {
		return err
	}
	if view.Staff {
		if err := p.staffChoices(&view, in); err != nil {
			return err
		}
	}
	if in.Challenges(me) {
		if view.Captcha, err = p.challenge(in.Key, form); err != nil {
			return err
		}
	}
	return p.answer(status, "post", view)
}

func (p *page) staffChoices(v *postView, in tracker.Tracker) error {
	members := make([]domain.UserID, 0, len(in.Members))
	for id := range in.Members {
		members = append(members, id)
	}
	people, err := p.byName(members)
	if err != nil {
		return err
	}
	for _, one := range people {
		v.People = append(v.People, choice{Value: string(one.ID), Label: one.Name, Chosen: v.Typed.Get("onBehalfOf") == string(one.ID)})
	}
	if people, err = p.assignable(in, surroundings{}); err != nil {
		return err
	}
	for _, one := range people {
		v.Assignees = append(v.Assignees, choice{Value: string(one.ID), Label: one.Name, Chosen: v.Typed.Get("assignee") == string(one.ID)})
	}
	for _, s := range in.EnabledStates() {
		if s != tracker.Transferred {
			v.States = append(v.States, choice{Value: string(s), Label: p.state(s, in).Label, Chosen: v.Typed.Get("state") == string(s), State: s})
		}
	}
	return nil
}

// challenge is the one that came with the form, as long as it is not used up: with what was typed,
// or as solved. Else it is another one.
func (p *page) challenge(key domain.TrackerKey, f *form) (*challengeView, error) {
	if id := f.Get("captcha.id"); id != "" {
		given, proven, err := p.cfg.Commands.ChallengeAgain(p.ctx(), p.actor(), key, id, p.request(f))
		switch {
		case proven:
			return &challengeView{ID: id, Proven: true}, nil
		case err == nil:
			view := challengeOf(key, given.ID, given.Image)
			view.Answer = f.Get("captcha.answer")
			return view, nil
		case domain.KindOf(err) != domain.NotFound:
			return nil, err
		}
	}
	given, err := p.cfg.Commands.Challenge(p.ctx(), p.actor(), key)
	if err != nil {
		return nil, err
	}
	return challengeOf(key, given.ID, given.Image), nil
}

func challengeOf(key domain.TrackerKey, id string, image []byte) *challengeView {
	picture := template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(image)) //nolint:gosec // we have drawn it
	return &challengeView{ID: id, Audio: "/trackers/" + string(key) + "/challenge/" + id + "/audio", Picture: picture}
}

func spokenChallenge(p *page) error {
	sound, err := p.cfg.Commands.SpokenChallenge(p.ctx(), p.actor(), domain.TrackerKey(p.path("key")), p.path("challenge"))
	if err != nil {
		return err
	}
	p.c.Set("Cache-Control", "no-store")
	p.c.Set("Content-Type", "audio/wav")
	return p.c.Send(sound)
}
