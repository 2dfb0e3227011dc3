package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far long work has come: a bar with rate and time left on a
// terminal, elsewhere a line every few seconds. It is safe for concurrent use.
type progress struct {
	out     io.Writer
	what    string
	bar     *progressbar.ProgressBar // nil where there is no terminal
	mu      sync.Mutex
	done    int64
	total   int64 // 0: unknown
	began   time.Time
	printed time.Time
}

// progressEvery is how often a line is written where there is no terminal.
const progressEvery = 5 * time.Second

// newProgress begins to show work of the name; out is as a rule cmd.ErrOrStderr().
func newProgress(out io.Writer, what string, total int64) *progress {
	p := &progress{out: out, what: what, total: total, began: time.Now(), printed: time.Now()}
	if file, ok := out.(*os.File); ok && isTerminal(file) {
		p.bar = progressbar.NewOptions64(max(total, 1), progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
	}
	return p
}

// add says that n more are done.
func (p *progress) add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(p.done+n, p.total)
}

// set says how many of how many are done.
func (p *progress) set(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(done, total)
}

func (p *progress) show(done, total int64) {
	if p.bar != nil {
		if total != p.total {
			p.bar.ChangeMax64(max(total, 1))
		}
		_ = p.bar.Set64(min(done, max(total, 1))) // a bar that cannot be drawn is no reason to stop
	}
	p.done, p.total = done, total
	if p.bar == nil && time.Since(p.printed) >= progressEvery {
		p.printed = time.Now()
		fmt.Fprintln(p.out, progressLine(p.what, done, total, time.Since(p.began)))
	}
}

// end takes the bar away; what was reached is for the caller to say.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear() // as in show
	}
}

func progressLine(what string, done, total int64, took time.Duration) string {
	rate := float64(done) / max(took.Seconds(), 1e-3)
	if total <= 0 || done <= 0 {
		return fmt.Sprintf("%s: %d done, %.0f/s", what, done, rate)
	}
	left := time.Duration(float64(total-done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s: %d of %d (%d %%), %.0f/s, about %v left", what, done, total, done*100/total, rate, left)
}
