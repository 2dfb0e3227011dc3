package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"suivi/database"
	"suivi/eventstore/embedded/eventlog"
)

const manifestFile = "backup.json"

// manifest says what a backup is and what its files must be.
type manifest struct {
	Made    time.Time         `json:"made"`
	Program string            `json:"program"` // the version that made it
	Events  eventlog.Report   `json:"events"`
	SHA256  map[string]string `json:"sha256"` // by file name
	Blobs   int               `json:"blobs"`  // how many the folder of blobs has, each with its SHA-256 as its name
}

func newBackupCommand() *cobra.Command {
	cfg := config{logLevel: slog.LevelWarn}
	cmd := &cobra.Command{
		Use:   "backup FOLDER",
		Short: "Copy all events, accounts and attachments to a new folder, while the service runs or not",
		Long: "Copy all events, accounts and attachments to a new folder, as they are at the moment of the call, while\n" +
			"the service runs or not. The copy is checked from the first event to the last, and every attachment. Read\n" +
			"models are not copied: they are built anew from the events. Nor are attachments in a bucket, which has\n" +
			"its own backup. `suivi restore` brings a backup back.",
		Args: oneArg("the folder to make, as in: suivi backup /backups/2026-11-24"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := newProgress(cmd.ErrOrStderr(), "backup: bytes of events", 0)
			made, err := backup(cmd.Context(), cfg, args[0], p.set)
			p.end()
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s has %d events, up to position %d, the accounts and %d contents of attachments; checked from first to last\n",
				args[0], made.Events.Events, made.Events.Position, made.Blobs)
			return nil
		},
	}
	cfg.addFlags(cmd.Flags())
	return cmd
}

// backup makes the folder, whole or not at all.
func backup(ctx context.Context, cfg config, to string, progress eventlog.Progress) (_ manifest, err error) {
	if cfg.eventStore != "" || cfg.database != "" {
		return manifest{}, usageError{errors.New("a backup is of what is embedded; event store and database servers have their own: " +
			"back up the event store as its makers say, and the accounts in Postgres with pg_dump")}
	}
	if err := cfg.hasEvents(); err != nil {
		return manifest{}, err
	}
	if _, err := os.Lstat(to); !errors.Is(err, os.ErrNotExist) {
		return manifest{}, fmt.Errorf("%s is there already: name a new folder, for each backup its own", to)
	}
	draft := to + ".unfinished"
	if err := os.RemoveAll(draft); err != nil {
		return manifest{}, err
	}
	if err := os.MkdirAll(draft, 0o700); err != nil {
		return manifest{}, fmt.Errorf("make the folder of the backup: %w", err)
	}
	made, err := fillBackup(ctx, cfg, draft, progress)
	if err == nil {
		err = os.Rename(draft, to)
	}
	if err != nil {
		return made, errors.Join(err, os.RemoveAll(draft))
	}
	return made, nil
}

func fillBackup(ctx context.Context, cfg config, folder string, progress eventlog.Progress) (manifest, error) {
	made := manifest{Made: time.Now().UTC(), Program: version, SHA256: make(map[string]string)}
	events, accounts := filepath.Join(folder, filepath.Base(cfg.eventsFile())), filepath.Join(folder, accountsDB)
	// Accounts first: whoever has acted in the events is then among them, or has
	// come later.
	if err := backUpAccounts(ctx, cfg, accounts); err != nil {
		return made, err
	}
	var err error
	if made.Events, err = eventlog.Backup(ctx, cfg.eventsFile(), events, progress); err != nil {
		return made, err
	}
	// Blobs last: what the events name is then there. Content that is removed
	// meanwhile stays for a day.
	if !cfg.inBucket() {
		if made.Blobs, err = copyBlobFolders(ctx, cfg.blobsAddress(), filepath.Join(folder, blobsFolder)); err != nil {
			return made, fmt.Errorf("copy the attachments: %w", err)
		}
	}
	for _, file := range []string{events, events + eventlog.SumsSuffix, accounts} {
		if made.SHA256[filepath.Base(file)], err = fileSHA256(file); err != nil {
			return made, err
		}
	}
	text, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		return made, err
	}
	return made, writeSecret(filepath.Join(folder, manifestFile), string(text))
}

func backUpAccounts(ctx context.Context, cfg config, to string) (err error) {
	db, err := openAccountsDB(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return database.Backup(ctx, db, to)
}

func fileSHA256(path string) (_ string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// hasEvents says so where there is no embedded event log.
func (c *config) hasEvents() error {
	if _, err := os.Stat(c.eventsFile()); err != nil {
		return fmt.Errorf("there is no event log: %w; name the service's folder with --data", err)
	}
	return nil
}
