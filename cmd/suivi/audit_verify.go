package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"suivi/eventstore/embedded/eventlog"
)

// verifyFlags are the choices of `suivi audit verify` and `suivi audit checkpoint`.
type verifyFlags struct {
	cfg        config
	file       string
	checkpoint string
	key        string
	asJSON     bool
}

func (f *verifyFlags) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.cfg.data, "data", "./data", "folder of the service")
	cmd.Flags().StringVar(&f.file, "file", "", "the event log itself, as in a backup (default: events.db in --data)")
}

func newAuditVerifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that the event log is what was written",
		Long: "Prove that the event log is what was written: every byte of the file against its checksum, and every\n" +
			"event against the hash chain. The first event that does not fit is named. It works while the service\n" +
			"runs. Whoever can write the file can make a whole new chain: a signed checkpoint that an auditor keeps\n" +
			"elsewhere (`suivi audit checkpoint`) shows that too.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			anchor, err := f.anchor()
			if err != nil {
				return err
			}
			report, err := f.verify(cmd.Context(), cmd.ErrOrStderr(), anchor)
			if err != nil {
				return err
			}
			if f.asJSON {
				return writeJSON(cmd.OutOrStdout(), report)
			}
			return tellVerified(cmd.OutOrStdout(), report, anchor)
		},
	}
	f.addFlags(cmd)
	cmd.Flags().StringVar(&f.checkpoint, "checkpoint", "", "file of a signed checkpoint that the log must go on from")
	cmd.Flags().StringVar(&f.key, "key", "", "the key that the checkpoint must be signed with, as `suivi audit checkpoint` has shown it")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print it as JSON")
	return cmd
}

func tellVerified(out io.Writer, r eventlog.Report, anchor *eventlog.Anchor) error {
	_, err := fmt.Fprintf(out, "log %s\n%d events fit the chain, up to position %d of %s; of %d more, scavenged, the digests do\n"+
		"%d pages of the file fit their checksums (%d changed lately and guarded by the write-ahead log)\nchain: %s\n",
		r.LogID, r.Events, r.Position, r.Newest.Format(time.RFC3339), r.Scavenged, r.Pages, r.InWAL, base64.StdEncoding.EncodeToString(r.Link))
	if err == nil && anchor != nil {
		_, err = fmt.Fprintf(out, "the checkpoint at position %d is part of it: nothing up to there was changed since\n", anchor.Position)
	}
	return err
}

func newAuditCheckpointCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "checkpoint",
		Short: "Print a signed checkpoint of the event log, for an auditor to keep elsewhere",
		Long: "Check the event log, and print a signed checkpoint of it for an auditor to keep elsewhere. With it,\n" +
			"`suivi audit verify --checkpoint FILE --key KEY` proves that nothing up to there was changed since.\n" +
			"The key is made at the first call, in --data; the one to check with is printed to stderr: keep it too.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := f.verify(cmd.Context(), cmd.ErrOrStderr(), nil)
			if err != nil {
				return err
			}
			if report.Position == 0 {
				return errors.New("the log has no events yet: there is nothing to sign")
			}
			signer, verifier, err := f.cfg.auditKey(report.LogID)
			if err != nil {
				return err
			}
			text, err := note.Sign(&note.Note{Text: checkpointText(report, time.Now())}, signer)
			if err != nil {
				return fmt.Errorf("sign the checkpoint: %w", err)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Check it with --key %s\n", verifier)
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	f.addFlags(cmd)
	return cmd
}

func (f *verifyFlags) verify(ctx context.Context, errOut io.Writer, anchor *eventlog.Anchor) (eventlog.Report, error) {
	path := f.file
	if path == "" {
		path = f.cfg.eventsFile()
	}
	if _, err := os.Stat(path); err != nil {
		return eventlog.Report{}, fmt.Errorf("there is no event log: %w; name its folder with --data, or itself with --file", err)
	}
	p := newProgress(errOut, "verify", 0)
	defer p.end()
	return eventlog.Verify(ctx, path, anchor, p.set)
}

// A checkpoint is a signed note (https://c2sp.org/signed-note) whose text is that
// of a transparency log's checkpoint (https://c2sp.org/tlog-checkpoint): what is
// signed about, how far it goes, and the hash there, in lines of their own. Ours
// is the hash of a chain, and the line after it says when it was made.

const checkpointOrigin = "suivi event log "

func checkpointText(r eventlog.Report, at time.Time) string {
	return fmt.Sprintf("%s%s\n%d\n%s\nmade %s\n", checkpointOrigin, r.LogID, r.Position,
		base64.StdEncoding.EncodeToString(r.Link), at.UTC().Format(time.RFC3339))
}

func parseCheckpoint(text string) (*eventlog.Anchor, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 3 {
		return nil, errors.New("a checkpoint has three lines before its signature")
	}
	id, ours := strings.CutPrefix(lines[0], checkpointOrigin)
	logID, err := uuid.Parse(id)
	if !ours || err != nil {
		return nil, fmt.Errorf("%q is not the first line of a checkpoint of an event log", lines[0])
	}
	position, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the position %q: %w", lines[1], err)
	}
	link, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		return nil, fmt.Errorf("the hash %q: %w", lines[2], err)
	}
	return &eventlog.Anchor{LogID: logID, Position: position, Link: link}, nil
}

// anchor reads the checkpoint and checks its signature; nil when none is asked for.
func (f *verifyFlags) anchor() (*eventlog.Anchor, error) {
	if f.checkpoint == "" && f.key == "" {
		return nil, nil //nolint:nilnil // none is asked for
	}
	if f.checkpoint == "" || f.key == "" {
		return nil, usageError{errors.New("--checkpoint and --key go together: a checkpoint that anybody may have signed proves nothing")}
	}
	verifier, err := note.NewVerifier(f.key)
	if err != nil {
		return nil, usageError{fmt.Errorf("--key wants what `suivi audit checkpoint` has shown, not %q: %w", f.key, err)}
	}
	text, err := os.ReadFile(f.checkpoint)
	if err != nil {
		return nil, fmt.Errorf("read the checkpoint: %w", err)
	}
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return nil, fmt.Errorf("%s: the checkpoint is not signed with this key, or was changed: %w", f.checkpoint, err)
	}
	anchor, err := parseCheckpoint(signed.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.checkpoint, err)
	}
	return anchor, nil
}

// auditKey reads the key that checkpoints are signed with, or makes it. The one to
// check with stands in a file beside it.
func (c *config) auditKey(logID uuid.UUID) (note.Signer, string, error) {
	file := filepath.Join(c.data, "audit.key")
	public := file + ".public"
	secret, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		var verifier string
		var key string
		if key, verifier, err = note.GenerateKey(rand.Reader, "suivi-"+logID.String()); err != nil {
			return nil, "", fmt.Errorf("make the key for checkpoints: %w", err)
		}
		if err := errors.Join(writeSecret(public, verifier), writeSecret(file, key)); err != nil {
			return nil, "", fmt.Errorf("keep the key for checkpoints: %w", err)
		}
		secret, err = []byte(key), nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the key for checkpoints: %w; run as the user of the service", err)
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(secret)))
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", file, err)
	}
	verifier, err := os.ReadFile(public)
	if err != nil {
		return nil, "", fmt.Errorf("read the key to check checkpoints with: %w", err)
	}
	return signer, strings.TrimSpace(string(verifier)), nil
}
