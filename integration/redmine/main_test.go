package redmine_test

import (
	"context"
	"testing"

	"suivi/integration/redmine"
	"suivi/internal/testredmine"
)

func TestMain(m *testing.M) { testredmine.Main(m) }

// The numbers of Redmine's default data and of what the tests' seed adds.
const (
	statusNew, statusProgress, statusResolved, statusFeedback, statusClosed, statusRejected = 1, 2, 3, 4, 5, 6
	trackerBug, trackerSupport                                                              = 1, 3
	priorityLow, priorityNormal, priorityHigh, priorityUrgent, priorityImmediate            = 1, 2, 3, 4, 5
	fieldExternal, fieldNoFilter, fieldProduct, fieldResolution, fieldReportedBy            = 1, 2, 3, 4, 5
	fieldCustomer, fieldSeriousness                                                         = 6, 7
)

func client(t testing.TB, server *testredmine.Server, login string) *redmine.Client {
	t.Helper()
	c, err := redmine.NewClient(server.URL, testredmine.Key(login))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// must is the value of a call that succeeds.
func must[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func succeed(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func createIn(t testing.TB, c *redmine.Client, project, subject string) redmine.Issue {
	t.Helper()
	return must[redmine.Issue](t)(c.Create(context.WithoutCancel(t.Context()), redmine.Change{"project_id": project, "subject": subject}))
}
