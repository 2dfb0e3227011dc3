package helpdesk

import "suivi/domain/tracker"

// Tally is what a plan will do, counted. Rows = Changes + Kept: every row of the
// log ends in one of the two.
type Tally struct {
	Rows    int                   `json:"rows"`
	Steps   map[Kind]int          `json:"steps"`
	Changes int                   `json:"changes"` // rows that change the state
	Kept    int                   `json:"kept"`    // rows that do not, kept as comments
	Named   int                   `json:"named"`   // changes whose activity is named in a comment
	Final   map[tracker.State]int `json:"final"`   // tickets by the state they end in
}

// Count counts the plans of all cases of the log.
func Count(log *Log) Tally {
	t := Tally{Rows: log.Rows, Steps: map[Kind]int{}, Final: map[tracker.State]int{}}
	for _, c := range log.Cases {
		state := tracker.Posted
		for _, step := range Plan(c) {
			t.Steps[step.Kind]++
			switch step.Kind {
			case State:
				t.Changes++
				state = step.To
				if step.Comment != "" {
					t.Named++
				}
			case Comment:
				t.Kept++
			case Post, Edit, Assign:
			}
		}
		t.Final[state]++
	}
	return t
}
