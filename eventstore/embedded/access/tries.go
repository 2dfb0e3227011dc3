package access

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	triesAtOnce     = 10 // wrong passwords in a row,
	triesEvery      = 6 * time.Second
	rememberedTries = 1 << 12
	// loginInTries bounds what a made-up login takes here.
	loginInTries = 64
)

// tries bounds how often a password can be guessed: for each login and address
// ten at once, then one in six seconds. Who is let in is given the try back.
type tries struct {
	now func() time.Time

	mu   sync.Mutex
	left *simplelru.LRU[[2]string, *bucket]
}

type bucket struct {
	tries float64
	at    time.Time
}

func newTries(now func() time.Time) (*tries, error) {
	left, err := simplelru.NewLRU[[2]string, *bucket](rememberedTries, nil)
	return &tries{now: now, left: left}, err
}

func (t *tries) bucket(from, login string) *bucket {
	key := [2]string{from, login[:min(len(login), loginInTries)]}
	b, ok := t.left.Get(key)
	if !ok {
		b = &bucket{tries: triesAtOnce, at: t.now()}
		t.left.Add(key, b)
	}
	now := t.now()
	b.tries = min(triesAtOnce, b.tries+now.Sub(b.at).Seconds()/triesEvery.Seconds())
	b.at = now
	return b
}

// take uses a try up, if there is one left.
func (t *tries) take(from, login string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.bucket(from, login)
	if b.tries < 1 {
		return false
	}
	b.tries--
	return true
}

func (t *tries) giveBack(from, login string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.bucket(from, login)
	b.tries = min(triesAtOnce, b.tries+1)
}
