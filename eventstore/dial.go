package eventstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	firstPause = 50 * time.Millisecond
	longPause  = time.Second
	// A connection that was lost sooner than this counts as one more failure to connect.
	provenAfter = time.Second
)

func newBackoff(first, longest time.Duration) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier = first, longest, 2
	return b
}

// sleep waits, and tells whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// enter lets a call into the present connection; while there is none it waits for
// one, as long as ctx allows.
func (s *Store) enter(ctx context.Context) (*call, error) {
	for {
		if conn := s.current.Load(); conn != nil {
			if entered := conn.enter(ctx); entered != nil {
				return entered, nil
			}
			s.lose(conn)
		}
		if err := s.awaitConnection(ctx); err != nil {
			return nil, err
		}
	}
}

func (s *Store) awaitConnection(ctx context.Context) error {
	s.mu.Lock()
	if s.closing.Err() != nil {
		s.mu.Unlock()
		return fmt.Errorf("%w: %w", ErrUnavailable, ErrClosed)
	}
	if s.current.Load() != nil {
		s.mu.Unlock()
		return nil
	}
	if s.connected == nil {
		s.connected = make(chan struct{})
		s.running.Go(s.dial)
	}
	connected := s.connected
	s.mu.Unlock()

	select {
	case <-connected:
		return nil
	case <-ctx.Done():
		return unavailable(ctx, s.dialError())
	}
}

// dial tries until there is a connection or the store is closed. Only one dial runs
// at a time: whoever needs a connection first starts it, Close waits for it.
func (s *Store) dial() {
	pauses := newBackoff(firstPause, longPause)
	if time.Since(s.since) < provenAfter && !sleep(s.closing, pauses.NextBackOff()) {
		return
	}
	for failures := 0; ; failures++ {
		conn, err := newConnection(s.config, s.logger, s.lose)
		if err == nil {
			s.publish(conn)
			return
		}
		s.mu.Lock()
		s.lastError = err
		s.mu.Unlock()
		if failures == 0 {
			s.logger.Warn("event store unreachable; trying on", "error", err)
		}
		if !sleep(s.closing, pauses.NextBackOff()) {
			return
		}
	}
}

func (s *Store) publish(conn *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Err() != nil {
		conn.retire()
		return
	}
	s.logger.Info("event store connected")
	s.current.Store(conn)
	s.since, s.lastError = time.Now(), nil
	close(s.connected)
	s.connected = nil
}

// lose forgets a connection that was retired; the next call dials.
func (s *Store) lose(conn *connection) {
	if s.current.CompareAndSwap(conn, nil) {
		s.logger.Info("event store connection ended")
	}
}

func (s *Store) dialError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastError
}

// unavailable words the end of a call's life; last is what went wrong, if known.
func unavailable(ctx context.Context, last error) error {
	if last == nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
	return fmt.Errorf("%w: %w: %w", ErrUnavailable, context.Cause(ctx), last)
}
