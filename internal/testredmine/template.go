package testredmine

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// share is where Debian puts Redmine.
const share = "/usr/share/redmine"

//go:embed seed.rb
var seed []byte

// initializer is run whenever Redmine starts. As plugins of real sites do, it has Redmine take no
// issue of a certain subject. And it is where the site's text formatting is set.
const initializer = `Rails.application.config.to_prepare do
  Issue.validates :subject, exclusion: { in: ['` + Refused + `'] }
end
Rails.application.config.after_initialize do
  Setting.text_formatting = ENV['` + formattingVariable + `'] if ENV['` + formattingVariable + `']
end
`

const formattingVariable = "TEXT_FORMATTING"

// Refused is the subject of an issue that Redmine does not take.
const Refused = "Redmine does not take this"

// template is the folder of this machine's copy of Redmine, made when it is first
// needed: root, from which it runs, and seeded.sqlite3. Debian's Redmine finds its
// configuration, database, log and files below root/instances/$REDMINE_INSTANCE,
// so that one root serves many at once and nothing of the machine's own Redmine is
// read or written.
func (m machine) template() (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	version, err := m.installedVersion("redmine")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(initializer), seed...))
	name := strings.Map(fileRune, version) + "-" + hex.EncodeToString(sum[:6])
	dir := filepath.Join(cache, name)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // nothing secret; Postgres runs as another user
		return "", err
	}
	release, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return "", err
	}
	defer release()
	complete := filepath.Join(dir, "complete")
	if _, err := os.Stat(complete); err == nil {
		return dir, nil
	}
	if err := errors.Join(m.makeRoot(dir), m.makeDatabase(dir)); err != nil {
		return "", err
	}
	return dir, os.WriteFile(complete, nil, 0o600)
}

func fileRune(r rune) rune {
	if r == '.' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
		return r
	}
	return '_'
}

// lock holds the file for this process alone.
func lock(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}

// makeRoot copies the program (15 MB) and has bundler find its gems, puma with them.
func (m machine) makeRoot(dir string) error {
	root := filepath.Join(dir, "root")
	if err := os.RemoveAll(root); err != nil {
		return err
	}
	if out, err := exec.Command("cp", "-a", filepath.Join(m.root, share), root).CombinedOutput(); err != nil { //nolint:gosec // paths of our own
		return fmt.Errorf("copy Redmine: %w\n%s", err, out)
	}
	if err := keepLinks(root); err != nil {
		return err
	}
	for _, link := range []string{"instances", "config/database.yml", "Gemfile.lock"} {
		if err := os.RemoveAll(filepath.Join(root, link)); err != nil {
			return err
		}
	}
	gems := filepath.Join(root, "Gemfile")
	text, err := os.ReadFile(gems)
	if err != nil {
		return err
	}
	const where = share + "/{config,instances/*/config}/database.yml"
	if !strings.Contains(string(text), where) {
		return errors.New("the Gemfile of Redmine does not look for " + where)
	}
	adapters := filepath.Join(dir, "adapters.yml")
	return errors.Join(
		os.Mkdir(filepath.Join(root, "instances"), 0o700),
		os.Mkdir(filepath.Join(root, "plugins"), 0o700),
		os.WriteFile(adapters, []byte("sqlite:\n  adapter: sqlite3\npostgres:\n  adapter: postgresql\n"), 0o600),
		os.WriteFile(gems, []byte(strings.ReplaceAll(string(text), where, adapters)), 0o600),
		os.WriteFile(filepath.Join(root, "config", "initializers", "99-tests.rb"), []byte(initializer), 0o600),
		os.WriteFile(filepath.Join(root, "Gemfile.local"), []byte("gem 'puma'\n"), 0o600),
		m.ruby(root, "", "bundle", "install", "--local", "--quiet"))
}

// keepLinks has the links of a copy lead where they led in share: without its scripts Redmine 6 does not start.
func keepLinks(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type() != fs.ModeSymlink {
			return err
		}
		to, err := os.Readlink(path)
		if err != nil || filepath.IsAbs(to) {
			return err
		}
		below, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		return errors.Join(os.Remove(path), os.Symlink(filepath.Join(share, below, to), path)) //nolint:gosec // nobody else writes there
	})
}

func (m machine) makeDatabase(dir string) error {
	root, instance := filepath.Join(dir, "root"), filepath.Join(dir, "first")
	database := filepath.Join(dir, "seeded.sqlite3")
	for _, old := range []string{instance, database} {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "seed.rb"), seed, 0o600); err != nil {
		return err
	}
	if err := newInstance(root, instance, sqlite(database)); err != nil {
		return err
	}
	return m.ruby(root, "first", "bundle", "exec", "ruby", filepath.Join(dir, "seed.rb"))
}

// newInstance is a folder for one Redmine, with a link to it from root.
func newInstance(root, dir, database string) error {
	for _, sub := range []string{"config", "log", "files", "tmp/cache", "tmp/pids", "public/plugin_assets"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	link := filepath.Join(root, "instances", filepath.Base(dir))
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "config", "database.yml"), []byte(database), 0o600),
		os.WriteFile(filepath.Join(dir, "config", "secret_key.txt"), []byte(strings.Repeat("5ec7e7", 11)), 0o600),
		os.Symlink(dir, link))
}

func sqlite(path string) string {
	return "production:\n  adapter: sqlite3\n  database: " + path + "\n  timeout: 10000\n  pool: 4\n"
}
