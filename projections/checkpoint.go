package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/database"
	"suivi/eventstore"
)

// checkpoint says up to where a build of a projection has the events. It is
// stored in the transaction of the rows.
type checkpoint struct {
	Name      string    `db:"name"`
	Suffix    string    `db:"suffix"` // which of its builds: live, next or verify
	Version   int       `db:"version"`
	Build     int64     `db:"build"`
	Commit    int64     `db:"commit_position"`
	Prepare   int64     `db:"prepare_position"`
	Events    int64     `db:"events"` // applied so far
	UpdatedAt time.Time `db:"updated_at"`
}

const createCheckpoints = `CREATE TABLE IF NOT EXISTS projections (
	name TEXT NOT NULL,
	suffix TEXT NOT NULL,
	version BIGINT NOT NULL,
	build BIGINT NOT NULL,
	commit_position BIGINT NOT NULL,
	prepare_position BIGINT NOT NULL,
	events BIGINT NOT NULL,
	updated_at TIMESTAMP NOT NULL,
	PRIMARY KEY (name, suffix)
)`

// prepare makes the table of checkpoints, if need be.
func (p *Projections) prepare(ctx context.Context) error {
	_, err := p.db.Write.ExecContext(ctx, createCheckpoints)
	if err != nil { // in Postgres also when another process is just making it; then it is there now
		_, err = p.db.Write.ExecContext(ctx, createCheckpoints)
	}
	if err != nil {
		return fmt.Errorf("prepare the projections: %w", err)
	}
	return nil
}

func (c checkpoint) position() eventstore.Position {
	return eventstore.Position{Commit: uint64(c.Commit), Prepare: uint64(c.Prepare)}
}

func (c checkpoint) place() place { return place{c.Suffix, c.Build} }

// new is those of the events that the build does not have yet.
func (c checkpoint) new(events []event) []event {
	for i, e := range events {
		if e.Position.Compare(c.position()) > 0 {
			return events[i:]
		}
	}
	return nil
}

// errMoved: the checkpoint is no longer where it was read. Somebody else has
// moved it: another process that projects, or a rebuild that has just ended.
var errMoved = errors.New("the checkpoint has moved meanwhile")

// move moves the stored checkpoint, provided that it still is where c says. Its
// row is locked from here to the end of the transaction.
func (c checkpoint) move(ctx context.Context, tx *sqlx.Tx, to eventstore.Position, events int) error {
	result, err := tx.ExecContext(ctx, `UPDATE projections
		SET commit_position = $1, prepare_position = $2, events = events + $3, updated_at = $4
		WHERE name = $5 AND suffix = $6 AND version = $7 AND build = $8 AND commit_position = $9 AND prepare_position = $10`,
		int64(to.Commit), int64(to.Prepare), events, stored(time.Now()),
		c.Name, c.Suffix, c.Version, c.Build, c.Commit, c.Prepare)
	if err != nil {
		return fmt.Errorf("move the checkpoint of %s%s: %w", c.Name, c.Suffix, err)
	}
	moved, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("move the checkpoint of %s%s: %w", c.Name, c.Suffix, err)
	}
	if moved != 1 {
		return fmt.Errorf("%s%s: %w", c.Name, c.Suffix, errMoved)
	}
	return nil
}

func (c checkpoint) store(ctx context.Context, tx *sqlx.Tx) error {
	c.UpdatedAt = stored(time.Now())
	_, err := tx.NamedExecContext(ctx, `INSERT INTO projections (name, suffix, version, build, commit_position, prepare_position, events, updated_at)
		VALUES (:name, :suffix, :version, :build, :commit_position, :prepare_position, :events, :updated_at)
		ON CONFLICT (name, suffix) DO UPDATE SET version = excluded.version, build = excluded.build,
			commit_position = excluded.commit_position, prepare_position = excluded.prepare_position,
			events = excluded.events, updated_at = excluded.updated_at`, c)
	if err != nil {
		return fmt.Errorf("store the checkpoint of %s%s: %w", c.Name, c.Suffix, err)
	}
	return nil
}

func (c checkpoint) remove(ctx context.Context, tx *sqlx.Tx) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM projections WHERE name = $1 AND suffix = $2`, c.Name, c.Suffix); err != nil {
		return fmt.Errorf("remove the checkpoint of %s%s: %w", c.Name, c.Suffix, err)
	}
	return nil
}

// liveCheckpoints reads where the live tables are, by projection.
func liveCheckpoints(ctx context.Context, db sqlx.QueryerContext) (map[string]checkpoint, error) {
	var rows []checkpoint
	err := sqlx.SelectContext(ctx, db, &rows, `SELECT name, suffix, version, build, commit_position, prepare_position, events, updated_at
		FROM projections WHERE suffix = $1 ORDER BY name LIMIT 100`, live)
	if err != nil {
		return nil, fmt.Errorf("read the checkpoints: %w", err)
	}
	found := make(map[string]checkpoint, len(rows))
	for _, c := range rows {
		found[c.Name] = c
	}
	return found, nil
}

// within runs f in a write transaction, which ends without effect if f fails or panics.
func within(ctx context.Context, db *database.DB, f func(tx *sqlx.Tx) error) (err error) {
	tx, err := db.Write.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer func() { err = errors.Join(err, rollback(tx)) }()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// rollback ends a transaction that has not ended yet.
func rollback(tx *sqlx.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}
