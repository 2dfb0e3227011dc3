package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/presence"
	"suivi/readapi"
)

// liveView is how a page stays as things are: the stream that it hears, and its own
// address, from which it takes its parts anew. Without JavaScript nothing comes of it.
type liveView struct {
	Stream string
	Page   string
	Form   bool // what is typed there is not to be replaced: that something has changed is only said
}

// live is the view of a page that began to be made at the position that the read
// models had then, so that nothing is missed in between.
func (p *page) live(address string, form bool, pairs ...string) *liveView {
	query := url.Values{}
	if p.reached != "" {
		query.Set("after", p.reached)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	return &liveView{"/live?" + query.Encode(), address, form}
}

// following answers GET /live?after=&ticket=&tracker=: the feed of what the person
// may hear of, with nothing in it but what pages need to know that they are to look
// again. That of a ticket also tells who writes on it.
func (u *UI) following(follow func(*fiber.Ctx, readapi.Following) error) handler {
	return func(p *page) error {
		query := p.query()
		var trackers []domain.TrackerKey
		if key := query.Get("tracker"); key != "" {
			trackers = append(trackers, domain.TrackerKey(key))
		}
		after := query.Get("after")
		if last := p.c.Get("Last-Event-ID"); last != "" {
			after = last
		}
		feed, err := p.cfg.Reads.FeedAfter(p.ctx(), p.actor(), after, domain.TicketID(query.Get("ticket")), trackers...)
		if err != nil {
			return err
		}
		who := readapi.Following{Feed: feed, Person: p.who.ID, Still: p.stillSignedIn(), Tell: told}
		if id := query.Get("ticket"); id != "" {
			if _, err := p.cfg.Reads.Look(p.ctx(), p.actor(), id); err != nil {
				return err
			}
			who.Beside, who.Begin = p.writersOn(domain.TicketID(id)), p.cfg.Presence.Listen
		}
		return follow(p.c, who)
	}
}

// told is what a page hears of an event.
func told(e readapi.FeedEvent) any {
	return struct {
		Ticket domain.TicketID `json:"ticket"`
	}{e.Subject}
}

// stillSignedIn tells why the session is no longer what it was. It outlives the request.
func (p *page) stillSignedIn() func(context.Context) error {
	secret, then, all := strings.Clone(p.c.Cookies(sessionName(p.c))), p.actor(), p.cfg.Accounts
	return func(ctx context.Context) error {
		now, _, err := all.BySession(ctx, secret)
		if err == nil && now.Actor() != then {
			err = domain.Errorf(domain.Unauthenticated, "rights-changed", "what you may do on this site has changed: ask again")
		}
		return err
	}
}

// writersOn tells who writes on the ticket, as far as the person may know at each
// moment. It outlives the request.
func (p *page) writersOn(id domain.TicketID) func(context.Context) (string, <-chan struct{}, error) {
	return func(ctx context.Context) (string, <-chan struct{}, error) {
		writers, changed := p.cfg.Presence.On(id)
		s, err := p.cfg.Reads.Look(ctx, p.actor(), string(id))
		if err != nil {
			return "", changed, err
		}
		var ids []domain.UserID
		internal := true
		for _, w := range writers {
			if w.Person != p.who.ID && (!w.Internal || s.May(domain.SeeInternal)) {
				ids = append(ids, w.Person)
				internal = internal && w.Internal
			}
		}
		said, err := p.writing(ctx, ids, internal)
		if err != nil {
			return "", changed, err
		}
		data, err := json.Marshal(map[string]string{"text": said})
		return fmt.Sprintf("event: writing\ndata: %s\n\n", data), changed, err
	}
}

// writing is the sentence for who writes; "" when nobody does.
func (p *page) writing(ctx context.Context, ids []domain.UserID, internal bool) (string, error) {
	shown, err := p.people(ctx, ids...)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = shown[id].Name
	}
	if internal {
		return p.say("live.writing-note", "n", len(ids), "names", strings.Join(names, ", ")), nil
	}
	return p.say("live.writing", "n", len(ids), "names", strings.Join(names, ", ")), nil
}

// writes answers POST /tickets/{id}/writing, which the script sends while somebody types.
func writes(p *page) error {
	return p.withForm(func(f *form) error {
		s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), p.path("id"))
		if err != nil {
			return err
		}
		id, internal := s.Ticket().ID, f.Get("internal") == "on"
		if f.Get("do") == "end" {
			err = p.cfg.Presence.Stop(p.ctx(), id, p.who.ID)
		} else if may := p.mayDo(s); may.Comment || may.Edit || may.Resolve || internal && may.Note {
			err = p.cfg.Presence.Write(p.ctx(), presence.Writer{Ticket: id, Person: p.who.ID, Internal: internal && may.Note})
		}
		if err != nil {
			return err
		}
		return p.c.SendStatus(fiber.StatusNoContent)
	})
}

// wrote forgets that the person writes: they have sent it. That others hear so a
// moment later is no reason to fail.
func (p *page) wrote(id domain.TicketID) { _ = p.cfg.Presence.Stop(p.ctx(), id, p.who.ID) }
