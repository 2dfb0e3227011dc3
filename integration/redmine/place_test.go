package redmine_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"suivi/domain"
	"suivi/domain/tracker"
	"suivi/integration"
	"suivi/integration/mirror"
	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

// The people of the tests. Ann and Ben are in Redmine as well, Zoe is not.
const (
	ann domain.UserID = "usr_01H0000000000000000000ANNA"
	ben domain.UserID = "usr_01H0000000000000000000BENN"
	zoe domain.UserID = "usr_01H0000000000000000000Z0EE"
)

func names(_ context.Context, of []domain.UserID) (map[domain.UserID]string, error) {
	known := map[domain.UserID]string{ann: "Developer Test", ben: "Reporter Test", zoe: "Zoé Dupré"}
	found := map[domain.UserID]string{}
	for _, id := range of {
		if name, ok := known[id]; ok {
			found[id] = name
		}
	}
	return found, nil
}

func newTool() *redmine.Tool { return redmine.New(redmine.Config{Names: names, Now: time.Now}) }

// desk is the tracker of the tests.
func desk() tracker.Tracker {
	option := func(code, name string) tracker.Option {
		return tracker.Option{Code: code, Label: tracker.Label{EN: name}}
	}
	events := []tracker.Event{
		tracker.Created{Key: "HELP", Name: "Help desk", Mode: domain.Ticketing},
		tracker.FieldSet{Field: tracker.Field{Code: "customer", Type: tracker.Text, Label: tracker.Label{FR: "Client", EN: "Customer"}}},
		tracker.FieldSet{Field: tracker.Field{Code: "seriousness", Type: tracker.Dropdown, Label: tracker.Label{EN: "Seriousness"}, Options: []tracker.Option{option("value-1", "Value 1"), option("value-2", "Value 2")}}},
		tracker.FieldSet{Field: tracker.Field{Code: "product", Type: tracker.Multiselect, Label: tracker.Label{FR: "Produit", EN: "Product"}, Options: []tracker.Option{option("red", "red"), option("blue", "Blue")}}},
		tracker.FieldSet{Field: tracker.Field{Code: "urgency", Type: tracker.Radio, Label: tracker.Label{EN: "Urgency"}, Options: []tracker.Option{option("low", "Low"), option("high", "High")}}},
	}
	var t tracker.Tracker
	for _, event := range events {
		t = tracker.Evolve(t, event, domain.Meta{})
	}
	return t
}

// place is the desk's mirror in the project, for the key of the login, as it should be.
func place(t testing.TB, s *testredmine.Server, project, login string) mirror.Place {
	t.Helper()
	id := strconv.Itoa
	return mirror.Place{
		Tracker: desk(), Secret: integration.NewSecret(testredmine.Key(login)),
		Mirror: tracker.Mirror{
			Tool: redmine.Name, Site: s.URL, Secret: "redmine", Project: project, Direction: tracker.Outwards, Deletion: tracker.CloseTwin, Notes: true,
			Mapping: tracker.Mapping{
				States: map[tracker.State]string{
					tracker.Posted: id(statusNew), tracker.Open: id(statusNew), tracker.Working: id(statusProgress), tracker.Blocked: id(statusFeedback),
					tracker.Waiting: id(statusFeedback), tracker.Testing: id(statusResolved), tracker.Published: id(statusResolved), tracker.Resolved: id(statusResolved),
					tracker.Validated: id(statusClosed), tracker.Abandoned: id(statusRejected), tracker.Transferred: id(statusClosed),
				},
				People: map[domain.UserID]string{ann: id(s.User(t, testredmine.Developer)), ben: id(s.User(t, testredmine.Reporter))},
				Fields: map[string]tracker.FieldMapping{
					"customer":    {As: redmine.AsField, ID: id(fieldCustomer)},
					"seriousness": {As: redmine.AsField, ID: id(fieldSeriousness)},
					"product":     {As: redmine.AsField, ID: id(fieldProduct), Answers: map[string]string{"red": "Red", "blue": "Blue"}},
					"urgency":     {As: redmine.AsPriority, Answers: map[string]string{"low": id(priorityLow), "high": id(priorityHigh)}},
				},
				Fixed: map[string]string{
					redmine.FixedTracker: id(trackerSupport), redmine.FixedPriority: id(priorityNormal), redmine.FixedExternalID: id(fieldExternal),
					redmine.FixedResolution: id(fieldResolution), redmine.FixedReportedBy: id(fieldReportedBy), redmine.FixedFormatting: redmine.Textile,
				},
			},
		},
	}
}
