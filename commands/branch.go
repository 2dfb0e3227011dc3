package commands

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"suivi/domain"
	"suivi/domain/ticket"
)

// NewBranch is what a ticket that grows out of a comment is to be.
type NewBranch struct {
	Tracker domain.TrackerKey // "": that of the comment's ticket
	Summary string            // "": that of the comment's ticket
	Answers map[string]string
	Captcha ticket.Solution // where its tracker wants one of the caller
}

// BranchTicket posts a ticket whose description is the comment's text, whose
// reporter is its author and whose files are the comment's, then says so on the
// comment's ticket. These are two appends: who sends the request again with its
// idempotency key after a crash between them gets the same ticket, and the second
// append is made up for.
func (h *Handler) BranchTicket(ctx context.Context, c Caller, req Request, id domain.TicketID, comment int, b NewBranch) (Outcome[ticket.Ticket], error) {
	posting := req
	posting.IfMatch = nil
	posting.Command = uuid.NewSHA1(req.Command, []byte("branch"))
	before, err := h.tickets.refresh(ctx, id.Stream())
	if err != nil {
		return Outcome[ticket.Ticket]{}, err
	}
	if _, done := before.find(req.Command); !done {
		asking := Request{Command: uuid.New(), IfMatch: req.IfMatch}
		if _, err := h.ChangeTicket(ctx, c, asking, id, ticket.Branch{Comment: comment}); err != nil {
			return Outcome[ticket.Ticket]{}, err
		}
	}
	post, err := h.branchPost(ctx, before.state, comment, b, posting.Command.String())
	if err != nil {
		return Outcome[ticket.Ticket]{}, err
	}
	if b.Tracker == "" {
		b.Tracker = before.state.Tracker
	}
	out, err := h.PostTicket(ctx, c, posting, b.Tracker, post)
	if err != nil {
		return out, err
	}
	linking := req
	linking.IfMatch = nil // it was looked at above; the branch is posted by now
	linked, err := h.ChangeTicket(ctx, c, linking, id, ticket.Branch{Comment: comment, Ticket: out.State.ID})
	if err != nil {
		return out, err
	}
	if linked.Position.Compare(out.Position) > 0 {
		out.Position = linked.Position // readers who have it have both
	}
	return out, nil
}

// branchPost is the post of a branch, from what stands in the comment's ticket. Of
// one seed, the ids of its files are always the same.
func (h *Handler) branchPost(ctx context.Context, t ticket.Ticket, comment int, b NewBranch, seed string) (ticket.Post, error) {
	post := ticket.Post{
		Summary: b.Summary, Answers: b.Answers, Watchers: t.Inner.Watches, Solution: b.Captcha,
		BranchedFrom: &ticket.Origin{Ticket: t.ID, Comment: comment},
	}
	if post.Summary == "" {
		post.Summary = t.Summary
	}
	if comment >= 1 && comment <= len(t.Inner.Comments) {
		post.OnBehalfOf = t.Inner.Comments[comment-1].Author
	}
	body, files, err := h.said(ctx, t.ID, comment)
	for i, file := range files { // the same content, named by the text under its new id
		id := domain.NewAttachmentID(seed, i)
		body = strings.ReplaceAll(body, string(file.ID), string(id))
		file.ID = id
		post.Copies = append(post.Copies, file)
	}
	post.Description = body
	return post, err
}

// said is a comment's text, and the files that are on it.
func (h *Handler) said(ctx context.Context, id domain.TicketID, comment int) (body string, files []domain.File, err error) {
	for e, err := range h.cfg.Store.Read(ctx, id.Stream(), 0) {
		if err != nil {
			return "", nil, storeError("read "+id.Stream(), err)
		}
		event, err := ticket.Decode(e.Type, e.Data)
		if err != nil {
			return "", nil, err
		}
		switch said := event.(type) {
		case ticket.Commented:
			if said.Comment == comment {
				body = said.Body
			}
		case ticket.CommentEdited:
			if said.Comment == comment {
				body = said.Body
			}
		case ticket.FileAttached:
			if said.Comment == comment {
				files = append(files, said.File)
			}
		case ticket.FileRemoved:
			files = slices.DeleteFunc(files, func(f domain.File) bool { return f.ID == said.Attachment })
		}
	}
	return body, files, nil
}
