package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// child is a service that bench has started as a process of its own.
type child struct {
	cmd    *exec.Cmd
	ended  chan error // gets what the process ended with
	log    string
	client *client
	flags  benchFlags
}

// How long the service may take to be ready, and to stop.
const (
	childStart = time.Minute
	childStop  = 30 * time.Second
)

func startChild(ctx context.Context, f benchFlags, folder string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program to start it: %w", err)
	}
	data := filepath.Join(folder, "data")
	args := []string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "WARN", "--database", f.database, "--eventstore", f.eventStore}
	c := &child{cmd: exec.Command(self, args...), ended: make(chan error, 1), log: filepath.Join(folder, "service.log"), flags: f} //nolint:gosec,noctx // this very program; stop ends it
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the log of the service: %w", err)
	}
	c.cmd.Stdout, c.cmd.Stderr = log, log
	if err := errors.Join(c.cmd.Start(), log.Close()); err != nil {
		return nil, fmt.Errorf("start the service: %w", err)
	}
	go func() { c.ended <- c.cmd.Wait() }() // stop waits for it
	if err := c.await(ctx, data); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// await waits until the service is ready to answer.
func (c *child) await(ctx context.Context, data string) error {
	ctx, cancel := context.WithTimeout(ctx, childStart)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-c.ended:
			c.ended <- err
			return fmt.Errorf("the service that bench started has ended (%w) and said:\n%s", err, c.said())
		case <-ctx.Done():
			return fmt.Errorf("the service that bench started is not ready: %w; it said:\n%s", ctx.Err(), c.said())
		case <-tick.C:
		}
		server := runningServer(config{data: data})
		if server == "" {
			continue
		}
		if _, err := checkService(ctx, server); err == nil {
			c.client, err = (&clientFlags{server: server, data: data}).open()
			return err
		}
	}
}

// said is the end of the service's log.
func (c *child) said() []byte {
	text, _ := os.ReadFile(c.log) // only to be shown
	if n := len(text); n > 2000 {
		text = text[n-2000:]
	}
	return bytes.TrimSpace(text)
}

// stop asks the service to end, and ends it if it does not.
func (c *child) stop() error {
	if c.cmd.Process.Signal(syscall.SIGTERM) != nil {
		<-c.ended // it had ended before; whoever needs to know has been told
		return nil
	}
	late := time.NewTimer(childStop)
	defer late.Stop()
	select {
	case err := <-c.ended:
		if err != nil {
			return fmt.Errorf("the service ended badly: %w; it said:\n%s", err, c.said())
		}
		return nil
	case <-late.C:
		err := c.cmd.Process.Kill()
		<-c.ended
		return errors.Join(fmt.Errorf("the service did not stop within %v and was killed", childStop), err)
	}
}

// describe tells what is measured, without passwords.
func (c *child) describe() string {
	store, reads := "embedded event store", "SQLite"
	if c.flags.eventStore != "" {
		store = "event store server"
	}
	if c.flags.database != "" {
		reads = "Postgres"
	}
	return "own process, " + store + ", " + reads
}
