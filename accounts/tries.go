package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"suivi/domain"
)

// tries bounds how often passwords can be guessed. Each wrong one is remembered
// for leak; while more than free are, the next is taken only after a pause, which
// doubles from a second up to longest. Nobody is ever locked out.
type tries struct {
	key     string
	free    int
	leak    time.Duration
	longest time.Duration
}

// keyOf keeps what people type into the wrong field out of the database.
func keyOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// The three things that a sign-in is counted by. Many people may share an address
// (a school), and anybody can send wrong passwords for somebody else's e-mail
// address: both pauses stay short, only that of the pair grows long.
func triesOfAddress(address string) tries {
	return tries{keyOf("address", address), 50, 30 * time.Second, time.Minute}
}

func triesOfEmail(email string) tries {
	return tries{keyOf("email", email), 20, 5 * time.Minute, time.Minute}
}

func triesOfPair(email, address string) tries {
	return tries{keyOf("pair", email, address), 5, 10 * time.Minute, 15 * time.Minute}
}

// triesOfPerson counts who is signed in and gives their old password.
func triesOfPerson(user domain.UserID) tries {
	return tries{keyOf("person", string(user)), 5, 10 * time.Minute, 15 * time.Minute}
}

// level is how many tries are remembered at the time.
func (t tries) level(drained, at time.Time) int {
	return int(math.Ceil(float64(drained.Sub(at)) / float64(t.leak)))
}

// pause is how long the next try has to wait when so many are remembered.
func (t tries) pause(level int) time.Duration {
	over := level - t.free
	if over <= 0 {
		return 0
	}
	if over > 16 { // 2¹⁶ s is longer than any longest
		return t.longest
	}
	return min(t.longest, time.Second<<(over-1))
}

type triesRow struct {
	DrainedAt time.Time `db:"drained_at"`
	NextAt    time.Time `db:"next_at"`
}

// take counts a try by each of all before it is made, so that many at once are not
// more than one after the other. It is Limited, and counts nothing, while one of
// them has to wait. Whoever names several keeps to the order in which they stand above.
func (a *Accounts) take(ctx context.Context, all []tries) error {
	at := a.now()
	return a.inTx(ctx, "count a try", func(tx *sqlx.Tx) error {
		for _, t := range all {
			row, err := lockTries(ctx, tx, t.key, at)
			if err != nil {
				return err
			}
			if wait := row.NextAt.Sub(at); wait > 0 {
				return tooMany(wait)
			}
			row.DrainedAt = later(row.DrainedAt, at).Add(t.leak)
			row.NextAt = at.Add(t.pause(t.level(row.DrainedAt, at)))
			if err := setTries(ctx, tx, t.key, row); err != nil {
				return err
			}
		}
		return nil
	})
}

func tooMany(wait time.Duration) error {
	seconds := time.Duration(math.Ceil(wait.Seconds())) * time.Second
	return &domain.Error{
		Kind: domain.Limited, Code: "too-many-tries", RetryAfter: seconds,
		Message: fmt.Sprintf("too many wrong passwords; try again in %v", seconds),
	}
}

// giveBack takes back what take counted, as the password was right.
func (a *Accounts) giveBack(ctx context.Context, all []tries) error {
	return a.inTx(ctx, "take a try back", func(tx *sqlx.Tx) error { return giveBack(ctx, tx, all, a.now()) })
}

func giveBack(ctx context.Context, tx *sqlx.Tx, all []tries, at time.Time) error {
	for _, t := range all {
		row, err := lockTries(ctx, tx, t.key, at)
		if err != nil {
			return err
		}
		if err := setTries(ctx, tx, t.key, triesRow{row.DrainedAt.Add(-t.leak), at}); err != nil {
			return err
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// lockTries reads a count that nobody else changes before the transaction ends.
func lockTries(ctx context.Context, tx *sqlx.Tx, key string, at time.Time) (triesRow, error) {
	_, err := changed(ctx, tx, "count a try", `
		INSERT INTO sign_in_tries (key, drained_at, next_at) VALUES ($1, $2, $2)
		ON CONFLICT (key) DO UPDATE SET key = excluded.key`, key, at)
	if err != nil {
		return triesRow{}, err
	}
	var row triesRow
	if err := tx.GetContext(ctx, &row, `SELECT drained_at, next_at FROM sign_in_tries WHERE key = $1`, key); err != nil {
		return triesRow{}, fmt.Errorf("count a try: %w", err)
	}
	return triesRow{row.DrainedAt.UTC(), row.NextAt.UTC()}, nil
}

func setTries(ctx context.Context, tx *sqlx.Tx, key string, row triesRow) error {
	_, err := changed(ctx, tx, "count a try", `
		UPDATE sign_in_tries SET drained_at = $1, next_at = $2 WHERE key = $3`, row.DrainedAt, row.NextAt, key)
	return err
}

// knownFor is how long an address counts as its owner's after a sign-in.
const knownFor = 90 * 24 * time.Hour

// triesOf are what a sign-in is counted by. From an address that the person has
// signed in from, others' wrong passwords do not count: they cannot keep them out.
func (a *Accounts) triesOf(ctx context.Context, email, address string) ([]tries, error) {
	all := []tries{triesOfAddress(address), triesOfEmail(email), triesOfPair(email, address)}
	var known bool
	err := a.db.Read.GetContext(ctx, &known, `
		SELECT EXISTS (SELECT 1 FROM known_addresses WHERE key = $1 AND until > $2)`, keyOf(email, address), a.now())
	if err != nil {
		return nil, fmt.Errorf("look for a known address: %w", err)
	}
	if known {
		all = slices.Delete(all, 1, 2)
	}
	return all, nil
}

func noteAddress(ctx context.Context, db execer, email, address string, at time.Time) error {
	_, err := changed(ctx, db, "remember an address", `
		INSERT INTO known_addresses (key, until) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET until = excluded.until`, keyOf(email, address), at.Add(knownFor))
	return err
}
