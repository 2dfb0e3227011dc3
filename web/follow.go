package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"suivi/domain"
	"suivi/readapi"
)

const (
	// followPause is between two stretches of a feed when many events come.
	followPause = 50 * time.Millisecond
	// followBeat is how often a silent feed shows that it lives, and asks whether its asker may still hear it.
	followBeat = 15 * time.Second
	// maxFollowers is how many feeds of one person are open on one server at a time.
	maxFollowers = 20
)

// follow answers with a feed: as one page of JSON when that is asked for, else as
// server-sent events, first what has happened, then what happens. It ends when its
// asker may no longer ask, is gone, or the server shuts down; they connect again and
// go on after the last event that they have.
func (e *edge) follow(c *fiber.Ctx, feed *readapi.Feed) error {
	c.Vary(fiber.HeaderAccept)
	if !wantsStream(c.Get(fiber.HeaderAccept)) {
		window, err := feed.Next(c.UserContext())
		if err != nil {
			return err
		}
		return c.JSON(window)
	}
	news := e.cfg.Projections.News()
	first, err := feed.Next(c.UserContext()) // what fails here is answered as any other error
	if err != nil {
		return err
	}
	leave, err := e.followers.enter(actor(c).ID)
	if err != nil {
		return err
	}
	token, _ := bearer(c.Request().Header.Peek(fiber.HeaderAuthorization))
	f := &follower{edge: e, feed: feed, conn: c.Context().Conn(), request: *requestOf(c), token: token}
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set("X-Accel-Buffering", "no") // proxies would hold events back
	pour(c, func(ctx context.Context, _ func(), w *bufio.Writer) {
		defer leave()
		f.w = w
		f.run(ctx, first, news)
	})
	return nil
}

// wantsStream tells whether an Accept header takes server-sent events at least as readily as JSON.
func wantsStream(accept string) bool {
	return !strings.Contains(accept, "json") || strings.Contains(accept, "text/event-stream")
}

// followers counts the open feeds of each person.
type followers struct {
	mu   sync.Mutex
	open map[domain.UserID]int
}

func (f *followers) enter(person domain.UserID) (leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[person] >= maxFollowers {
		return nil, domain.Errorf(domain.Unavailable, "too-many-feeds", "you have %d feeds open here: close one", maxFollowers)
	}
	if f.open == nil {
		f.open = map[domain.UserID]int{}
	}
	f.open[person]++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.open[person]--
		if f.open[person] == 0 {
			delete(f.open, person)
		}
	}, nil
}

// follower is one open feed.
type follower struct {
	edge    *edge
	feed    *readapi.Feed
	request request // as it was at the beginning
	token   string
	conn    net.Conn
	w       *bufio.Writer
	sent    time.Time // when something was sent last
}

// run tells stretch after stretch. What was to be heard of is asked for before each
// stretch is read, so that nothing comes in between unheard.
func (f *follower) run(ctx context.Context, window readapi.FeedWindow, news <-chan struct{}) {
	if !f.send(": this feed goes on as events come\n\n") {
		return
	}
	for f.tell(window) {
		if !window.More && !f.rest(ctx, news) {
			return
		}
		news = f.edge.cfg.Projections.News()
		next, err := f.next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				f.edge.logger.Info("a feed ended", "after", window.After, "requestId", f.request.id, "error", err)
			}
			return
		}
		window = next
	}
}

// next is the next stretch, if the asker may still hear it.
func (f *follower) next(ctx context.Context) (readapi.FeedWindow, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	if err := f.still(ctx); err != nil {
		return readapi.FeedWindow{}, err
	}
	return f.feed.Next(ctx)
}

// still tells why the asker is no longer who they were at the beginning.
func (f *follower) still(ctx context.Context) error {
	person, _, err := f.edge.cfg.Accounts.Authenticate(ctx, f.token)
	if err == nil && f.request.via != "" {
		if !person.Admin {
			return adminOnly()
		}
		person, err = f.edge.cfg.Accounts.ByID(ctx, f.request.actor.ID)
	}
	if err == nil && person.Actor() != f.request.actor.Actor() {
		return domain.Errorf(domain.Unauthenticated, "rights-changed", "what you may do on this site has changed: ask again")
	}
	return err
}

// rest waits for news, at least a moment, and shows meanwhile that the feed lives; false: it is to end.
func (f *follower) rest(ctx context.Context, news <-chan struct{}) bool {
	moment := time.NewTimer(followPause)
	defer moment.Stop()
	select {
	case <-moment.C:
	case <-ctx.Done():
		return false
	}
	beat := time.NewTimer(followBeat - time.Since(f.sent))
	defer beat.Stop()
	select {
	case <-news:
		return time.Since(f.sent) < followBeat || f.send(":\n\n")
	case <-beat.C:
		return f.send(":\n\n")
	case <-ctx.Done():
		return false
	}
}

// tell sends the events of a stretch, and how far a long one without any has come.
func (f *follower) tell(window readapi.FeedWindow) bool {
	var text strings.Builder
	for _, event := range window.Events {
		data, err := json.Marshal(event)
		if err != nil {
			f.edge.logger.Error("an event cannot be told", "position", event.Position, "requestId", f.request.id, "error", err)
			return false
		}
		fmt.Fprintf(&text, "id: %s\ndata: %s\n\n", event.Position, data)
	}
	if window.More && len(window.Events) == 0 {
		fmt.Fprintf(&text, "id: %s\n\n", window.After)
	}
	return f.send(text.String())
}

// send is false when the asker is gone, or does not take what is sent.
func (f *follower) send(text string) bool {
	if text == "" {
		return true
	}
	f.sent = time.Now()
	if f.conn != nil {
		_ = f.conn.SetWriteDeadline(f.sent.Add(writeTimeout)) // on a closed connection the write tells as much
	}
	_, _ = f.w.WriteString(text) // Flush gives the same error
	return f.w.Flush() == nil
}
