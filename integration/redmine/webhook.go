package redmine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"suivi/integration"
)

// signatureHeader is by what Redmine, from 7.0 on, shows who posts to a webhook.
const signatureHeader = "X-Redmine-Signature-256"

// Signed tells whether Redmine has posted the body: its HMAC-SHA256 is in a header.
func (*Tool) Signed(key integration.Secret, header func(name string) string, body []byte) bool {
	text, ok := strings.CutPrefix(header(signatureHeader), "sha256=")
	signature, err := hex.DecodeString(text)
	if !ok || err != nil || key.Reveal() == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write(body) // a hash takes everything
	return hmac.Equal(signature, mac.Sum(nil))
}
