package commands_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/rank"
	"suivi/domain/ticket"
	"suivi/domain/tracker"
	"suivi/eventstore"
	"suivi/internal/testdesk"
)

var admin = commands.Caller{Actor: domain.Actor{ID: "usr_admin", Admin: true}, Source: domain.SourceAPI, RequestID: "test"}

// fixture is a store with the tracker HELP, and the handlers of as many nodes as wanted.
type fixture struct {
	store *eventstore.Store
	nodes []*commands.Handler
	// onStranded is called whenever tickets that have to migrate have been looked for, with those; nil: nothing.
	onStranded func([]domain.TicketID)
	onNow      func() // called whenever a command asks what time it is; nil: nothing
}

func setup(t *testing.T, nodes int) *fixture {
	t.Helper()
	store := testdesk.Store(t)
	f := &fixture{store: store}
	for range nodes {
		cfg := testdesk.Config(store)
		cfg.Now, cfg.PostedBy, cfg.StatesInUse, cfg.Stranded = f.now, f.postedBy, f.statesInUse, f.stranded // from the log itself
		cfg.Gap = func(context.Context, domain.Actor, domain.TicketID, rank.Move) (*rank.Gap, error) {
			return &rank.Gap{Below: rank.Bottom(time.Time{}, 1)}, nil
		}
		cfg.UnknownUsers = func(_ context.Context, ids []domain.UserID) ([]domain.UserID, error) {
			return slices.DeleteFunc(slices.Clone(ids), func(id domain.UserID) bool { return id != "usr_ghost" }), nil
		}
		f.nodes = append(f.nodes, commands.New(cfg))
	}
	name := "Help desk"
	_, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "HELP", tracker.Create{Key: "HELP", Settings: tracker.Settings{Name: &name}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) now() time.Time {
	if f.onNow != nil {
		f.onNow()
	}
	return time.Now()
}

// postedBy answers from the log itself.
func (f *fixture) postedBy(ctx context.Context, command uuid.UUID) (domain.TicketID, bool, error) {
	for e, err := range f.store.ReadAll(ctx, eventstore.Position{}, eventstore.Filter{StreamPrefixes: []string{"ticket-"}}) {
		if err != nil {
			return "", false, err
		}
		var meta domain.Meta
		if err := json.Unmarshal(e.Metadata, &meta); err != nil {
			return "", false, err
		}
		if meta.CommandID == command {
			return domain.TicketID(e.Stream[len("ticket-"):]), true, nil
		}
	}
	return "", false, nil
}

// fresh is a request with an idempotency key, or none.
func fresh(key string) commands.Request {
	return commands.NewRequest(admin.Actor.ID, key, "test", nil)
}

func (f *fixture) post(t *testing.T) commands.Outcome[ticket.Ticket] {
	t.Helper()
	out, err := f.nodes[0].PostTicket(t.Context(), admin, fresh(""), "HELP", ticket.Post{Summary: "S"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPostersOnSeveralNodesGetEachNumberOnce(t *testing.T) {
	t.Parallel()
	f := setup(t, 3)
	const posters, each = 5, 20
	var mu sync.Mutex
	var got []int64
	var all sync.WaitGroup
	for _, node := range f.nodes {
		for range posters {
			all.Go(func() {
				for range each {
					out, err := node.PostTicket(t.Context(), admin, fresh(""), "HELP", ticket.Post{Summary: "S"})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					got = append(got, out.State.Number)
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	slices.Sort(got)
	for i, number := range got {
		if number != int64(i+1) {
			t.Fatalf("number %d at place %d: %v", number, i+1, got)
		}
	}
	if want := len(f.nodes) * posters * each; len(got) != want {
		t.Errorf("got %d tickets, want %d", len(got), want)
	}
}

func TestANodeThatStartsLateFindsTheEndOfTheNumbers(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	for range 37 {
		f.post(t)
	}
	out, err := f.nodes[1].PostTicket(t.Context(), admin, fresh(""), "HELP", ticket.Post{Summary: "S"})
	if err != nil || out.State.ID != "HELP-38" {
		t.Errorf("got %s, %v; want HELP-38", out.State.ID, err)
	}
}

func TestARefusedPostTakesNoNumber(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	if _, err := f.nodes[0].PostTicket(t.Context(), admin, fresh(""), "HELP", ticket.Post{}); domain.KindOf(err) != domain.Invalid {
		t.Errorf("got %v", err)
	}
	if out := f.post(t); out.State.ID != "HELP-1" {
		t.Errorf("got %s, want HELP-1", out.State.ID)
	}
}

func TestAPostThatIsGivenUpGivesItsNumberBack(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	f.post(t)
	ctx, giveUp := context.WithCancel(t.Context())
	f.onNow = giveUp // the facts are read by then, the number is not taken yet
	if out, err := f.nodes[0].PostTicket(ctx, admin, fresh(""), "HELP", ticket.Post{Summary: "S"}); err == nil {
		t.Fatalf("got %s, want an error", out.State.ID)
	}
	f.onNow = nil
	if out := f.post(t); out.State.ID != "HELP-2" {
		t.Errorf("got %s, want HELP-2", out.State.ID)
	}
}

func TestAPostSentAgainIsAnsweredAsTheFirstTime(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	first, err := f.nodes[0].PostTicket(t.Context(), admin, fresh("k"), "HELP", ticket.Post{Summary: "S"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.nodes[0].ChangeTicket(t.Context(), admin, fresh(""), first.State.ID, ticket.ChangeState{To: tracker.Working}); err != nil {
		t.Fatal(err)
	}
	for i, node := range f.nodes {
		again, err := node.PostTicket(t.Context(), admin, fresh("k"), "HELP", ticket.Post{Summary: "S"})
		if err != nil || !again.Replayed || again.State.ID != first.State.ID || again.State.State != tracker.Posted ||
			again.Version != 1 || again.Position != first.Position {
			t.Errorf("node %d: got %+v, %v; want %+v again", i, again, err, first)
		}
	}
	other := commands.NewRequest(admin.Actor.ID, "k", "test", []byte("another body"))
	if _, err := f.nodes[1].PostTicket(t.Context(), admin, other, "HELP", ticket.Post{Summary: "T"}); domain.CodeOf(err) != "idempotency-key-reused" {
		t.Errorf("got %v", err)
	}
}

func TestTheSamePostTwiceAtOnceMakesOneTicket(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	ids := make(chan domain.TicketID, 16)
	var all sync.WaitGroup
	for range cap(ids) {
		all.Go(func() {
			out, err := f.nodes[0].PostTicket(t.Context(), admin, fresh("k"), "HELP", ticket.Post{Summary: "S"})
			if err != nil {
				t.Error(err)
			}
			ids <- out.State.ID
		})
	}
	all.Wait()
	close(ids)
	for id := range ids {
		if id != "HELP-1" {
			t.Errorf("got %s, want HELP-1", id)
		}
	}
}

func TestACommandSentAgainChangesNothingMore(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	id := f.post(t).State.ID
	comment := ticket.Comment{Body: "Hello"}
	first, err := f.nodes[0].ChangeTicket(t.Context(), admin, fresh("c"), id, comment)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.nodes[0].ChangeTicket(t.Context(), admin, fresh("d"), id, ticket.Comment{Body: "More"}); err != nil {
		t.Fatal(err)
	}
	for i, node := range f.nodes {
		again, err := node.ChangeTicket(t.Context(), admin, fresh("c"), id, comment)
		if err != nil || !again.Replayed || again.Version != first.Version || again.State.Comments != 1 {
			t.Errorf("node %d: got %+v, %v; want %+v again", i, again, err, first)
		}
	}
}

func TestAStaleVersionIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	id := f.post(t).State.ID
	if _, err := f.nodes[1].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.Comment{Body: "Hello"}); err != nil {
		t.Fatal(err)
	}
	for _, version := range []uint64{0, 1, 3} {
		req := fresh("")
		req.IfMatch = &version
		_, err := f.nodes[0].ChangeTicket(t.Context(), admin, req, id, ticket.Comment{Body: "Late"})
		if domain.KindOf(err) != domain.Stale {
			t.Errorf("If-Match %d: got %v", version, err)
		}
	}
	version := uint64(2)
	req := fresh("")
	req.IfMatch = &version
	out, err := f.nodes[0].ChangeTicket(t.Context(), admin, req, id, ticket.Comment{Body: "In time"})
	if err != nil || out.Version != 3 || out.State.Comments != 2 {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestARefusalIsNeverMadeOnAnOldFold(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	id := f.post(t).State.ID
	if _, err := f.nodes[1].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.ChangeState{To: tracker.Resolved}); err != nil {
		t.Fatal(err)
	}
	// Node 0 still believes the ticket posted: to it, posted is no change.
	out, err := f.nodes[0].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.ChangeState{To: tracker.Posted})
	if err != nil || out.State.State != tracker.Posted || out.Version != 3 {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestManyOnOneTicketLoseNoUpdate(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	id := f.post(t).State.ID
	const writers, each = 8, 5
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for range each {
				for {
					_, err := f.nodes[i%2].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.Comment{Body: "Hello"})
					if domain.CodeOf(err) == "too-busy" {
						continue
					}
					if err != nil {
						t.Error(err)
					}
					break
				}
			}
		})
	}
	all.Wait()
	out, err := f.nodes[0].ChangeTicket(t.Context(), admin, fresh(""), id, ticket.Comment{Body: "Last"})
	if err != nil || out.State.Comments != writers*each+1 {
		t.Errorf("got %d comments, %v; want %d", out.State.Comments, err, writers*each+1)
	}
}

func TestRightsTakenAwayOnOneNodeHoldOnTheOthers(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	member := commands.Caller{Actor: domain.Actor{ID: "usr_member"}}
	set := func(command tracker.Command) {
		if _, err := f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "HELP", command); err != nil {
			t.Fatal(err)
		}
	}
	set(tracker.SetMember{User: member.Actor.ID, Roles: []domain.Role{domain.Reporter}})
	if _, err := f.nodes[1].PostTicket(t.Context(), member, fresh(""), "HELP", ticket.Post{Summary: "S"}); err != nil {
		t.Fatal(err)
	}
	set(tracker.RemoveMember{User: member.Actor.ID})
	_, err := f.nodes[1].PostTicket(t.Context(), member, fresh(""), "HELP", ticket.Post{Summary: "S"})
	if domain.CodeOf(err) != "tracker-not-found" {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	_, err := f.nodes[0].ChangeTicket(t.Context(), admin, fresh(""), "HELP-9", ticket.Comment{Body: "Hello"})
	if domain.CodeOf(err) != "ticket-not-found" {
		t.Errorf("ticket: got %v", err)
	}
	_, err = f.nodes[0].ChangeTracker(t.Context(), admin, fresh(""), "NONE", tracker.RemoveField{Code: "x"})
	if domain.CodeOf(err) != "tracker-not-found" {
		t.Errorf("tracker: got %v", err)
	}
	_, err = f.nodes[0].PostTicket(t.Context(), admin, fresh(""), "NONE", ticket.Post{Summary: "S"})
	if domain.CodeOf(err) != "tracker-not-found" {
		t.Errorf("post: got %v", err)
	}
}
