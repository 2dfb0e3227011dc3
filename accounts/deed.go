package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"suivi/domain"
)

// DeedKind is what was done.
type DeedKind string

// The kinds of deeds.
const (
	Created            DeedKind = "created"
	Invited            DeedKind = "invited"
	InvitationAccepted DeedKind = "invitation-accepted" // with a new password; every session ended
	Changed            DeedKind = "changed"             // name, e-mail address, language, time zone
	AdminGiven         DeedKind = "admin-given"
	AdminTaken         DeedKind = "admin-taken"
	Disabled           DeedKind = "disabled" // sessions, tokens and invitations ended with it
	Enabled            DeedKind = "enabled"
	SetUp              DeedKind = "set-up"

	PasswordSet      DeedKind = "password-set"      // by the person
	PasswordReplaced DeedKind = "password-replaced" // by somebody else
	TokenMade        DeedKind = "token-made"
	TokenRevoked     DeedKind = "token-revoked"

	SignedIn        DeedKind = "signed-in"
	SignInFailed    DeedKind = "sign-in-failed"   // counted by the hour
	PasswordRefused DeedKind = "password-refused" // the old one, of who is signed in; counted likewise
	SessionEnded    DeedKind = "session-ended"
	SessionsEnded   DeedKind = "sessions-ended" // all others

	SecretSet     DeedKind = "secret-set"
	SecretAllowed DeedKind = "secret-allowed" // it was said which trackers may use it
	SecretRemoved DeedKind = "secret-removed"
	SiteChanged   DeedKind = "site-changed"
)

// DeedKinds are all kinds, those of signing in (SignInKinds) among them.
func DeedKinds() []DeedKind {
	return append([]DeedKind{
		Created, Invited, InvitationAccepted, Changed, AdminGiven, AdminTaken, Disabled, Enabled, SetUp,
		PasswordSet, PasswordReplaced, TokenMade, TokenRevoked, SecretSet, SecretAllowed, SecretRemoved, SiteChanged,
	}, SignInKinds()...)
}

// SignInKinds are the deeds of everyday signing in and out. They alone tell of addresses,
// and are kept for SignInsKept; all others stay.
func SignInKinds() []DeedKind {
	return []DeedKind{SignedIn, SignInFailed, PasswordRefused, SessionEnded, SessionsEnded}
}

// SignInsKept is how long the deeds of signing in are kept.
const SignInsKept = 365 * 24 * time.Hour

// Deed is something that was done in the accounts: who, when, what, to whom.
type Deed struct {
	ID     string        `json:"id"` // "dee_<ulid>"
	At     time.Time     `json:"at"` // of what is counted: the first time
	Kind   DeedKind      `json:"kind"`
	Person domain.UserID `json:"person,omitempty"` // whom it was done to; "": the site, or nobody whom we know
	By     domain.By     `json:"-"`
	Times  int64         `json:"times"` // of what is counted by the hour; else 1
	About  About         `json:"about"`
}

// About says more about a deed. There is no place in it for a password, a token or any
// other secret.
type About struct {
	Changes   []Change   `json:"changes,omitempty"`    // of a person, or of the site
	Invited   string     `json:"invitation,omitempty"` // its id
	Token     string     `json:"token,omitempty"`      // its id
	Label     string     `json:"label,omitempty"`      // of a token
	Scope     Scope      `json:"scope,omitempty"`      // of a token
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`  // a token
	Session   string     `json:"session,omitempty"`    // its id
	Address   string     `json:"address,omitempty"`    // that somebody signed in from, or tried last
	Agent     string     `json:"agent,omitempty"`      // the browser
	Secret    string     `json:"secret,omitempty"`     // the name that it is kept under
	Site      string     `json:"site,omitempty"`       // that the secret is for
	// Trackers may use the secret; none: any.
	Trackers []domain.TrackerKey `json:"trackers,omitempty"`
}

// Change is one thing that was changed.
type Change struct {
	What string `json:"what"`
	From string `json:"from"`
	To   string `json:"to"`
}

const (
	deedID     = "dee_"
	insertDeed = `INSERT INTO deeds (id, at, kind, person, done_by, via, token, source, about, times, counted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10)`
)

// Record notes a deed in the transaction that does it: both are there, or none. ID, time
// and times are given here.
func (a *Accounts) Record(ctx context.Context, tx execer, d Deed) error {
	return record(ctx, tx, a.now(), d)
}

func record(ctx context.Context, db execer, at time.Time, d Deed) error {
	return keep(ctx, db, insertDeed, at, d, nil)
}

// count notes that the deed was done once more within the hour. What it is about is
// that of the last time.
func count(ctx context.Context, db execer, at time.Time, d Deed) error {
	together := fmt.Sprintf("%s %s %s", d.Kind, d.Person, at.Format("2006-01-02T15"))
	return keep(ctx, db, insertDeed+` ON CONFLICT (counted) DO UPDATE SET times = deeds.times + 1, about = excluded.about`, at, d, &together)
}

func keep(ctx context.Context, db execer, statement string, at time.Time, d Deed, counted *string) error {
	about, err := json.Marshal(d.About) //nolint:gosec // of a secret it has the name alone
	if err != nil {
		return fmt.Errorf("record a deed: %w", err)
	}
	if d.By.Source == "" {
		d.By.Source = domain.SourceSystem
	}
	_, err = changed(ctx, db, "record a deed", statement,
		newID(deedID), at, d.Kind, d.Person, d.By.Person, d.By.Via, d.By.Token, d.By.Source, string(about), counted)
	return err
}

// recordChanges notes what of a person was changed: nothing for what stays the same.
func recordChanges(ctx context.Context, db execer, at time.Time, by domain.By, before, after Person) error {
	var deeds []DeedKind
	about := About{Changes: before.changesTo(after)}
	if len(about.Changes) > 0 {
		deeds = append(deeds, Changed)
	}
	for kind, so := range map[DeedKind]bool{
		AdminGiven: after.Admin && !before.Admin, AdminTaken: before.Admin && !after.Admin,
		Disabled: after.Disabled && !before.Disabled, Enabled: before.Disabled && !after.Disabled,
	} {
		if so {
			deeds = append(deeds, kind)
		}
	}
	slices.Sort(deeds)
	for _, kind := range deeds {
		d := Deed{Kind: kind, Person: after.ID, By: by}
		if kind == Changed {
			d.About = about
		}
		if err := record(ctx, db, at, d); err != nil {
			return err
		}
	}
	return nil
}

// changesTo is in what a person differs from what they become.
func (p Person) changesTo(after Person) []Change {
	return slices.DeleteFunc([]Change{
		{"name", p.Name, after.Name}, {"email", p.Email, after.Email},
		{"language", p.Language, after.Language}, {"timeZone", p.TimeZone, after.TimeZone},
	}, func(c Change) bool { return c.From == c.To })
}
