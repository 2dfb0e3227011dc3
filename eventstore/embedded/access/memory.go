package access

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"suivi/eventstore/embedded/eventlog"
)

// What is remembered at most. Bigger things are read anew each time.
const (
	rememberedStreams = 1 << 14
	rememberedUsers   = 1 << 10
	rememberedACL     = 4 << 10 // bytes
	rememberedName    = 1 << 10 // bytes
)

const settingsStream = "$settings"

// memory spares calls the reading of users, ACLs and settings. Before it answers
// it looks at what was written since it last looked, which is in memory as well,
// and forgets what that concerns: a right that is withdrawn or a password that is
// changed holds for the first call after the write was acknowledged.
type memory struct {
	log *eventlog.Log

	mu       sync.Mutex
	seen     int64  // position up to which the log was looked at
	changes  uint64 // writes seen that could concern something here
	acls     *simplelru.LRU[string, streamACL]
	users    *simplelru.LRU[string, *User]
	defaults *simplelru.LRU[string, defaults] // one: that of $settings
}

func newMemory(log *eventlog.Log) (*memory, error) {
	m := &memory{log: log, seen: log.End()}
	var err error
	if m.acls, err = simplelru.NewLRU[string, streamACL](rememberedStreams, nil); err != nil {
		return nil, err
	}
	if m.users, err = simplelru.NewLRU[string, *User](rememberedUsers, nil); err != nil {
		return nil, err
	}
	m.defaults, err = simplelru.NewLRU[string, defaults](1, nil)
	return m, err
}

func (m *memory) streamACL(ctx context.Context, stream string) (streamACL, error) {
	return remember(ctx, m, m.acls, stream, m.readACL)
}

func (m *memory) settings(ctx context.Context) (defaults, error) {
	return remember(ctx, m, m.defaults, settingsStream, m.readSettings)
}

// user finds a user; nil when there is none of this name.
func (m *memory) user(ctx context.Context, login string) (*User, error) {
	return remember(ctx, m, m.users, login, m.readUser)
}

// remember answers from what is known, or else reads, and remembers the answer if
// nothing was written meanwhile that could make it wrong. read tells whether its
// answer is worth the room.
func remember[T any](ctx context.Context, m *memory, known *simplelru.LRU[string, T], key string,
	read func(context.Context, string) (T, bool, error),
) (T, error) {
	m.mu.Lock()
	m.catchUp()
	value, ok := known.Get(key)
	before := m.changes
	m.mu.Unlock()
	if ok {
		return value, nil
	}
	value, small, err := read(ctx, key)
	if err != nil || !small || len(key) > rememberedName {
		return value, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.catchUp()
	if m.changes == before {
		known.Add(key, value)
	}
	return value, nil
}

// catchUp forgets what has changed since it last ran.
func (m *memory) catchUp() {
	for {
		end := m.log.End()
		page, _, ok := m.log.After(m.seen, eventlog.PageRows)
		if !ok { // too much was written to know
			m.acls.Purge()
			m.users.Purge()
			m.defaults.Purge()
			m.changes++
			m.seen = end
			continue
		}
		if len(page) == 0 {
			return
		}
		for _, rec := range page {
			m.forget(rec.Stream)
			m.seen = rec.Pos
		}
	}
}

func (m *memory) forget(stream string) {
	if !strings.HasPrefix(stream, "$") {
		return
	}
	original, isMeta := eventlog.OriginalOf(stream)
	if isMeta {
		m.acls.Remove(original)
		m.changes++
		stream = original // to delete a stream is to write its metadata
	}
	if login, isUser := strings.CutPrefix(stream, userStreamPrefix); isUser {
		m.users.Remove(login)
		m.changes++
	}
	if stream == settingsStream {
		m.defaults.Purge()
		m.changes++
	}
}

// readACL reads the metastream itself: a stream has rights before it has events.
func (m *memory) readACL(ctx context.Context, stream string) (streamACL, bool, error) {
	if _, isMeta := eventlog.OriginalOf(stream); isMeta { // metadata has none of its own
		return streamACL{}, false, nil
	}
	rec, err := lastEvent(ctx, m.log, eventlog.MetastreamOf(stream))
	if err != nil {
		return streamACL{}, false, fmt.Errorf("rights to the stream %s: %w", stream, err)
	}
	if rec == nil || !rec.JSON {
		return streamACL{}, true, nil
	}
	found := parseMetadata(rec.Data)
	return found, found.size() <= rememberedACL, nil
}

func (m *memory) readSettings(ctx context.Context, stream string) (defaults, bool, error) {
	rec, err := lastEvent(ctx, m.log, stream)
	if err != nil {
		return defaults{}, false, err
	}
	if rec == nil {
		return builtIn(), true, nil
	}
	found := parseSettings(rec.Data)
	return found, true, nil
}
