package commands_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
)

// read folds the streams with the prefix, straight from the log.
func read[S, E any](ctx context.Context, f *fixture, prefix string, decode func(string, []byte) (E, error), evolve func(S, E, domain.Meta) S) (map[string]S, error) {
	all := map[string]S{}
	for e, err := range f.store.ReadAll(ctx, eventstore.Position{}, eventstore.Filter{StreamPrefixes: []string{prefix}}) {
		if err != nil {
			return nil, err
		}
		event, err := decode(e.Type, e.Data)
		if err != nil {
			return nil, err
		}
		var meta domain.Meta
		if err := json.Unmarshal(e.Metadata, &meta); err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(e.Stream, prefix)
		all[name] = evolve(all[name], event, meta)
	}
	return all, nil
}

func (f *fixture) tickets(ctx context.Context) (map[string]ticket.Ticket, error) {
	return read(ctx, f, "ticket-", ticket.Decode, ticket.Evolve)
}

func (f *fixture) statesInUse(ctx context.Context, key domain.TrackerKey) ([]tracker.State, error) {
	all, err := f.tickets(ctx)
	var states []tracker.State
	for _, t := range all {
		if t.Tracker == key && !slices.Contains(states, t.State) {
			states = append(states, t.State)
		}
	}
	return states, err
}

// stranded answers a few at a time, so that a migration takes several rounds.
func (f *fixture) stranded(ctx context.Context, key domain.TrackerKey) ([]domain.TicketID, error) {
	desks, err := read(ctx, f, "tracker-", tracker.Decode, tracker.Evolve)
	if err != nil {
		return nil, err
	}
	all, err := f.tickets(ctx)
	var ids []domain.TicketID
	for _, t := range all {
		_, _, must := desks[string(t.Tracker)].MigratesTo(t.State)
		if must && (key == "" || key == t.Tracker) && len(ids) < 5 {
			ids = append(ids, t.ID)
		}
	}
	if f.onStranded != nil {
		f.onStranded(ids)
	}
	return ids, err
}

// disableTesting sends the tickets in testing to working.
func disableTesting() tracker.Configure {
	return tracker.Configure{Settings: tracker.Settings{
		States: &[]tracker.State{tracker.Open, tracker.Working, tracker.Resolved}, Migrate: map[tracker.State]tracker.State{tracker.Testing: tracker.Working},
	}}
}

func (f *fixture) postIn(t *testing.T, state tracker.State) domain.TicketID {
	t.Helper()
	out, err := f.nodes[0].PostTicket(t.Context(), admin, fresh(""), "HELP", ticket.Post{Summary: "S", State: state})
	if err != nil {
		t.Fatal(err)
	}
	return out.State.ID
}

// states counts the tickets by state and checks that no one has moved twice.
func (f *fixture) states(t *testing.T) map[tracker.State]int {
	t.Helper()
	all, err := f.tickets(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[tracker.State]int{}
	for _, ticket := range all {
		counts[ticket.State]++
	}
	return counts
}

func TestDisablingAStateMovesItsTicketsInTheNameOfWhoDidIt(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	for range 12 {
		f.postIn(t, tracker.Testing)
	}
	kept := f.postIn(t, tracker.Open)
	plain := disableTesting()
	plain.Migrate = nil
	if _, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "HELP", plain); domain.CodeOf(err) != "state-in-use" {
		t.Fatalf("without a way to go: got %v", err)
	}
	if _, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "HELP", disableTesting()); err != nil {
		t.Fatal(err)
	}
	if got := f.states(t); got[tracker.Testing] != 0 || got[tracker.Working] != 12 || got[tracker.Open] != 1 {
		t.Errorf("got %v", got)
	}
	for e, err := range f.store.Read(t.Context(), "ticket-HELP-1", 3) {
		if err != nil {
			t.Fatal(err)
		}
		var meta domain.Meta
		if err := json.Unmarshal(e.Metadata, &meta); err != nil {
			t.Fatal(err)
		}
		if e.Type != "ticket.state_changed.v1" || string(e.Data) != `{"from":"testing","to":"working"}` || meta.Actor != admin.Actor.ID || meta.Source != domain.SourceSystem {
			t.Errorf("got %s %s by %s, source %s", e.Type, e.Data, meta.Actor, meta.Source)
		}
	}
	if all, err := f.tickets(t.Context()); err != nil || all[string(kept)].Version != 2 || all["HELP-1"].Version != 3 {
		t.Errorf("versions %d and %d, %v: each that must moves once, the others not", all[string(kept)].Version, all["HELP-1"].Version, err)
	}
}

// Wherever the migration is cut off, nothing is lost and nothing moves twice:
// the same command sent again finishes it, and so does the next start.
func TestAMigrationThatIsCutOffIsFinished(t *testing.T) {
	t.Parallel()
	for rounds := range 4 {
		for name, finish := range map[string]func(*fixture) error{
			"by the same command": func(f *fixture) error {
				_, err := f.nodes[1].ChangeTracker(context.WithoutCancel(t.Context()), admin, fresh("migrate"), "HELP", disableTesting())
				return err
			},
			"by another command": func(f *fixture) error {
				_, err := f.nodes[1].ChangeTracker(context.WithoutCancel(t.Context()), admin, fresh(""), "HELP", disableTesting())
				return err
			},
			"at the next start": func(f *fixture) error {
				_, err := f.nodes[1].FinishMigrations(context.WithoutCancel(t.Context()))
				return err
			},
		} {
			f := setup(t, 2)
			for range 12 {
				f.postIn(t, tracker.Testing)
			}
			ctx, crash := context.WithCancel(t.Context())
			left := rounds
			f.onStranded = func([]domain.TicketID) {
				left--
				if left < 0 {
					crash()
				}
			}
			_, err := f.nodes[0].ChangeTracker(ctx, admin, fresh("migrate"), "HELP", disableTesting())
			f.onStranded = nil
			between := f.states(t)
			if rounds < 3 && (err == nil || between[tracker.Testing] == 0) {
				t.Fatalf("cut off after %d rounds: %v, %v", rounds, between, err)
			}
			if err := finish(f); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := f.states(t); got[tracker.Working] != 12 || got[tracker.Testing] != 0 {
				t.Errorf("cut off after %d rounds at %v, finished %s: %v", rounds, between, name, got)
			}
			all, err := f.tickets(context.WithoutCancel(t.Context()))
			if err != nil {
				t.Fatal(err)
			}
			for id, ticket := range all {
				if ticket.Version != 3 {
					t.Errorf("%s has %d events, want posted, to testing, to working", id, ticket.Version)
				}
			}
			crash()
		}
	}
}

// Some of those that have to move are taken at a time. That others move all of these is not the end of it.
func TestAMigrationGoesOnWhenOthersHaveMovedItsTickets(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	for range 12 {
		f.postIn(t, tracker.Testing)
	}
	f.onStranded = func(listed []domain.TicketID) {
		f.onStranded = nil
		for _, id := range listed {
			if _, err := f.nodes[1].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.ChangeState{To: tracker.Working}); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "HELP", disableTesting()); err != nil {
		t.Fatal(err)
	}
	if got := f.states(t); got[tracker.Working] != 12 || got[tracker.Testing] != 0 {
		t.Errorf("got %v, want all 12 in working", got)
	}
}

// The worst moment: a change to the state is decided before it is disabled, and written after the migration is done.
func TestAChangeThatWasUnderWayDoesNotStrandItsTicket(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	id := f.postIn(t, tracker.Open)
	f.onNow = func() { // the tracker has been read for the change by then
		f.onNow = nil
		if _, err := f.nodes[1].ChangeTracker(t.Context(), admin, fresh(""), "HELP", disableTesting()); err != nil {
			t.Error(err)
		}
	}
	out, err := f.nodes[0].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.ChangeState{To: tracker.Testing})
	if err != nil || out.State.State != tracker.Working || out.Version != 4 {
		t.Errorf("got %s at version %d, %v; want it sent on to working", out.State.State, out.Version, err)
	}
}

func TestConcurrentChangesLoseNoTicketInADisabledState(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	var ids []domain.TicketID
	for range 8 {
		ids = append(ids, f.postIn(t, tracker.Testing))
	}
	var all sync.WaitGroup
	for i, id := range ids {
		node := f.nodes[i%2]
		all.Go(func() {
			for n := range 12 {
				to := []tracker.State{tracker.Open, tracker.Testing}[n%2]
				_, err := node.ChangeTicket(t.Context(), admin, fresh(""), id, ticket.ChangeState{To: to})
				if err != nil && !slices.Contains([]string{"state-disabled", "no-change", "too-busy"}, domain.CodeOf(err)) {
					t.Errorf("%s to %s: %v", id, to, err)
				}
			}
		})
	}
	if _, err := commandUntilDone(t, f.nodes[0]); err != nil {
		t.Error(err)
	}
	all.Wait()
	if got := f.states(t); got[tracker.Testing] != 0 || got[tracker.Open]+got[tracker.Working] != len(ids) {
		t.Errorf("got %v: nobody may be left in testing", got)
	}
}

// commandUntilDone disables testing, again when too many are at it.
func commandUntilDone(t *testing.T, node *commands.Handler) (commands.Outcome[tracker.Tracker], error) {
	t.Helper()
	for {
		out, err := node.ChangeTracker(t.Context(), admin, fresh(""), "HELP", disableTesting())
		if domain.KindOf(err) != domain.Unavailable {
			return out, err
		}
	}
}

// Whoever sent it on, the ticket is answered as the caller sees it.
func TestATicketThatIsSentOnIsAnsweredWithoutHiddenAnswers(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	worker := commands.Caller{Actor: domain.Actor{ID: "usr_worker"}, Source: domain.SourceAPI}
	for _, command := range []tracker.Command{
		tracker.SetMember{User: worker.Actor.ID, Roles: []domain.Role{domain.Developer}},
		tracker.SetRights{Role: domain.Developer, RightChanges: domain.RightChanges{Revoked: []domain.Right{domain.SeeInternal}, Granted: []domain.Right{domain.SeeAll}}},
		tracker.SetField{Field: tracker.Field{Code: "secret", Type: tracker.Text, Label: tracker.Label{EN: "Secret"}, Hidden: true, Default: "canary"}},
	} {
		if _, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "HELP", command); err != nil {
			t.Fatal(err)
		}
	}
	disable := func() {
		f.onNow = nil
		if _, err := f.nodes[1].ChangeTracker(t.Context(), admin, fresh(""), "HELP", disableTesting()); err != nil {
			t.Error(err)
		}
	}
	id := f.postIn(t, tracker.Open)
	f.onNow = disable
	req := fresh("move")
	for range 2 { // sent again as well
		out, err := f.nodes[0].ChangeTicket(t.Context(), worker, req, id, ticket.ChangeState{To: tracker.Testing})
		if err != nil || len(out.State.Answers) > 0 {
			t.Errorf("the change answers %+v, %v", out.State, err)
		}
	}
	all := []tracker.State{tracker.Open, tracker.Working, tracker.Testing, tracker.Resolved}
	if _, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "HELP", tracker.Configure{Settings: tracker.Settings{States: &all}}); err != nil {
		t.Fatal(err)
	}
	f.onNow = disable
	out, err := f.nodes[0].PostTicket(t.Context(), worker, fresh(""), "HELP", ticket.Post{Summary: "S", State: tracker.Testing})
	if err != nil || out.State.State != tracker.Working || len(out.State.Answers) > 0 {
		t.Errorf("the post answers %+v, %v", out.State, err)
	}
	if posted, _ := f.events(t, out.State.ID)[0].(ticket.Posted); posted.Answers["secret"] != "canary" {
		t.Errorf("what is kept is %v", posted.Answers)
	}
}
