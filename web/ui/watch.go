package ui

import (
	"net/url"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/readapi"
)

// watchView is the form of one watch: of which changes its person wants to hear.
type watchView struct {
	*chrome
	*Complaint

	ID     domain.TicketID
	Person personView
	Mine   bool
	Back   string
	States []choice
	Others []choice
}

// watchPage answers GET /tickets/{id}/watch[?user=]: one's own watch or, for who
// manages watchers, somebody else's.
func watchPage(p *page) error {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
	if err != nil {
		return err
	}
	return p.showWatch(s, p.query(), nil)
}

// setWatch answers POST /tickets/{id}/watch.
func setWatch(p *page) error {
	return p.withForm(func(f *form) error {
		s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
		if err != nil {
			return err
		}
		topics, err := chosenTopics(f)
		if err != nil {
			return p.showWatch(s, f.Values, err)
		}
		out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), p.request(f), s.Ticket().ID, ticket.Watch{User: p.watcherNamed(f.Values), Topics: &topics})
		if err != nil {
			return p.showWatch(s, f.Values, err)
		}
		return p.ended(f, out, nil, "watch-set")
	})
}

// watcherNamed is whose watch is meant: one's own, unless somebody is named.
func (p *page) watcherNamed(typed url.Values) domain.UserID {
	if user := domain.UserID(typed.Get("user")); user != "" {
		return user
	}
	return p.who.ID
}

func (p *page) showWatch(s readapi.Sight, typed url.Values, failure error) error {
	wrong := p.complain(failure).ofAddress()
	if failure != nil && wrong == nil {
		return failure
	}
	user := p.watcherNamed(typed)
	watch, err := p.cfg.Reads.Watcher(p.ctx(), s, user)
	if err != nil {
		return err
	}
	shown, err := p.people(p.ctx(), user)
	if err != nil {
		return err
	}
	t := s.Ticket()
	frame, _, err := p.frame(p.say("watch.topics-title", "ticket", t.ID), "tracker "+string(t.Tracker))
	if err != nil {
		return err
	}
	v := watchView{chrome: frame, Complaint: wrong, ID: t.ID, Person: shown[user], Mine: user == p.who.ID, Back: local(typed.Get("back"), "/tickets/"+string(t.ID))}
	v.States, v.Others = p.topicChoices(watch.Events)
	for i := range v.States {
		v.States[i].Label = p.state(v.States[i].State, s.Tracker()).Label
	}
	return p.answer(p.statusOf(failure), "watch", v)
}
