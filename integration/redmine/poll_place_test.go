package redmine

import (
	"testing"
	"time"

	"suivi/domain"
)

// An issue lies anywhere before the last change of all; Redmine lists from a second earlier than it is asked.
func TestWhatWasToldOfTwiceIsNotToldOfAgainWhereverItLies(t *testing.T) {
	t.Parallel()
	at := func(id int, second int64) Issue {
		return Issue{ID: id, UpdatedOn: time.Unix(second, 0), Fields: []FieldValue{{ID: 1, Values: []string{string(domain.NewTicketID("HELP", int64(id)))}}}}
	}
	for gap := range int64(12) {
		all := []Issue{at(1, 1000), at(2, 1000+gap)}
		p, told := place{At: 1000}, map[domain.TicketID]int{}
		for poll := range 30 {
			var listed []Issue
			for _, issue := range all[:min(poll/10+1, 2)] { // the second one comes later
				if issue.UpdatedOn.Unix() >= p.begin()-1 {
					listed = append(listed, issue)
				}
			}
			var found []domain.TicketID
			found, p = p.after(listed, 1, time.Unix(2000+int64(poll), 0))
			for _, id := range found {
				told[id]++
			}
		}
		if told["HELP-1"] != 2 || told["HELP-2"] != 2 {
			t.Errorf("with %d s between them: told %v times", gap, told)
		}
	}
}
