package ticket

import (
	"suivi/domain"
)

func comment(t Ticket, c Comment, facts Facts) ([]Event, error) {
	if !facts.Tracker.May(facts.Actor, domain.CommentOn) {
		return nil, rightMissing("comment on this ticket")
	}
	if err := checkBody(c.Body); err != nil {
		return nil, err
	}
	commented := Commented{Comment: t.Comments + 1, Body: c.Body, Mentions: t.mentioned(c.Body, facts)}
	return append([]Event{commented}, t.subscribe(facts.Actor, becauseWrote, facts)...), nil
}

func editComment(t Ticket, c EditComment, facts Facts) ([]Event, error) {
	said, err := t.ownComment(c.Comment, "edit this comment", facts)
	if err != nil {
		return nil, err
	}
	if said.Deleted {
		return nil, domain.Errorf(domain.Refused, "comment-deleted", "the comment %d of %s has been deleted", c.Comment, t.ID)
	}
	if err := checkBody(c.Body); err != nil {
		return nil, err
	}
	if said.says(c.Body) {
		return nil, nil
	}
	return []Event{CommentEdited{Comment: c.Comment, Body: c.Body, Mentions: t.mentioned(c.Body, facts)}}, nil
}

func deleteComment(t Ticket, c DeleteComment, facts Facts) ([]Event, error) {
	said, err := t.ownComment(c.Comment, "delete this comment", facts)
	if err != nil || said.Deleted {
		return nil, err
	}
	files := t.removeAll(func(a Attached) bool { return a.Comment == c.Comment })
	return append([]Event{CommentDeleted(c)}, files...), nil
}

// ownComment is the comment of the number, if the actor wrote it or may manage comments.
func (t Ticket) ownComment(n int, what string, facts Facts) (Remark, error) {
	said, ok := remark(t.Inner.Comments, n)
	if !ok {
		return said, domain.ErrNoComment(t.ID, n)
	}
	own := said.Author == facts.Actor.ID && facts.Tracker.May(facts.Actor, domain.CommentOn)
	if !own && !facts.Tracker.May(facts.Actor, domain.ManageComments) {
		return said, rightMissing(what)
	}
	return said, nil
}

func checkBody(body string) error {
	var problems domain.Problems
	checkMarkdown("body", body, &problems)
	if body == "" {
		problems.Add("body", "required", "a comment says something")
	}
	return problems.Err()
}
