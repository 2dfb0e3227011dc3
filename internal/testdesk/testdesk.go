// Package testdesk gives tests commands on a real event store without read models. For tests only.
package testdesk

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/eventstore/embedded"
)

// Store is an embedded event store of the test's own.
func Store(t testing.TB) *eventstore.Store {
	t.Helper()
	server, err := embedded.Open(t.Context(), embedded.Config{Path: filepath.Join(t.TempDir(), "events.db")})
	if err != nil {
		t.Fatal(err)
	}
	store, err := eventstore.Open(server.ConnectionString(), nil)
	if err != nil {
		t.Fatal(errors.Join(err, server.Close()))
	}
	t.Cleanup(func() {
		if err := errors.Join(store.Close(), server.Close()); err != nil {
			t.Error(err)
		}
	})
	return store
}

// Config is that of commands which have no read models to ask: they hear that nothing
// was there before, that nobody is unknown and that all has been read.
func Config(store *eventstore.Store) commands.Config {
	return commands.Config{
		Store: store, Now: time.Now,
		Wait:        func(context.Context, eventstore.Position) error { return nil },
		PostedBy:    func(context.Context, uuid.UUID) (domain.TicketID, bool, error) { return "", false, nil },
		StatesInUse: func(context.Context, domain.TrackerKey) ([]tracker.State, error) { return nil, nil },
		Stranded:    func(context.Context, domain.TrackerKey) ([]domain.TicketID, error) { return nil, nil },
		OpenByAssignee: func(context.Context, domain.TrackerKey) (map[domain.UserID]int, error) {
			return map[domain.UserID]int{}, nil
		},
		Gap: func(context.Context, domain.Actor, domain.TicketID, rank.Move) (*rank.Gap, error) {
			return &rank.Gap{}, nil
		},
		AnswersGiven: func(context.Context, []domain.TrackerKey, string, []string) ([]string, bool, error) {
			return nil, false, nil
		},
		SharedBy:     func(context.Context, string) (now, ever []domain.TrackerKey, err error) { return nil, nil, nil },
		UnknownUsers: func(context.Context, []domain.UserID) ([]domain.UserID, error) { return nil, nil },
	}
}
