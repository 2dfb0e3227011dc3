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
mount -t proc proc "$root/proc"
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
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		return cmd, nil
	}
	cache, err := cacheDir()
	all := append([]string{"--mount", "--", "/bin/sh", "-c", enter, "enter", m.root, cache + ":" + os.TempDir(), dir, program}, args...)
	return exec.Command("unshare", all...), err
}

// dpkg is what the machine's dpkg knows of a package.
func (m machine) dpkg(field, name string) (string, error) {
	text, err := exec.Command("dpkg-query", "--admindir="+filepath.Join(m.root, "/var/lib/dpkg"), "-W", "-f=${"+field+"}", name).Output()
	if err != nil {
		return "", fmt.Errorf("ask for the version of the package %s: %w", name, err)
	}
	return string(text), nil
}

// major is the first number of Redmine's version.
func (m machine) major() (int, error) {
	version, err := m.dpkg("Version", "redmine")
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(version, ".")
	return strconv.Atoi(first)
}
