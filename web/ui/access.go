package ui

import (
	"strings"

	"suivi/accounts"
)

// accessView is what one signs in with: the password, and where one is signed in.
type accessView struct {
	*chrome
	*Complaint

	Sections    []tab
	HasPassword bool
	Sessions    []sessionView
	Others      bool // there are sessions beside this one
	SignIns     []signInView
}

// signInView is a sign-in, or a try to, as the person is told of it.
type signInView struct {
	At      when
	Words   string
	Program string
	Agent   string
	Refused bool
}

// sessionView is a session as its owner sees it.
type sessionView struct {
	ID       string
	Program  string // the browser, in few words
	Agent    string // as it names itself
	Address  string
	Since    when
	LastSeen when
	Mine     bool // the one that asks
}

func accessPage(p *page) error { return p.showAccess(nil) }

func (p *page) showAccess(failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	sessions, err := p.cfg.Accounts.Sessions(p.ctx(), p.who.ID)
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("profile.title"), "profile")
	if err != nil {
		return err
	}
	v := accessView{chrome: frame, Complaint: wrong, Sections: p.profileSections("/profile/access"), HasPassword: p.who.HasPassword}
	for _, s := range sessions {
		mine := s.ID == p.session.ID
		v.Others = v.Others || !mine
		v.Sessions = append(v.Sessions, p.sessionView(s, mine))
	}
	signIns, err := p.cfg.Accounts.SignIns(p.ctx(), p.who.ID)
	if err != nil {
		return err
	}
	for _, d := range signIns {
		v.SignIns = append(v.SignIns, signInView{
			At: p.when(d.At, p.now, p.zone), Words: p.typeset(d.Words(p.code == "fr")), Program: program(d.About.Agent), Agent: d.About.Agent,
			Refused: d.Kind != accounts.SignedIn,
		})
	}
	return p.answer(p.statusOf(failure), "access", v)
}

func (p *page) sessionView(s accounts.Session, mine bool) sessionView {
	return sessionView{
		ID: s.ID, Program: program(s.Agent), Agent: s.Agent, Address: s.Address,
		Since: p.when(s.CreatedAt, p.now, p.zone), LastSeen: p.when(s.LastSeenAt, p.now, p.zone), Mine: mine,
	}
}

// program is what a User-Agent says in few words: the browser and its system. One
// browser names others too, so the order counts. What is not known stays as it is.
func program(agent string) string {
	first := func(pairs ...string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	browser := first("Firefox/", "Firefox", "Edg/", "Edge", "OPR/", "Opera", "Chrome/", "Chrome", "Safari/", "Safari")
	system := first("Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Macintosh", "macOS", "Linux", "Linux")
	switch {
	case browser == "":
		return agent
	case system == "":
		return browser
	}
	return browser + " · " + system
}

// changePassword ends all sessions but this one.
func changePassword(p *page) error {
	return p.withForm(func(f *form) error {
		if err := p.cfg.Accounts.SetPassword(p.ctx(), p.by(), f.Get("old"), f.Get("password"), p.session.ID); err != nil {
			return p.showAccess(err)
		}
		return p.redirect("/profile/access", "password-changed")
	})
}

// endSessions ends the session that the form names, or all others but this one.
func endSessions(p *page) error {
	return p.withForm(func(f *form) error {
		if id := f.Get("session"); id != "" {
			if err := p.cfg.Accounts.EndSession(p.ctx(), p.by(), id); err != nil {
				return err
			}
			return p.redirect("/profile/access", "session-ended")
		}
		if err := p.cfg.Accounts.EndOtherSessions(p.ctx(), p.by(), p.session.ID); err != nil {
			return err
		}
		return p.redirect("/profile/access", "sessions-ended")
	})
}
