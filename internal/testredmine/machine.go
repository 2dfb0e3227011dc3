package testredmine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// machine is where Redmine and its Ruby are installed: this machine, or the root
// folder of another Debian that scripts/redmine-root.sh has made.
type machine struct {
	version string // as "6.0"; "": whatever this machine has
	root    string // "": this machine
}

// chosen is the machine with the version that TEST_REDMINE names. Without it, it is this one.
func chosen() (machine, error) {
	version := os.Getenv("TEST_REDMINE")
	if version == "" {
		return machine{}, nil
	}
	cache, err := cacheDir()
	return machine{version: version, root: filepath.Join(cache, "roots", version)}, err
}

// cacheDir is where lies what is made once per machine.
func cacheDir() (string, error) {
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "suivi-tests", "redmine"), err
}

// installed is how to get what is missing; nil: nothing is.
func (m machine) installed() error {
	_, err := os.Stat(filepath.Join(m.root, share))
	if err == nil && m.root == "" {
		_, err = exec.LookPath("puma")
	}
	switch {
	case err == nil:
		return nil
	case m.root == "":
		return errors.New("this test needs Redmine: scripts/test-needs.sh installs it")
	}
	return fmt.Errorf("this test needs Redmine %s: scripts/redmine-root.sh %s installs it", m.version, m.version)
}

// enter runs a program in the root $1, in the folder $3 there, with the folders of
// $2 as they are here. The mounts are of this process and its children alone, and end with them.
const enter = `set -e
root=$1 shared=$2 dir=$3
shift 3
mount --rbind /dev "$root/dev"
mount -t proc none "$root/proc"
IFS=:
for one in $shared; do
  mkdir -p "$root$one"
  mount --bind "$one" "$root$one"
done
exec chroot "$root" env --chdir="$dir" "$@"`

// command is a program of the machine's, in the folder dir. It is one process with
// its number, also within a root: the kernel's and our signals reach it.
func (m machine) command(dir, program string, args ...string) (*exec.Cmd, error) {
	if m.root == "" {
		cmd := exec.Command(program, args...) //nolint:gosec // programs of our own choice
		cmd.Dir = dir
		return cmd, nil
	}
	cache, err := cacheDir()
	all := append([]string{"--mount", "--", "/bin/sh", "-c", enter, "enter", m.root, cache + ":" + os.TempDir(), dir, program}, args...)
	return exec.Command("unshare", all...), err //nolint:gosec // likewise
}

// ruby runs a program of Ruby's in root, for an instance, to its end.
func (m machine) ruby(root, instance string, program string, args ...string) error {
	cmd, err := m.command(root, program, args...)
	if err != nil {
		return err
	}
	if cmd.Env, err = m.environment(root, instance); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return nil
}

// environment is all that Ruby is told. BUNDLER_VERSION is that of Debian's own,
// patched bundler: one that came with a security update of Ruby does not find
// Debian's gems.
func (m machine) environment(root, instance string) ([]string, error) {
	bundler, err := m.installedVersion("ruby-bundler")
	if err != nil {
		return nil, err
	}
	bundler, _, _ = strings.Cut(bundler, "-")
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + root, "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC",
		"RAILS_ENV=production", "REDMINE_LANG=en", "REDMINE_INSTANCE=" + instance, "SCHEMA=/dev/null", "RAILS_SERVE_STATIC_FILES=1",
		"BUNDLE_GEMFILE=" + root + "/Gemfile", "BUNDLE_APP_CONFIG=" + root + "/.bundle", "BUNDLE_FROZEN=false", "BUNDLE_SILENCE_ROOT_WARNING=1",
		"BUNDLER_VERSION=" + bundler}, nil
}

// installedVersion is which version of a package the machine has.
func (m machine) installedVersion(name string) (string, error) {
	known := "--admindir=" + m.root + "/var/lib/dpkg"
	text, err := exec.Command("dpkg-query", known, "-W", "-f=${Version}", name).Output() //nolint:gosec // a folder of our own
	if err != nil {
		return "", fmt.Errorf("ask for the version of the package %s: %w", name, err)
	}
	return string(text), nil
}

// major is the first number of Redmine's version.
func (m machine) major() (int, error) {
	version, err := m.installedVersion("redmine")
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(version, ".")
	return strconv.Atoi(first)
}

// usualFormatting is what Redmine comes with.
func usualFormatting(major int) string {
	if major < 6 {
		return Textile
	}
	return CommonMark
}
