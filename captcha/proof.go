package captcha

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	dchest "github.com/dchest/captcha"

	"suivi/domain"
)

const (
	proveOne = `UPDATE captcha_challenges SET used = TRUE,
		proven_for = CASE WHEN digits = $5 THEN $6 ELSE '' END, expires_at = CASE WHEN digits = $5 THEN $7 ELSE expires_at END
		WHERE id = $1 AND person = $2 AND tracker = $3 AND NOT used AND expires_at > $4 RETURNING digits`
	spendOne = `UPDATE captcha_challenges SET proven_for = '' WHERE id = $1 AND person = $2 AND tracker = $3 AND proven_for = $4 AND expires_at > $5`
	stateOf  = `SELECT digits, used, proven_for, expires_at FROM captcha_challenges WHERE id = $1 AND person = $2 AND tracker = $3 AND expires_at > $4`
)

// Prove uses a challenge up like Solve. When the answer is right, the form that it came with,
// and no other one, may be sent without a further challenge, once and within a Lifetime: for a
// form that comes back with a question. A form that has proven it already need not again.
func (c *Captcha) Prove(ctx context.Context, person domain.UserID, key domain.TrackerKey, a Answer) (bool, error) {
	if a.ID == "" || a.Form == "" {
		return false, nil
	}
	_, proven, err := c.Look(ctx, person, key, a.ID, a.Form)
	if proven || err != nil && domain.KindOf(err) != domain.NotFound {
		return proven, err
	}
	now, typed := c.now(), a.typed()
	var digits string
	err = c.db.Write.GetContext(ctx, &digits, proveOne, a.ID, person, key, now, typed, a.Form, now.Add(Lifetime))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("use a captcha: %w", err)
	}
	return digits == typed, nil
}

// spend takes the proof of a form, once on all nodes.
func (c *Captcha) spend(ctx context.Context, person domain.UserID, key domain.TrackerKey, a Answer) (bool, error) {
	if a.Form == "" {
		return false, nil
	}
	result, err := c.db.Write.ExecContext(ctx, spendOne, a.ID, person, key, a.Form, c.now())
	if err != nil {
		return false, fmt.Errorf("use a captcha's proof: %w", err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("use a captcha's proof: %w", err)
	}
	return rows == 1, nil
}

// Look shows a challenge that the person has not answered yet once more, or tells that the form
// has proven it. One that is over is NotFound.
func (c *Captcha) Look(ctx context.Context, person domain.UserID, key domain.TrackerKey, id, form string) (again Challenge, proven bool, err error) {
	var row struct {
		Digits    string    `db:"digits"`
		Used      bool      `db:"used"`
		ProvenFor string    `db:"proven_for"`
		ExpiresAt time.Time `db:"expires_at"`
	}
	err = c.db.Write.GetContext(ctx, &row, stateOf, id, person, key, c.now())
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Challenge{}, false, fmt.Errorf("find a captcha: %w", err)
	}
	switch {
	case err == nil && row.Used && form != "" && row.ProvenFor == form:
		return Challenge{}, true, nil
	case err != nil || row.Used:
		return Challenge{}, false, domain.Errorf(domain.NotFound, "captcha-not-found", "there is no such challenge, or it is over")
	}
	image, err := draw(id, digitsIn(row.Digits))
	return Challenge{id, image, row.ExpiresAt.UTC()}, false, err
}

// draw is the picture of the digits: of one challenge always the same.
func draw(id string, digits []byte) ([]byte, error) {
	var image bytes.Buffer
	if _, err := dchest.NewImage(id, digits, width, height).WriteTo(&image); err != nil {
		return nil, fmt.Errorf("draw a captcha: %w", err)
	}
	return image.Bytes(), nil
}

// Answer is what somebody has read from a challenge, and the key of the form that it came
// with; "": of none.
type Answer struct{ ID, Answer, Form string }

func (a Answer) typed() string { return strings.Join(strings.Fields(a.Answer), "") }
