package helpdesk

import (
	"fmt"
	"strconv"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Kind is what a step does. The values are part of idempotency keys, for ever.
type Kind string

// The kinds of step, in the order that a row's steps are sent.
const (
	Post    Kind = "post"    // Summary, Answers
	Edit    Kind = "edit"    // Answers: those that change; empty takes one away
	Assign  Kind = "assign"  // to the Resource
	State   Kind = "state"   // To, and perhaps a Comment that names the activity
	Comment Kind = "comment" // Comment
)

// Kinds lists every kind of step.
func Kinds() []Kind { return []Kind{Post, Edit, Assign, State, Comment} }

// Step is one command. Every row of the log ends in exactly one State or
// Comment; what goes before it depends on the row.
type Step struct {
	Kind     Kind              `json:"kind"`
	Row      int               `json:"row"`  // of the case, from 1
	Line     int               `json:"line"` // of the file
	Resource string            `json:"resource"`
	At       time.Time         `json:"at"`
	Summary  string            `json:"summary,omitempty"`
	Answers  map[string]string `json:"answers,omitempty"` // by field code; of a dropdown, the option's code
	To       tracker.State     `json:"to,omitempty"`
	Comment  string            `json:"comment,omitempty"`
}

// Key is the step's idempotency key. It is the same each time the file is
// imported into the tracker, so that nothing is done twice.
func (s Step) Key(key domain.TrackerKey, caseID string) string {
	return "helpdesk:" + string(key) + ":" + caseID + ":" + strconv.Itoa(s.Row) + ":" + string(s.Kind)
}

// Plan is what to do for the case, in order. The first step is its one Post.
func Plan(c Case) []Step {
	p := planner{state: tracker.Posted, answers: map[string]string{}, seriousFrom: seriousFrom(c)}
	for i, row := range c.Rows {
		p.add(c.ID, i, row)
	}
	return p.steps
}

// planner holds the ticket as the steps so far leave it.
type planner struct {
	steps       []Step
	state       tracker.State
	assignee    string
	answers     map[string]string
	seriousFrom int // index of the first row whose seriousness columns count
}

func (p *planner) add(caseID string, i int, row Row) {
	step := Step{Row: i + 1, Line: row.Line, Resource: row.Resource, At: row.At}
	changes := p.takeAnswers(row, i >= p.seriousFrom)
	switch {
	case i == 0:
		post := step
		post.Kind, post.Summary, post.Answers = Post, summary(caseID, row), changes
		p.steps = append(p.steps, post)
	case len(changes) > 0:
		edit := step
		edit.Kind, edit.Answers = Edit, changes
		p.steps = append(p.steps, edit)
	}
	does, _ := meaning(row.Activity) // Read has checked that there is one
	if does.takes && p.assignee != row.Resource {
		p.assignee = row.Resource
		assign := step
		assign.Kind = Assign
		p.steps = append(p.steps, assign)
	}
	p.steps = append(p.steps, p.change(step, row.Activity, does))
}

// change is the step that every row ends in.
func (p *planner) change(step Step, activity string, does deed) Step {
	if does.state == p.state {
		step.Kind = Comment
		step.Comment = fmt.Sprintf("Help-desk log: %s. The state stayed “%s”.", activity, does.state.DefaultLabel().EN)
		return step
	}
	p.state = does.state
	step.Kind, step.To = State, does.state
	if !does.usual {
		step.Comment = fmt.Sprintf("Help-desk log: %s.", activity)
	}
	return step
}

// takeAnswers moves the planner's answers on to the row's and gives the difference.
func (p *planner) takeAnswers(row Row, serious bool) map[string]string {
	changes := map[string]string{}
	for _, c := range columns() {
		if c.serious && !serious {
			continue
		}
		if answer := c.answer(row); answer != p.answers[c.code] {
			changes[c.code], p.answers[c.code] = answer, answer
		}
	}
	return changes
}

// answer is the row's answer to the column's field; empty for none.
func (c column) answer(row Row) string {
	if c.kind == tracker.Dropdown {
		return slug(row.Values[c.code])
	}
	return row.Values[c.code]
}

// seriousFrom is the first row whose seriousness columns count: the first Assign
// seriousness, or the post when the case has none. It is the post, too, when the
// rows before say another seriousness than the one that is then assigned: the
// log knew one already, and it must not be lost.
func seriousFrom(c Case) int {
	for i, row := range c.Rows {
		if row.Activity != assignSeriousness {
			continue
		}
		for _, before := range c.Rows[:i] {
			if !sameSeriousness(before, row) {
				return 0
			}
		}
		return i
	}
	return 0
}

func sameSeriousness(a, b Row) bool {
	for _, c := range columns() {
		if c.serious && a.Values[c.code] != b.Values[c.code] {
			return false
		}
	}
	return true
}

// summary names the case, so that it can be found by people who know the other desk.
func summary(caseID string, row Row) string {
	if product := row.Values["product"]; product != "" && len(caseID)+len(product) < maxValue-len(": product ") {
		return caseID + ": product " + product
	}
	return caseID
}
