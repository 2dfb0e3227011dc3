package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"suivi/eventstore/embedded/eventlog"
)

// Streams and types of the events that make users. They are the real server's.
const (
	UsersStream         = "$users" // one event of type $User for every user ever made: its login
	NotificationsStream = "$users-password-notifications"
	userStreamPrefix    = "$user-"

	UserListed      = "$User"
	UserCreated     = "$UserCreated"
	UserUpdated     = "$UserUpdated"
	PasswordChanged = "$PasswordChanged"
)

// NotificationsMetadata lets notifications of changed passwords expire after an hour.
const NotificationsMetadata = `{"$maxAge":3600}`

// userACL keeps a user's stream in the hands of administrators.
const userACL = `{"$w":"$admins","$d":"$admins","$mw":"$admins"}`

// ProtectedMetadata is old metadata of a user's stream with the rights that it must have.
func ProtectedMetadata(old []byte) []byte {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(old, &fields) != nil || fields == nil {
		fields = map[string]json.RawMessage{}
	}
	fields[keyACL] = json.RawMessage(userACL)
	data, err := json.Marshal(fields)
	if err != nil { // cannot be: the values came out of valid JSON
		panic(err)
	}
	return data
}

const maxLogin = 128 // bytes

// User is what an event of a user's stream says; the last one holds. Hash is a
// PHC string, which has its salt inside; Salt is there for the form's sake.
type User struct {
	LoginName string   `json:"loginName"`
	FullName  string   `json:"fullName"`
	Groups    []string `json:"groups"`
	Hash      string   `json:"hash"`
	Salt      string   `json:"salt"`
	Disabled  bool     `json:"disabled"`
}

// UserStream is the stream of a user's events.
func UserStream(login string) string { return userStreamPrefix + login }

// CheckLogin says what is wrong with a login.
func CheckLogin(login string) error {
	switch {
	case login == "":
		return errors.New("the login is empty")
	case len(login) > maxLogin:
		return fmt.Errorf("the login is longer than %d bytes", maxLogin)
	case !utf8.ValidString(login) || strings.ContainsFunc(login, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }):
		return fmt.Errorf("the login %q has spaces or other signs that cannot be seen", login)
	case strings.Contains(login, ":"):
		return fmt.Errorf("the login %q has a colon, which ends the login when it is sent", login)
	case strings.HasPrefix(login, "$"):
		return fmt.Errorf("the login %q begins with a dollar sign, as the server's own names do", login)
	}
	return nil
}

// CheckPassword says what is wrong with a new password.
func CheckPassword(password string) error {
	switch {
	case len(password) < 8:
		return errors.New("the password is shorter than 8 bytes")
	case len(password) > maxPassword:
		return fmt.Errorf("the password is longer than %d bytes", maxPassword)
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("the password has control characters or is not UTF-8")
	}
	return nil
}

// ParseUser reads an event of a user's stream.
func ParseUser(data []byte) (*User, error) {
	u := new(User)
	if err := json.Unmarshal(data, u); err != nil {
		return nil, fmt.Errorf("read a user: %w", err)
	}
	return u, nil
}

// Encode is the data of an event that says so.
func (u *User) Encode() []byte {
	data, err := json.Marshal(u)
	if err != nil { // cannot be: strings and a bool
		panic(err)
	}
	return data
}

// LoginListed reads an event of the stream $users: the login, as it is or as JSON.
func LoginListed(data []byte) string {
	var login string
	if json.Unmarshal(data, &login) == nil {
		return login
	}
	return string(data)
}

// readUser reads a user from the log; nil when there is none of this name.
func (m *memory) readUser(ctx context.Context, login string) (*User, bool, error) {
	rec, err := lastEvent(ctx, m.log, UserStream(login))
	if err != nil {
		return nil, false, fmt.Errorf("find the user %q: %w", login, err)
	}
	if rec == nil {
		return nil, true, nil
	}
	u, err := ParseUser(rec.Data)
	if err != nil || u.LoginName != login {
		return nil, true, nil //nolint:nilerr // what cannot be read proves nobody's identity
	}
	return u, len(rec.Data) <= rememberedACL, nil
}

// Ensure makes a user unless there has been one of this name. keep gets its
// password before the user is made, and may refuse.
func (c *Control) Ensure(ctx context.Context, u User, password string, keep func() error) error {
	st, err := c.log.FindStream(ctx, UserStream(u.LoginName))
	if err != nil {
		return fmt.Errorf("find the user %q: %w", u.LoginName, err)
	}
	if st.Last != eventlog.NoEvents {
		return nil
	}
	if err := keep(); err != nil {
		return err
	}
	if u.Hash, err = Hash(password); err != nil {
		return err
	}
	_, err = c.log.Write(ctx, &eventlog.Write{Kind: eventlog.Scatter, Placed: []eventlog.Placed{
		{Stream: eventlog.MetastreamOf(UserStream(u.LoginName)), Proposed: event(eventlog.MetadataType, true, ProtectedMetadata(nil))},
		{Stream: UserStream(u.LoginName), Proposed: event(UserCreated, true, u.Encode())},
		{Stream: UsersStream, Proposed: event(UserListed, false, []byte(u.LoginName))},
	}})
	if err != nil {
		return fmt.Errorf("make the user %q: %w", u.LoginName, err)
	}
	return nil
}

func event(typ string, isJSON bool, data []byte) eventlog.Proposed {
	return eventlog.Proposed{ID: uuid.New(), Type: typ, JSON: isJSON, Data: data}
}

// PasswordChangedOf is the data of the event that tells of a changed password.
func PasswordChangedOf(login string) []byte {
	data, err := json.Marshal(map[string]string{"loginName": login})
	if err != nil { // cannot be: strings
		panic(err)
	}
	return data
}
