package accounts

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the same time zones on every machine
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"suivi/domain"
)

// Limits of what is said of people and tokens.
const (
	MaxName  = 255 // characters
	MaxEmail = 254 // bytes (RFC 5321)
	MaxLabel = 100 // characters
)

// checkPerson tidies what a person says of themselves and notes what is wrong with it.
func checkPerson(p *Person, problems *domain.Problems) {
	p.Name, p.Email = checkName(p.Name, problems), checkEmail(p.Email, problems)
	if !slices.Contains([]string{"", "fr", "en"}, p.Language) {
		problems.Add("language", "unknown-language", "fr or en")
	}
	if !isTimeZone(p.TimeZone) {
		problems.Add("timeZone", "unknown-time-zone", "a name of the IANA database, as in Europe/Paris")
	}
}

// isTimeZone takes names that every machine knows: not Local, nor the other
// folders that some systems keep zones in.
func isTimeZone(name string) bool {
	if name == "Local" || strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// checkName tidies a person's name and notes what is wrong with it.
func checkName(name string, problems *domain.Problems) string {
	name = strings.TrimSpace(name)
	checkLine("name", name, MaxName, problems)
	return name
}

// checkLine notes what keeps a text from being one printable line.
func checkLine(field, text string, longest int, problems *domain.Problems) {
	switch n := utf8.RuneCountInString(text); {
	case n < 1 || n > longest:
		problems.Add(field, "bad-length", "1 to %d characters", longest)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		problems.Add(field, "bad-character", "one line of text, without control characters")
	}
}

// checkEmail tidies an e-mail address and notes what is wrong with it. A bare
// host name is accepted, as in admin@localhost.
func checkEmail(email string, problems *domain.Problems) string {
	email = strings.TrimSpace(email)
	parsed, err := mail.ParseAddress(email)
	switch {
	case len(email) > MaxEmail:
		problems.Add("email", "too-long", "at most %d bytes", MaxEmail)
	case err != nil || parsed.Address != email || !utf8.ValidString(email):
		problems.Add("email", "bad-email", "an e-mail address, as in ada@example.org")
	}
	return email
}

// emailKey is the form in which e-mail addresses are compared.
func emailKey(email string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(email)))
}
