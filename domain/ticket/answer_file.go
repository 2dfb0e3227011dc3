package ticket

import (
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// filesIn are the files that are given as answers to the tracker's fields.
func filesIn(answers map[string]string, in tracker.Tracker) []domain.AttachmentID {
	var ids []domain.AttachmentID
	for _, code := range slices.Sorted(maps.Keys(answers)) {
		if f, ok := in.Field(code); ok && f.Type == tracker.File && answers[code] != "" {
			ids = append(ids, domain.AttachmentID(answers[code]))
		}
	}
	return ids
}

// checkUpload takes, as a new answer to a field, an upload of the actor that
// nothing else of the command attaches.
func (a answering) checkUpload(f tracker.Field, answer string) tracker.Wrong {
	id := domain.AttachmentID(answer)
	file, ours := a.facts.Files[id]
	switch {
	case f.Type != tracker.File || answer == "":
		return tracker.Wrong{}
	case !ours || a.attached[id]:
		return tracker.Wrong{Code: "unknown-upload", Sentence: "this is no upload of yours that waits to be attached"}
	case file.Size > a.facts.MaxFileSize:
		return tracker.Wrong{Code: "file-too-large", Sentence: "the file is too large"}
	}
	a.attached[id] = true
	return tracker.Wrong{}
}

// answerFiles are the events by which the files of changed answers go and come;
// "" takes an answer away. The ticket is as it was before.
func (t Ticket) answerFiles(changed map[string]string, facts Facts) []Event {
	var gone, come []Event
	for _, code := range slices.Sorted(maps.Keys(changed)) {
		for _, a := range t.Inner.Files {
			if a.Field == code && string(a.ID) == t.Answers[code] {
				gone = append(gone, a.removal())
			}
		}
		f, _ := facts.Tracker.Field(code)
		if file, ok := facts.Files[domain.AttachmentID(changed[code])]; ok && f.Type == tracker.File {
			come = append(come, FileAttached{File: file, Field: code})
		}
	}
	return append(gone, come...)
}

// lost tells whether the file was an answer that the ticket does not have any more.
func (t Ticket) lost(file Attached) bool {
	is := func(answer string) bool { return answer == string(file.ID) }
	return file.Field != "" && !is(t.Answers[file.Field]) && !slices.ContainsFunc(t.Brought, func(b Brought) bool { return is(b.Answer) })
}

// isAnswer is why the file is not removed: it is there as long as the answer is.
// Whoever does not see the answer is told that there is no file.
func (t Ticket) isAnswer(file Attached, facts Facts) error {
	if t.SeenAs(facts.Actor, facts.Tracker, facts.Before...).lost(file) {
		return domain.ErrNoAttachment(file.ID)
	}
	return domain.Errorf(domain.Refused, "file-is-answer", "%q answers the field %s; take the answer away, and it goes", file.Name, file.Field)
}
