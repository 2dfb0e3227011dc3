package accounts

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"golang.org/x/text/unicode/norm"

	"suivi/domain"
	"suivi/passwords"
)

// The limits of a password.
const (
	MinPassword = 10  // characters
	MaxPassword = 200 // bytes
)

// hashesAtOnce bounds the memory and time that sign-ins take: each hash wants a core and 19 MiB.
const hashesAtOnce = 2

// common are passwords that guessers try first, in small letters, one a line.
//
//go:embed common_passwords.txt
var common string

// telling is how many characters a part of a name or address has before a password must not contain it.
const telling = 4

// normal is the one form of a password, however a keyboard composes its accents.
func normal(password string) string { return norm.NFC.String(password) }

// checkPassword notes what is wrong with a new password of the person.
func checkPassword(password string, of Person, problems *domain.Problems) {
	password = normal(password)
	small := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password):
		problems.Add("password", "bad-character", "a text in UTF-8")
	case utf8.RuneCountInString(password) < MinPassword:
		problems.Add("password", "too-short", "at least %d characters", MinPassword)
	case len(password) > MaxPassword:
		problems.Add("password", "too-long", "at most %d bytes", MaxPassword)
	case strings.Contains("\n"+common, "\n"+small+"\n"):
		problems.Add("password", "too-common", "many people have this one; guessers try it first")
	case tellsOf(small, of):
		problems.Add("password", "tells-name", "not with your name or e-mail address in it")
	}
}

// tellsOf tells whether a password, in small letters, has in it who it belongs to.
func tellsOf(small string, p Person) bool {
	email := emailKey(p.Email)
	local, _, _ := strings.Cut(email, "@")
	for _, part := range append(strings.Fields(strings.ToLower(norm.NFC.String(p.Name))), email, local) {
		if utf8.RuneCountInString(part) >= telling && strings.Contains(small, part) {
			return true
		}
	}
	return false
}

// hash makes a password fit to be stored, when its turn has come.
func (a *Accounts) hash(ctx context.Context, password string) (string, error) {
	end, err := a.takeTurn(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	return passwords.New(normal(password)).String(), nil
}

// fits tells whether the stored hash is that of the password. With no hash, as of
// who does not exist, it works as long and says no.
func (a *Accounts) fits(ctx context.Context, stored, password string) (bool, error) {
	hash := passwords.Decoy()
	if stored != "" {
		var err error
		if hash, err = passwords.Parse(stored); err != nil {
			return false, fmt.Errorf("read a stored password: %w", err)
		}
	}
	end, err := a.takeTurn(ctx)
	if err != nil {
		return false, err
	}
	defer end()
	return hash.Matches(normal(password)), nil
}

func (a *Accounts) takeTurn(ctx context.Context) (end func(), err error) {
	select {
	case a.hashing <- struct{}{}:
		return func() { <-a.hashing }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
}

// SetPassword puts password in place of old, the password of whoever does it, which is empty
// for who has none yet. A wrong old one is Forbidden, and too many are Limited. All
// sessions end but keepSession, an id; so does an invitation that is still open.
func (a *Accounts) SetPassword(ctx context.Context, by domain.By, old, password, keepSession string) error {
	user := by.Person
	counted := []tries{triesOfPerson(user)}
	if err := a.take(ctx, counted); err != nil {
		return err
	}
	stored, err := a.storedPassword(ctx, user)
	if err != nil {
		return err
	}
	if stored != "" || old != "" {
		fits, err := a.fits(ctx, stored, old)
		if err != nil {
			return err
		}
		if !fits {
			refused := Deed{Kind: PasswordRefused, Person: user, By: by}
			if err := count(ctx, a.db.Write, a.now(), refused); err != nil {
				return err
			}
			return domain.Errorf(domain.Forbidden, "wrong-password", "this is not your password")
		}
	}
	if err := a.giveBack(ctx, counted); err != nil {
		return err
	}
	return a.replacePassword(ctx, by, user, stored, password, keepSession)
}

// ReplacePassword gives a person a password whatever they had: for who operates the
// site. All their sessions end.
func (a *Accounts) ReplacePassword(ctx context.Context, by domain.By, user domain.UserID, password string) error {
	stored, err := a.storedPassword(ctx, user)
	if err != nil {
		return err
	}
	return a.replacePassword(ctx, by, user, stored, password, "")
}

// storedPassword is the hash of a person's password; "" when they have none.
func (a *Accounts) storedPassword(ctx context.Context, user domain.UserID) (string, error) {
	var stored []string
	err := a.db.Read.SelectContext(ctx, &stored, `SELECT coalesce(password, '') FROM people WHERE id = $1 LIMIT 1`, user)
	if err != nil {
		return "", fmt.Errorf("read a password: %w", err)
	}
	if len(stored) == 0 {
		return "", domain.Errorf(domain.NotFound, "person-not-found", "there is no person %s", user)
	}
	return stored[0], nil
}

// replacePassword does so only if it is still the one that was looked at.
func (a *Accounts) replacePassword(ctx context.Context, by domain.By, user domain.UserID, stored, password, keepSession string) error {
	person, err := a.ByID(ctx, user)
	if err != nil {
		return err
	}
	var problems domain.Problems
	checkPassword(password, person, &problems)
	if err := problems.Err(); err != nil {
		return err
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	err = a.inTx(ctx, "set a password", func(tx *sqlx.Tx) error {
		rows, err := changed(ctx, tx, "set a password", `
			UPDATE people SET password = $1 WHERE id = $2 AND coalesce(password, '') = $3`, hash, user, stored)
		if err != nil {
			return err
		}
		if rows == 0 {
			return domain.Errorf(domain.Refused, "password-changed", "the password has just been changed elsewhere")
		}
		if err := endInvitations(ctx, tx, user); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, user, keepSession); err != nil {
			return err
		}
		kind := PasswordReplaced
		if by.Person == user {
			kind = PasswordSet
		}
		return a.Record(ctx, tx, Deed{Kind: kind, Person: user, By: by})
	})
	a.sessions.forget()
	a.people.forget()
	return err
}
