package ui

import (
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/domain/tracker"
)

func (u *UI) reportRoutes(r fiber.Router) {
	r.Get("/reports", u.person(statusReport))
	r.Get("/reports/evolution", u.person(evolutionReport))
	r.Get("/reports/times", u.person(timesReport))
	r.Get("/reports/open-work", u.person(openWork))
}

// reportFrame is what the pages of reports have in common.
type reportFrame struct {
	*chrome

	Tabs     []tab
	Action   string   // of the form that asks for another part of the tickets
	Among    []choice // the trackers, and "" for all of them
	From, To string   // days
	Print    string   // the address of the open work; "" on its page
	Wrong    *Complaint
}

// report is a request for a report: of one tracker, or of all that the person sees.
type report struct {
	*page

	asked  asked
	in     tracker.Tracker // the zero one: of all
	around surroundings
	frame  reportFrame
}

// reportParams are the parameters that the pages of reports keep from one to the next.
func reportParams() []string { return []string{"tracker", "from", "to"} }

// report reads the address of a report's page. A tracker that the person does not see is not found.
func (p *page) report(path string) (*report, error) {
	a := p.asked("")
	a.path = path
	kept := url.Values{}
	for _, name := range reportParams() {
		if value := a.query.Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	a.query = kept
	r := &report{page: p, asked: a}
	var err error
	if r.in, err = p.listTracker(domain.TrackerKey(kept.Get("tracker"))); err != nil {
		return nil, err
	}
	title := p.say("report.title")
	if r.in.Exists() {
		title = p.say("report.of", "tracker", r.in.Name)
	}
	frame, around, err := p.frame(title, "reports")
	if err != nil {
		return nil, err
	}
	r.around = around
	r.frame = reportFrame{chrome: frame, Tabs: r.tabs(), Action: path, Among: r.trackers(), From: kept.Get("from"), To: kept.Get("to"), Print: r.at("/reports/open-work")}
	return r, nil
}

// at is the page of another report on the same tickets.
func (r *report) at(path string) string {
	other := r.asked
	other.path = path
	return other.with()
}

func (r *report) tabs() []tab {
	return []tab{
		{Name: r.say("report.status"), URL: r.at("/reports"), Active: r.asked.path == "/reports"},
		{Name: r.say("report.evolution"), URL: r.at("/reports/evolution"), Active: r.asked.path == "/reports/evolution"},
		{Name: r.say("report.times"), URL: r.at("/reports/times"), Active: r.asked.path == "/reports/times"},
	}
}

func (r *report) trackers() []choice {
	all := []choice{{Label: r.say("report.everywhere"), Chosen: !r.in.Exists()}}
	for _, t := range r.around.trackers {
		all = append(all, choice{Value: string(t.Key), Label: t.Name, Chosen: t.Key == r.in.Key})
	}
	return all
}

// list is the address of the list of the report's tickets, narrowed by more parameters, in pairs.
func (r *report) list(pairs ...string) string {
	query := maps.Clone(r.asked.query)
	query.Set("list", "all")
	path := "/tickets"
	if r.in.Exists() {
		path = "/trackers/" + string(r.in.Key) + "/tickets"
		query.Del("tracker")
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return path + "?" + query.Encode()
}

// reads are the parameters as readapi takes them; wrong days are shown on the page.
func (r *report) reads() (url.Values, bool) {
	query, err := r.asked.reads()
	if err != nil {
		r.frame.Wrong = r.complain(err).ofAddress()
	}
	return query, err == nil
}

// show answers with the report, or with what is wrong with its address.
func (r *report) show(name string, data any) error {
	if r.frame.Wrong != nil {
		return r.answer(fiber.StatusUnprocessableEntity, name, data)
	}
	return r.page.show(name, data)
}

// percent is a part of a whole in words, to a tenth.
func (p *page) percent(part, of int64) string {
	if of == 0 {
		return ""
	}
	return p.percentText(float64(part) * 100 / float64(of))
}

func (p *page) percentText(value float64) string {
	text := strings.TrimSuffix(strconv.FormatFloat(value, 'f', 1, 64), ".0")
	return p.say("report.percent", "value", p.shapes.decimal(text))
}

// stateClass is the class of what is drawn in the colour of a state.
func stateClass(state tracker.State) string { return "f-" + string(state) }
