// Package captcha gives people challenges that machines find hard, and takes
// each answer once. Its table is its own, so that every node that shares the
// database knows every challenge. Who must solve one is decided in domain.
package captcha

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	dchest "github.com/dchest/captcha"

	"suivi/database"
	"suivi/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// The limits of challenges.
const (
	Lifetime      = 10 * time.Minute
	MaxAtOnce     = 20 // that one person gets within a lifetime: so many guesses, and no more
	length        = 6  // digits
	width, height = 240, 80
)

// Captcha keeps challenges in a database. It is safe for concurrent use, by
// several processes on the same database too.
type Captcha struct {
	db  *database.DB
	now func() time.Time
}

// Open brings the table up to date; the caller closes the database.
func Open(ctx context.Context, db *database.DB, now func() time.Time) (*Captcha, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the captchas' migrations: %w", err)
	}
	if err := db.Migrate(ctx, files, "captcha_migrations"); err != nil {
		return nil, fmt.Errorf("migrate the captchas: %w", err)
	}
	return &Captcha{db: db, now: func() time.Time { return now().UTC().Truncate(time.Microsecond) }}, nil
}

// Challenge is digits to be read from a picture.
type Challenge struct {
	ID        string    `json:"id"`
	Image     []byte    `json:"image"` // PNG
	ExpiresAt time.Time `json:"expiresAt"`
}

const (
	deleteExpired = `DELETE FROM captcha_challenges WHERE expires_at <= $1`
	countOf       = `SELECT COUNT(*) FROM captcha_challenges WHERE person = $1 AND expires_at > $2`
	insertOne     = `INSERT INTO captcha_challenges (id, person, tracker, digits, used, expires_at) VALUES ($1, $2, $3, $4, FALSE, $5)`
	digitsOf      = `SELECT digits FROM captcha_challenges WHERE id = $1 AND person = $2 AND tracker = $3 AND NOT used AND expires_at > $4`
	useOne        = `UPDATE captcha_challenges SET used = TRUE
		WHERE id = $1 AND person = $2 AND tracker = $3 AND NOT used AND expires_at > $4 RETURNING digits`
)

// New gives the person a challenge for posting in the tracker. Who has had
// MaxAtOnce of them within a Lifetime is refused (captcha-limit).
func (c *Captcha) New(ctx context.Context, person domain.UserID, key domain.TrackerKey) (Challenge, error) {
	now := c.now()
	if _, err := c.db.Write.ExecContext(ctx, deleteExpired, now); err != nil {
		return Challenge{}, fmt.Errorf("delete expired captchas: %w", err)
	}
	var given int
	if err := c.db.Write.GetContext(ctx, &given, countOf, person, now); err != nil {
		return Challenge{}, fmt.Errorf("count captchas: %w", err)
	}
	if given >= MaxAtOnce {
		return Challenge{}, domain.Errorf(domain.Refused, "captcha-limit", "you have had %d challenges in %s; wait a while", given, Lifetime)
	}
	challenge := Challenge{ID: rand.Text(), ExpiresAt: now.Add(Lifetime)}
	digits := dchest.RandomDigits(length)
	var err error
	if challenge.Image, err = draw(challenge.ID, digits); err != nil {
		return Challenge{}, err
	}
	_, err = c.db.Write.ExecContext(ctx, insertOne, challenge.ID, person, key, text(digits), challenge.ExpiresAt)
	if err != nil {
		return Challenge{}, fmt.Errorf("keep a captcha: %w", err)
	}
	return challenge, nil
}

// Audio is the digits of an unanswered challenge, spoken in English: a WAV file.
func (c *Captcha) Audio(ctx context.Context, person domain.UserID, key domain.TrackerKey, id string) ([]byte, error) {
	var spoken string
	err := c.db.Read.GetContext(ctx, &spoken, digitsOf, id, person, key, c.now())
	if errors.Is(err, sql.ErrNoRows) {
		return nil, domain.Errorf(domain.NotFound, "captcha-not-found", "there is no such challenge, or it is over")
	}
	if err != nil {
		return nil, fmt.Errorf("find a captcha: %w", err)
	}
	var sound bytes.Buffer
	if _, err := dchest.NewAudio(id, digitsIn(spoken), "en").WriteTo(&sound); err != nil {
		return nil, fmt.Errorf("speak a captcha: %w", err)
	}
	return sound.Bytes(), nil
}

// Solve tells whether the answer is right, or the form has proven it before. The challenge, or
// the proof, is used up by it, on every node, whether it is or not.
func (c *Captcha) Solve(ctx context.Context, person domain.UserID, key domain.TrackerKey, a Answer) (bool, error) {
	if a.ID == "" {
		return false, nil
	}
	if proven, err := c.spend(ctx, person, key, a); proven || err != nil {
		return proven, err
	}
	var digits string
	err := c.db.Write.GetContext(ctx, &digits, useOne, a.ID, person, key, c.now())
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("use a captcha: %w", err)
	}
	return digits == a.typed(), nil
}

func digitsIn(text string) []byte {
	digits := make([]byte, len(text))
	for i := range digits {
		digits[i] = text[i] - '0'
	}
	return digits
}

func text(digits []byte) string {
	text := make([]byte, len(digits))
	for i, d := range digits {
		text[i] = '0' + d
	}
	return string(text)
}
