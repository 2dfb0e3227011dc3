package ticket

import (
	"maps"
	"slices"

	"suivi/domain"
	"suivi/domain/tracker"
)

// answering is somebody's way to give answers to a tracker's fields.
type answering struct {
	in       tracker.Tracker
	unseen   []string // what they may not see does not exist for them
	refused  map[string]bool
	problems *domain.Problems
	facts    Facts
	attached map[domain.AttachmentID]bool // uploads that the command has attached already
}

func newAnswering(facts Facts, problems *domain.Problems) answering {
	return answering{in: facts.Tracker, unseen: facts.Tracker.Unseen(facts.Actor), refused: map[string]bool{}, problems: problems,
		facts: facts, attached: map[domain.AttachmentID]bool{}}
}

func (a answering) wrong(code string, wrong tracker.Wrong) {
	if wrong != (tracker.Wrong{}) {
		a.refused[code] = true
		a.problems.Add("answers."+code, wrong.Code, "%s", wrong.Sentence)
	}
}

// field is the field that the code names to them.
func (a answering) field(code string) (tracker.Field, bool) {
	f, ok := a.in.Field(code)
	if !ok || !a.sees(f) {
		a.problems.Add("answers."+code, "unknown-field", "the tracker %s has no such field", a.in.Key)
		return f, false
	}
	return f, true
}

func (a answering) sees(f tracker.Field) bool { return !slices.Contains(a.unseen, f.Code) }

// answersTo is what a new ticket answers: what was given, the defaults of what
// was not, and what the server knows; nil when that is nothing.
func answersTo(c Post, facts Facts, problems *domain.Problems) map[string]string {
	a := newAnswering(facts, problems)
	for _, id := range c.Files {
		a.attached[id] = true
	}
	answers := map[string]string{}
	for _, f := range a.in.Fields {
		switch _, given := c.Answers[f.Code]; {
		case f.Inactive:
		case f.Type == tracker.Constant:
			answers[f.Code] = a.in.Constant(f, facts.Site)
		case !given:
			answers[f.Code] = f.Default
		}
	}
	for _, code := range slices.Sorted(maps.Keys(c.Answers)) {
		if f, ok := a.field(code); ok {
			var wrong tracker.Wrong
			answers[code], wrong = a.posted(f, c.Answers[code])
			a.wrong(code, wrong)
		}
	}
	for _, f := range a.in.Fields {
		a.checkAsked(f, c.Answers, answers)
	}
	maps.DeleteFunc(answers, func(_, answer string) bool { return answer == "" })
	if len(answers) == 0 {
		return nil
	}
	return answers
}

func (a answering) posted(f tracker.Field, given string) (string, tracker.Wrong) {
	switch {
	case f.Inactive:
		return "", tracker.Wrong{Code: "inactive-field", Sentence: "this field is no longer asked"}
	case f.Type == tracker.Constant || f.Type == tracker.Captcha:
		return "", tracker.Wrong{Code: "not-editable", Sentence: "this is not for people to answer"}
	}
	return a.answer(f, given, "")
}

// answer is the answer in its canonical form; a new file must be an upload of the actor.
func (a answering) answer(f tracker.Field, given, before string) (string, tracker.Wrong) {
	answer, wrong := a.in.Answer(f, given, before)
	if wrong != (tracker.Wrong{}) || answer == before {
		return answer, wrong
	}
	return answer, a.checkUpload(f, answer)
}

// checkAsked wants an answer where one must be, and none where the field is not asked.
func (a answering) checkAsked(f tracker.Field, given, answers map[string]string) {
	switch {
	case !a.in.Asks(f, answers):
		if given[f.Code] != "" && answers[f.Code] != "" {
			a.wrong(f.Code, notAsked())
		}
		delete(answers, f.Code)
	case f.Mandatory && !f.Inactive && answers[f.Code] == "" && !a.refused[f.Code]:
		a.wrong(f.Code, tracker.Required())
	}
}

func notAsked() tracker.Wrong {
	return tracker.Wrong{Code: "not-asked", Sentence: "this field is not asked with the other answers"}
}

// changedAnswers is what an edit makes of the answers, as far as it differs. What
// is not asked any more because of it is taken away; what the editor does not see
// stays as it is.
func changedAnswers(t Ticket, c Edit, facts Facts, problems *domain.Problems) map[string]string {
	a := newAnswering(facts, problems)
	after := maps.Clone(t.Answers)
	for _, code := range slices.Sorted(maps.Keys(c.Answers)) {
		if f, ok := a.field(code); ok {
			var wrong tracker.Wrong
			after[code], wrong = a.edited(f, c.Answers[code], t.Answers[code])
			a.wrong(code, wrong)
		}
	}
	for _, f := range a.in.Fields {
		if a.sees(f) {
			a.checkStillAsked(f, c.Answers, t.Answers, after)
		}
	}
	maps.DeleteFunc(after, func(code, answer string) bool { return answer == t.Answers[code] })
	return after
}

func (a answering) edited(f tracker.Field, given, before string) (string, tracker.Wrong) {
	if f.Type.Fixed() && given != before {
		return before, tracker.Wrong{Code: "not-editable", Sentence: "this is given once, when a ticket is posted"}
	}
	return a.answer(f, given, before)
}

// checkStillAsked is checkAsked for an edit: it wants only what the edit brings about.
func (a answering) checkStillAsked(f tracker.Field, given, before, after map[string]string) {
	_, named := given[f.Code]
	switch asked, was := a.in.Asks(f, after), a.in.Asks(f, before); {
	case !asked && after[f.Code] != "" && after[f.Code] != before[f.Code]:
		a.wrong(f.Code, notAsked())
	case !asked && was && !f.Type.Fixed():
		after[f.Code] = ""
	case asked && f.Mandatory && !f.Inactive && after[f.Code] == "" && !a.refused[f.Code] && (named || !was):
		a.wrong(f.Code, tracker.Required())
	}
}

// Without is the event without the answers to the fields of the codes.
func Without(event Event, codes []string) Event {
	unseen := func(code, _ string) bool { return slices.Contains(codes, code) }
	switch e := event.(type) {
	case Posted:
		e.Answers = maps.Clone(e.Answers)
		maps.DeleteFunc(e.Answers, unseen)
		return e
	case Edited:
		e.Answers = maps.Clone(e.Answers)
		maps.DeleteFunc(e.Answers, unseen)
		return e
	case Moved:
		e.Answers = maps.Clone(e.Answers)
		maps.DeleteFunc(e.Answers, unseen)
		e.Brought = slices.DeleteFunc(slices.Clone(e.Brought), func(b Brought) bool { return unseen(b.Code, "") })
		return e
	case FileAttached:
		if e.Field != "" && unseen(e.Field, "") {
			return FileAttached{}
		}
	case FileRemoved:
		if e.Field != "" && unseen(e.Field, "") {
			return FileRemoved{}
		}
	}
	return event
}

// SaysNothing tells whether an event says nothing any more, without the answers that were taken from it.
func SaysNothing(event Event) bool {
	switch e := event.(type) {
	case Edited:
		return e.Summary == nil && e.Description == nil && len(e.Answers) == 0
	case FileAttached:
		return e.ID == ""
	case FileRemoved:
		return e.Attachment == ""
	}
	return false
}

// AnswersIn are the answers that the event gives or takes away.
func AnswersIn(event Event) map[string]string {
	switch e := event.(type) {
	case Posted:
		return e.Answers
	case Edited:
		return e.Answers
	}
	return nil
}
