package commands_test

import (
	"testing"

	"suivi/commands"
	"suivi/domain"
	"suivi/domain/ticket"
)

// 412 tells a version, and that there is something: only to who may know.
func TestAStaleVersionOfWhatOneDoesNotSeeIsNotFound(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	id := f.post(t).State.ID
	req := fresh("")
	req.IfMatch = new(uint64(7))
	stranger := commands.Caller{Actor: domain.Actor{ID: "usr_stranger"}, Source: domain.SourceAPI}
	for caller, want := range map[commands.Caller]string{stranger: "ticket-not-found", admin: "stale-version"} {
		if _, err := f.nodes[0].ChangeTicket(t.Context(), caller, req, id, ticket.Comment{Body: "Hi"}); domain.CodeOf(err) != want {
			t.Errorf("%s: got %v, want %s", caller.Actor.ID, err, want)
		}
	}
}
