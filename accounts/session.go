package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// How long a session is good: so long after its last use, and no longer in all.
// Its last use is kept to a minute, as each note is a durable write.
const (
	sessionIdle = 14 * 24 * time.Hour
	sessionAge  = 90 * 24 * time.Hour
	seenEvery   = time.Minute
)

// Client is where a request comes from, for the owner of a session to know it again.
type Client struct {
	Address string
	Agent   string // the User-Agent header
}

// Longest parts of a Client that are kept, in bytes.
const (
	maxAgent   = 255
	maxAddress = 64
)

func (c Client) tidy() Client {
	line := func(text string, longest int) string {
		text = strings.ToValidUTF8(strings.TrimSpace(text), "")
		return strings.ToValidUTF8(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, text[:min(len(text), longest)]), "")
	}
	return Client{line(c.Address, maxAddress), line(c.Agent, maxAgent)}
}

// Session is a person who is signed in somewhere. Its secret we do not know: only
// the secret's hash is kept.
type Session struct {
	ID         string        `db:"session"` // "ses_<ulid>"
	Person     domain.UserID `db:"person"`
	CreatedAt  time.Time     `db:"since"`
	LastSeenAt time.Time     `db:"last_seen_at"` // up to a minute behind
	ExpiresAt  time.Time     `db:"-"`            // unless it is used before
	Agent      string        `db:"agent"`
	Address    string        `db:"address"`
}

const sessionColumns = `s.id AS session, s.person, s.created_at AS since, s.last_seen_at, s.agent, s.address`

// complete adds what follows from the rest.
func (s *Session) complete() {
	s.CreatedAt, s.LastSeenAt = s.CreatedAt.UTC(), s.LastSeenAt.UTC()
	s.ExpiresAt = s.LastSeenAt.Add(sessionIdle)
	if last := s.CreatedAt.Add(sessionAge); last.Before(s.ExpiresAt) {
		s.ExpiresAt = last
	}
}

// insertSession begins a session with a secret that nobody had before, whatever
// the client sent: a session cannot be planted.
func insertSession(ctx context.Context, db execer, user domain.UserID, from Client, at time.Time) (Session, string, error) {
	from = from.tidy()
	s := Session{
		ID: newID(sessionID), Person: user, CreatedAt: at, LastSeenAt: at, Agent: from.Agent, Address: from.Address,
	}
	s.complete()
	secret := newSecret(sessionPrefix)
	_, err := changed(ctx, db, "begin a session", `
		INSERT INTO sessions (id, person, hash, created_at, last_seen_at, agent, address)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.ID, s.Person, hashOf(secret).String(), s.CreatedAt, s.LastSeenAt, s.Agent, s.Address)
	if err != nil {
		return Session{}, "", err
	}
	return s, secret, record(ctx, db, at, Deed{
		Kind: SignedIn, Person: user, By: inPerson(user), About: About{Session: s.ID, Address: s.Address, Agent: s.Agent},
	})
}

// inPerson is a deed of the person on a page: nobody signs in for somebody else.
func inPerson(user domain.UserID) domain.By { return domain.By{Person: user, Source: domain.SourceWeb} }

// signedIn is what the database said of a session.
type signedIn struct {
	person  Person
	session Session
}

// BySession tells whose session it is; Unauthenticated when it is unknown, ended
// or expired or its person disabled, without saying which. An answer of the
// database is believed for a second, as Authenticate does.
func (a *Accounts) BySession(ctx context.Context, secret string) (Person, Session, error) {
	if !wellFormed(secret, sessionPrefix) {
		return Person{}, Session{}, noSession()
	}
	hash, asked := hashOf(secret), a.clock()
	found, fresh := a.sessions.get(hash, asked)
	if !fresh {
		var err error
		if found, err = a.session(ctx, hash); err != nil {
			return Person{}, Session{}, err
		}
		a.sessions.put(hash, found, asked)
	}
	if !asked.Before(found.session.ExpiresAt) {
		return Person{}, Session{}, noSession()
	}
	if !fresh && asked.Sub(found.session.LastSeenAt) >= seenEvery {
		a.noteSeen(ctx, found.session.ID, asked)
	}
	return found.person, found.session, nil
}

func noSession() error {
	return domain.Errorf(domain.Unauthenticated, "signed-out", "you are not signed in, or no longer")
}

func (a *Accounts) session(ctx context.Context, hash secretHash) (signedIn, error) {
	var row struct {
		Session
		Person
	}
	err := a.db.Read.GetContext(ctx, &row, `
		SELECT `+sessionColumns+`, `+personColumns+` FROM sessions s JOIN people p ON p.id = s.person
		WHERE s.hash = $1 AND p.disabled_at IS NULL`, hash.String())
	if errors.Is(err, sql.ErrNoRows) {
		return signedIn{}, noSession()
	}
	if err != nil {
		return signedIn{}, fmt.Errorf("find a session: %w", err)
	}
	row.complete()
	row.Person.CreatedAt = row.Person.CreatedAt.UTC()
	return signedIn{row.Person, row.Session}, nil
}

// noteSeen writes down that the session was used, unless another request just
// did. As with tokens, whether it can be written decides nothing.
func (a *Accounts) noteSeen(ctx context.Context, id string, at time.Time) {
	ctx, cancel := context.WithTimeout(ctx, freshFor)
	defer cancel()
	_, _ = a.db.Write.ExecContext(ctx, `
		UPDATE sessions SET last_seen_at = $1 WHERE id = $2 AND last_seen_at <= $3`, stored(at), id, stored(at.Add(-seenEvery)))
}

// maxSessions is the most sessions that Sessions lists.
const maxSessions = 1000

// Sessions lists a person's sessions that are still good, the newest first.
func (a *Accounts) Sessions(ctx context.Context, user domain.UserID) ([]Session, error) {
	sessions := []Session{}
	at := a.now()
	err := a.db.Read.SelectContext(ctx, &sessions, `
		SELECT `+sessionColumns+` FROM sessions s
		WHERE s.person = $1 AND s.last_seen_at > $2 AND s.created_at > $3 ORDER BY s.id DESC LIMIT $4`,
		user, at.Add(-sessionIdle), at.Add(-sessionAge), maxSessions)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	for i := range sessions {
		sessions[i].complete()
	}
	return sessions, nil
}

// EndSession signs one of the sessions of whoever does it out: at once on this node, within a
// second on others. Another person's is NotFound, as one that does not exist.
func (a *Accounts) EndSession(ctx context.Context, by domain.By, id string) error {
	none := domain.Errorf(domain.NotFound, "session-not-found", "there is no such session")
	if !isID(id, sessionID) {
		return none
	}
	err := a.inTx(ctx, "end a session", func(tx *sqlx.Tx) error {
		rows, err := changed(ctx, tx, "end a session", `DELETE FROM sessions WHERE id = $1 AND person = $2`, id, by.Person)
		if err != nil {
			return err
		}
		if rows == 0 {
			return none
		}
		return a.Record(ctx, tx, Deed{Kind: SessionEnded, Person: by.Person, By: by, About: About{Session: id}})
	})
	a.sessions.forget()
	return err
}

// EndOtherSessions signs whoever does it out everywhere but in the session keepID; "": everywhere.
func (a *Accounts) EndOtherSessions(ctx context.Context, by domain.By, keepID string) error {
	err := a.inTx(ctx, "end sessions", func(tx *sqlx.Tx) error {
		if err := endSessions(ctx, tx, by.Person, keepID); err != nil {
			return err
		}
		return a.Record(ctx, tx, Deed{Kind: SessionsEnded, Person: by.Person, By: by})
	})
	a.sessions.forget()
	return err
}

func endSessions(ctx context.Context, db execer, user domain.UserID, keepID string) error {
	_, err := changed(ctx, db, "end sessions", `DELETE FROM sessions WHERE person = $1 AND id <> $2`, user, keepID)
	return err
}
