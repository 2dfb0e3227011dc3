package eventstore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"suivi/eventstore/embedded"
)

// The test binary is also the programs that the tests need beside them: a server to
// kill, and a command that asks for its restart.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "serve" {
		fail(serve(os.Args[2], os.Args[3]))
	}
	if len(os.Args) == 3 && os.Args[1] == "restart" {
		fail(askRestart(os.Args[2]))
	}
	os.Exit(m.Run())
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs a server until its standard input ends, so that it does not outlive the test.
func serve(path, listen string) error {
	server, err := embedded.Open(context.Background(), embedded.Config{Path: path, Listen: listen, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	fmt.Println(server.Addr()) //nolint:forbidigo // this is a program
	_, _ = io.Copy(io.Discard, os.Stdin)
	return server.Close()
}

// process is a server in a process of its own, always at the same place.
type process struct {
	path, addr string

	mu    sync.Mutex
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

func startProcess(t *testing.T) *process {
	t.Helper()
	p := &process{path: filepath.Join(t.TempDir(), "events.db"), addr: "127.0.0.1:0"}
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

func (p *process) connectionString() string { return "esdb://" + p.addr + "?tls=false" }

// start returns when the server listens.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	cmd := exec.Command(os.Args[0], "serve", p.path, p.addr)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return fmt.Errorf("server did not start: %w", err)
	}
	p.addr, p.cmd, p.stdin = line[:len(line)-1], cmd, stdin
	return nil
}

// kill is kill -9.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}

func (p *process) signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Signal(s)
}

// restartCommand is a command that kills the server and starts it again.
func (p *process) restartCommand(t *testing.T) []string {
	t.Helper()
	dir, err := os.MkdirTemp("", "suivi") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "restart")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var answering sync.WaitGroup
	answering.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.kill()
			if err := p.start(); err != nil {
				t.Error(err)
			}
			_ = conn.Close()
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		answering.Wait()
		_ = os.RemoveAll(dir)
	})
	return []string{os.Args[0], "restart", socket}
}

func askRestart(socket string) error {
	conn, err := net.DialTimeout("unix", socket, 5*time.Second)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, conn) // it is closed when the server listens
	return err
}
