#!/usr/bin/env bash
# Installs a newer Redmine than this machine's for the tests: a whole small Debian that has it,
# in a folder of the user's cache (up to 500 MB for each), in which the tests run it (TEST_REDMINE=6.0).
# Nothing outside that folder is changed but for mmdebstrap, which makes it. Nothing in it is
# started, and no Redmine is left listening. Says nothing when all is here.
#
#   scripts/redmine-root.sh 6.0|6.1 …
set -euo pipefail

say() { printf 'redmine-root: %s\n' "$*" >&2; }
give_up() { say "$*"; exit 1; }

# The release of Debian that has the version.
release_of() {
  case "$1" in
    6.0) echo trixie ;;
    6.1) echo forky ;;
    *) give_up "there is no Debian with Redmine $1 that is known here; 5.0 is what scripts/test-needs.sh installs" ;;
  esac
}

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
roots=${XDG_CACHE_HOME:-$HOME/.cache}/suivi-tests/redmine/roots # as internal/testredmine names it

need_mmdebstrap() {
  command -v mmdebstrap >/dev/null && return
  command -v apt-get >/dev/null || give_up "this is no Debian: install mmdebstrap by hand"
  apt-get install -y --no-install-recommends mmdebstrap </dev/null >"$log" 2>&1 ||
    { apt-get update && apt-get install -y --no-install-recommends mmdebstrap; } </dev/null >"$log" 2>&1 ||
    { cat "$log" >&2; give_up "apt-get install mmdebstrap failed"; }
}

# The root is made beside its place and moved there when it is whole.
# A release that is not out yet is signed for a week only: a mirror that stands still has it all the same.
make_root() {
  local version=$1 release root got
  release=$(release_of "$version")
  root=$roots/$version
  [ ! -e "$root/usr/share/redmine/config.ru" ] || return 0
  [ "$(id -u)" -eq 0 ] || give_up "only root may make $root, and run what is in it"
  need_mmdebstrap
  say "installing Redmine $version of Debian $release in $root"
  mkdir -p "$roots"
  rm -rf --one-file-system "$root.new"
  mmdebstrap --mode=root --variant=apt --skip=check/signed-by \
    --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --essential-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"' \
    --essential-hook='echo "redmine redmine/current-instances string " | chroot "$1" debconf-set-selections' \
    --include=dbconfig-no-thanks,redmine,redmine-sqlite,ruby-pg,puma \
    "$release" "$root.new" "$mirror" </dev/null >"$log" 2>&1 || { cat "$log" >&2; give_up "mmdebstrap failed"; }
  got=$(dpkg-query --admindir="$root.new/var/lib/dpkg" -W -f='${Version}' redmine)
  [[ $got == "$version".* ]] || give_up "Debian $release has Redmine $got by now, not $version"
  mv "$root.new" "$root"
  say "done: Redmine $got"
}

[ $# -gt 0 ] || give_up "which version? 6.0 or 6.1"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for version; do make_root "$version"; done
