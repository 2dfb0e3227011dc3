package ticket

import (
	"slices"
	"strings"
	"unicode/utf8"

	"suivi/domain"
	"suivi/domain/tracker"
)

// Limits of what a ticket says (product.md §6).
const (
	MaxSummary  = 255       // characters
	MaxMarkdown = 64 * 1024 // bytes of UTF-8
)

func decidePost(t Ticket, c Post, facts Facts) ([]Event, error) {
	in := facts.Tracker
	if !in.Sees(facts.Actor) {
		return nil, domain.ErrNoTracker(in.Key)
	}
	if t.Exists() {
		return nil, domain.Errorf(domain.Refused, "number-taken", "there is already a ticket %s", t.ID)
	}
	if err := checkSwitches(in, c); err != nil {
		return nil, err
	}
	if !in.May(facts.Actor, domain.Post) {
		return nil, rightMissing("post here")
	}
	answers, err := checkPost(c, facts)
	if err != nil {
		return nil, err
	}
	posted := Posted{Tracker: in.Key, Number: c.Number, Summary: strings.TrimSpace(c.Summary),
		Description: c.Description, Answers: answers, Reporter: facts.Actor.ID, BranchedFrom: c.BranchedFrom}
	if c.OnBehalfOf != "" {
		posted.Reporter = c.OnBehalfOf
	}
	t = Evolve(t, posted, domain.Meta{OccurredAt: facts.OccurredAt})
	watched := t.copyWatches(c.Watchers, facts)
	watched = append(watched, t.after(watched, facts).subscribe(domain.Actor{ID: t.Reporter}, becauseReported, facts)...)
	files := Ticket{}.answerFiles(t.Answers, facts)
	for _, copied := range c.Copies {
		files = append(files, FileAttached{File: copied})
	}
	more, err := t.after(files, facts).attachments(Attach{Files: c.Files}, facts)
	if err != nil {
		return nil, err
	}
	files = append(files, more...)
	settled, err := settle(t.after(watched, facts), c, facts)
	return slices.Concat([]Event{posted}, entered(t, facts), files, watched, settled), err
}

// checkPost tells what is wrong with the post, else what it answers to fields.
func checkPost(c Post, facts Facts) (map[string]string, error) {
	staff := facts.Tracker.May(facts.Actor, domain.ChangeState)
	if !staff && c.OnBehalfOf != "" && c.OnBehalfOf != facts.Actor.ID {
		return nil, rightMissing("post for somebody else")
	}
	if !staff && c.State != "" && c.State != tracker.Posted {
		return nil, rightMissing("post in another state than posted")
	}
	var problems domain.Problems
	checkSummary(c.Summary, &problems)
	checkMarkdown("description", c.Description, &problems)
	if slices.Contains(facts.UnknownUsers, c.OnBehalfOf) {
		problems.Add("onBehalfOf", "unknown-user", "there is no such person")
	}
	answers := answersTo(c, facts, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if facts.Tracker.Challenges(facts.Actor) && !facts.Solved {
		return nil, &domain.Error{Kind: domain.Invalid, Code: "captcha-wrong", Message: "solve a new challenge, and send its id and answer as captcha",
			Fields: []domain.FieldError{{Field: "captcha", Code: "captcha-wrong"}}}
	}
	return answers, nil
}

// settle gives a new ticket its first assignee and state.
func settle(t Ticket, c Post, facts Facts) ([]Event, error) {
	var events []Event
	if c.Assignee != "" {
		assigned, err := assign(t, Assign{c.Assignee}, facts)
		if err != nil {
			return nil, err
		}
		events = append(events, assigned...)
	} else if first := facts.Tracker.FirstAssignee(tracker.NewTicket{Number: c.Number, Answers: t.Answers, Open: facts.OpenByAssignee}); first != "" {
		events = append(events, Assigned{Assignee: first})
		events = append(events, t.subscribe(domain.Actor{ID: first}, becauseAssigned, facts)...)
	}
	if c.State == "" || c.State == tracker.Posted {
		return events, nil
	}
	changed, err := changeState(t.after(events, facts), ChangeState{To: c.State}, facts)
	return append(events, changed...), err
}

// after is the ticket once the events have happened.
func (t Ticket) after(events []Event, facts Facts) Ticket {
	for _, e := range events {
		t = Evolve(t, e, domain.Meta{Actor: facts.Actor.ID, OccurredAt: facts.OccurredAt})
	}
	return t
}

func decideEdit(t Ticket, c Edit, facts Facts) ([]Event, error) {
	own := facts.Actor.ID == t.Reporter && facts.Tracker.May(facts.Actor, domain.EditOwn)
	var problems domain.Problems
	var edited Edited
	if c.Summary != nil {
		checkSummary(*c.Summary, &problems)
		if summary := strings.TrimSpace(*c.Summary); summary != t.Summary {
			edited.Summary = &summary
		}
	}
	if c.Description != nil {
		checkMarkdown("description", *c.Description, &problems)
		if *c.Description != t.Description {
			edited.Description = c.Description
		}
	}
	edited.Answers = changedAnswers(t, c, facts, &problems)
	names := c.Summary != nil || c.Description != nil || len(c.Answers) > 0
	if names && !own && !facts.Tracker.May(facts.Actor, domain.EditAny) {
		return nil, rightMissing("edit this ticket")
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	var events []Event
	if edited.Summary != nil || edited.Description != nil || len(edited.Answers) > 0 {
		events = append(append(events, edited), t.answerFiles(edited.Answers, facts)...)
	}
	if c.Resolution != nil && *c.Resolution != t.Resolution {
		written, err := writeResolution(*c.Resolution, facts)
		if err != nil {
			return nil, err
		}
		events = append(events, written)
	}
	return events, nil
}

func checkSummary(summary string, problems *domain.Problems) {
	if n := utf8.RuneCountInString(strings.TrimSpace(summary)); n < 1 || n > MaxSummary {
		problems.Add("summary", "bad-length", "1 to %d characters", MaxSummary)
	}
	if strings.ContainsAny(summary, "\r\n\x00") {
		problems.Add("summary", "not-one-line", "one line of text only")
	}
}

func checkMarkdown(field, text string, problems *domain.Problems) {
	if strings.ContainsRune(text, 0) {
		problems.Add(field, "not-text", "there is a NUL character in it")
	}
	if len(text) > MaxMarkdown {
		problems.Add(field, "too-long", "at most %d bytes", MaxMarkdown)
	}
}
