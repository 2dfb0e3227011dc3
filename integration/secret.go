package integration

import (
	"log/slog"
	"strings"
)

// Secret is what Suivi signs in with at a site. It shows itself to nobody who prints,
// logs or encodes it; Reveal alone gives it away.
type Secret struct{ value string }

// NewSecret is a secret of the value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal is the secret itself, to be sent to the site that it is for.
func (s Secret) Reveal() string { return s.value }

const hush = "(secret)"

func (Secret) String() string { return hush }

// GoString is for %#v.
func (Secret) GoString() string { return hush }

// LogValue is for logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(hush) }

// MarshalText is for JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(hush), nil }

// Redact is the text without the secret, as an error's that has an address in it.
func (s Secret) Redact(text string) string {
	if s.value == "" {
		return text
	}
	return strings.ReplaceAll(text, s.value, hush)
}
