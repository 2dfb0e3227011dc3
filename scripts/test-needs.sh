#!/usr/bin/env bash
# Installs what the tests need beside Go: the Postgres server programs, a C
# compiler for the race detector, Node.js with npm for the event store's
# foreign clients, Chromium for the pages, and Redmine for its mirror. Says nothing when all
# are here. No database and no Redmine is left listening: the tests start private ones of their own.
set -euo pipefail

have_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
have_compiler() { command -v "${CC:-gcc}" >/dev/null || command -v cc >/dev/null; }
have_node() { command -v node >/dev/null && command -v npm >/dev/null; }
have_chromium() { command -v chromium >/dev/null; }
have_redmine() { [ -e /usr/share/redmine/config.ru ] && command -v puma >/dev/null && compgen -G '/usr/share/doc/redmine-*sql*' >/dev/null; }

missing=()
have_postgres || missing+=(postgresql)
have_compiler || missing+=(gcc libc6-dev)
have_node || missing+=(nodejs npm)
have_chromium || missing+=(chromium fonts-dejavu-core)
have_redmine || missing+=(dbconfig-no-thanks redmine redmine-sqlite redmine-pgsql puma)
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

say() { printf 'test-needs: %s\n' "$*" >&2; }
hint="apt-get install ${missing[*]}"

# Without these the tests cannot run; without Postgres alone they can, less its half.
give_up() {
  say "$1"
  say "to install by hand, as root: $hint"
  if [ "${CI:-}" = true ] || ! have_compiler; then
    exit 1
  fi
  say "going on without: the tests that need them are skipped"
  exit 0
}

command -v apt-get >/dev/null || give_up "missing here: ${missing[*]}; this is no Debian, so nothing was installed"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || give_up "missing here: ${missing[*]}; only root may install them"
  as_root=(sudo)
fi

# Debian's postgresql makes and starts a cluster for the whole machine when it is
# installed, unless it is told before not to. A setting that is there stays.
keep_postgres_still() {
  local conf=/etc/postgresql-common/createcluster.conf
  if [ ! -e "$conf" ]; then
    "${as_root[@]}" mkdir -p "${conf%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$conf" >/dev/null
  fi
}

# Debian's redmine makes an instance for the whole machine, unless it is told not to.
# Its installation runs bundler, which must be Debian's own, patched one: a newer one
# that came with a security update of Ruby does not find Debian's gems.
keep_redmine_still() {
  have_redmine || echo 'redmine redmine/current-instances string ' | "${as_root[@]}" debconf-set-selections
}
debian_bundler() { apt-cache policy ruby-bundler | sed -n 's/^ *Candidate: *//p' | sed 's/^[0-9]*://; s/-[^-]*$//'; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# -o of dpkg: our createcluster.conf is kept without a question.
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive BUNDLER_VERSION="$(debian_bundler)" apt-get -o Dpkg::Options::=--force-confold \
    install -y --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1
}

say "installing ${missing[*]}"
keep_postgres_still
keep_redmine_still
if ! install; then
  # Mostly the package lists are missing or old.
  "${as_root[@]}" apt-get update </dev/null >"$log" 2>&1 || { cat "$log" >&2; give_up "apt-get update failed"; }
  install || { cat "$log" >&2; give_up "apt-get install failed"; }
fi
have_postgres || give_up "postgresql was installed, yet there is no /usr/lib/postgresql/*/bin/initdb"
have_compiler || give_up "gcc was installed, yet cannot be found"
have_node || give_up "nodejs and npm were installed, yet cannot be found"
have_redmine || give_up "redmine was installed, yet cannot be found"
have_chromium || give_up "chromium was installed, yet cannot be found"
say "done"
