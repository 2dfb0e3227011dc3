package ui

import (
	"html/template"
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

// cardOnBoard is a ticket on a board, and where it can go. It is comparable: a card is made once for
// all who see the same, and anew when something of it changes.
type cardOnBoard struct {
	ID       domain.TicketID
	Version  uint64
	Rank     int64
	Summary  string
	Assignee personView
	Reported when
	Menu     menu
	Back     string // the address of the board
}

// menu is what a ticket can become, as the choice of a form, and why it cannot become the others.
type menu struct {
	Choice, Refused template.HTML
	Movable         bool // there is something to choose
}

// moves are the changes of state that a menu is of.
type moves struct {
	May, Not [mostMoves]moveView // empty ones follow
}

// mostMoves is room for all states of the life cycle.
const mostMoves = 12

// menus are those of a page, by what the tickets can become.
type menus map[string]menu

// of is the menu of a ticket in the tracker.
func (m menus) of(p *page, card readapi.Card, in tracker.Tracker) (menu, error) {
	key := append([]byte(in.Key), ' ')
	key = append(key, card.State...)
	for _, t := range card.Transitions {
		key = append(append(append(append(append(key, ' '), t.To...), t.Code...), ' '), t.Reason...)
		for _, r := range t.Requires {
			key = append(append(key, ' '), r...)
		}
	}
	made, known := m[string(key)]
	if known {
		return made, nil
	}
	may, not := p.moves(card.Transitions, card.Ticket, in)
	var all moves
	copy(all.May[:], may)
	copy(all.Not[:], not)
	made.Movable = len(may) > 0
	var err error
	if made.Choice, err = p.parts.of("menu", all); err == nil && len(not) > 0 {
		made.Refused, err = p.parts.of("menu-refused", all)
	}
	m[string(key)] = made
	return made, err
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
// person sees, and those that tickets are in all the same; and what the tabs have.
func (a asked) lanes(query url.Values, in tracker.Tracker, around surroundings) ([]laneView, map[tracker.List]readapi.Count, error) {
	p := a.page
	found, counts, err := p.cfg.Reads.Board(p.ctx(), p.actor(), query, tracker.States(), mostCards, mostMatches)
	if err != nil {
		return nil, nil, err
	}
	cards, err := p.cardsOn(found, in, around)
	if err != nil {
		return nil, nil, err
	}
	var lanes []laneView
	for _, lane := range found {
		n := len(lane.Cards)
		if lane.Count == (readapi.Count{}) && !enabledAnywhere(lane.State, in, around) {
			continue
		}
		lanes = append(lanes, laneView{
			State: p.state(lane.State, in), Asked: lane.Asked, Count: p.countText(lane.Count), Cards: cards[:n:n],
			URL: a.with("view", "", "list", "", "state", string(lane.State)), More: lane.Count.N > int64(n) || lane.Count.More,
		})
		cards = cards[n:]
	}
	return lanes, counts, nil
}

func enabledAnywhere(s tracker.State, in tracker.Tracker, around surroundings) bool {
	if in.Exists() {
		return in.Enabled(s)
	}
	return slices.ContainsFunc(around.trackers, func(t readapi.ListedTracker) bool { return t.Enabled(s) })
}

// cardsOn are the cards of all lanes, in their order.
func (p *page) cardsOn(lanes []readapi.Lane, in tracker.Tracker, around surroundings) ([]cardOnBoard, error) {
	var placed []readapi.Card
	var assignees []domain.UserID
	for _, lane := range lanes {
		placed = append(placed, lane.Cards...)
		for _, card := range lane.Cards {
			if card.Assignee != "" {
				assignees = append(assignees, card.Assignee)
			}
		}
	}
	shown, err := p.people(p.ctx(), assignees...)
	if err != nil {
		return nil, err
	}
	cards := make([]cardOnBoard, len(placed))
	all, back := menus{}, p.here()
	for i, card := range placed {
		desk := in
		if !in.Exists() {
			desk = around.of(card.Tracker).Tracker
		}
		cards[i] = cardOnBoard{
			ID: card.ID, Version: card.Version, Rank: card.Rank, Summary: card.Summary, Assignee: shown[card.Assignee],
			Reported: p.when(card.ReportedAt, p.now, p.zone), Back: back,
		}
		if !desk.Archived {
			if cards[i].Menu, err = all.of(p, card, desk); err != nil {
				return nil, err
			}
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
