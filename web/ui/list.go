package ui

import (
	"cmp"
	"errors"
	"net/url"
	"strings"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/readapi"
)

// listView is a list of tickets: of one tracker, or of all that the person sees.
type listView struct {
	*chrome

	Key        domain.TrackerKey // "": all trackers
	Tabs       []tab
	Scopes     []tab
	Views      []tab
	Chips      []chip
	Columns    []column
	Choice     columnForm
	Rows       []rowView
	Lines      []lineView // of them, in the table
	Board      bool       // it is shown as a board
	Lanes      []laneView // then
	NotMoved   *Complaint // the card that was last to be moved was not
	Past       *pastList  // nil: as it is
	AsItWas    string     // the address of the list as it was a day ago
	First      string     // the address of the first page; "" on it
	Next       string     // of the next page, if there is one
	Filters    filterForm
	Ranked     bool   // it is a stack: its places are shown, and can be changed
	Stack      string // the address of the list as a stack, or back; "": there is none
	Bulk       *bulkForm
	SaveAs     saveForm
	CSV        string // the address of the whole list as a table
	CanPost    bool
	Configures bool
	Wrong      *Complaint
	Archived   bool
}

// tab is one of some ways to look at a list.
type tab struct {
	Name, URL string
	Count     string
	Active    bool
}

func listPage(p *page) error {
	key := domain.TrackerKey(p.path("key"))
	a := p.asked(key)
	badMoment := a.moment(p.query())
	if found, err := p.numbered(a.query.Get("q")); err != nil || found != "" {
		if err != nil {
			return err
		}
		return p.redirect("/tickets/"+string(found), "")
	}
	in, err := p.listTracker(key)
	if err != nil {
		return err
	}
	title, active := p.say("list.all"), "tickets"
	if key != "" {
		title, active = in.Name, "tracker "+string(key)
	}
	frame, around, err := p.frame(title, active)
	if err != nil {
		return err
	}
	frame.Search = a.query.Get("q")
	if !a.isPast() {
		frame.Live = p.live(a.path+"?"+string(p.c.Context().QueryArgs().QueryString()), false, "tracker", string(key))
	}
	view := &listView{chrome: frame, Key: key, Archived: in.Archived, Configures: in.Exists() && in.May(p.actor(), domain.Configure)}
	if err := cmp.Or(badMoment, p.fillList(view, a, in, around)); err != nil {
		if view.Wrong = p.complain(err).ofAddress(); view.Wrong == nil {
			return err
		}
		return p.answer(p.cfg.StatusOf(err), "list", view)
	}
	return p.show("list", view)
}

// listTracker is the tracker of a list, with the fields that the person may know of;
// the zero one for a list of all.
func (p *page) listTracker(key domain.TrackerKey) (tracker.Tracker, error) {
	if key == "" {
		return tracker.Tracker{}, nil
	}
	in, err := p.cfg.Reads.Tracker(p.ctx(), p.actor(), key)
	return in.SeenAs(p.actor()), err
}

// numbered is the one ticket that somebody means who types a number; "" when they mean none, or several.
func (p *page) numbered(text string) (domain.TicketID, error) {
	if text == "" {
		return "", nil
	}
	found, err := p.cfg.Reads.Numbered(p.ctx(), p.actor(), text)
	if err != nil || len(found) != 1 {
		return "", err
	}
	return found[0].ID, nil
}

func (p *page) fillList(v *listView, a asked, in tracker.Tracker, around surroundings) error {
	v.Ranked = strings.TrimPrefix(a.query.Get("sort"), "-") == "rank"
	switch {
	case a.isPast():
	case v.Ranked:
		v.Stack = a.with("sort", "")
	case in.Exists() && in.May(p.actor(), domain.SeeRank):
		v.Stack = a.with("sort", "rank", "list", "", "state", "")
	}
	v.Filters = a.filterForm(in, around)
	v.CanPost = a.key != "" && !in.Archived && in.May(p.actor(), domain.Post)
	query, err := a.reads()
	if err != nil {
		return err
	}
	v.Scopes = a.scopes()
	if v.Chips, err = a.chips(in, around); err != nil {
		return err
	}
	if v.Past, err = a.past(); v.Past != nil || err != nil {
		v.Tabs = a.tabs(nil)
		return errors.Join(err, p.fillRows(v, a, query, in, around))
	}
	v.Views, v.AsItWas = a.views(), a.asItWas()
	v.SaveAs, v.CSV = a.saveForm(in), strings.Replace(a.with("view", ""), "/tickets", "/tickets.csv", 1)
	if v.Board = a.isBoard(); v.Board {
		return p.fillBoard(v, a, query, in, around)
	}
	return p.fillRows(v, a, query, in, around)
}

// fillBoard is the list as a board.
func (p *page) fillBoard(v *listView, a asked, query url.Values, in tracker.Tracker, around surroundings) error {
	query.Del("cursor")
	v.NotMoved = p.notMoved()
	lanes, counts, err := a.lanes(query, in, around)
	v.Lanes, v.Tabs = lanes, a.tabs(counts)
	return err
}

// fillRows is the list as a table.
func (p *page) fillRows(v *listView, a asked, query url.Values, in tracker.Tracker, around surroundings) error {
	found, err := p.rowsOf(v, a, query)
	if err != nil {
		return err
	}
	if v.Columns, v.Choice, err = a.columnsOf(in, around, v.Queries); err != nil {
		return err
	}
	if v.Rows, err = p.rows(p.ctx(), found.Tickets, in, around, v.Columns); err != nil {
		return err
	}
	if found.Next != "" {
		v.Next = a.with("cursor", found.Next)
	}
	if a.query.Has("cursor") {
		v.First = a.with()
	}
	if v.Past != nil {
		a.ofThen(v)
	} else {
		p.quick(v.Rows)
		if v.Bulk, err = p.bulkForm(in, around); err != nil {
			return err
		}
	}
	v.Lines, err = p.lines(v.Rows, v.Bulk != nil, v.Ranked)
	return err
}

// rowsOf are the tickets of the list, which tell what its tabs have; of the past they do not.
func (p *page) rowsOf(v *listView, a asked, query url.Values) (readapi.TicketPage, error) {
	if v.Past != nil {
		return p.cfg.Reads.Tickets(p.ctx(), p.actor(), query)
	}
	found, counts, err := p.cfg.Reads.TicketsAndTabs(p.ctx(), p.actor(), query, mostMatches)
	v.Tabs = a.tabs(counts)
	return found, err
}

// mostMatches is up to where pages count what they must read for that.
const mostMatches = 50

// countText is how many tickets there are.
func (p *page) countText(c readapi.Count) string {
	if c.More {
		return p.shapes.number(c.N) + "+"
	}
	return p.shapes.number(c.N)
}
