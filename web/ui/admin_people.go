package ui

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"suivi/accounts"
	"suivi/domain"
)

// peopleView is who has an account.
type peopleView struct {
	*chrome

	Sections    []tab
	Find        string
	People      []personRow
	First, Next string
}

// personRow is a person in the list for administrators.
type personRow struct {
	personView

	Email                     string
	Admin, Disabled, HasNever bool // signed in
	Since                     when
}

// mostAccounts is how many people a page shows.
const mostAccounts = 50

func peoplePage(p *page) error {
	find, after := p.query().Get("q"), domain.UserID(p.query().Get("after"))
	people, err := p.cfg.Accounts.Search(p.ctx(), find, after, mostAccounts)
	if err != nil {
		return err
	}
	frame, _, err := p.frame(p.say("admin.title"), "admin")
	if err != nil {
		return err
	}
	v := peopleView{chrome: frame, Sections: p.adminSections("/admin/people"), Find: find}
	for _, one := range people {
		v.People = append(v.People, personRow{newPersonView(one.ID, one.Name), one.Email, one.Admin, one.Disabled, !one.HasPassword, p.when(one.CreatedAt, p.now, p.zone)})
	}
	address := url.Values{}
	if find != "" {
		address.Set("q", find)
	}
	if after != "" {
		v.First = "/admin/people?" + address.Encode()
	}
	if len(people) == mostAccounts { // the next page may be empty, which costs less than a look ahead
		address.Set("after", string(people[len(people)-1].ID))
		v.Next = "/admin/people?" + address.Encode()
	}
	return p.show("people", v)
}

// personForm is what administrators say of a person, new or not.
type personForm struct {
	*chrome
	*Complaint

	Sections []tab
	Typed    url.Values
	Zones    []string
	Person   accounts.Person // the zero Person is to be invited
	Link     string          // that the person comes in by: this page alone tells it
}

func invitePage(p *page) error { return p.showPerson(accounts.Person{}, url.Values{}, "", nil) }

// invite is answered with the page itself: the link must not be anywhere but on it.
func invite(p *page) error {
	return p.withForm(func(f *form) error {
		person := accounts.Person{Name: f.Get("name"), Email: f.Get("email"), Language: f.Get("language"), TimeZone: f.Get("zone"), Admin: f.Get("admin") == "on"}
		invitation, secret, err := p.cfg.Accounts.Invite(p.ctx(), p.by(), person)
		if err != nil {
			return p.showPerson(accounts.Person{}, f.Values, "", err)
		}
		return p.showPerson(invitation.Person, typedOf(invitation.Person), p.link(secret), nil)
	})
}

// link is the address of an invitation.
func (p *page) link(secret string) string {
	scheme := "http"
	if clientOf(p.c).https {
		scheme = "https"
	}
	return scheme + "://" + string(p.c.Request().Host()) + "/invitations/" + secret
}

// typedOf are a person's particulars as their form has them.
func typedOf(person accounts.Person) url.Values {
	typed := url.Values{"name": {person.Name}, "email": {person.Email}, "language": {person.Language}, "zone": {person.TimeZone}}
	if person.Admin {
		typed.Set("admin", "on")
	}
	return typed
}

// administered is the person of the address, as they are now.
func (p *page) administered() (accounts.Person, error) {
	id := domain.UserID(p.path("id"))
	if !id.Valid() {
		return accounts.Person{}, fiber.ErrNotFound
	}
	return p.cfg.Accounts.ByID(p.ctx(), id)
}

func personPage(p *page) error {
	person, err := p.administered()
	if err != nil {
		return err
	}
	return p.showPerson(person, typedOf(person), "", nil)
}

// changePerson changes a person's particulars, or shuts them out, or lets them in again.
func changePerson(p *page) error {
	return p.withForm(func(f *form) error {
		person, err := p.administered()
		if err != nil {
			return err
		}
		yes, no := true, false
		changes, said := accounts.Changes{Disabled: &yes}, "person-disabled"
		switch f.Get("do") {
		case "disable":
		case "enable":
			changes, said = accounts.Changes{Disabled: &no}, "person-enabled"
		default:
			name, email, language, zone, admin := f.Get("name"), f.Get("email"), f.Get("language"), f.Get("zone"), f.Get("admin") == "on"
			changes, said = accounts.Changes{Name: &name, Email: &email, Language: &language, TimeZone: &zone, Admin: &admin}, "person-saved"
		}
		if _, err := p.cfg.Accounts.UpdatePerson(p.ctx(), p.by(), person.ID, changes); err != nil {
			typed := f.Values
			if !f.Has("name") {
				typed = typedOf(person)
			}
			return p.showPerson(person, typed, "", err)
		}
		return p.redirect("/admin/people/"+string(person.ID), said)
	})
}

// newLink makes a link for who never came, or has forgotten their password.
func newLink(p *page) error {
	return p.withForm(func(*form) error {
		person, err := p.administered()
		if err != nil {
			return err
		}
		_, secret, err := p.cfg.Accounts.Invite(p.ctx(), p.by(), accounts.Person{ID: person.ID})
		if err != nil {
			return p.showPerson(person, typedOf(person), "", err)
		}
		return p.showPerson(person, typedOf(person), p.link(secret), nil)
	})
}

func (p *page) showPerson(person accounts.Person, typed url.Values, link string, failure error) error {
	wrong := p.complain(failure)
	if failure != nil && wrong == nil {
		return failure
	}
	title := p.say("people.invite")
	if person.ID != "" {
		title = person.Name
	}
	frame, _, err := p.frame(title, "admin")
	if err != nil {
		return err
	}
	v := personForm{frame, wrong, p.adminSections("/admin/people"), typed, zones(), person, link}
	return p.answer(p.statusOf(failure), "person", v)
}
