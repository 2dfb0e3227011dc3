#!/usr/bin/env bash
# install-golangci-lint.sh VERSION TARGET: puts golangci-lint of exactly that
# version at TARGET. A copy on this machine is taken; else it is built from the
# Go module proxy. Once it is there, lint needs no network.
set -euo pipefail
version=$1 target=$2

is_wanted() { [ -x "$1" ] && "$1" version 2>/dev/null | grep -qF "version ${version#v} "; }

mkdir -p "$(dirname "$target")"
for candidate in "$(command -v golangci-lint || true)" "$(go env GOPATH)/bin/golangci-lint"; do
  if [ -n "$candidate" ] && is_wanted "$candidate"; then
    cp -f "$candidate" "$target"
    exit 0
  fi
done

echo "building golangci-lint $version; a few minutes, once" >&2
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
if ! GOBIN="$bin" GOFLAGS=-mod=mod CGO_ENABLED=0 go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"; then
  echo "golangci-lint $version could not be built: is the Go module proxy ($(go env GOPROXY)) within reach?" >&2
  exit 1
fi
mv "$bin/golangci-lint" "$target"
