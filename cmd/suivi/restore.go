package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"suivi/eventstore/embedded/eventlog"
)

func newRestoreCommand() *cobra.Command {
	cfg := config{logLevel: slog.LevelWarn}
	var replace bool
	cmd := &cobra.Command{
		Use:   "restore FOLDER",
		Short: "Bring a backup back into the data folder of a service that is stopped",
		Long: "Bring a backup back into the data folder of a service that is stopped. The backup is checked first,\n" +
			"and put in its place as a whole. What the folder holds is not overwritten: with --replace it is moved\n" +
			"to a folder beside it.",
		Args: oneArg("the folder of a backup, as in: suivi restore /backups/2026-11-24"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := newProgress(cmd.ErrOrStderr(), "restore: events checked", 0)
			made, aside, err := restore(cmd.Context(), cfg, args[0], replace, p.set)
			p.end()
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s has %d events, up to position %d, and the accounts as of %s\n",
				cfg.data, made.Events.Events, made.Events.Position, made.Made.Format(time.RFC3339))
			if aside != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "What was there before is in %s\n", aside)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&cfg.data, "data", "./data", "folder of the service")
	cmd.Flags().BoolVar(&replace, "replace", false, "move aside what the folder holds")
	return cmd
}

// restore checks a backup and puts it in place; aside is where what was there has gone.
func restore(ctx context.Context, cfg config, from string, replace bool, progress eventlog.Progress) (made manifest, aside string, err error) {
	if made, err = checkBackup(ctx, from, progress); err != nil {
		return made, "", err
	}
	if err := cfg.isFree(replace); err != nil {
		return made, "", err
	}
	draft := cfg.data + ".restoring"
	if err := os.RemoveAll(draft); err != nil {
		return made, "", err
	}
	if err := copyBackup(ctx, from, draft, made); err != nil {
		return made, "", errors.Join(fmt.Errorf("copy the backup: %w", err), os.RemoveAll(draft))
	}
	if aside, err = moveAside(cfg.data); err != nil {
		return made, "", errors.Join(err, os.RemoveAll(draft))
	}
	return made, aside, os.Rename(draft, cfg.data)
}

// checkBackup reads the manifest and finds out whether the files are what it says.
func checkBackup(ctx context.Context, from string, progress eventlog.Progress) (made manifest, err error) {
	text, err := os.ReadFile(filepath.Join(from, manifestFile))
	if err != nil {
		return made, fmt.Errorf("%s is no backup: %w", from, err)
	}
	if err := json.Unmarshal(text, &made); err != nil {
		return made, fmt.Errorf("%s: %w", filepath.Join(from, manifestFile), err)
	}
	events := filepath.Base((&config{}).eventsFile())
	for _, needed := range []string{events, events + eventlog.SumsSuffix, accountsDB} {
		if made.SHA256[needed] == "" {
			return made, fmt.Errorf("%s does not name %s: this is no whole backup", filepath.Join(from, manifestFile), needed)
		}
	}
	for name, want := range made.SHA256 {
		if name != filepath.Base(name) {
			return made, fmt.Errorf("%s names a file outside its folder: %q", filepath.Join(from, manifestFile), name)
		}
		got, err := fileSHA256(filepath.Join(from, name))
		if err != nil {
			return made, err
		}
		if got != want {
			return made, fmt.Errorf("%s is not as it was backed up: its SHA-256 is %s, not %s", filepath.Join(from, name), got, want)
		}
	}
	anchor := made.Events.Anchor()
	_, err = eventlog.Verify(ctx, filepath.Join(from, events), &anchor, progress)
	return made, err
}

// isFree says why a backup cannot go to the data folder.
func (c *config) isFree(replace bool) error {
	entries, err := os.ReadDir(c.data)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if c.hasEvents() == nil {
		inUse, err := eventlog.InUse(c.eventsFile())
		if err != nil {
			return err
		}
		if inUse {
			return fmt.Errorf("the service on %s is running: stop it first", c.data)
		}
	}
	if !replace {
		return fmt.Errorf("%s is not empty: name another folder with --data, or have what is there moved aside with --replace", c.data)
	}
	return nil
}

// copyBackup makes a data folder of a backup, and brings it to disk.
func copyBackup(ctx context.Context, from, to string, made manifest) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for name := range made.SHA256 {
		if err := copyWhole(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	if made.Blobs == 0 {
		return nil
	}
	copied, err := copyBlobFolders(ctx, filepath.Join(from, blobsFolder), filepath.Join(to, blobsFolder))
	if err == nil && copied != made.Blobs {
		err = fmt.Errorf("%s has %d attachments, not %d as it was backed up", from, copied, made.Blobs)
	}
	return err
}

func copyWhole(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// moveAside renames a folder that holds something, and takes away one that holds nothing.
func moveAside(data string) (aside string, err error) {
	err = os.Remove(data)
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	aside = data + ".before-" + time.Now().UTC().Format("20060102T150405.000Z")
	return aside, os.Rename(data, aside)
}
