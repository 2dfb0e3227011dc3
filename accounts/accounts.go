// Package accounts knows people and what they sign in with: passwords, sessions,
// invitations, API tokens. Its tables are its own and the truth itself: unlike
// read models they are never built again. Events name people by domain.UserID
// alone; who that is, only this package tells. What a person may do in a tracker
// is decided in domain; cookies and headers are the HTTP edge's.
//
// A further way to sign in (OpenID Connect, LTI) proves who somebody is and then
// begins a session, as SignIn does; a second factor stands between these two.
package accounts

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/database"
	"suivi/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Accounts keeps people and what they sign in with in a database. It is safe for
// concurrent use, by several processes on the same database too.
type Accounts struct {
	db       *database.DB
	clock    func() time.Time
	tokens   *recent[secretHash, credential]
	sessions *recent[secretHash, signedIn]
	people   *recent[domain.UserID, Person]
	site     *recent[domain.UserID, SiteSettings]
	hashing  chan struct{} // one for each password that is being hashed
}

// Open brings the tables up to date. The database should be opened Durable; the
// caller closes it.
func Open(ctx context.Context, db *database.DB) (*Accounts, error) {
	return openAt(ctx, db, time.Now)
}

func openAt(ctx context.Context, db *database.DB, clock func() time.Time) (*Accounts, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the accounts' migrations: %w", err)
	}
	if err := db.Migrate(ctx, files, "accounts_migrations"); err != nil {
		return nil, fmt.Errorf("migrate the accounts: %w", err)
	}
	return &Accounts{
		db: db, clock: clock,
		tokens:   newRecent[secretHash, credential](),
		sessions: newRecent[secretHash, signedIn](),
		people:   newRecent[domain.UserID, Person](),
		site:     newRecent[domain.UserID, SiteSettings](),
		hashing:  make(chan struct{}, hashesAtOnce),
	}, nil
}

// Ping tells whether the database answers.
func (a *Accounts) Ping(ctx context.Context) error {
	if err := a.db.Read.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the accounts' database: %w", err)
	}
	return nil
}

// now is the time in the precision that both databases keep.
func (a *Accounts) now() time.Time { return stored(a.clock()) }

func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// inTx does all of it or nothing; doing says what, for errors.
func (a *Accounts) inTx(ctx context.Context, doing string, do func(tx *sqlx.Tx) error) error {
	tx, err := a.db.Write.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// changed carries out a statement and tells how many rows it changed.
func changed(ctx context.Context, db execer, doing, statement string, args ...any) (int64, error) {
	result, err := db.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	return rows, nil
}
