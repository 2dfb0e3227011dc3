package ticket

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/tracker"
)

// spec says what a command comes to, after what who did.
type spec struct {
	in    tracker.Tracker // help() when it is zero
	given []deed
	when  Command
	by    domain.Actor
	then  []Event
	code  string
}

type deed struct {
	by    domain.Actor
	event Event
}

// life is a ticket of the pupil, with what was done since.
func life(more ...deed) []deed {
	return append([]deed{{pupil, posted()[0]}}, more...)
}

// and is a life that went on.
func and(deeds []deed, more ...deed) []deed { return slices.Concat(deeds, more) }

func lived(deeds []deed) Ticket {
	var t Ticket
	for _, d := range deeds {
		t = Evolve(t, d.event, domain.Meta{Actor: d.by.ID, OccurredAt: monday})
	}
	return t
}

func judge(t *testing.T, specs map[string]spec) {
	t.Helper()
	for name, s := range specs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if s.in.Key == "" {
				s.in = help()
			}
			got, err := Decide(lived(s.given), s.when, Facts{Tracker: s.in, Actor: s.by, OccurredAt: monday.Add(time.Minute), Files: waiting(), MaxFileSize: 100, Parent: tracker.Tracker{Key: s.in.Parent}})
			if s.code != "" {
				if err == nil || domain.CodeOf(err) != s.code {
					t.Fatalf("got %v, %v; want %s", got, err, s.code)
				}
				return
			}
			if diff := cmp.Diff(s.then, seen(got)); err != nil || diff != "" {
				t.Errorf("got %v, %v; want %v\n%s", got, err, s.then, diff)
			}
		})
	}
}

func TestCommentsAreEditedAndDeletedByTheirAuthorsAndManagers(t *testing.T) {
	t.Parallel()
	said := life(deed{pupil, Commented{Comment: 1, Body: "Hi"}}, deed{helper, Commented{Comment: 2, Body: "Ho"}})
	gone := and(said, deed{boss, CommentDeleted{Comment: 1}})
	edited := CommentEdited{Comment: 1, Body: "Hello"}
	judge(t, map[string]spec{
		"the author edits":                            {given: said, when: EditComment{1, "Hello"}, by: pupil, then: []Event{edited}},
		"a manager edits":                             {given: said, when: EditComment{1, "Hello"}, by: boss, then: []Event{edited}},
		"who edited is not the author for that":       {given: and(said, deed{boss, edited}), when: EditComment{1, "Hey"}, by: pupil, then: []Event{CommentEdited{Comment: 1, Body: "Hey"}}},
		"another worker does not":                     {given: said, when: EditComment{1, "Hello"}, by: solver, code: "right-missing"},
		"the reporter does not edit a worker's":       {given: said, when: EditComment{2, "Hello"}, by: pupil, code: "right-missing"},
		"the same text is nothing":                    {given: said, when: EditComment{1, "Hi"}, by: pupil},
		"the same text after an edit is nothing":      {given: and(said, deed{pupil, edited}), when: EditComment{1, "Hello"}, by: pupil},
		"the first text again is an edit":             {given: and(said, deed{pupil, edited}), when: EditComment{1, "Hi"}, by: pupil, then: []Event{CommentEdited{Comment: 1, Body: "Hi"}}},
		"an edited comment says something":            {given: said, when: EditComment{1, ""}, by: pupil, code: "invalid-input"},
		"an edited comment has at most 64 KiB":        {given: said, when: EditComment{1, strings.Repeat("x", 64*1024+1)}, by: pupil, code: "invalid-input"},
		"a comment that is not there is not found":    {given: said, when: EditComment{3, "Hello"}, by: boss, code: "comment-not-found"},
		"nor is one below the first":                  {given: said, when: DeleteComment{0}, by: boss, code: "comment-not-found"},
		"the author deletes":                          {given: said, when: DeleteComment{1}, by: pupil, then: []Event{CommentDeleted{1}}},
		"a manager deletes":                           {given: said, when: DeleteComment{2}, by: boss, then: []Event{CommentDeleted{2}}},
		"another worker does not delete":              {given: said, when: DeleteComment{1}, by: helper, code: "right-missing"},
		"deleting again is nothing":                   {given: gone, when: DeleteComment{1}, by: boss},
		"a deleted comment is not edited":             {given: gone, when: EditComment{1, "Hello"}, by: boss, code: "comment-deleted"},
		"the number of a deleted comment is not used": {given: and(gone, deed{boss, CommentDeleted{2}}), when: Comment{"Hey"}, by: pupil, then: []Event{Commented{Comment: 3, Body: "Hey"}}},
		"who sees no ticket sees no comment":          {given: said, when: EditComment{1, "Hello"}, by: other, code: "ticket-not-found"},
		"a former member edits nothing": {in: help(func(t *tracker.Tracker) { delete(t.Members, pupil.ID) }),
			given: said, when: EditComment{1, "Hello"}, by: pupil, code: "right-missing"},
	})
}

var (
	ada  = domain.NewUserID(monday, [10]byte{1})
	bob  = domain.NewUserID(monday, [10]byte{2})
	carl = domain.NewUserID(monday, [10]byte{3})
)

func TestMentionsAreWhoIsNamedByTheirId(t *testing.T) {
	t.Parallel()
	a, b := string(ada), string(bob)
	for text, want := range map[string][]domain.UserID{
		"@" + a:                           {ada},
		"Hi @" + a + ", ask @" + b + ".":  {ada, bob},
		"@" + a + " @" + a:                {ada},
		"(@" + b + ")\n@" + a:             {bob, ada},
		"@" + a + "@" + b:                 {ada},
		"mail ada@" + a:                   nil,
		"@@" + a:                          nil,
		"@" + a + "X":                     nil,
		"@" + strings.ToLower(a):          nil,
		a:                                 nil,
		"@usr_8ZZZZZZZZZZZZZZZZZZZZZZZZZ": nil, // not a ULID: too large
	} {
		if diff := cmp.Diff(want, Mentions(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	var many strings.Builder
	for n := range 60 {
		many.WriteString("@" + string(domain.NewUserID(monday, [10]byte{9: byte(n)})) + " ")
	}
	if got := len(Mentions(many.String())); got != 50 {
		t.Errorf("got %d mentions, want at most 50", got)
	}
}

// Ada is a developer, Bob another reporter, Carl nobody here.
func withAdaAndBob(t *tracker.Tracker) {
	t.Members[ada], t.Members[bob] = []domain.Role{domain.Developer}, []domain.Role{domain.Reporter}
}

func TestOnlyWhoSeesTheTicketIsToldOfAMention(t *testing.T) {
	t.Parallel()
	text := "@" + string(ada) + " @" + string(bob) + " @" + string(carl)
	seen := []domain.UserID{ada}
	judge(t, map[string]spec{
		"in a comment": {in: help(withAdaAndBob), given: life(), when: Comment{text}, by: pupil,
			then: []Event{Commented{Comment: 1, Body: text, Mentions: seen}}},
		"in an edited comment": {in: help(withAdaAndBob), given: life(deed{pupil, Commented{Comment: 1, Body: "Hi"}}), when: EditComment{1, text}, by: pupil,
			then: []Event{CommentEdited{Comment: 1, Body: text, Mentions: seen}}},
		"where reporters see all": {in: help(withAdaAndBob, bugtracker), given: life(), when: Comment{text}, by: pupil,
			then: []Event{Commented{Comment: 1, Body: text, Mentions: []domain.UserID{ada, bob}}}},
		"with a change of state": {in: help(withAdaAndBob), given: life(), when: ChangeState{To: tracker.Working, Comment: text}, by: helper,
			then: []Event{Commented{Comment: 1, Body: text, Mentions: seen}, StateChanged{tracker.Posted, tracker.Working}}},
	})
}
