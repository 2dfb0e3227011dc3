package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// laneView is a column of a board: the tickets of the list that are in one state.
type laneView struct {
	State stateView
	Asked bool   // else it is only a place to put tickets in
	Count string // of all of them
	Cards []cardOnBoard
	URL   string // of the list of them
	More  bool   // there are others than the cards
}

// cardOnBoard is a ticket on a board, and where it can go.
type cardOnBoard struct {
	rowView

	Version  uint64
	Reported when
	Moves    []moveView
	Refused  []moveView
}

// mostCards is how many cards a lane has: about as many as a screen shows. The list has the others.
const mostCards = 10

// isBoard tells whether the address asks for the list as a board.
func (a asked) isBoard() bool { return a.query.Get("view") == "board" }

// views are the ways to look at the same tickets.
func (a asked) views() []tab {
	return []tab{
		{Name: a.page.say("view.list"), URL: a.with("view", ""), Active: !a.isBoard()},
		{Name: a.page.say("view.board"), URL: a.with("view", "board"), Active: a.isBoard()},
	}
}

// lanes are the columns of the board: the states of the tracker, or of any that the
// person sees, and those that tickets are in all the same.
func (a asked) lanes(query url.Values, in tracker.Tracker, around surroundings) ([]laneView, error) {
	p := a.page
	found, err := p.cfg.Reads.Board(p.ctx(), p.actor(), query, tracker.States(), mostCards, mostCounted)
	if err != nil {
		return nil, err
	}
	var lanes []laneView
	for _, lane := range found {
		if lane.Count == 0 && !enabledAnywhere(lane.State, in, around) {
			continue
		}
		v := laneView{
			State: p.state(lane.State, in), Asked: lane.Asked, Count: p.manyText(lane.Count),
			URL: a.with("view", "", "list", "", "state", string(lane.State)), More: lane.Count > int64(len(lane.Cards)),
		}
		if v.Cards, err = p.cardsOn(lane, in, around); err != nil {
			return nil, err
		}
		lanes = append(lanes, v)
	}
	return lanes, nil
}

func enabledAnywhere(s tracker.State, in tracker.Tracker, around surroundings) bool {
	if in.Exists() {
		return in.Enabled(s)
	}
	return slices.ContainsFunc(around.trackers, func(t readapi.ListedTracker) bool { return t.Enabled(s) })
}

func (p *page) cardsOn(lane readapi.Lane, in tracker.Tracker, around surroundings) ([]cardOnBoard, error) {
	listed := make([]readapi.Listed, len(lane.Cards))
	for i, card := range lane.Cards {
		listed[i] = card.Listed
	}
	rows, err := p.rows(p.ctx(), listed, in, around, nil)
	if err != nil {
		return nil, err
	}
	cards := make([]cardOnBoard, len(rows))
	for i, card := range lane.Cards {
		desk := in
		if !in.Exists() {
			desk = around.of(card.Tracker).Tracker
		}
		cards[i] = cardOnBoard{rowView: rows[i], Version: card.Version, Reported: p.when(card.ReportedAt, p.now, p.zone)}
		if !desk.Archived {
			cards[i].Moves, cards[i].Refused = p.moves(card.Transitions, card.Ticket, desk)
		}
	}
	return cards, nil
}

// moveCard changes the state of a ticket from a board: on the version that the board
// shows. What it wants besides is asked on the page of the state; what is refused is
// said on the board, where the card is as before.
func (p *page) moveCard(f *form, id domain.TicketID, change ticket.ChangeState) error {
	request := p.request(f)
	version, err := strconv.ParseUint(f.Get("version"), 10, 63)
	if err != nil {
		return errBadForm()
	}
	request.IfMatch = &version
	out, err := p.cfg.Commands.ChangeTicket(p.ctx(), p.caller(), request, id, change)
	if err == nil {
		return p.ended(f, out, nil, "state-changed")
	}
	back := p.back(f, "/tickets?view=board")
	if domain.CodeOf(err) == "requirement-missing" {
		wants, lookErr := p.wantsBesides(id, change.To)
		if lookErr != nil {
			return lookErr
		}
		if wants {
			return p.redirect("/tickets/"+string(id)+"/state?"+url.Values{"to": {string(change.To)}, "back": {back}}.Encode(), "")
		}
	}
	if p.complain(err) == nil {
		return err
	}
	return p.redirect(back, notMoved+string(id)+"."+domain.CodeOf(err))
}

// wantsBesides tells whether the change to the state may be made with a comment or a resolution.
func (p *page) wantsBesides(id domain.TicketID, to tracker.State) (bool, error) {
	s, err := p.cfg.Reads.Look(p.ctx(), p.actor(), string(id))
	if err != nil {
		return false, err
	}
	all, err := p.cfg.Reads.Transitions(p.ctx(), s)
	return slices.ContainsFunc(all, func(t ticket.Transition) bool { return t.To == to && t.Allowed && len(t.Requires) > 0 }), err
}

// notMoved begins what is said after a card could not be moved; the ticket and the code follow.
const notMoved = "not-moved."

// notMoved is what the last deed came to, when it was a card that could not be moved.
func (p *page) notMoved() *Complaint {
	rest, found := strings.CutPrefix(p.c.Cookies(saidCookie), notMoved)
	id, code, _ := strings.Cut(rest, ".")
	if _, err := domain.ParseTicketID(id); !found || err != nil {
		return nil
	}
	return &Complaint{Text: p.say("board.not-moved", "ticket", id) + " " + p.reason(code, "")}
}
