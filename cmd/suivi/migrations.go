package main

import (
	"context"
	"time"

	"suivi/domain"
)

// How often the service looks for tickets whose migration was cut off, and how
// soon again when it could not look.
const (
	migrationsEvery = time.Minute
	migrationsRetry = time.Second
)

// finishMigrations finishes, until ctx ends, what a crash or a lost answer has
// cut off: at the start, and then now and again, since another node may have died.
func (s *service) finishMigrations(ctx context.Context) error {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		}
		pause := migrationsEvery
		moved, err := 0, s.projections.Built()
		if err == nil {
			moved, err = s.commands.FinishMigrations(ctx)
		}
		if err != nil {
			pause = migrationsRetry
		}
		if err != nil && domain.KindOf(err) != domain.Unavailable && ctx.Err() == nil {
			s.logger.Error("tickets cannot leave states that were disabled; trying again and again", "error", err)
		}
		if moved > 0 {
			s.logger.Info("tickets have left states that were disabled", "tickets", moved)
		}
		next.Reset(pause)
	}
}
