package helpdesk

import (
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suivi/domain/tracker"
)

var update = flag.Bool("update", false, "write golden files that do not exist yet")

func realLog(t *testing.T) *Log {
	t.Helper()
	file, err := os.Open("../../testdata/helpdesk/helpdesk.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	log, err := Read(file)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	return log
}

func TestTheRealLogIsAccountedForRowByRow(t *testing.T) {
	t.Parallel()
	log := realLog(t)
	if got := len(log.Cases); got != 4580 {
		t.Errorf("cases: got %d want 4580", got)
	}
	want := Tally{
		Rows: 21348, Changes: 20261, Kept: 1087, Named: 70,
		Steps: map[Kind]int{Post: 4580, Edit: 193, Assign: 4606, State: 20261, Comment: 1087},
		Final: map[tracker.State]int{tracker.Validated: 4558, tracker.Resolved: 10, tracker.Waiting: 8, tracker.Blocked: 3, tracker.Working: 1},
	}
	got := Count(log)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("got + want -:\n%s", diff)
	}
	if got.Rows != got.Changes+got.Kept {
		t.Errorf("%d rows, but %d changes and %d comments", got.Rows, got.Changes, got.Kept)
	}
}

func TestRowsThatOnlyChangeTheAssigneeAreKeptAndAssign(t *testing.T) {
	t.Parallel()
	only := 0
	for _, c := range realLog(t).Cases {
		steps := Plan(c)
		for i, step := range steps {
			if step.Kind == Assign && steps[i+1].Kind == Comment {
				only++
			}
		}
	}
	if only != 43 {
		t.Errorf("got %d rows want 43", only)
	}
}

// The log can be written again from the plan: nothing of it is lost.
func TestThePlanHoldsEveryCellOfTheRealLog(t *testing.T) {
	t.Parallel()
	for _, c := range realLog(t).Cases {
		got := rebuild(Plan(c))
		for i := range got {
			got[i].Line = c.Rows[i].Line
		}
		if diff := cmp.Diff(c.Rows, got); diff != "" {
			t.Fatalf("%s: got + want -:\n%s", c.ID, diff)
		}
	}
}

// rebuild writes a case's rows from its steps alone.
func rebuild(steps []Step) []Row {
	values, first := map[string]string{}, map[string]string{}
	var rows []Row
	for _, step := range steps {
		for code, answer := range step.Answers {
			values[code] = answer
			if _, ok := first[code]; !ok {
				first[code] = answer
			}
		}
		switch step.Kind {
		case State, Comment:
			rows = append(rows, Row{Activity: activityOf(step), Resource: step.Resource, At: step.At, Values: maps.Clone(values)})
		case Post, Edit, Assign:
		}
	}
	for _, row := range rows {
		for _, c := range columns() {
			answer, ok := row.Values[c.code]
			if !ok { // seriousness, before it was assigned
				answer = first[c.code]
			}
			if c.kind == tracker.Dropdown {
				answer = "Value " + answer[len("value-"):]
			}
			row.Values[c.code] = answer
		}
	}
	return rows
}

func activityOf(step Step) string {
	for _, activity := range []string{"Insert ticket", "Assign seriousness", "Take in charge ticket", "Wait", "Require upgrade",
		"Create SW anomaly", "Schedule intervention", "Resolve SW anomaly", "Resolve ticket", "RESOLVED", "Closed", "VERIFIED", "INVALID", "DUPLICATE"} {
		named := "Help-desk log: " + activity + "."
		if len(step.Comment) >= len(named) && step.Comment[:len(named)] == named {
			return activity
		}
		if does, err := meaning(activity); err == nil && step.Comment == "" && does.usual && does.state == step.To {
			return activity
		}
	}
	return "none"
}

// A case with everything: posted first, edits, a second assignee, an activity that is not the usual one.
func TestPlanOfOneCase(t *testing.T) {
	t.Parallel()
	log := readText(t,
		"Case 7,Insert ticket,Value 1,2012/10/09 14:50:17.000,Variant 12,12,Variant 12,Value 1,Value 1,Value 3,Value 1,Value 2,Value 1,Value 1,Value 1,Value 1",
		"Case 7,Assign seriousness,Value 1,2012/10/09 14:50:17.000,Variant 12,12,Variant 12,Value 1,Value 1,Value 3,Value 1,Value 2,Value 1,Value 1,Value 1,Value 1",
		"Case 7,Take in charge ticket,Value 1,2012/10/09 14:51:01.000,Variant 12,12,Variant 12,Value 1,Value 1,Value 3,Value 1,Value 2,Value 1,Value 1,Value 1,Value 1",
		"Case 7,Take in charge ticket,Value 2,2012/10/12 15:02:56.000,Variant 12,12,Variant 12,Value 1,Value 1,Value 3,Value 1,Value 2,Value 2,Value 1,Value 1,Value 1",
		"Case 7,Create SW anomaly,Value 2,2012/10/13 15:02:56.500,Variant 12,12,Variant 12,Value 1,Value 1,Value 3,Value 1,Value 2,Value 2,,Value 1,Value 1",
		"Case 7,Closed,Value 3,2012/11/09 12:54:39.000,Variant 12,12,Variant 12,Value 1,Value 1,Value 3,Value 1,Value 2,Value 2,,Value 1,Value 1",
	)
	got, err := json.MarshalIndent(Plan(log.Cases[0]), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "plan-case-7.golden.json")
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("got + want -:\n%s", diff)
	}
}

func TestSeriousnessCountsFromItsAssignment(t *testing.T) {
	t.Parallel()
	row := func(activity, serious string) string {
		return "Case 1," + activity + ",Value 1,2012/10/09 14:50:17.000,Variant 1,1,Variant 1," + serious + ",,,," + serious + ",,,,"
	}
	tests := []struct {
		name string
		rows []string
		want []map[string]string // the answers of the post and the edits
	}{
		{"assigned later", []string{row("Insert ticket", "Value 1"), row("Assign seriousness", "Value 1")},
			[]map[string]string{{"variant": "Variant 1", "variant_index": "1"}, {"seriousness": "value-1", "seriousness_2": "value-1"}}},
		{"never assigned", []string{row("Insert ticket", "Value 1"), row("Closed", "Value 1")},
			[]map[string]string{{"variant": "Variant 1", "variant_index": "1", "seriousness": "value-1", "seriousness_2": "value-1"}}},
		{"another one known before", []string{row("Insert ticket", "Value 2"), row("Assign seriousness", "Value 1")},
			[]map[string]string{{"variant": "Variant 1", "variant_index": "1", "seriousness": "value-2", "seriousness_2": "value-2"},
				{"seriousness": "value-1", "seriousness_2": "value-1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []map[string]string
			for _, step := range Plan(readText(t, tt.rows...).Cases[0]) {
				if step.Kind == Post || step.Kind == Edit {
					got = append(got, step.Answers)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("got + want -:\n%s", diff)
			}
		})
	}
}

func TestKeysAreStableAndDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range realLog(t).Cases {
		for _, step := range Plan(c) {
			key := step.Key("HELP", c.ID)
			if seen[key] {
				t.Fatalf("the key %q stands twice", key)
			}
			seen[key] = true
		}
	}
	if got, want := (Step{Row: 3, Kind: State}).Key("HELP", "Case 12"), "helpdesk:HELP:Case 12:3:state"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
}
