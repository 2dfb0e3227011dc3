package testdb

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lib/pq"
)

const startWithin = 60 * time.Second

// cluster is a running Postgres that answers on a socket in dir alone.
type cluster struct {
	dir    string
	admin  *sql.DB
	output bytes.Buffer // of the server; read it only after exited is closed
	server *os.Process
	exited chan struct{}
	last   atomic.Int64 // number of the newest database
}

func start(bin string) (*cluster, error) {
	dir, err := os.MkdirTemp("", "suivi-pg-")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, exited: make(chan struct{})}
	who, err := runAs(dir)
	if err == nil {
		err = c.initialise(bin, who)
	}
	if err == nil {
		err = c.launch(bin, who)
	}
	if err == nil {
		err = c.connect()
	}
	if err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) initialise(bin string, who *syscall.Credential) error {
	cmd := exec.Command(filepath.Join(bin, "initdb"), "-D", c.data(), "-U", "postgres", //nolint:gosec // a path of our own
		"--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// launch starts the server so that it ends with this process, however that ends:
// the kernel sends the signal when the thread that started it is gone, so that
// thread is kept.
func (c *cluster) launch(bin string, who *syscall.Credential) error {
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", c.data(), "-k", c.dir, //nolint:gosec // a path of our own
		"-c", "listen_addresses=", "-c", "max_connections=300", "-c", "fsync=off", "-c", "full_page_writes=off",
		"-c", "shared_buffers=128MB", "-c", "max_wal_size=4GB", "-c", "log_min_messages=fatal")
	cmd.Dir = c.dir
	cmd.Stdout, cmd.Stderr = &c.output, &c.output
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT}
	started := make(chan error)
	go func() {
		defer close(c.exited)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		c.server = cmd.Process
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its output
		}
	}()
	return <-started
}

func (c *cluster) connect() error {
	db, err := sql.Open("postgres", c.url("postgres"))
	if err != nil {
		return err
	}
	c.admin = db
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	tooLate := time.After(startWithin)
	for {
		if err = db.Ping(); err == nil {
			return nil
		}
		select {
		case <-c.exited:
			return fmt.Errorf("postgres ended: %s", c.output.String())
		case <-tooLate:
			return fmt.Errorf("postgres does not answer within %v: %w", startWithin, err)
		case <-again.C:
		}
	}
}

func (c *cluster) url(name string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + name,
		RawQuery: url.Values{"host": {c.dir}, "sslmode": {"disable"}}.Encode()}
	return u.String()
}

func (c *cluster) create() (string, error) {
	name := "test_" + strconv.FormatInt(c.last.Add(1), 10)
	_, err := c.admin.Exec("CREATE DATABASE " + pq.QuoteIdentifier(name))
	return name, err
}

func (c *cluster) drop(name string) error {
	_, err := c.admin.Exec("DROP DATABASE " + pq.QuoteIdentifier(name) + " WITH (FORCE)")
	return err
}

func (c *cluster) stop() error {
	var err error
	if c.admin != nil {
		err = c.admin.Close()
	}
	if c.server != nil {
		err = errors.Join(err, c.server.Signal(syscall.SIGQUIT)) // at once; nothing is worth keeping
		<-c.exited
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}
