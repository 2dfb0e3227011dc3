package ui

import (
	"net/url"
	"time"

	"suivi/accounts"
)

// tokensView is the API tokens of a person.
type tokensView struct {
	*chrome
	*Complaint

	Sections []tab
	Tokens   []tokenView
	Typed    url.Values
	Secret   string // of the token that has just been made: this page alone tells it
	Scopes   []choice
}

// tokenView is a token as its owner sees it.
type tokenView struct {
	ID, Label string
	Scope     string
	Created   when
	LastUsed  when
	Expires   string // the day; "": never
	Expired   bool
}

func tokensPage(p *page) error {
	return p.showTokens(url.Values{"scope": {string(accounts.ScopeRead)}}, "", nil)
}

// makeToken is answered with the page itself: the token must not be anywhere but on it.
func makeToken(p *page) error {
	return p.withForm(func(f *form) error {
		until, err := p.until(f.Get("expires"))
		if err != nil {
			return p.showTokens(f.Values, "", err)
		}
		token := accounts.Token{Person: p.who.ID, Label: f.Get("label"), Scope: accounts.Scope(f.Get("scope")), ExpiresAt: until}
		secret, _, err := p.cfg.Accounts.IssueToken(p.ctx(), p.by(), token)
		if err != nil {
			return p.showTokens(f.Values, "", err)
		}
		return p.showTokens(url.Values{"scope": {string(accounts.ScopeRead)}}, secret, nil)
	})
}

// until is the end of a day in the person's zone; the zero time for none.
func (p *page) until(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := p.dayOf("expiresAt", text)
	return day.AddDate(0, 0, 1), err
}

func revokeToken(p *page) error {
	return p.withForm(func(*form) error {
		if err := p.cfg.Accounts.RevokeOwnToken(p.ctx(), p.by(), p.path("id")); err != nil {
			return err
		}
		return p.redirect("/profile/tokens", "token-revoked")
	})
}

func (p *page) showTokens(typed url.Values, secret string, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	tokens, err := p.cfg.Accounts.Tokens(p.ctx(), p.who.ID)
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("profile.title"), "profile")
	if err != nil {
		return err
	}
	v := tokensView{chrome: frame, Complaint: wrong, Sections: p.profileSections("/profile/tokens"), Typed: typed, Secret: secret}
	for _, scope := range []accounts.Scope{accounts.ScopeRead, accounts.ScopeWrite, accounts.ScopeAdmin} {
		v.Scopes = append(v.Scopes, choice{Value: string(scope), Label: p.say("scope.token." + string(scope)), Chosen: typed.Get("scope") == string(scope)})
	}
	for _, t := range tokens {
		v.Tokens = append(v.Tokens, p.tokenView(t))
	}
	return p.answer(p.statusOf(failure), "tokens", v)
}

func (p *page) tokenView(t accounts.Token) tokenView {
	v := tokenView{
		ID: t.ID, Label: t.Label, Scope: p.say("scope.token." + string(t.Scope)),
		Created: p.when(t.CreatedAt, p.now, p.zone), LastUsed: p.when(t.LastUsedAt, p.now, p.zone),
	}
	if !t.ExpiresAt.IsZero() {
		v.Expired = !p.now.Before(t.ExpiresAt)
		v.Expires = p.shapes.date(t.ExpiresAt.In(p.zone).Add(-time.Second))
	}
	return v
}
