package redmine

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"suivi/domain"
	"suivi/domain/ticket"
)

// files are those of the ticket that an issue has as well. Redmine keeps no file
// from anybody who sees the issue, so what is for staff alone stays here.
func (a *aligner) files() []ticket.FileAttached {
	return slices.DeleteFunc(slices.Clone(a.want.Files), func(f ticket.FileAttached) bool {
		if field, ok := a.at.Tracker.Ever(f.Field); ok && field.Hidden {
			return true
		}
		return f.Internal
	})
}

// fileName is the name of the file there: its own, unless an earlier one has it.
// Texts show files by name.
func (a *aligner) fileName(file ticket.FileAttached) string {
	for _, earlier := range a.files() {
		switch {
		case earlier.ID == file.ID:
			return file.Name
		case earlier.Name == file.Name:
			end := path.Ext(file.Name)
			return strings.TrimSuffix(file.Name, end) + "-" + strings.ToLower(string(file.ID[4:10])) + end
		}
	}
	return file.Name
}

// fileMark is what a file that Suivi sends says of itself there. By it the file is found
// again whose sending was cut off, and told from one of the same name that somebody there has added.
func (a *aligner) fileMark(id domain.AttachmentID) string {
	return "(" + string(a.want.ID) + ", file " + strings.ToLower(string(id[4:14])) + ")"
}

// sentByUs tells whether the file carries the mark of one of the ticket's.
func (a *aligner) sentByUs(file Attachment) bool {
	return strings.HasPrefix(file.About, "("+string(a.want.ID)+", file ")
}

// attachmentOf is the issue's attachment that the file is: the one that is known, or has
// its mark. Where nobody is heard, one of its name and size that is no other's will do.
func (a *aligner) attachmentOf(file ticket.FileAttached) (Attachment, bool) {
	name, mark := a.fileName(file), a.fileMark(file.ID)
	for _, is := range []func(Attachment) bool{
		func(f Attachment) bool { return a.fileOf(f) == file.ID },
		func(f Attachment) bool { return f.About == mark },
		func(f Attachment) bool {
			return !a.both() && f.Name == name && f.Size == file.Size && a.fileOf(f) == "" && !a.sentByUs(f)
		},
	} {
		if i := slices.IndexFunc(a.issue.Files, is); i >= 0 {
			return a.issue.Files[i], true
		}
	}
	return Attachment{}, false
}

// learnFiles notes what the files are called that are there: those that people there
// have added have names of their own.
func (a *aligner) learnFiles() {
	for _, file := range a.files() {
		if attachment, there := a.attachmentOf(file); there {
			a.calls(file.ID, attachment.Name)
		}
	}
}

// calls says how the file is called there. Files are told in the order in which they came: of several of
// one name Redmine means the last.
func (a *aligner) calls(file domain.AttachmentID, name string) {
	a.abroad.Files[string(file)], a.abroad.Newest[name] = name, string(file)
}

func (a *aligner) alignFiles(ctx context.Context) error {
	if err := a.matchFiles(ctx); err != nil {
		return err
	}
	sent := false
	for _, file := range a.files() {
		if _, there := a.attachmentOf(file); there {
			continue
		}
		d := difference{what: "file " + file.Name, want: strconv.FormatInt(file.Size, 10) + " bytes", found: "not there"}
		if a.Look {
			a.drift(d, "")
			continue
		}
		sent = true
		a.writes()
		if err := a.refusal(a.send(ctx, file), d); err != nil {
			return err
		}
	}
	if sent {
		if err := a.read(ctx); err != nil {
			return err
		}
		if err := a.matchFiles(ctx); err != nil {
			return err
		}
	}
	return a.removeFiles(ctx)
}

// matchFiles has it written down which attachment is which file.
func (a *aligner) matchFiles(ctx context.Context) error {
	var parts []ticket.Part
	for _, file := range a.files() {
		if attachment, there := a.attachmentOf(file); there {
			parts = append(parts, ticket.Part{ID: filePart + a.issue.fileKey(attachment.ID), Attachment: file.ID})
		}
	}
	return a.match(ctx, parts...)
}

// send uploads a file and attaches it, in the name of who attached it.
func (a *aligner) send(ctx context.Context, file ticket.FileAttached) error {
	var by domain.UserID
	if i := slices.IndexFunc(a.want.Inner.Files, func(f ticket.Attached) bool { return f.ID == file.ID }); i >= 0 {
		by = a.want.Inner.Files[i].By
	}
	name := a.fileName(file)
	return a.inNameOf(ctx, by, func(client *Client) error {
		content, err := a.Content(ctx, file.File)
		if err != nil {
			return fmt.Errorf("read the file %s: %w", file.ID, err)
		}
		token, err := client.Upload(ctx, name, content)
		_ = content.Close() // it was only read
		if err != nil {
			return err
		}
		upload := map[string]any{"token": token, "filename": name, "content_type": file.Type, "description": a.fileMark(file.ID)}
		return a.update(ctx, client, Change{"uploads": []any{upload}})
	})
}

// removeFiles takes files away whose files here are gone. Others' stay.
func (a *aligner) removeFiles(ctx context.Context) error {
	for _, attachment := range a.issue.Files {
		known := a.fileOf(attachment)
		if known == "" || slices.ContainsFunc(a.files(), func(f ticket.FileAttached) bool { return f.ID == known }) {
			continue
		}
		d := difference{what: "file " + attachment.Name, want: "removed", found: "there"}
		if a.Look {
			a.drift(d, "")
			continue
		}
		a.writes()
		if err := a.refusal(a.site.RemoveFile(ctx, attachment.ID), d); err != nil {
			return err
		}
	}
	return nil
}
