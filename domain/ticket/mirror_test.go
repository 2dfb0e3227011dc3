package ticket

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"suivi/domain"
	"suivi/domain/tracker"
)

var (
	twin    = Mirrored{Tool: "redmine", Site: "https://r.example.org", ID: "7", URL: "https://r.example.org/issues/7"}
	tied    = deed{helper, twin}
	matched = func(parts ...Part) Event { return MirrorMatched{Tool: "redmine", ID: "7", Parts: parts} }
)

func TestWhatHasBecomeOfATwinIsWrittenDownOnce(t *testing.T) {
	t.Parallel()
	another := twin
	another.ID = "8"
	lost := Unmirrored{Tool: "redmine", ID: "7", Why: TwinLost, Gone: true}
	first := Part{ID: "1", Comment: 1}
	match := func(parts ...Part) Match { return Match{Tool: "redmine", Twin: "7", Parts: parts} }
	judge(t, map[string]spec{
		"a twin":                             {given: life(), when: Mirror{twin}, by: pupil, then: []Event{twin}},
		"once":                               {given: life(tied), when: Mirror{twin}, by: pupil},
		"one in a tool":                      {given: life(tied), when: Mirror{another}, by: pupil, code: "already-mirrored"},
		"another when the first is gone":     {given: life(tied, deed{helper, lost}), when: Mirror{another}, by: pupil, then: []Event{another}},
		"of a deleted ticket as well":        {given: life(deed{boss, Deleted{}}), when: Mirror{twin}, by: pupil, then: []Event{twin}},
		"and in an archived tracker":         {in: help(archived), given: life(), when: Mirror{twin}, by: pupil, then: []Event{twin}},
		"of no ticket there is none":         {when: Mirror{twin}, by: pupil, code: "ticket-not-found"},
		"parts":                              {given: life(tied), when: match(first, Part{ID: "2"}), by: pupil, then: []Event{matched(first, Part{ID: "2"})}},
		"those that are new":                 {given: life(tied, deed{helper, matched(first)}), when: match(first, Part{ID: "2"}), by: pupil, then: []Event{matched(Part{ID: "2"})}},
		"parts that have ended":              {given: life(tied, deed{helper, matched(first)}), when: match(Part{ID: "1", Ended: true}, Part{ID: "2", Ended: true}), by: pupil, then: []Event{matched(Part{ID: "1", Ended: true})}},
		"and come again":                     {given: life(tied, deed{helper, matched(first, Part{ID: "1", Ended: true})}), when: match(first), by: pupil, then: []Event{matched(first)}},
		"no parts":                           {given: life(tied, deed{helper, matched(first)}), when: match(first), by: pupil},
		"no parts of another twin":           {given: life(tied), when: Match{Tool: "redmine", Twin: "8", Parts: []Part{first}}, by: pupil},
		"an end":                             {given: life(tied), when: Forget{Tool: "redmine", Twin: "7", Why: TwinLost, Gone: true}, by: pupil, then: []Event{lost}},
		"once as well":                       {given: life(tied, deed{helper, lost}), when: Forget{Tool: "redmine", Twin: "7", Why: TwinLost}, by: pupil},
		"not of another twin":                {given: life(tied), when: Forget{Tool: "redmine", Twin: "8", Why: TwinLost}, by: pupil},
		"a twin that was let go comes again": {given: life(tied, deed{helper, Unmirrored{Tool: "redmine", ID: "7", Why: TicketDeleted}}), when: Mirror{twin}, by: pupil, then: []Event{twin}},
	})
}

func TestWhatIsDoneToTheTwinIsDoneToTheTicketAsThePerson(t *testing.T) {
	t.Parallel()
	in := func(commands ...Command) TakeIn {
		return TakeIn{Tool: "redmine", Twin: "7", Change: "5", Commands: commands}
	}
	change := ChangeState{To: tracker.Working}
	worked := StateChanged{tracker.Posted, tracker.Working}
	_, refusal := Decide(lived(life()), change, Facts{Tracker: help(), Actor: pupil, OccurredAt: monday})
	why, _ := errors.AsType[*domain.Error](refusal)
	_, refusal = Decide(lived(life()), Attach{Files: []domain.AttachmentID{"att"}}, Facts{Tracker: help(), Actor: helper, OccurredAt: monday})
	unknown, _ := errors.AsType[*domain.Error](refusal)
	no := MirrorRefused{Tool: "redmine", ID: "7", Change: "5", Code: "role-missing", Reason: why.Message}
	judge(t, map[string]spec{
		"a comment":                  {given: life(tied), when: in(Comment{"Hi"}), by: helper, then: []Event{Commented{Comment: 1, Body: "Hi"}, matched(Part{ID: "5", Comment: 1})}},
		"once":                       {given: life(tied, deed{helper, matched(Part{ID: "5"})}), when: in(Comment{"Hi"}), by: helper},
		"an internal note":           {given: life(tied), when: in(AddNote{"Hi"}), by: helper, then: []Event{NoteAdded{Note: 1, Body: "Hi"}, matched(Part{ID: "5", Note: 1})}},
		"several things at once":     {given: life(tied), when: in(change, Comment{"Hi"}), by: helper, then: []Event{worked, Commented{Comment: 1, Body: "Hi"}, matched(Part{ID: "5", Comment: 1})}},
		"what is so already":         {given: life(tied, deed{boss, worked}), when: in(change), by: helper, then: []Event{matched(Part{ID: "5"})}},
		"what they may not is noted": {given: life(tied), when: in(change, Comment{"Hi"}), by: pupil, then: []Event{no, Commented{Comment: 1, Body: "Hi"}, matched(Part{ID: "5", Comment: 1})}},
		"nothing at all":             {given: life(tied), when: in(), by: helper, then: []Event{matched(Part{ID: "5"})}},
		"nothing for another twin":   {given: life(), when: in(Comment{"Hi"}), by: helper},
		"what is said with a state that they may not choose": {given: life(tied), when: in(ChangeState{To: tracker.Working, Comment: "Hi"}), by: pupil, then: []Event{no, Commented{Comment: 1, Body: "Hi"}, matched(Part{ID: "5", Comment: 1})}},
		"what else is refused, and known":                    {given: life(tied), when: TakeIn{Tool: "redmine", Twin: "7", Change: "5", Commands: []Command{Comment{"Hi"}}, Refusals: []*domain.Error{why}, Parts: []Part{{ID: "6"}}}, by: helper, then: []Event{no, Commented{Comment: 1, Body: "Hi"}, matched(Part{ID: "5", Comment: 1}, Part{ID: "6"})}},
		"what is said with a file that cannot be attached": {given: life(tied), when: in(WithFiles{Comment{"Hi"}, []domain.AttachmentID{"att"}}), by: helper, then: []Event{
			MirrorRefused{Tool: "redmine", ID: "7", Change: "5", Code: "invalid-input", Reason: unknown.Message}, Commented{Comment: 1, Body: "Hi"}, matched(Part{ID: "5", Comment: 1})}},
		"no file that is not attached":    {given: life(tied), when: TakeIn{Tool: "redmine", Twin: "7", Change: "5", Parts: []Part{{ID: "file", Attachment: "att"}}}, by: helper, then: []Event{matched(Part{ID: "5"})}},
		"who is nobody here does nothing": {given: life(tied), when: TakeIn{Tool: "redmine", Twin: "7", Change: "5", Commands: []Command{change}, Refusal: why}, by: helper, then: []Event{no, matched(Part{ID: "5"})}},
	})
}

func TestATwinThatIsFoundAgainHasItsParts(t *testing.T) {
	t.Parallel()
	let := deed{helper, Unmirrored{Tool: "redmine", ID: "7", Why: TicketDeleted}}
	gone := deed{helper, Unmirrored{Tool: "redmine", ID: "7", Why: TicketDeleted, Gone: true}}
	known := Part{ID: "1", Comment: 1}
	tied := life(tied, deed{helper, matched(Part{ID: "0"}, known)}, deed{helper, matched(Part{ID: "0", Ended: true})})
	for name, c := range map[string]struct {
		end  deed
		want []Part
	}{"one that was kept": {let, []Part{known}}, "one that was deleted, whose id another has": {gone, nil}} {
		got := lived(append(slices.Clip(tied), c.end))
		if _, is := got.Inner.Twin("redmine"); is {
			t.Errorf("%s: there is still a twin", name)
		}
		again := Evolve(got, twin, domain.Meta{})
		found, _ := again.Inner.Twin("redmine")
		want := Twin{Tool: "redmine", Site: twin.Site, ID: "7", URL: twin.URL, Parts: c.want}
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if _, is := found.Of(Part{Comment: 1}); is != (c.want != nil) {
			t.Errorf("%s: the comment is known: %t", name, is)
		}
	}
}

// Bookkeeping amid an import of years ago must not close the way for what is still to be imported.
func TestBookkeepingLeavesNoTraceInATicketsTimeAndVersion(t *testing.T) {
	t.Parallel()
	before := lived(life())
	after := before
	for _, e := range []Event{twin, matched(Part{ID: "1"}), MirrorRefused{}, Unmirrored{Tool: "redmine", ID: "7"}} {
		if !Internal(e) || !OfMirror(e) {
			t.Errorf("%T is for everybody", e)
		}
		after = Evolve(after, e, domain.Meta{OccurredAt: monday.Add(time.Hour)})
	}
	if after.Version != before.Version || !after.UpdatedAt.Equal(before.UpdatedAt) || !after.Inner.LastAt.Equal(before.Inner.LastAt) {
		t.Errorf("got %+v, want %+v", after, before)
	}
}
