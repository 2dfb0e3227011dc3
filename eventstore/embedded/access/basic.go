package access

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"
)

// Credentials are a login and its password, as a client sends them.
type Credentials struct {
	Login, Password string
}

// ErrHeader refuses an authorization header that is not of the one known kind.
var ErrHeader = errors.New("the authorization header is not Basic with base64 of login:password")

// ParseBasic reads an authorization header (RFC 7617, in UTF-8).
func ParseBasic(header string) (Credentials, error) {
	if len(header) > 2*(maxLogin+maxPassword) {
		return Credentials{}, ErrHeader
	}
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") || strings.ContainsAny(encoded, "\r\n") { // which base64 skips
		return Credentials{}, ErrHeader
	}
	plain, err := base64.StdEncoding.Strict().DecodeString(strings.Trim(encoded, " "))
	if err != nil || !utf8.Valid(plain) {
		return Credentials{}, ErrHeader
	}
	login, password, ok := strings.Cut(string(plain), ":")
	if !ok || login == "" || len(login) > maxLogin || len(password) > maxPassword {
		return Credentials{}, ErrHeader
	}
	return Credentials{Login: login, Password: password}, nil
}
