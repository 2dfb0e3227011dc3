# Two commands on a fresh machine: `make run` starts Suivi, `make test` proves it.
# `make help` lists the others.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Go is often installed where no PATH looks.
export PATH := $(PATH):/usr/local/go/bin
# The toolchain that is here, never one downloaded behind our back. A file in the
# checkout must not change what is built, so no go.work either.
export GOTOOLCHAIN := local
export GOWORK := off

GOLANGCI_VERSION := v2.12.2
LINT := bin/golangci-lint-$(GOLANGCI_VERSION)

DATA   ?= ./data
LISTEN ?= 127.0.0.1:8080
# One package may start its own Postgres; 2 cores with -race are slow.
TEST_TIMEOUT ?= 45m
PACKAGES     ?= ./...
FUZZ_TIME    ?= 30s
BENCH_ARGS   ?=
REDMINE_ARGS ?=
REDMINES     ?= 6.0 6.1

# The race detector watches everything but SQLite's C code as translated to Go: that shares
# no memory with us, and watched it takes most of the tests' time. (Its wrapper is watched:
# a generic function compiled there unwatched would be taken for ours too.)
RACE := -race -gcflags='modernc.org/sqlite/lib=-race=false'

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO_FILES = $(wildcard $(shell git ls-files --cached --others --exclude-standard '*.go'))

.PHONY: help
help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

.PHONY: run
run: build ## Start Suivi on http://127.0.0.1:8080 with its data in ./data
	./bin/suivi serve --data $(DATA) --listen $(LISTEN)

.PHONY: demo
demo: build ## Start a demo on http://127.0.0.1:8080 with its data in ./data/demo, and print who can sign in
	@mkdir -p $(DATA)
	./bin/suivi serve --demo --data $(DATA)/demo --listen $(LISTEN)

.PHONY: build
build: need-go ## Build bin/suivi, a static program
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/suivi ./cmd/suivi

.PHONY: test
# One test of Watermill's own suite races with itself: the suite runs whole without the detector.
test: need-go ## Install what tests need, then run all of them with the race detector
	@scripts/test-needs.sh
	CGO_ENABLED=1 go test $(RACE) -timeout $(TEST_TIMEOUT) $(PACKAGES)
	@[ "$(PACKAGES)" != ./... ] || go test -run Watermill -timeout $(TEST_TIMEOUT) ./eventstore

.PHONY: screenshots
screenshots: need-go ## Pictures of every page, in both themes and languages, wide and narrow, to ./screenshots
	@scripts/test-needs.sh
	go test -count=1 -timeout 30m -run '^TestScreenshots$$' ./cmd/suivi -args -screenshots "$(CURDIR)/screenshots"

.PHONY: guide
guide: need-go ## The pictures of the guides, of a demo, to docs/guide/pictures
	@scripts/test-needs.sh
	go test -count=1 -timeout 30m -run '^TestGuidePictures$$' ./cmd/suivi -args -guide "$(CURDIR)/docs/guide/pictures"

.PHONY: check
check: static test ## All that must be green before a commit: static checks, then tests

.PHONY: static
static: fmt-check vet arch tidy lint ## The checks that run no product: format, vet, arrows, go.mod, lint

.PHONY: fmt
fmt: need-go ## Format the Go files
	gofmt -w $(GO_FILES)

.PHONY: fmt-check
fmt-check: need-go
	@unformatted=$$(gofmt -l $(GO_FILES)); \
	if [ -n "$$unformatted" ]; then echo "not formatted; run 'make fmt':"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: need-go
	go vet ./...

.PHONY: arch
arch: need-go ## Check the arrows between packages
	go test -count=1 -run '^TestArchitecture' ./cmd/suivi

.PHONY: tidy
tidy: need-go
	go mod tidy -diff

.PHONY: lint
lint: $(LINT) ## Run golangci-lint, of the pinned version
	GOLANGCI_LINT_CACHE=$(CURDIR)/bin/lint-cache $(LINT) run

# The cache is this checkout's own: a shared one remembers the paths of another
# checkout, which no exclusion matches.
# A copy of the pinned version that is already on this machine is taken as it is;
# else it is built from the Go module proxy, once.
$(LINT): | need-go
	@scripts/install-golangci-lint.sh $(GOLANGCI_VERSION) $@

.PHONY: bench
bench: build ## Measure: Go benchmarks, then what users feel
	@scripts/test-needs.sh
	go test -run '^$$' -bench . -benchmem -timeout 30m $(PACKAGES)
	./bin/suivi bench $(BENCH_ARGS)

.PHONY: fuzz
fuzz: need-go ## Fuzz each fuzz target for FUZZ_TIME (30s)
	@scripts/fuzz.sh $(FUZZ_TIME)

.PHONY: crash
crash: need-go ## Kill the event store 200 times under 64 writers, and look whether it lost anything
	go test -run KillMinusNine -timeout 60m ./eventstore/embedded -args -crash.rounds 200

.PHONY: redmine
redmine: need-go ## Mirror the 500 richest cases to a real Redmine, again while everything fails and dies, and have people act on both sides
	@scripts/test-needs.sh
	go test -count=1 -v -run 'RichestCases|WhateverDies|BothSidesConverge' -parallel 1 -timeout 3h ./cmd/suivi -args -redmine.cases 500 -redmine.kills 5 -redmine.cuts 0.01 -redmine.refused 1m -redmine.steps 1000 $(REDMINE_ARGS)

.PHONY: redmine-versions
redmine-versions: need-go ## Install the Redmines that this Debian does not have (6.0 and 6.1), and run the mirror's tests on each
	@scripts/test-needs.sh
	@scripts/redmine-root.sh $(REDMINES)
	for version in $(REDMINES); do \
	  TEST_REDMINE=$$version go test -count=1 -timeout $(TEST_TIMEOUT) ./internal/testredmine ./integration/redmine; \
	  TEST_REDMINE=$$version go test -count=1 -v -run 'ConnectsARealRedmine|WhateverDies|BothSidesConverge' -parallel 1 -timeout $(TEST_TIMEOUT) ./cmd/suivi -args -redmine.postgres $(REDMINE_ARGS); \
	done

.PHONY: image
image: ## Build the container image suivi:VERSION
	docker build --build-arg VERSION=$(VERSION) -t suivi:$(VERSION) .

.PHONY: clean
clean: ## Remove what was built; data stays
	rm -rf bin coverage.out

.PHONY: need-go
need-go:
	@command -v go >/dev/null || { echo "Go is missing: install Go 1.26 or later from https://go.dev/dl/ and run again" >&2; exit 1; }
