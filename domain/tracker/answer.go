package tracker

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"suivi/domain"
)

// The limits of answers.
const (
	MaxTextAnswer     = 255       // characters
	MaxTextareaAnswer = 64 * 1024 // bytes of UTF-8
	maxWhole          = 15        // digits before a number's point
	maxFraction       = 10        // and after it
)

// Wrong is what is wrong with an answer: a stable code and a sentence. The zero Wrong is nothing.
type Wrong struct{ Code, Sentence string }

// Answer gives an answer its canonical form (ADR 0017) and tells what is wrong
// with it. before is the answer it replaces: what was right once may stay. An
// empty answer means none, and is never wrong here: see Required.
func (t Tracker) Answer(f Field, given, before string) (canonical string, wrong Wrong) {
	if given == before {
		return given, Wrong{}
	}
	answer := strings.TrimSpace(given)
	if answer == "" {
		return "", Wrong{}
	}
	if strings.ContainsRune(answer, 0) || !utf8.ValidString(answer) {
		return "", Wrong{"not-text", "this is not text"}
	}
	switch f.Type {
	case Text:
		return answer, checkLine(answer)
	case Textarea:
		return checkLines(answer)
	case Number:
		return checkNumber(answer)
	case Date:
		return checkDate(answer)
	case Dropdown, Radio:
		return answer, f.checkOption(answer, before)
	case Multiselect, Checkbox:
		return f.checkOptions(answer, before)
	case User:
		return answer, t.checkMember(answer)
	case File:
		return answer, checkFile(answer)
	case URL, AutoURL:
		return checkAddress(answer)
	case Constant, Captcha:
	}
	return "", Wrong{"not-editable", "this is not for people to answer"}
}

// Required is what is wrong when a mandatory field has no answer.
func Required() Wrong { return Wrong{"required", "an answer is required"} }

func checkLine(answer string) Wrong {
	switch {
	case utf8.RuneCountInString(answer) > MaxTextAnswer:
		return Wrong{"too-long", fmt.Sprintf("at most %d characters", MaxTextAnswer)}
	case strings.ContainsAny(answer, "\r\n"):
		return Wrong{"not-one-line", "one line of text only"}
	}
	return Wrong{}
}

func checkLines(answer string) (string, Wrong) {
	answer = strings.ReplaceAll(answer, "\r\n", "\n")
	if len(answer) > MaxTextareaAnswer {
		return "", Wrong{"too-long", fmt.Sprintf("at most %d bytes", MaxTextareaAnswer)}
	}
	return answer, Wrong{}
}

var number = regexp.MustCompile(`^([+-]?)(\d*)(?:[.,](\d*))?$`)

// checkNumber takes a point or a comma, and leaves out what says nothing: 007,50 is 7.5.
func checkNumber(answer string) (string, Wrong) {
	parts := number.FindStringSubmatch(answer)
	if len(parts) == 0 || parts[2]+parts[3] == "" {
		return "", Wrong{"not-a-number", "a number as in -12.5, without blanks or exponents"}
	}
	whole, fraction := strings.TrimLeft(parts[2], "0"), strings.TrimRight(parts[3], "0")
	if len(whole) > maxWhole || len(fraction) > maxFraction {
		return "", Wrong{"too-long", fmt.Sprintf("at most %d digits, and %d after the point", maxWhole, maxFraction)}
	}
	canonical := "0" + whole
	if whole != "" {
		canonical = whole
	}
	if fraction != "" {
		canonical += "." + fraction
	}
	if parts[1] == "-" && canonical != "0" {
		canonical = "-" + canonical
	}
	return canonical, Wrong{}
}

func checkDate(answer string) (string, Wrong) {
	day, err := time.Parse("2006-1-2", answer)
	if err != nil || day.Year() < 1 {
		return "", Wrong{"not-a-date", "a day as in 2026-11-23"}
	}
	return day.Format(time.DateOnly), Wrong{}
}

// checkOption lets a retired option stay where it was.
func (f Field) checkOption(code, before string) Wrong {
	switch o, ok := f.option(code); {
	case slices.Contains(f.Type.Codes(before), code):
		return Wrong{}
	case !ok:
		return Wrong{"unknown-option", "the field has no such option"}
	case o.Retired:
		return Wrong{"retired-option", "this option is no longer offered"}
	}
	return Wrong{}
}

// checkOptions puts the codes in the order of the options, each once; one that
// is there no more comes last.
func (f Field) checkOptions(answer, before string) (string, Wrong) {
	given := f.Type.Codes(answer)
	for _, code := range given {
		if wrong := f.checkOption(code, before); wrong != (Wrong{}) {
			return "", wrong
		}
	}
	place := func(code string) int {
		if i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Code == code }); i >= 0 {
			return i
		}
		return len(f.Options)
	}
	slices.SortStableFunc(given, func(a, b string) int { return place(a) - place(b) })
	return strings.Join(slices.Compact(given), ","), Wrong{}
}

// Codes are the options that an answer to a field of the type names. A code has no comma in it.
func (t FieldType) Codes(answer string) []string {
	var codes []string
	for code := range strings.SplitSeq(answer, ",") {
		if !t.Multiple() {
			return []string{answer}
		}
		if code = strings.TrimSpace(code); code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

func (t Tracker) checkMember(answer string) Wrong {
	if len(t.Members[domain.UserID(answer)]) == 0 {
		return Wrong{"unknown-user", "no member of the tracker has this id"}
	}
	return Wrong{}
}

// checkFile takes what has the form of a file's id. Whose upload it is, the ticket finds out.
func checkFile(answer string) Wrong {
	if !domain.AttachmentID(answer).Valid() {
		return Wrong{"not-a-file", "the id of a file that has been uploaded"}
	}
	return Wrong{}
}

// checkAddress takes what a browser follows to a page, and nothing that it would run.
func checkAddress(answer string) (string, Wrong) {
	u, err := url.Parse(answer)
	switch {
	case len(answer) > MaxURL:
		return "", Wrong{"too-long", fmt.Sprintf("at most %d bytes", MaxURL)}
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil:
		return "", Wrong{"not-a-url", "an address as in https://example.org/page"}
	}
	u.Host = strings.ToLower(u.Host)
	return u.String(), Wrong{}
}
