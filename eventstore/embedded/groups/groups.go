package groups

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"suivi/eventstore/embedded/eventlog"
)

// Why something is refused. Check these with errors.Is.
var (
	ErrExists   = errors.New("the group exists")
	ErrNotFound = errors.New("the group does not exist")
	ErrFull     = errors.New("the group has as many consumers as it may")
	ErrDropped  = errors.New("the group was changed or restarted")
)

// SettingsError refuses settings; it says what is wrong with them.
type SettingsError struct{ Cause error }

func (e *SettingsError) Error() string { return e.Cause.Error() }

func (e *SettingsError) Unwrap() error { return e.Cause }

// Groups are all persistent subscriptions of a log. Its methods may be called from
// any goroutine.
type Groups struct {
	log    *eventlog.Log
	logger *slog.Logger

	mu      sync.Mutex
	config  configuration
	running map[Key]*group
	closed  bool
}

// Open starts the groups that the log knows. They read at once; consumers may come later.
func Open(ctx context.Context, log *eventlog.Log, logger *slog.Logger) (*Groups, error) {
	s := &Groups{log: log, logger: logger, running: map[Key]*group{}}
	if err := s.load(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Groups) load(ctx context.Context) (err error) {
	if s.config, err = loadConfiguration(ctx, s.log, s.logger); err != nil {
		return err
	}
	for _, e := range s.config.Entries {
		key := Key{e.Stream, e.Group}
		if err := e.valid(); err != nil || s.running[key] != nil {
			s.logger.Error("a persistent subscription is not started: its configuration was not made by this server",
				"group", e.Group, "source", e.Stream, "error", err)
			continue
		}
		if err := s.start(ctx, e); err != nil {
			return fmt.Errorf("start the persistent subscription %s of %s: %w", e.Group, e.Stream, err)
		}
	}
	return nil
}

func (s *Groups) start(ctx context.Context, e entry) error {
	g, err := newGroup(ctx, s.log, s.logger, e)
	if err != nil {
		return err
	}
	s.running[g.key] = g
	go g.run(context.WithoutCancel(ctx)) // ends with group.end, which waits for it
	return nil
}

// Close stops all groups and tells their consumers; it waits for them.
func (s *Groups) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.stopAll(eventlog.ErrClosed)
}

func (s *Groups) stopAll(why error) {
	for key, g := range s.running {
		g.end(why)
		delete(s.running, key)
	}
}

// lock takes the lock, unless all is over.
func (s *Groups) lock() (unlock func(), err error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, eventlog.ErrClosed
	}
	return s.mu.Unlock, nil
}

func (s *Groups) find(key Key) (*group, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	g, ok := s.running[key]
	if !ok {
		return nil, ErrNotFound
	}
	return g, nil
}

// Create makes a group and starts it.
func (s *Groups) Create(ctx context.Context, key Key, settings Settings) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if s.running[key] != nil {
		return ErrExists
	}
	e, err := s.entry(ctx, key, settings)
	if err != nil {
		return err
	}
	return s.put(ctx, e)
}

// Update gives a group other settings; its filter stays. Its consumers are dropped,
// and it goes on from its checkpoint.
func (s *Groups) Update(ctx context.Context, key Key, settings Settings) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	g := s.running[key]
	if g == nil {
		return ErrNotFound
	}
	settings.Filter = g.settings.Filter
	e, err := s.entry(ctx, key, settings)
	if err != nil {
		return err
	}
	g.end(ErrDropped)
	delete(s.running, key)
	return s.put(ctx, e)
}

// entry decides where a group begins.
func (s *Groups) entry(ctx context.Context, key Key, settings Settings) (entry, error) {
	if err := settings.check(); err != nil {
		return entry{}, &SettingsError{err}
	}
	e := entry{Stream: key.Source, Group: key.Group, After: settings.Start - 1, Settings: settings}
	if key.Source == All {
		end := s.log.End()
		switch {
		case settings.Start == FromEnd:
			e.After = end
		case settings.Start > end:
			return e, &SettingsError{errStart}
		}
		return e, nil
	}
	if settings.Start == FromEnd {
		st, err := s.log.FindStream(ctx, key.Source)
		if err != nil {
			return e, err
		}
		e.After = st.Last
	}
	return e, nil
}

// put writes an entry down and starts its group.
func (s *Groups) put(ctx context.Context, e entry) error {
	next := configuration{Entries: append(s.without(Key{e.Stream, e.Group}), e)}
	if err := next.write(ctx, s.log); err != nil {
		return err
	}
	s.config = next
	return s.start(ctx, e)
}

func (s *Groups) without(key Key) []entry {
	return slices.DeleteFunc(slices.Clone(s.config.Entries), func(e entry) bool { return Key{e.Stream, e.Group} == key })
}

// Delete ends a group and takes away what it has kept.
func (s *Groups) Delete(ctx context.Context, key Key) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	g := s.running[key]
	if g == nil {
		return ErrNotFound
	}
	next := configuration{Entries: s.without(key)}
	if err := next.write(ctx, s.log); err != nil {
		return err
	}
	s.config = next
	g.end(ErrNotFound)
	delete(s.running, key)
	return forget(ctx, s.log, key)
}

// Restart drops all consumers and starts all groups from what the log says.
func (s *Groups) Restart(ctx context.Context) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	s.stopAll(ErrDropped)
	return s.load(ctx)
}

// Connect adds a consumer that holds up to room events at a time.
func (s *Groups) Connect(key Key, client Client, room int) (*Consumer, error) {
	if room < 1 || room > maxRoom {
		return nil, &SettingsError{fmt.Errorf("the buffer size must be from 1 to %d", maxRoom)}
	}
	g, err := s.find(key)
	if err != nil {
		return nil, err
	}
	var c *Consumer
	if !g.call(func() { c, err = g.join(client, room) }) {
		return nil, ErrDropped
	}
	return c, err
}

// Replay delivers again what was parked before now, up to the parked event of the
// number stopAt, without it. A negative one means all.
func (s *Groups) Replay(key Key, stopAt int64) error {
	g, err := s.find(key)
	if err != nil {
		return err
	}
	if stopAt < 0 {
		stopAt = allParked
	}
	if !g.call(func() { g.parked.wanted = min(stopAt, g.parked.last+1) }) {
		return ErrDropped
	}
	return nil
}

// Info looks at one group.
func (s *Groups) Info(key Key) (Info, error) {
	g, err := s.find(key)
	if err != nil {
		return Info{}, err
	}
	var info Info
	if !g.call(func() { info = g.info() }) {
		return Info{}, ErrDropped
	}
	return info, nil
}

// List looks at all groups, or at those of one source, by name.
func (s *Groups) List(source string) ([]Info, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	keys := make([]Key, 0, len(s.running))
	for key := range s.running {
		if source == "" || key.Source == source {
			keys = append(keys, key)
		}
	}
	unlock()
	if source != "" && len(keys) == 0 {
		return nil, ErrNotFound
	}
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Group, b.Group)) })
	infos := make([]Info, 0, len(keys))
	for _, key := range keys {
		info, err := s.Info(key)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrDropped) { // it ended meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		infos = append(infos, info)
	}
	return infos, nil
}
