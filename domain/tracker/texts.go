package tracker

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"suivi/domain"
)

// Limits of what a tracker says.
const (
	MaxName = 255       // characters
	MaxText = 64 * 1024 // bytes of UTF-8, for each language
	MaxURL  = 2048      // bytes
)

// Thanks is what people read after posting, in both languages: the text set by
// hand, else the mode's. It is Markdown; {ticket} stands for the new ticket's id
// and {assignee} for the name of whom it was given to.
func (t Tracker) Thanks() Label {
	text := presetThanks(t.Mode, t.DefaultAssignee != "")
	if t.ThankYou.FR != "" {
		text.FR = t.ThankYou.FR
	}
	if t.ThankYou.EN != "" {
		text.EN = t.ThankYou.EN
	}
	return text
}

// presetThanks is mod_tracker.md §4; preassigned is with a default assignee.
func presetThanks(mode domain.Mode, preassigned bool) Label {
	switch {
	case mode == domain.Bugtracker:
		return Label{"Merci de votre signalement {ticket} : il contribue à un service plus fiable.",
			"Thank you for your report {ticket}: it contributes to a more reliable service."}
	case mode == domain.Ticketing && preassigned:
		return Label{"Votre demande {ticket} est enregistrée et confiée à {assignee}.",
			"Your request {ticket} is registered and has been given to {assignee}."}
	case mode == domain.Taskspread:
		return Label{"La tâche {ticket} est enregistrée. Pensez à l’attribuer.",
			"The task {ticket} is registered. Remember to assign it."}
	}
	return Label{"Votre demande {ticket} est enregistrée.", "Your request {ticket} is registered."}
}

func checkTexts(s Settings, problems *domain.Problems) {
	if s.Name != nil {
		if n := utf8.RuneCountInString(strings.TrimSpace(*s.Name)); n < 1 || n > MaxName {
			problems.Add("name", "bad-length", "1 to %d characters", MaxName)
		}
		if strings.ContainsAny(*s.Name, "\r\n\x00") {
			problems.Add("name", "not-one-line", "one line of text only")
		}
	}
	checkText("intro", s.Intro, problems)
	checkText("thankYou", s.ThankYou, problems)
	if c := s.Course; c != nil {
		for _, text := range []string{c.ID, c.ShortName, c.Name} {
			if wrong := checkLine(text); wrong != (Wrong{}) || strings.ContainsRune(text, 0) {
				problems.Add("course", "not-one-line", "each is one line of up to %d characters", MaxTextAnswer)
			}
		}
	}
	if s.ContactURL != nil && *s.ContactURL != "" {
		checkURL("contactUrl", *s.ContactURL, problems)
	}
}

func checkText(field string, text *Label, problems *domain.Problems) {
	if text == nil {
		return
	}
	if len(text.FR) > MaxText || len(text.EN) > MaxText {
		problems.Add(field, "too-long", "at most %d bytes in each language", MaxText)
	}
	if strings.ContainsRune(text.FR+text.EN, 0) {
		problems.Add(field, "not-text", "there is a NUL character in it")
	}
}

// checkURL lets nothing through that a page must not make a link of.
func checkURL(field, text string, problems *domain.Problems) {
	u, err := url.Parse(text)
	if err != nil || len(text) > MaxURL || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme) ||
		u.Scheme != "mailto" && u.Host == "" || u.Scheme == "mailto" && u.Opaque == "" {
		problems.Add(field, "bad-url", "http://…, https://… or mailto:…, up to %d bytes", MaxURL)
	}
}
