// Package accounts knows people and the API tokens that they sign in with. Its
// tables are its own and the truth itself: unlike read models they are never
// built again. Events name people by domain.UserID alone; who that is, only this
// package tells. What a person may do in a tracker is decided in domain.
package accounts

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"suivi/database"
	"suivi/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Accounts keeps people and tokens in a database. It is safe for concurrent
// use, by several processes on the same database too.
type Accounts struct {
	db     *database.DB
	tokens *recent[tokenHash, credential]
	people *recent[domain.UserID, Person]
}

// Open brings the tables up to date. The database should be opened Durable; the
// caller closes it.
func Open(ctx context.Context, db *database.DB) (*Accounts, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the accounts' migrations: %w", err)
	}
	if err := db.Migrate(ctx, files, "accounts_migrations"); err != nil {
		return nil, fmt.Errorf("migrate the accounts: %w", err)
	}
	return &Accounts{
		db:     db,
		tokens: newRecent[tokenHash, credential](),
		people: newRecent[domain.UserID, Person](),
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
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
