package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"suivi/internal/testdb"
)

const helpdeskLog = "../../testdata/helpdesk/helpdesk.csv.gz"

// What stands in the log, counted by hand from it and not by our own code.
var wantCounts = counts{
	Lists: map[string]int{"open": 12, "resolved": 4568},
	States: map[string]int{
		"posted": 0, "open": 0, "working": 1, "blocked": 3, "waiting": 8, "testing": 0, "published": 0,
		"resolved": 10, "validated": 4558, "abandoned": 0, "transferred": 0,
	},
}

const (
	wantRows         = 21348
	wantTickets      = 4580
	wantStateChanges = 20261
)

// importSummary is what `suivi import helpdesk --json` reports, as far as these tests care.
type importSummary struct {
	Plan  struct{ Rows, Changes, Kept int }
	Steps map[string]struct{ Sent, Again int }
}

// added is how many steps of the log were not there before.
func (s importSummary) added() int {
	sum := 0
	for _, n := range s.Steps {
		sum += n.Sent - n.Again
	}
	return sum
}

// buildProgram builds the program as people run it. 30,000 requests and more
// with the race detector in both ends would take minutes; other tests have it.
func buildProgram(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("imports a whole log several times, which takes minutes")
	}
	file := filepath.Join(t.TempDir(), "suivi")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return file
}

func TestImportOfARealLogOnPostgres(t *testing.T) {
	t.Parallel()
	file := buildProgram(t)
	d := serveDeskFrom(t, file, t.TempDir(), "--database", testdb.Postgres(t))
	importLog(t, d)
	checkImported(t, d)
}

// The service and then the importer are killed half-way; the import is simply started again.
func TestImportOfARealLogSurvivesKills(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), buildProgram(t)
	d := serveDeskFrom(t, file, data)
	first := startFile(t, file, importArgs(d)...)
	await(t, "a third is imported", func() bool { return imported(d) > wantTickets/3 })
	d.kill()
	if err := first.cmd.Wait(); err == nil {
		t.Error("the importer ended well without its service")
	}
	d = serveDeskFrom(t, file, data)
	second := startFile(t, file, importArgs(d)...)
	await(t, "two thirds are imported", func() bool { return imported(d) > wantTickets*2/3 })
	second.kill()
	importLog(t, d)
	checkImported(t, d)
}

func importArgs(d *desk) []string {
	return []string{"import", "helpdesk", helpdeskLog, "--data", d.data, "--server", d.url, "--json"}
}

func importLog(t *testing.T, d *desk) importSummary {
	t.Helper()
	importing := exec.CommandContext(t.Context(), d.cmd.Path, importArgs(d)...)
	var problem bytes.Buffer
	importing.Stderr = &problem
	text, err := importing.Output()
	if err != nil {
		t.Fatalf("import: %v\n%s", err, tail(problem.String(), 2000))
	}
	var s importSummary
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return s
}

func imported(d *desk) int {
	c := d.counts("?tracker=HELP")
	return c.Lists["open"] + c.Lists["resolved"]
}

func checkImported(t *testing.T, d *desk) {
	t.Helper()
	again := importLog(t, d)
	if again.added() != 0 || again.Plan.Rows != wantRows || again.Plan.Changes != wantStateChanges || again.Plan.Changes+again.Plan.Kept != wantRows {
		t.Errorf("importing once more: got %+v, want nothing new and every row accounted for", again)
	}
	got := d.counts("")
	if !maps.Equal(got.Lists, wantCounts.Lists) || !maps.Equal(got.States, wantCounts.States) {
		t.Errorf("counts: got %v, want %v", got, wantCounts)
	}
	if out := command(t, "projections", "verify", "--data", d.data, "--server", d.url); !strings.Contains(out, "equal") {
		t.Errorf("projections verify says: %s", out)
	}
	checkEveryCase(t, d)
}

// checkEveryCase compares each ticket at its middle, and its state history, with the log itself.
func checkEveryCase(t *testing.T, d *desk) {
	t.Helper()
	people := d.people()
	ids := d.ticketsByCase()
	cases := readCases(t)
	if len(ids) != wantTickets || len(cases) != wantTickets {
		t.Fatalf("%d tickets, %d cases, want %d of both", len(ids), len(cases), wantTickets)
	}
	var mu sync.Mutex
	changes := 0
	work := make(chan string)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for name := range work {
				n := checkCase(t, d, ids[name], cases[name], people)
				mu.Lock()
				changes += n
				mu.Unlock()
			}
		})
	}
	for name := range cases {
		work <- name
	}
	close(work)
	workers.Wait()
	if changes != wantStateChanges {
		t.Errorf("%d state changes in the histories, want %d", changes, wantStateChanges)
	}
}

// row is one line of the log.
type row struct {
	activity, resource string
	at                 time.Time
}

// checkCase asks for the ticket as it was at the moment of its middle row, and counts its state changes.
func checkCase(t *testing.T, d *desk, id string, rows []row, people map[string]string) int {
	middle := rows[len(rows)/2].at
	var want, got struct{ State, Assignee, Reporter string }
	want.State, want.Reporter = "posted", rows[0].resource
	for _, r := range rows {
		if r.at.After(middle) {
			break
		}
		want.State = stateAfter[r.activity]
		if r.activity == "Take in charge ticket" {
			want.Assignee = r.resource
		}
	}
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/tickets/"+id+"?at="+url.QueryEscape(middle.Format(time.RFC3339)), nil), &got)
	got.Assignee, got.Reporter = people[got.Assignee], people[got.Reporter]
	if got != want {
		t.Errorf("%s at %v: got %+v, want %+v", id, middle, got, want)
	}
	var history struct{ Changes []struct{ From, To string } }
	d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/tickets/"+id+"/state-history?limit=200", nil), &history)
	state := "posted"
	for _, c := range history.Changes {
		if c.From != state || c.To == c.From {
			t.Errorf("%s: a change from %s to %s after %s", id, c.From, c.To, state)
		}
		state = c.To
	}
	if want := stateAfter[rows[len(rows)-1].activity]; state != want {
		t.Errorf("%s ends in %s, want %s", id, state, want)
	}
	return len(history.Changes)
}

// stateAfter is the mapping, written out once more.
var stateAfter = map[string]string{
	"Insert ticket": "posted", "Assign seriousness": "open", "Take in charge ticket": "working", "Wait": "waiting",
	"Require upgrade": "blocked", "Create SW anomaly": "blocked", "Schedule intervention": "working",
	"Resolve SW anomaly": "working", "Resolve ticket": "resolved", "RESOLVED": "resolved",
	"Closed": "validated", "VERIFIED": "validated", "INVALID": "abandoned", "DUPLICATE": "abandoned",
}

// logRows are the rows of the help desk's log, the names of its columns first.
func logRows(t *testing.T) [][]string {
	t.Helper()
	file, err := os.Open(helpdeskLog)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(unzipped).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func readCases(t *testing.T) map[string][]row {
	t.Helper()
	cases := map[string][]row{}
	for _, line := range logRows(t)[1:] {
		at, err := time.Parse("2006/01/02 15:04:05.000", line[3])
		if err != nil {
			t.Fatal(err)
		}
		cases[line[0]] = append(cases[line[0]], row{line[1], line[2], at})
	}
	return cases
}

// people are the log's resources by the id of their account here.
func (d *desk) people() map[string]string {
	d.t.Helper()
	names := map[string]string{"": ""}
	for n := 1; n <= 22; n++ {
		var found struct{ People []struct{ ID, Name string } }
		query := url.QueryEscape(fmt.Sprintf("value-%d@helpdesk.example", n))
		d.want(http.StatusOK, d.ask(d.token, "GET", "/api/v1/people?email="+query, nil), &found)
		for _, p := range found.People {
			names[p.ID] = p.Name
		}
	}
	return names
}

// ticketsByCase are the ids of the tickets by the case that their summary begins with.
func (d *desk) ticketsByCase() map[string]string {
	d.t.Helper()
	ids := map[string]string{}
	for next := ""; ; {
		var got struct {
			Tickets []struct{ ID, Summary string }
			Next    string
		}
		d.want(http.StatusOK, d.ask(d.token, "GET", page("/api/v1/tickets?list=all&limit=200&sort=number", next), nil), &got)
		for _, ticket := range got.Tickets {
			name, _, _ := strings.Cut(ticket.Summary, ":")
			ids[name] = ticket.ID
		}
		if next = got.Next; next == "" {
			return ids
		}
	}
}
