package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// progressEvery is how often a stream tells how far the work is.
const progressEvery = 200 * time.Millisecond

// stream answers with what long work says of its progress, a line of JSON each,
// and a last line with its result or error. Work that fails before it has said
// anything is answered as any other error. It has no deadline, and ends early
// when its asker is gone or the server shuts down.
func (e *edge) stream(c *fiber.Ctx, work func(context.Context, Progress) (any, error)) error {
	route, id := c.Method()+" "+c.Path(), requestOf(c).id // c itself is not to be used once the handler has returned
	l := &lines{conn: c.Context().Conn(), began: make(chan error, 1)}
	pour(c, func(ctx context.Context, lost func(), w *bufio.Writer) {
		l.w, l.lost = w, lost
		var result any
		err := protected(func() (err error) {
			result, err = work(ctx, l.progress)
			return err
		})
		switch {
		case err == nil:
			l.write(fiber.Map{"result": result})
		case !l.failedAtOnce(err):
			l.write(fiber.Map{"error": e.explain(ctx, route, id, err)})
		}
	})
	if err := <-l.began; err != nil {
		c.Response().ResetBody()
		return err
	}
	c.Set(fiber.HeaderContentType, "application/x-ndjson")
	return nil
}

// pour answers with what write writes, for as long as it takes. Its context ends
// when the server shuts down, or when write says that the asker is lost.
func pour(c *fiber.Ctx, write func(ctx context.Context, lost func(), w *bufio.Writer)) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.UserContext()))
	shutdown := c.Context().Done()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) { // runs at once, in a goroutine that fasthttp waits for
		var watch sync.WaitGroup
		defer watch.Wait()
		defer cancel()
		watch.Go(func() {
			select {
			case <-shutdown:
				cancel()
			case <-ctx.Done():
			}
		})
		write(ctx, cancel, w)
	})
}

// lines are the lines of a stream. They may be written from several goroutines.
type lines struct {
	conn  net.Conn
	began chan error // gets nil before the first line, or the error that there is instead of lines
	lost  func()     // called when the asker is gone

	mu   sync.Mutex
	w    *bufio.Writer
	last time.Time // of the last line; zero: none yet
}

func (l *lines) progress(done, total uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.last) >= progressEvery {
		l.line(map[string]uint64{"done": done, "total": total})
	}
}

func (l *lines) write(value any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(value)
}

func (l *lines) line(value any) {
	if l.last.IsZero() {
		l.began <- nil
	}
	l.last = time.Now()
	text, err := json.Marshal(value)
	if err != nil {
		text = fmt.Appendf(nil, `{"error":{"code":"internal","detail":%q}}`, hidden)
	}
	if l.conn != nil {
		_ = l.conn.SetWriteDeadline(l.last.Add(writeTimeout)) // on a closed connection the write tells as much
	}
	_, _ = l.w.Write(append(text, '\n')) // Flush gives the same error
	if l.w.Flush() != nil {
		l.lost()
	}
}

// failedAtOnce hands the error to the handler if there has been no line yet.
func (l *lines) failedAtOnce(err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last.IsZero() {
		l.began <- err
		return true
	}
	return false
}
