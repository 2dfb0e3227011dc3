package accounts

import (
	"net/mail"
	"strings"
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
