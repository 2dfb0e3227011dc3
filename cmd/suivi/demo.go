package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"suivi/accounts"
	"suivi/domain"
)

// demo is a site that fills itself with the log of a real help desk, under the
// names of people in novels. What it has begun with is a file in the data folder,
// so that another start goes on, or finds that all is there.
type demo struct {
	file string
	demoState

	people map[string]domain.UserID // by e-mail address
}

// demoState is the file.
type demoState struct {
	Began     time.Time         `json:"began"`     // the log's times are moved so that it ends then
	Passwords map[string]string `json:"passwords"` // by e-mail address
	Filled    bool              `json:"filled"`
}

func (c *config) demoFile() string { return filepath.Join(c.data, "demo.json") }

// checkDemo refuses to mix a demo with data that are there for other reasons.
func (c *config) checkDemo() error {
	if !c.demo {
		return nil
	}
	if c.eventStore != "" || c.database != "" {
		return usageError{errors.New("--demo fills files of its own in --data; leave out --eventstore and --database")}
	}
	if _, err := os.Stat(c.demoFile()); err == nil {
		return nil
	}
	for _, file := range []string{c.eventsFile(), filepath.Join(c.data, accountsDB), filepath.Join(c.data, "read.db")} {
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s has other data than a demo's, which --demo would mix with it; name an empty folder with --data", c.data)
		}
	}
	return nil
}

// openDemo reads what the demo has begun with, or begins.
func openDemo(cfg config) (*demo, error) {
	d := &demo{file: cfg.demoFile(), people: map[string]domain.UserID{}}
	text, err := os.ReadFile(d.file)
	if err == nil {
		if err := json.Unmarshal(text, &d.demoState); err != nil {
			return nil, fmt.Errorf("read %s: %w; begin anew in an empty folder", d.file, err)
		}
		return d, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read what the demo has begun with: %w", err)
	}
	d.Began, d.Passwords = time.Now().UTC().Truncate(time.Second), map[string]string{}
	for _, p := range demoLogins() {
		const letters = 12
		d.Passwords[p.Email] = strings.ToLower(rand.Text()[:letters])
	}
	if err := d.keep(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *demo) keep() error {
	text, err := json.MarshalIndent(d.demoState, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", d.file, err)
	}
	if err := writeSecret(d.file, string(text)); err != nil {
		return fmt.Errorf("keep what the demo has begun with: %w", err)
	}
	return nil
}

// seat makes the accounts of the demo that are missing, and gives passwords to those that people sign in with.
func (d *demo) seat(ctx context.Context, people *accounts.Accounts) error {
	for _, p := range demoPeople() {
		made, err := people.ByEmail(ctx, p.Email)
		if domain.KindOf(err) == domain.NotFound {
			made, err = people.Create(ctx, domain.By{}, p)
		}
		if err != nil {
			return fmt.Errorf("make the account of %s: %w", p.Name, err)
		}
		d.people[p.Email] = made.ID
		if password := d.Passwords[p.Email]; password != "" && !made.HasPassword {
			if err := people.ReplacePassword(ctx, domain.By{}, made.ID, password); err != nil {
				return fmt.Errorf("give %s a password: %w", p.Name, err)
			}
		}
	}
	return nil
}

// fillDemo lets the demo speak to this service as an importer would.
func (s *service) fillDemo(ctx context.Context, listener net.Listener) error {
	token, err := os.ReadFile(s.cfg.tokenFile())
	if err != nil {
		return fmt.Errorf("read the token for the demo: %w", err)
	}
	s.demo.fill(ctx, newClient(baseURL(listener.Addr()), strings.TrimSpace(string(token)), s.cfg.tokenFile()), s.logger)
	return nil
}

// tell prints who can sign in.
func (d *demo) tell(out io.Writer) {
	fmt.Fprintln(out, "This is a demo: its people are from novels. Sign in as")
	for _, p := range demoLogins() {
		fmt.Fprintf(out, "  %-14s %-32s password %s\n", p.role, p.Email, d.Passwords[p.Email])
	}
}
