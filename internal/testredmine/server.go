package testredmine

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const startWithin = 2 * time.Minute

// process is a running puma.
type process struct {
	os     *os.Process
	exited chan struct{}
}

// Open starts a Redmine with fresh data; Close ends it.
func Open(cfg Config) (*Server, error) {
	on, err := chosen()
	if err != nil {
		return nil, err
	}
	made, err := on.template()
	if err != nil {
		return nil, err
	}
	major, err := on.major()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "suivi-redmine-")
	if err != nil {
		return nil, err
	}
	s := &Server{Project: "support", Major: major, Formatting: cmp.Or(cfg.Formatting, usualFormatting(major)), machine: on, dir: dir, root: filepath.Join(made, "root"), threads: 1}
	if err := errors.Join(s.fill(made, cfg), s.choosePort()); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.Restart(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// fill gives the server its database.
func (s *Server) fill(made string, cfg Config) error {
	if cfg.Postgres != "" {
		s.threads = 4
		if err := newInstance(s.root, s.dir, postgres(cfg.Postgres)); err != nil {
			return err
		}
		return s.machine.ruby(s.root, filepath.Base(s.dir), "bundle", "exec", "ruby", filepath.Join(made, "seed.rb"))
	}
	database := filepath.Join(s.dir, "redmine.sqlite3")
	data, err := os.ReadFile(filepath.Join(made, "seeded.sqlite3"))
	if err != nil {
		return err
	}
	return errors.Join(newInstance(s.root, s.dir, sqlite(database)), os.WriteFile(database, data, 0o600))
}

func postgres(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return err.Error() // which no database is: the start says so
	}
	return fmt.Sprintf("production:\n  adapter: postgresql\n  host: %s\n  username: %s\n  database: %s\n  encoding: utf8\n  pool: 8\n",
		u.Query().Get("host"), u.User.Username(), u.Path[1:])
}

// choosePort takes one that is free now: Redmine must come back on it.
func (s *Server) choosePort() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.URL = "http://" + listener.Addr().String()
	return listener.Close()
}

// Restart brings it up, with the data that it had, and waits until it answers.
func (s *Server) Restart() error {
	s.Kill()
	s.mu.Lock()
	defer s.mu.Unlock()
	config := filepath.Join(s.dir, "puma.rb")
	// One kept-alive connection may not take ten turns in a row.
	text := fmt.Sprintf("directory '%s'\nrackup '%s/config.ru'\nenvironment 'production'\nbind 'tcp://%s'\nworkers 0\nthreads %d, %d\nmax_fast_inline 1\n",
		s.root, s.root, strings.TrimPrefix(s.URL, "http://"), s.threads, s.threads)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	var err error
	if s.process, err = s.launch(config); err != nil {
		return err
	}
	return s.awaitReady()
}

// launch starts puma so that it ends with this process, however that ends: the
// kernel sends the signal when the thread that started it is gone, so that thread is kept.
func (s *Server) launch(config string) (*process, error) {
	output, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	cmd, err := s.machine.command(s.root, "bundle", "exec", "puma", "-C", config)
	if err == nil {
		cmd.Env, err = s.machine.environment(s.root, filepath.Base(s.dir))
	}
	if err != nil {
		return nil, errors.Join(err, output.Close())
	}
	cmd.Env = append(cmd.Env, formattingVariable+"="+s.Formatting)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p := &process{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		defer close(p.exited)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		p.os = cmd.Process
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its output
		}
		_ = output.Close()
	}()
	return p, <-started
}

func (s *Server) logPath() string { return filepath.Join(s.dir, "puma.log") }

func (s *Server) awaitReady() error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	tooLate := time.After(startWithin)
	for {
		_, err := s.ask(http.MethodGet, "/users/current.json", nil)
		if err == nil {
			return nil
		}
		select {
		case <-s.process.exited:
			return errors.New("redmine ended: " + s.log())
		case <-tooLate:
			return fmt.Errorf("redmine does not answer within %v: %w\n%s", startWithin, err, s.log())
		case <-again.C:
		}
	}
}

func (s *Server) log() string {
	text, err := os.ReadFile(s.logPath())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}

// Kill ends it at once, in the middle of whatever it does. Its data stays.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || s.process.os == nil {
		return
	}
	_ = s.process.os.Kill() // it may have ended by itself
	<-s.process.exited
	s.process = nil
}

// Close ends it and removes its data.
func (s *Server) Close() {
	s.Kill()
	_ = os.Remove(filepath.Join(s.root, "instances", filepath.Base(s.dir)))
	_ = os.RemoveAll(s.dir)
}

// ask sends a request of the administrator's.
func (s *Server) ask(method, path string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequest(method, s.URL+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Redmine-Api-Key", Key(Admin))
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s %s", method, path, resp.Status, text)
	}
	return text, err
}
