package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"suivi/passwords"
)

// Why nobody is let in. What is wrong with the credentials is not told.
var (
	ErrCredentials = errors.New("wrong login or password, or the user is disabled")
	ErrTries       = errors.New("too many wrong passwords for this login from this address: wait a minute")
	ErrBusy        = errors.New("Server Is Too Busy") //nolint:staticcheck // the real server's words
)

const (
	hashesAtOnce     = 2  // each takes a core and 19 MiB
	hashesWaiting    = 64 // further ones are refused
	rememberedProofs = 1 << 10
)

// checker checks passwords: at the full cost the first time, by a keyed hash in
// memory from then on.
type checker struct {
	key   []byte
	dummy passwords.Hash // takes as long as a real one and fits no password
	slots chan struct{}
	queue chan struct{}
	tries *tries

	mu     sync.Mutex
	proven *simplelru.LRU[proof, string] // the stored hash that the credentials fitted
}

// proof stands for a login and a password; without the key it tells nothing of them.
type proof = [sha256.Size]byte

func newChecker() (*checker, error) {
	proven, err := simplelru.NewLRU[proof, string](rememberedProofs, nil)
	if err != nil {
		return nil, err
	}
	tries, err := newTries(time.Now)
	if err != nil {
		return nil, err
	}
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return &checker{
		key: key, dummy: passwords.Decoy(),
		slots: make(chan struct{}, hashesAtOnce), queue: make(chan struct{}, hashesAtOnce+hashesWaiting),
		tries: tries, proven: proven,
	}, nil
}

// Authenticate finds who has these credentials. from is the address that they
// come from. The errors are those above, ctx's, or the log's.
func (c *Control) Authenticate(ctx context.Context, given Credentials, from string) (*Identity, error) {
	if given.Login == ownLogin {
		if subtle.ConstantTimeCompare([]byte(given.Password), []byte(c.ownPassword)) == 1 {
			return own(), nil
		}
		return nil, ErrCredentials
	}
	user, err := c.memory.user(ctx, given.Login)
	if err != nil {
		return nil, err
	}
	if err := c.passwords.check(ctx, user, given, from); err != nil {
		return nil, err
	}
	return &Identity{Login: user.LoginName, Groups: user.Groups}, nil
}

// check takes a nil user for one whose password nobody knows.
func (c *checker) check(ctx context.Context, user *User, given Credentials, from string) error {
	id := c.proof(given)
	usable := user != nil && !user.Disabled
	if usable && c.isProven(id, user.Hash) {
		return nil
	}
	if !c.tries.take(from, given.Login) {
		return ErrTries
	}
	stored := c.dummy
	if usable {
		if parsed, err := passwords.Parse(user.Hash); err == nil {
			stored = parsed
		} else {
			usable = false
		}
	}
	fits, err := c.compute(ctx, stored, given.Password)
	if err != nil {
		c.tries.giveBack(from, given.Login) // it was not tried
		return err
	}
	if !fits || !usable {
		return ErrCredentials
	}
	c.tries.giveBack(from, given.Login)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proven.Add(id, user.Hash)
	return nil
}

// isProven tells whether these credentials fitted the hash that is stored now.
func (c *checker) isProven(id proof, hash string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	stored, ok := c.proven.Get(id)
	return ok && stored == hash
}

func (c *checker) proof(given Credentials) proof {
	mac := hmac.New(sha256.New, c.key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(given.Login))))
	mac.Write([]byte(given.Login))
	mac.Write([]byte(given.Password))
	return proof(mac.Sum(nil))
}

// compute waits for its turn.
func (c *checker) compute(ctx context.Context, stored passwords.Hash, password string) (bool, error) {
	select {
	case c.queue <- struct{}{}:
		defer func() { <-c.queue }()
	default:
		return false, ErrBusy
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return false, fmt.Errorf("wait to check a password: %w", ctx.Err())
	}
	return stored.Matches(password), nil
}
