package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"suivi/eventstore/embedded/access"
	"suivi/eventstore/embedded/eventlog"
)

// How many users List finds.
const maxUsers = 10_000

// ErrNoAccess says that a server has no users that could be managed here.
var ErrNoAccess = errors.New("the event store does not check access, or is not an embedded one: " +
	"start it with --auth; users of EventStoreDB are managed by its own means")

// Users manages the users of an embedded event store, from the same process or
// another one. It needs the rights of an administrator, and writes the events that
// make users what they are; the server acts on them at once.
type Users struct {
	client *esdb.Client
}

// User is what can be told of a user.
type User struct {
	Login, FullName string
	Groups          []string
	Disabled        bool
}

// OpenUsers connects to a server as the administrator who is in the connection string.
func OpenUsers(connection string) (*Users, error) {
	config, err := esdb.ParseConnectionString(connection)
	if err != nil {
		return nil, fmt.Errorf("event store connection string: %w", err)
	}
	config.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the event store: %w", err)
	}
	return &Users{client: client}, nil
}

// Close ends the connection.
func (u *Users) Close() error { return u.client.Close() }

// Add makes a user, and refuses a name that is taken.
func (u *Users) Add(ctx context.Context, user User, password string) error {
	if err := access.CheckLogin(user.Login); err != nil {
		return err
	}
	if err := u.check(ctx); err != nil {
		return err
	}
	_, last, err := u.read(ctx, user.Login)
	if err == nil {
		return fmt.Errorf("there is a user %q already: choose another login, or give that one another password", user.Login)
	}
	if !errors.As(err, new(noUserError)) {
		return err
	}
	hash, err := access.Hash(password)
	if err != nil {
		return err
	}
	stream := access.UserStream(user.Login)
	made := access.User{LoginName: user.Login, FullName: user.FullName, Groups: append([]string{}, user.Groups...), Hash: hash}
	if err = u.protect(ctx, eventlog.MetastreamOf(stream)); err == nil {
		err = u.write(ctx, stream, last, access.UserCreated, made.Encode())
	}
	if err == nil {
		err = u.write(ctx, access.UsersStream, esdb.Any{}, access.UserListed, []byte(user.Login))
	}
	return err
}

// protect gives a user's stream its rights before it has events. What else the
// metadata says stays, or a user who was deleted would be there again.
func (u *Users) protect(ctx context.Context, metastream string) error {
	old, err := u.events(ctx, metastream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1)
	if err != nil {
		return err
	}
	var data []byte
	if len(old) > 0 {
		data = old[0].Data
	}
	return u.write(ctx, metastream, esdb.Any{}, eventlog.MetadataType, access.ProtectedMetadata(data))
}

// SetPassword gives a user another password. The old one is of no more use at once.
func (u *Users) SetPassword(ctx context.Context, login, password string) error {
	hash, err := access.Hash(password)
	if err != nil {
		return err
	}
	return u.change(ctx, login, true, func(user *access.User) { user.Hash, user.Salt = hash, "" })
}

// Enable lets a user in again.
func (u *Users) Enable(ctx context.Context, login string) error {
	return u.change(ctx, login, false, func(user *access.User) { user.Disabled = false })
}

// Disable keeps a user out from the next call on; a running subscription goes on.
func (u *Users) Disable(ctx context.Context, login string) error {
	return u.change(ctx, login, true, func(user *access.User) { user.Disabled = true })
}

// Delete ends a user. The name can be taken anew. The user admin stays: it is by
// it that a server with access control is known.
func (u *Users) Delete(ctx context.Context, login string) error {
	if login == access.AdminLogin {
		return errors.New("the user admin cannot be deleted: disable it, or give it another password")
	}
	if err := u.check(ctx); err != nil {
		return err
	}
	if _, _, err := u.read(ctx, login); err != nil {
		return err
	}
	if err := u.notify(ctx, login); err != nil {
		return err
	}
	if _, err := u.client.DeleteStream(ctx, access.UserStream(login), esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}}); err != nil {
		return fmt.Errorf("delete the user %q: %w", login, said(err))
	}
	return nil
}

// List tells of all users, by login.
func (u *Users) List(ctx context.Context) ([]User, error) {
	if err := u.check(ctx); err != nil {
		return nil, err
	}
	listed, err := u.events(ctx, access.UsersStream, esdb.ReadStreamOptions{From: esdb.Start{}}, maxUsers)
	if err != nil {
		return nil, err
	}
	var logins []string
	for _, e := range listed {
		logins = append(logins, access.LoginListed(e.Data))
	}
	slices.Sort(logins)
	var users []User
	for _, login := range slices.Compact(logins) {
		found, _, err := u.read(ctx, login)
		if errors.As(err, new(noUserError)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		users = append(users, User{Login: login, FullName: found.FullName, Groups: found.Groups, Disabled: found.Disabled})
	}
	return users, nil
}

// check makes sure that the server is one of ours and has users: on another one the
// passwords that are written here would fit nobody.
func (u *Users) check(ctx context.Context) error {
	admin, _, err := u.read(ctx, access.AdminLogin)
	if errors.As(err, new(noUserError)) {
		return ErrNoAccess
	}
	if err != nil {
		return err
	}
	if !access.IsHash(admin.Hash) {
		return ErrNoAccess
	}
	return nil
}

// change writes what a user is from now on. That its password is of no more use is
// told first, as the real server does: afterwards it may be our own.
func (u *Users) change(ctx context.Context, login string, tell bool, change func(*access.User)) error {
	if err := u.check(ctx); err != nil {
		return err
	}
	user, last, err := u.read(ctx, login)
	if err != nil {
		return err
	}
	if tell {
		if err := u.notify(ctx, login); err != nil {
			return err
		}
	}
	change(user)
	return u.write(ctx, access.UserStream(login), last, access.UserUpdated, user.Encode())
}

func (u *Users) notify(ctx context.Context, login string) error {
	metadata := eventlog.MetastreamOf(access.NotificationsStream)
	err := u.write(ctx, metadata, esdb.NoStream{}, eventlog.MetadataType, []byte(access.NotificationsMetadata))
	if err != nil && codeOf(err) != esdb.ErrorCodeWrongExpectedVersion { // others have written it
		return err
	}
	return u.write(ctx, access.NotificationsStream, esdb.Any{}, access.PasswordChanged, access.PasswordChangedOf(login))
}

// noUserError says that there is no such user.
type noUserError struct{ login string }

func (e noUserError) Error() string { return fmt.Sprintf("there is no user %q", e.login) }

// read finds a user and where their stream ends, which is also told when there is none.
func (u *Users) read(ctx context.Context, login string) (*access.User, esdb.ExpectedRevision, error) {
	last, err := u.events(ctx, access.UserStream(login), esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1)
	if err != nil {
		return nil, nil, err
	}
	if len(last) == 0 {
		return nil, esdb.NoStream{}, noUserError{login}
	}
	user, err := access.ParseUser(last[0].Data)
	if err != nil {
		return nil, nil, fmt.Errorf("the user %q: %w", login, err)
	}
	return user, esdb.Revision(last[0].EventNumber), nil
}

// events reads a stream; one that is not there has none.
func (u *Users) events(ctx context.Context, stream string, options esdb.ReadStreamOptions, count uint64) ([]*esdb.RecordedEvent, error) {
	read, err := u.client.ReadStream(ctx, stream, options, count)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stream, said(err))
	}
	defer read.Close()
	var events []*esdb.RecordedEvent
	for {
		e, err := read.Recv()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil && codeOf(err) == esdb.ErrorCodeResourceNotFound {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", stream, said(err))
		}
		events = append(events, e.Event)
	}
}

func (u *Users) write(ctx context.Context, stream string, expected esdb.ExpectedRevision, typ string, data []byte) error {
	contentType := esdb.ContentTypeJson
	if typ == access.UserListed {
		contentType = esdb.ContentTypeBinary
	}
	_, err := u.client.AppendToStream(ctx, stream, esdb.AppendToStreamOptions{ExpectedRevision: expected},
		esdb.EventData{EventID: uuid.New(), EventType: typ, ContentType: contentType, Data: data})
	if err != nil {
		return fmt.Errorf("write to %s: %w", stream, said(err))
	}
	return nil
}

// codeOf is the client's code of an error; of one that is not the client's, that
// for the unknown.
func codeOf(err error) esdb.ErrorCode {
	var of *esdb.Error
	if errors.As(err, &of) {
		return of.Code()
	}
	return esdb.ErrorCodeUnknown
}

// said adds to the client's words what to do.
func said(err error) error {
	switch codeOf(err) {
	case esdb.ErrorCodeUnauthenticated:
		return fmt.Errorf("%w: give the administrator's login and password", err)
	case esdb.ErrorCodeAccessDenied:
		return fmt.Errorf("%w: only an administrator may do this", err)
	default:
		return err
	}
}
