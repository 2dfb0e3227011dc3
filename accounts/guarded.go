package accounts

import (
	"context"
	"errors"
	"time"

	"suivi/domain"
)

// triesOfSignatures counts requests that are signed with the wrong key. Many of a site's may come at once.
func triesOfSignatures(address string) tries {
	return tries{keyOf("signature", address), 50, 30 * time.Second, time.Minute}
}

// Guarded bounds how often somebody at the address can guess what check wants of them, as
// passwords are bounded: what it calls Unauthenticated counts.
func (a *Accounts) Guarded(ctx context.Context, address string, check func() error) error {
	counted := []tries{triesOfSignatures(address)}
	if err := a.take(ctx, counted); err != nil {
		return err
	}
	err := check()
	if domain.KindOf(err) == domain.Unauthenticated {
		return err
	}
	return errors.Join(err, a.giveBack(ctx, counted))
}
