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

// follow answers the API's askers with a feed: as one page of JSON when that is
// asked for, else as a stream.
func (e *edge) follow(c *fiber.Ctx, feed *readapi.Feed) error {
	c.Vary(fiber.HeaderAccept)
	if !wantsStream(c.Get(fiber.HeaderAccept)) {
		window, err := feed.Next(c.UserContext())
		if err != nil {
			return err
		}
		return c.JSON(window)
	}
	token, _ := bearer(c.Request().Header.Peek(fiber.HeaderAuthorization))
	request := *requestOf(c)
	return e.followAs(c, readapi.Following{
		Feed: feed, Person: request.actor.ID, Still: func(ctx context.Context) error { return e.still(ctx, request, token) },
	})
}

// followAs answers with a feed as server-sent events, first what has happened, then
// what happens. It ends when its asker may no longer ask, is gone, or the server shuts
// down; they connect again and go on after the last event that they have.
func (e *edge) followAs(c *fiber.Ctx, who readapi.Following) error {
	news := e.cfg.Projections.News()
	first, err := who.Feed.Next(c.UserContext()) // what fails here is answered as any other error
	if err != nil {
		return err
	}
	leave, err := e.followers.enter(who.Person)
	if err != nil {
		return err
	}
	f := &follower{edge: e, Following: who, conn: c.Context().Conn(), requestID: requestOf(c).id}
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set("X-Accel-Buffering", "no") // proxies would hold events back
	pour(c, func(ctx context.Context, _ func(), w *bufio.Writer) {
		defer leave()
		if f.Begin != nil {
			defer f.Begin()()
		}
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
	readapi.Following

	edge      *edge
	requestID string
	conn      net.Conn
	w         *bufio.Writer
	sent      time.Time // when something was sent last
	beside    string    // what was told last beside the feed
}

// run tells stretch after stretch. What was to be heard of is asked for before each
// stretch is read, so that nothing comes in between unheard.
func (f *follower) run(ctx context.Context, window readapi.FeedWindow, news <-chan struct{}) {
	if !f.send(": this feed goes on as events come\n\n") {
		return
	}
	for f.tell(window) {
		aside, err := f.tellBeside(ctx)
		if err != nil || !window.More && !f.rest(ctx, news, aside) {
			f.ended(ctx, window, err)
			return
		}
		news = f.edge.cfg.Projections.News()
		next, err := f.next(ctx)
		if err != nil {
			f.ended(ctx, window, err)
			return
		}
		window = next
	}
}

// ended says why the server ends a feed.
func (f *follower) ended(ctx context.Context, window readapi.FeedWindow, err error) {
	if err != nil && ctx.Err() == nil {
		f.edge.logger.Info("a feed ended", "after", window.After, "requestId", f.requestID, "error", err)
	}
}

// tellBeside sends what stands beside the feed when it has changed, and tells by a
// channel when it may have changed again; nil: never.
func (f *follower) tellBeside(ctx context.Context) (<-chan struct{}, error) {
	if f.Beside == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	text, changed, err := f.Beside(ctx)
	if err == nil && text != f.beside && !f.send(text) {
		err = net.ErrClosed
	}
	f.beside = text
	return changed, err
}

// next is the next stretch, if the asker may still hear it.
func (f *follower) next(ctx context.Context) (readapi.FeedWindow, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	if err := f.Still(ctx); err != nil {
		return readapi.FeedWindow{}, err
	}
	return f.Feed.Next(ctx)
}

// still tells why who asks with the token is no longer who they were at the request.
func (e *edge) still(ctx context.Context, then request, token string) error {
	person, _, err := e.cfg.Accounts.Authenticate(ctx, token)
	if err == nil && then.via != "" {
		if !person.Admin {
			return adminOnly()
		}
		person, err = e.cfg.Accounts.ByID(ctx, then.actor.ID)
	}
	if err == nil && person.Actor() != then.actor.Actor() {
		return domain.Errorf(domain.Unauthenticated, "rights-changed", "what you may do on this site has changed: ask again")
	}
	return err
}

// rest waits for news, at least a moment, and shows meanwhile that the feed lives; false: it is to end.
func (f *follower) rest(ctx context.Context, news, aside <-chan struct{}) bool {
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
	case <-aside:
		return true
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
		var told any = event
		if f.Tell != nil {
			told = f.Tell(event)
		}
		data, err := json.Marshal(told)
		if err != nil {
			f.edge.logger.Error("an event cannot be told", "position", event.Position, "requestId", f.requestID, "error", err)
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
